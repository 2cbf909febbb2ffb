"""Denoising draws what the network says, through any number of noisy levels; given cells stay."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from synthkit.generators.base import Given
from synthkit.generators.codes import Codes
from synthkit.generators.coding import Coding
from synthkit.generators.diffusion.backend import Diffusion
from synthkit.generators.diffusion.config import DiffusionConfig
from synthkit.generators.diffusion.denoising import CLEAR, Denoising, Turn, turns
from synthkit.generators.diffusion.places import places
from synthkit.nn.noisy import NoisyNet
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

SPIKY = Numeric("x", spikes=((0.2, 0.5),), nullable=True)


def test_numbers_lie_on_a_line_and_inflated_values_beside_it() -> None:
    coding = Coding.of(SPIKY, 10)
    lying = places(coding)
    assert lying is not None
    spike, missing = int(np.searchsorted(coding.cuts, 0.2)), coding.size - 1
    line = np.delete(lying[:, 0], missing)
    assert (np.diff(line) > 0).all()
    assert lying[missing, 0] == 0.0
    alone = np.zeros(coding.size, bool)
    alone[[spike, missing]] = True
    expected = np.column_stack([~alone, np.eye(coding.size)[spike], np.eye(coding.size)[missing]])
    assert np.array_equal(lying[:, 1:], expected)


@pytest.mark.parametrize(
    "field",
    [Categorical("a", 9), Categorical("b", 2, ordered=True), Categorical("c", 4, ordered=True)],
)
def test_categories_and_few_values_are_hidden_wholly(field: Categorical) -> None:
    assert places(Coding.of(field)) is None


def test_fields_take_turns_and_numbers_several_that_overlap() -> None:
    taken = turns([2, 0, 1], noisy=[0], levels=2)
    assert taken == [
        Turn(2, CLEAR),
        Turn(0, 0.5),
        Turn(0, 4.0),
        Turn(1, CLEAR),
        Turn(0, CLEAR),
    ]
    assert turns([1, 0], noisy=[0, 1], levels=0) == [Turn(1, CLEAR), Turn(0, CLEAR)]


LAYOUT = Layout((Numeric("x"), Categorical("a", 3)))
CODES = Codes.of(LAYOUT, 8)


def told(odds: torch.Tensor, **changed: float) -> Denoising:
    """A network that says these odds of every field, whatever it sees."""
    lying = [places(coding) for coding in CODES.codings]
    tensors = [None if place is None else torch.from_numpy(place) for place in lying]
    basis = torch.from_numpy(CODES.basis(2))
    net = NoisyNet(CODES.sizes, basis, odds.log(), 8, 4, 0.0, tensors)
    options = {"levels": 2, "rounds": 0, "redrawn": 0.5, "guidance": 1.0} | changed
    excluded = torch.from_numpy(CODES.impossible())
    return Denoising(net.eval().requires_grad_(False), excluded, 1.0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"levels": 0}, {"levels": 4}, {"levels": 2, "rounds": 3}])
def test_noise_does_not_change_what_is_drawn(options: dict[str, float]) -> None:
    n = 40_000
    odds = torch.tensor([1.0, 2, 3, 4, 4, 3, 2, 1, 1, 5, 3, 2])  # the ninth is excluded
    nothing = np.zeros((n, 2), np.int64)
    made = told(odds, **options).completed(
        nothing, nothing.astype(bool), nothing - 1, np.random.default_rng(0)
    )
    for field, part in enumerate((odds[:8], odds[9:])):
        shares = np.bincount(made[:, field], minlength=len(part)) / n
        expected = (part / part.sum()).numpy()
        assert len(shares) == len(part)
        assert np.abs(shares - expected).max() < 5 * math.sqrt(0.25 / n)


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_given_cells_stay_and_barred_codes_do_not_come(guidance: float) -> None:
    n, rng = 3000, np.random.default_rng(1)
    codes = np.column_stack([rng.integers(8, size=n), rng.integers(3, size=n)])
    known = rng.random((n, 2)) < 0.4
    absent = np.tile([-1, 2], (n, 1))
    model = told(torch.ones(12), rounds=2, guidance=guidance)
    made = model.completed(codes, known, absent, rng)
    assert np.array_equal(made[known], codes[known])
    assert not np.any((made[:, 1] == 2) & ~known[:, 1])
    assert made[:, 0].max() < 8  # the code of a missing cell in a field that has none


def leaning(n: int = 2000) -> Batch:
    """b tends to say whether x is in its upper half."""
    rng = np.random.default_rng(5)
    x = rng.random(n)
    b = np.where(rng.random(n) < 0.75, x > 0.5, rng.random(n) < 0.5)
    return {"x": x, "b": b.astype(np.int32), "c": rng.integers(3, size=n).astype(np.int32)}


PAIR = Layout((Numeric("x"), Categorical("b", 2), Categorical("c", 3)))


@pytest.fixture(scope="module")
def fitted() -> Diffusion:
    config = DiffusionConfig(epochs=40, batch_rows=128, correction_rounds=0, bins=16)
    generator = Diffusion(config)
    generator.fit(leaning(), PAIR, Run(6))
    return generator


def agreement(fitted: Diffusion, guidance: float) -> float:
    """How often x goes with the given b."""
    rows = leaning()
    guided = Diffusion.from_state(
        fitted.config.model_copy(update={"guidance": guidance}), PAIR, fitted.state()
    )
    given = Given(rows, {"b": np.ones(2000, bool)})
    made = guided.sample(2000, np.random.default_rng(7), given)
    assert np.array_equal(made["b"], rows["b"])
    return float(np.mean((made["x"] > 0.5) == (made["b"] == 1)))


def test_guidance_weighs_given_cells(fitted: Diffusion) -> None:
    assert agreement(fitted, 0.0) == pytest.approx(0.5, abs=0.05)
    assert agreement(fitted, 1.0) == pytest.approx(0.875, abs=0.04)
    assert agreement(fitted, 3.0) > 0.95


def test_free_rows_have_the_dependence_of_the_training_rows(fitted: Diffusion) -> None:
    made = fitted.sample(4000, np.random.default_rng(8))
    assert np.mean((made["x"] > 0.5) == (made["b"] == 1)) == pytest.approx(0.875, abs=0.04)
    assert np.bincount(made["c"], minlength=3) / 4000 == pytest.approx(np.full(3, 1 / 3), abs=0.05)

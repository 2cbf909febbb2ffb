"""The masked network asks about hidden fields only; orders make an exact, proper distribution of it."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
import torch

from synthkit.errors import ModelError, NotSupported
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.transformer.backend import Transformer
from synthkit.generators.transformer.config import TransformerConfig
from synthkit.generators.transformer.orders import Ordered
from synthkit.generators.transformer.task import MaskedTask
from synthkit.nn.conditionals import Asking
from synthkit.nn.masked import MaskedNet
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

FIELDS = (Categorical("a", 2), Categorical("b", 3, missing=2), Categorical("c", 2))
LAYOUT = Layout(FIELDS)
SIZES = [2, 3, 2]
EVERY = np.array(list(product(*map(range, SIZES))))  # all twelve rows there can be


ORDERS = torch.tensor([[0, 1, 2], [2, 0, 1], [1, 2, 0]])


def random_net(seed: int = 0, orders: torch.Tensor = ORDERS) -> MaskedNet:
    """A network that is far from even, which nobody has trained."""
    codes = Codes.of(LAYOUT, 8)
    basis = torch.from_numpy(codes.basis(4))
    net = MaskedNet(SIZES, basis, torch.zeros(7), 16, 8, 0.0, len(orders))
    torch.manual_seed(seed)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    net.orders.copy_(orders)
    return net.eval().requires_grad_(False)


def ordered(
    temperature: float = 1.0, excluded: tuple[int, ...] = (), orders: torch.Tensor = ORDERS
) -> Ordered:
    mask = torch.zeros(7, dtype=torch.bool)
    mask[list(excluded)] = True
    return Ordered(random_net(orders=orders), mask, temperature)


def nothing(n: int) -> np.ndarray:
    return np.zeros((n, 3), bool)


def test_a_hidden_cell_does_not_show() -> None:
    net, codes = random_net(), torch.from_numpy(EVERY)
    visible = torch.tensor([[True, False, True]]).expand(12, -1)
    logits = net(net.states(codes, visible))
    same = (codes[:, 0] == 1) & (codes[:, 2] == 0)
    assert torch.equal(logits[same], logits[same][:1].expand(3, -1))
    assert not torch.allclose(logits[same][0], logits[~same][0])


def test_what_is_said_of_a_field_is_blind_to_its_own_cell() -> None:
    net, codes = random_net(), torch.from_numpy(EVERY)
    logits = net(net.states(codes, torch.ones(12, 3, dtype=torch.bool))).split(SIZES, 1)
    for field, size in enumerate(SIZES):
        others = [i for i in range(3) if i != field]
        alike = (codes[:, others] == codes[:1, others]).all(1)
        own = logits[field][alike]
        assert len(own) == size
        assert torch.allclose(own, own[:1].expand(size, -1), atol=1e-5)
        assert not torch.allclose(own[0], logits[field][~alike][-1])


def test_asking_for_one_field_gives_what_asking_for_all_gives() -> None:
    net, codes = random_net(), torch.from_numpy(EVERY)
    visible = torch.tensor([[True, False, False]]).expand(12, -1)
    states = net.states(codes, visible)
    every = net(states).split(SIZES, 1)
    asking = Asking(net, torch.zeros(7, dtype=torch.bool))
    for field in range(3):
        others = states.sum(0) - states[field]
        assert torch.allclose(asking.logits(others, field), every[field], atol=1e-5)
    assert torch.allclose(asking.start(codes, visible), states.sum(0), atol=1e-5)


def test_every_place_in_an_order_counts_alike() -> None:
    """The loss is the mean over orders of a row's nats, whatever of the row is visible."""
    net, rows = random_net(), torch.from_numpy(EVERY).repeat(500, 1)
    task = MaskedTask(net, 1e-3, 0.0)
    torch.manual_seed(0)
    loss = float(torch.stack([task.criterion(net, rows) for _ in range(60)]).mean())
    along = [ordered(orders=torch.tensor([order])) for order in permutations(range(3))]
    nats = [-model.log_prob(EVERY, nothing(12)).mean() for model in along]
    assert loss == pytest.approx(float(np.mean(nats)), abs=0.01)


def test_probabilities_of_all_rows_add_up_to_one() -> None:
    assert np.exp(ordered().log_prob(EVERY, nothing(12))).sum() == pytest.approx(1.0, abs=1e-5)


def test_probabilities_given_a_cell_add_up_to_one_over_the_rows_with_it() -> None:
    rows = EVERY[EVERY[:, 1] == 2]
    known = nothing(len(rows))
    known[:, 1] = True
    assert np.exp(ordered().log_prob(rows, known)).sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_rows_are_sampled_as_often_as_their_probability_says(temperature: float) -> None:
    model, n = ordered(temperature, excluded=(4,)), 60_000
    free = np.zeros((n, 3), np.int64)
    drawn = model.completed(free, nothing(n), free - 1, np.random.default_rng(3))
    place = drawn @ np.array([6, 2, 1])
    shares = np.bincount(place, minlength=12) / n
    expected = np.exp(model.log_prob(EVERY, nothing(12)))
    assert expected[EVERY[:, 1] == 2].sum() == 0.0
    assert np.abs(shares - expected).max() < 5 * np.sqrt(expected.max() / n)


def test_low_temperature_makes_rows_less_varied() -> None:
    def entropy(temperature: float) -> float:
        log = ordered(temperature).log_prob(EVERY, nothing(12))
        return -float(np.exp(log) @ log)

    assert entropy(0.3) < entropy(1.0) < entropy(3.0)


def test_completed_rows_keep_known_cells_and_avoid_absent_codes() -> None:
    n, rng = 500, np.random.default_rng(4)
    codes = EVERY[rng.integers(12, size=n)]
    known = rng.random((n, 3)) < 0.5
    absent = np.full((n, 3), -1)
    absent[:, 1] = 2
    out = ordered().completed(codes, known, absent, rng)
    assert np.array_equal(out[known], codes[known])
    assert not np.any((out[:, 1] == 2) & ~known[:, 1])


def agreeing(n: int = 2000) -> Batch:
    """b says whether x is in its upper half; a is free of both."""
    rng = np.random.default_rng(5)
    x = rng.random(n)
    return {
        "a": rng.integers(3, size=n).astype(np.int32),
        "b": (x > 0.5).astype(np.int32),
        "x": x,
    }


PAIR = Layout((Categorical("a", 3), Categorical("b", 2), Numeric("x")))


@pytest.fixture(scope="module")
def fitted() -> Transformer:
    generator = Transformer(TransformerConfig(epochs=60, batch_rows=128, correction_rounds=0))
    generator.fit(agreeing(), PAIR, Run(6))
    return generator


@pytest.mark.parametrize("given", ["b", "x"])
def test_either_of_two_fields_tells_the_other(fitted: Transformer, given: str) -> None:
    rows = agreeing(1000)
    known = Given(rows, {given: np.ones(1000, bool)})
    out = fitted.sample(1000, np.random.default_rng(7), known)
    assert np.mean((out["x"] > 0.5) == (out["b"] == 1)) > 0.97
    assert np.array_equal(out[given], rows[given])


def test_rows_against_the_rule_are_unlikely(fitted: Transformer) -> None:
    rows = agreeing(500)
    wrong = rows | {"b": 1 - rows["b"]}
    right, against = fitted.log_prob(rows), fitted.log_prob(wrong)
    assert np.median(right - against) > 3.0
    # a is worth log 3 nats, b follows from x, whose density is even
    assert right.mean() == pytest.approx(-np.log(3), abs=0.15)


def test_the_likelihood_of_free_cells_is_that_of_the_row_less_that_of_the_given(
    fitted: Transformer,
) -> None:
    rows = agreeing(200)
    known = Given(rows, {name: np.ones(200, bool) for name in ("a", "x")})
    of_b = fitted.log_prob(rows, known)
    assert np.exp(of_b).mean() > 0.9
    assert (of_b <= 0).all()


def test_a_thinned_model_has_no_conditional_likelihood(fitted: Transformer) -> None:
    generator = Transformer(TransformerConfig(epochs=1))
    generator.fit(agreeing(), PAIR, Run(6))
    rows = agreeing(20)
    assert generator._correction is not None
    assert np.isfinite(generator.log_prob(rows)).all()
    with pytest.raises(NotSupported, match="thinned"):
        generator.log_prob(rows, Given(rows, {"a": np.ones(20, bool)}))


def test_a_damaged_state_is_refused(fitted: Transformer) -> None:
    state, config = fitted.state(), fitted.config
    without = {name: a for name, a in state.arrays.items() if name != "net/bias"}
    reordered = state.arrays | {"net/orders": state.arrays["net/orders"] + 1}
    for arrays in ({}, without, reordered):
        with pytest.raises(ModelError, match=r"incomplete|orders"):
            Transformer.from_state(config, PAIR, State({}, arrays))

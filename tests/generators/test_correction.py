"""Laws of thinning: what it mends, that noise teaches it nothing, and how rows are kept and chosen."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.errors import ModelError, NotSupported
from synthkit.generators.base import Given, State
from synthkit.generators.coding import Coding
from synthkit.generators.correction import CALIBRATION, FOLDS, Correction
from synthkit.generators.trees.backend import Trees
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout

N = 3000
PAIR = np.array([[0.4, 0.1], [0.1, 0.4]])
FIELDS = tuple(Categorical(name, 4) for name in "abc")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def codings(d: int, size: int, *, ordered: bool = False) -> list[Coding]:
    return [Coding.of(Categorical(f"field {i}", size, ordered)) for i in range(d)]


def pairs(n: int, random: np.random.Generator) -> np.ndarray:
    """Two cells that agree four times out of five."""
    cell = random.choice(4, n, p=PAIR.ravel())
    return np.column_stack([cell // 2, cell % 2])


def coins(n: int, random: np.random.Generator) -> np.ndarray:
    """Two cells that know nothing of each other, each as often 1 as in ``pairs``."""
    return random.integers(0, 2, (n, 2))


@pytest.fixture(scope="module")
def correction() -> Correction:
    sampled = coins(Correction.sampled_rows(N), rng(1))
    known = codings(2, 2, ordered=True)
    found = Correction.fit(pairs(N, rng(2)), sampled, known, 100, rng(3))
    assert found is not None
    return found


def test_no_round_begins_after_the_deadline() -> None:
    sampled = coins(Correction.sampled_rows(N), rng(1))
    known = codings(2, 2, ordered=True)
    found = Correction.fit(pairs(N, rng(2)), sampled, known, 100, rng(3), deadline=0.0)
    assert found is not None
    assert len(found.arrays()["classifiers/trees"]) == FOLDS


CELLS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_rows_are_kept_in_proportion_to_the_ratio_of_the_densities(correction: Correction) -> None:
    # .4 / .25 = 1.6 and .1 / .25 = .4; the larger is the cap, so 1 and 1/4 are kept: .625 of all
    assert np.exp(correction.log_kept(CELLS)) == pytest.approx([1, 0.25, 0.25, 1], abs=0.04)
    assert correction.share == pytest.approx(0.625, abs=0.03)
    assert np.exp(correction.log_ratio(CELLS)) == pytest.approx([1.6, 0.4, 0.4, 1.6], abs=0.08)


def test_thinned_rows_lie_as_the_training_rows(correction: Correction) -> None:
    random, drawn = rng(4), []

    def draw(n: int) -> np.ndarray:
        drawn.append(n)
        return coins(n, random)

    out = correction.thinned(20_000, draw, random)
    assert len(out) == 20_000
    found = np.bincount(out[:, 0] * 2 + out[:, 1]) / 20_000
    assert np.abs(found - PAIR.ravel()).max() < 0.02
    assert sum(drawn) < 1.2 * 20_000 / correction.share
    assert len(correction.thinned(0, draw, random)) == 0


def test_one_of_the_candidates_is_chosen_by_what_it_is_worth(correction: Correction) -> None:
    candidates = np.tile(CELLS[:2], (20_000, 1))
    out = correction.chosen(candidates, 2, rng(5))
    assert len(out) == 20_000
    # 1 against 1/4
    assert np.mean(out[:, 1] == 0) == pytest.approx(0.8, abs=0.03)


def test_the_density_of_what_is_kept_adds_up_to_one(correction: Correction) -> None:
    assert np.exp(correction.log_ratio(CELLS)).mean() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_one_law_are_left_alone(seed: int) -> None:
    random = rng(seed)
    real, sampled = (random.integers(0, 6, (n, 5)) for n in (N, Correction.sampled_rows(N)))
    assert Correction.fit(real, sampled, codings(5, 6), 200, random) is None


def parity(n: int, random: np.random.Generator) -> Batch:
    """Three categories of which any two know nothing of the third, and two together all but fix it."""
    codes = random.integers(0, 4, (n, 3)).astype(np.int32)
    fixed = (codes[:, 0] ^ codes[:, 1]).astype(np.int32)
    codes[:, 2] = np.where(random.random(n) < 0.8, fixed, codes[:, 2])
    return dict(zip("abc", codes.T.copy(), strict=True))


def agreement(batch: Batch) -> float:
    return float(np.mean((batch["a"] ^ batch["b"]) == batch["c"]))


def fitted(batch: Batch, **options: object) -> Trees:
    # two rounds on a split, and leaves of half the rows: conditionals that miss what three share
    coarse = {"split_rounds": 0, "score_rounds": 0, "min_leaf": 3000}
    generator = Trees(Trees.Config(**(coarse | options)))
    generator.fit(batch, Layout(FIELDS), Run(seed=0))
    return generator


@pytest.fixture(scope="module")
def corrected() -> Trees:
    return fitted(parity(6000, rng(6)))


def test_what_coarse_conditionals_miss_is_mended(corrected: Trees) -> None:
    batch = parity(6000, rng(6))
    missed = agreement(fitted(batch, correction_rounds=0).sample(6000, rng(7)))
    mended = agreement(corrected.sample(6000, rng(7)))
    assert missed < 0.4
    assert abs(mended - agreement(batch)) < 0.05


def test_given_cells_stay_and_the_others_follow_the_corrected_law(corrected: Trees) -> None:
    n = 3000
    values = {name: np.full(n, 2, np.int32) for name in "abc"}
    for known in ({"a": np.ones(n, bool)}, {"c": np.ones(n, bool)}):
        out = corrected.sample(n, rng(8), Given(values, known))
        assert all(np.all(out[name] == 2) for name in known)
        # one of eight candidates: short of the whole .85, far from the .25 of the conditionals
        assert agreement(out) > 0.7


def test_likelihoods_tell_likely_rows_and_add_up_to_one(corrected: Trees) -> None:
    cells = np.arange(64, dtype=np.int32)
    batch = {"a": cells // 16, "b": cells // 4 % 4, "c": cells % 4}
    probability = np.exp(corrected.log_prob(batch))
    # a share of .27 is estimated on 4,096 rows, so the sum has a standard error of .02
    assert probability.sum() == pytest.approx(1.0, abs=0.06)
    agrees = (batch["a"] ^ batch["b"]) == batch["c"]
    assert probability[agrees].sum() / probability.sum() == pytest.approx(0.85, abs=0.05)


def test_a_likelihood_given_cells_is_declined(corrected: Trees) -> None:
    batch = parity(10, rng(9))
    for name in "abc":
        with pytest.raises(NotSupported):
            corrected.log_prob(batch, Given(batch, {name: np.ones(10, bool)}))


def test_the_state_keeps_the_correction(corrected: Trees) -> None:
    again = Trees.from_state(corrected.config, Layout(FIELDS), corrected.state())
    first, second = (model.sample(500, rng(10)) for model in (corrected, again))
    assert all(np.array_equal(first[name], second[name]) for name in "abc")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("classifiers/nodes", np.zeros((7, 3), np.int32)),
        ("kept", np.array([0.0, 0.0])),
        ("kept", np.array([np.nan, 0.5])),
    ],
)
def test_a_corrupted_correction_is_a_model_error(
    corrected: Trees, name: str, array: np.ndarray
) -> None:
    state = corrected.state()
    arrays = state.arrays | {f"correction/{name}": array}
    with pytest.raises(ModelError):
        Trees.from_state(corrected.config, Layout(FIELDS), State(state.meta, arrays))


def test_the_rows_asked_for_are_those_that_are_used() -> None:
    assert Correction.sampled_rows(100) == 200 + CALIBRATION
    assert Correction.sampled_rows(10**7) == Correction.sampled_rows(25_000)

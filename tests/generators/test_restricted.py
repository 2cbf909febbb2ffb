"""Laws of restrictions: which pairs are taken for impossible, and that no sampled row has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from synthkit.errors import ModelError
from synthkit.generators.base import Given
from synthkit.generators.coding import Coding
from synthkit.generators.trees.backend import Trees
from synthkit.generators.trees.restricted import Restricted
from synthkit.generators.trees.rows import Rows
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout

N = 3000
SIZE = 3


def fields(ordered: bool = False) -> tuple[Categorical, ...]:
    return tuple(Categorical(name, SIZE, ordered) for name in "abc")


@dataclass(frozen=True)
class Fixed:
    """A conditional that does not look at what is before."""

    weight: np.ndarray
    kind: ClassVar[str] = "fixed"

    def draw(self, rows: Rows, random: np.random.Generator) -> np.ndarray:
        return random.choice(len(self.weight), len(rows), p=self.weight).astype(np.int32)

    def draw_present(
        self, rows: Rows, missing: int, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        weight = self.weight[:missing] / self.weight[:missing].sum()
        codes = random.choice(missing, len(rows), p=weight).astype(np.int32)
        return codes, np.full(len(rows), self.weight[:missing].sum())

    def probability(
        self, rows: Rows, codes: np.ndarray, random: np.random.Generator | None
    ) -> np.ndarray:
        return self.weight[codes]

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        return {"weight": self.weight}


MODEL = Fixed(np.array([0.5, 0.3, 0.2]))


def found(codes: np.ndarray, *, ordered: bool = False) -> list[list[int]]:
    """What restricts the last of the fields."""
    codings = [Coding.of(field) for field in fields(ordered)[: codes.shape[1]]]
    model = Restricted.of(MODEL, codings, codes)
    return model.excluded.tolist() if isinstance(model, Restricted) else []


def rows(codes: list[list[int]]) -> Rows:
    return Rows(np.array(codes, np.int32), np.array(codes, np.float32))


def crossed(times: int) -> np.ndarray:
    """Every pair of two codes so often, but for 0 of the first with 2 of the second."""
    pairs = [[a, b] for a in range(SIZE) for b in range(SIZE) if (a, b) != (0, 2)]
    return np.repeat(np.array(pairs, np.int32), times, axis=0)


def test_a_code_is_excluded_where_many_rows_would_be_expected() -> None:
    # of 8 t rows, 2 t have 0 and 2 t have 2: t / 2 with both if nothing kept them apart
    assert found(crossed(39)) == []
    assert found(crossed(40)) == [[0, 0, 2]]


def test_one_row_is_enough_to_allow_a_code() -> None:
    assert found(np.concatenate([crossed(500), [[0, 2]]]).astype(np.int32)) == []


def test_neighbouring_values_do_not_exclude_each_other() -> None:
    assert found(crossed(500), ordered=True) == []


def test_the_codes_that_are_left_share_what_the_others_had() -> None:
    excluded = np.array([[0, 0, 0], [1, 2, 2]], np.int32)
    model = Restricted(MODEL, (SIZE,) * 3, excluded)
    cases = {
        (1, 1): [0.5, 0.3, 0.2],
        (0, 1): [0, 0.6, 0.4],
        (1, 2): [0.625, 0.375, 0],
        (0, 2): [0, 1, 0],
    }
    for before, expected in cases.items():
        n = 20_000
        own = rows([[*before, 0]] * n)
        share = np.bincount(model.draw(own, np.random.default_rng(1)), minlength=SIZE) / n
        probability = [
            model.probability(own.take(np.arange(1)), np.array([c]), None)[0] for c in range(SIZE)
        ]
        assert probability == pytest.approx(expected, abs=1e-12)
        assert np.all((share == 0) == (np.array(expected) == 0))
        assert share == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("before", "expected", "chance"),
    [(1, [0.625, 0.375], 0.8), (0, [0, 1], 0.6), (2, [0.625, 0.375], 1.0)],
)
def test_a_cell_that_must_not_be_missing_is_drawn_among_what_is_left(
    before: int, expected: list[float], chance: float
) -> None:
    # 0 excludes the code 0, 2 the missing cell, whose code is the last one
    model = Restricted(MODEL, (SIZE, SIZE), np.array([[0, 0, 0], [0, 2, 2]], np.int32))
    codes, present = model.draw_present(rows([[before, 0]] * 20_000), 2, np.random.default_rng(4))
    assert np.bincount(codes, minlength=2) / 20_000 == pytest.approx(expected, abs=0.02)
    assert present == pytest.approx(chance)


def test_where_nothing_is_allowed_the_model_has_its_way() -> None:
    model = Restricted(MODEL, (SIZE, SIZE), np.array([[0, 1, c] for c in range(SIZE)], np.int32))
    drawn = model.draw(rows([[1, 0]] * 2000), np.random.default_rng(2))
    assert np.bincount(drawn) / 2000 == pytest.approx(MODEL.weight, abs=0.04)


@pytest.mark.parametrize(
    "excluded",
    [[[2, 0, 0]], [[-1, 0, 0]], [[0, 3, 0]], [[0, 0, 3]], [[1, 0, -1]], [0, 0, 0], [[0, 0]]],
)
def test_excluded_codes_out_of_range_are_a_model_error(excluded: list) -> None:
    with pytest.raises(ModelError):
        Restricted.from_array(np.array(excluded, np.int32), MODEL, [SIZE] * 3)


def contracts(n: int, random: np.random.Generator) -> Batch:
    """Who has no line (2) has no backup (2), nobody else has none; the third follows the second."""
    line = random.integers(0, SIZE, n)
    backup = np.where(line == 2, 2, random.integers(0, 2, n))
    other = np.where(random.random(n) < 0.7, backup, random.integers(0, SIZE, n))
    return {k: v.astype(np.int32) for k, v in zip("abc", (line, backup, other), strict=True)}


def broken(batch: Batch) -> int:
    return int(np.sum((batch["a"] == 2) != (batch["b"] == 2)))


@pytest.fixture(scope="module", params=["splits", "forests"])
def model(request: pytest.FixtureRequest) -> Trees:
    # leaves of half the rows or two rounds: conditionals that do not know the rule by themselves
    rounds = 2 if request.param == "splits" else 0
    options = {
        "split_rounds": rounds,
        "score_rounds": 0,
        "min_leaf": N // 2,
        "correction_rounds": 0,
    }
    generator = Trees(Trees.Config(**options))
    generator.fit(contracts(N, np.random.default_rng(1)), Layout(fields()), Run(seed=0))
    return generator


def test_sampled_rows_have_no_pair_that_never_occurs(model: Trees) -> None:
    again = Trees.from_state(model.config, Layout(fields()), model.state())
    first, second = (m.sample(5000, np.random.default_rng(2)) for m in (model, again))
    assert broken(first) == 0
    assert all(np.array_equal(first[name], second[name]) for name in "abc")


def test_given_cells_are_completed_without_such_a_pair(model: Trees) -> None:
    for name in "ab":
        given = Given({name: np.full(2000, 2, np.int32)}, {name: np.ones(2000, bool)})
        assert broken(model.sample(2000, np.random.default_rng(3), given)) == 0


def test_likelihoods_are_none_for_such_a_pair_and_add_up_to_one(model: Trees) -> None:
    cells = np.array(np.meshgrid(*[np.arange(SIZE)] * 3)).reshape(3, -1).astype(np.int32)
    batch = dict(zip("abc", cells, strict=True))
    probability = np.exp(model.log_prob(batch))
    assert probability[(batch["a"] == 2) != (batch["b"] == 2)].max() == 0.0
    assert probability.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("a", "b", "pairs"), [(2, 0, 1), (0, 2, 1), (2, 2, 0), (1, 0, 0)])
def test_given_cells_that_exclude_each_other_are_named(
    model: Trees, a: int, b: int, pairs: int
) -> None:
    values = {
        "a": np.full(3, a, np.int32),
        "b": np.full(3, b, np.int32),
        "c": np.zeros(3, np.int32),
    }
    both = {name: np.ones(3, bool) for name in "ab"}
    found = model.contradictions(Given(values, both))
    assert [set(pair) for pair in found] == [{"a", "b"}] * pairs
    assert model.contradictions(Given(values, {"a": both["a"]})) == []


def test_given_cells_that_a_dependency_rules_out_are_named() -> None:
    random = np.random.default_rng(5)
    a = random.integers(0, SIZE, N).astype(np.int32)
    batch = {"a": a, "b": (SIZE - 1 - a).astype(np.int32), "c": random.integers(0, 3, N, np.int32)}
    generator = Trees(Trees.Config())
    generator.fit(batch, Layout(fields()), Run(seed=0))
    one = {name: np.ones(1, bool) for name in "ab"}
    values = {name: np.array([1], np.int32) for name in "abc"}
    assert generator.contradictions(Given(values, one)) == []
    values["b"] = np.array([0], np.int32)
    assert [set(pair) for pair in generator.contradictions(Given(values, one))] == [{"a", "b"}]

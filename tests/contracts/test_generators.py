"""The contract of generators, held by every registered backend."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from pydantic import BaseModel

from synthkit.contracts.generators import (
    CASES,
    Case,
    check_generator,
    check_refuses_too_few_rows,
)
from synthkit.errors import TrainingError
from synthkit.generators import generators
from synthkit.generators.base import Generator, State
from synthkit.generators.cards import card
from synthkit.generators.neural import require_rows
from synthkit.transforms.layout import Categorical

EPOCHS = 2  # a law holds for a network that has hardly learned anything, too


def backend_of(name: str) -> tuple[type[Generator], BaseModel]:
    """A registered backend and options with which it learns in a moment.

    Backends around another library are tested where that is installed.
    """
    if name.startswith("sdv-") and find_spec("sdv") is None:
        pytest.skip("sdv is not installed")
    options = card(name).options
    few = {"epochs": EPOCHS} if "epochs" in options.model_fields else {}
    return generators.get(name), options(**few)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("name", generators.names())
def test_backend_meets_the_contract(name: str, case: Case) -> None:
    check_generator(*backend_of(name), case)


@pytest.mark.parametrize("name", generators.names())
def test_backend_refuses_too_few_rows(name: str) -> None:
    check_refuses_too_few_rows(*backend_of(name))


class Honest:
    """Samples rows of its training batch: lawful, if useless."""

    Config = generators.get("trees").Config

    def __init__(self, config):
        self.config = config

    def fit(self, batch, layout, run, *, budget_s=None):
        self.batch, self.layout = batch, layout

    def sample(self, n, rng, given=None):
        size = len(next(iter(self.batch.values())))
        rows = rng.integers(size, size=n)
        out = {name: values[rows] for name, values in self.batch.items()}
        if given is not None:
            for name, known in given.known.items():
                out[name] = np.where(known, given.values[name], out[name]).astype(out[name].dtype)
        return out

    def state(self):
        return State({}, dict(self.batch))

    @classmethod
    def from_state(cls, config, layout, state):
        generator = cls(config)
        generator.batch, generator.layout = state.arrays, layout
        return generator


class ForgetsGiven(Honest):
    def sample(self, n, rng, given=None):
        return super().sample(n, rng)


class OneRowMore(Honest):
    def sample(self, n, rng, given=None):
        return super().sample(n + 1, rng)


class IgnoresSeed(Honest):
    def sample(self, n, rng, given=None):
        return super().sample(n, np.random.default_rng(0), given)


class HasHiddenState(Honest):
    def sample(self, n, rng, given=None):
        self.calls = getattr(self, "calls", 0) + 1
        return super().sample(n, np.random.default_rng([self.calls]), given)


class LosesState(Honest):
    def state(self):
        return State({}, {name: values[::-1].copy() for name, values in self.batch.items()})


class OutOfRange(Honest):
    def sample(self, n, rng, given=None):
        return {name: values + 7 for name, values in super().sample(n, rng, given).items()}


class SpoilsInput(Honest):
    def fit(self, batch, layout, run, *, budget_s=None):
        for values in batch.values():
            values[:] = values[::-1].copy()
        super().fit(batch, layout, run)


class DeclinesFewRows(Honest):
    """Has a minimum as neural backends have it."""

    def fit(self, batch, layout, run, *, budget_s=None):
        super().fit(batch, layout, run)
        require_rows(layout, len(next(iter(batch.values()))))


class NamesNoMinimum(Honest):
    def fit(self, batch, layout, run, *, budget_s=None):
        raise TrainingError("too few rows", expected="more")


class DeclinesManyRows(Honest):
    def fit(self, batch, layout, run, *, budget_s=None):
        raise TrainingError("too few rows", expected="at least 1000")


CASE = Case("two categories", (Categorical("a", 3), Categorical("b", 4)))


def test_a_lawful_generator_passes() -> None:
    check_generator(Honest, Honest.Config(), CASE)


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (ForgetsGiven, "a given cell"),
        (OneRowMore, "rows instead of"),
        (IgnoresSeed, "two seeds give one sample"),
        (HasHiddenState, "one seed gives two samples"),
        (LosesState, "a loaded generator samples other bytes"),
        (SpoilsInput, "fit changed its input"),
    ],
)
def test_a_breach_is_named(backend: type, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_generator(backend, backend.Config(), CASE)


def test_a_missing_cell_that_is_to_be_present_is_a_breach() -> None:
    case = Case("missing cells", (Categorical("a", 3, missing=2), Categorical("b", 4)))
    with pytest.raises(AssertionError, match="a cell of a that is to be present is missing"):
        check_generator(Honest, Honest.Config(), case)


@pytest.mark.parametrize("rows", [20, 99])
def test_fewer_rows_than_a_stated_minimum_may_be_declined(rows: int) -> None:
    case = Case("few rows", CASE.fields, rows)
    check_generator(DeclinesFewRows, DeclinesFewRows.Config(), case)


def test_rows_above_the_minimum_are_learned_from() -> None:
    case = Case("just enough rows", CASE.fields, 100)
    check_generator(DeclinesFewRows, DeclinesFewRows.Config(), case)
    with pytest.raises(AssertionError, match="100 rows were declined"):
        check_generator(DeclinesManyRows, DeclinesManyRows.Config(), case)


@pytest.mark.parametrize(
    ("backend", "message"),
    [(NamesNoMinimum, "does not say how many rows"), (DeclinesManyRows, "rows are enough")],
)
def test_few_rows_are_declined_with_a_fair_minimum_only(backend: type, message: str) -> None:
    case = Case("few rows", CASE.fields, rows=20)
    with pytest.raises(AssertionError, match=message):
        check_generator(backend, backend.Config(), case)


def test_a_code_out_of_range_is_caught() -> None:
    with pytest.raises(ValueError, match="outside"):
        check_generator(OutOfRange, OutOfRange.Config(), CASE)


def test_too_few_rows_accepted_is_a_breach() -> None:
    with pytest.raises(AssertionError, match="one training row"):
        check_refuses_too_few_rows(Honest, Honest.Config())

"""Contract tests of generators, for the built-in backends and for plugin authors.

    from synthkit.contracts.generators import CASES, check_generator

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    def test_contract(case):
        check_generator(MyGenerator, MyGenerator.Config(epochs=1), case)

A case that the backend declines with ``NotSupported`` counts as met, as does one of fewer than 100
rows that it declines with a ``TrainingError`` which says how many it needs. Every other breach is
an ``AssertionError`` that names the rule.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from synthkit.errors import NotSupported, TrainingError
from synthkit.generators.base import Generator, Given, HasLikelihood, State
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric, Scalar

ARRAY_NAME = re.compile(r"[A-Za-z0-9._/-]+")
SAMPLED = 37  # rows that a check asks for: neither a block nor the training rows
ENOUGH_ROWS = 100  # with so many, no backend may say that they are too few


@dataclass(frozen=True)
class Case:
    """A layout to be learned from so many rows.

    Args:
        name: what is special about it.
        fields: of the layout.
        rows: training rows.
        seed: of the training rows.
    """

    name: str
    fields: tuple[Scalar, ...]
    rows: int = 300
    seed: int = 0

    @property
    def layout(self) -> Layout:
        """The layout of the fields."""
        return Layout(self.fields)

    def batch(self) -> Batch:
        """Training rows: one hidden cause moves all fields, so that there is something to learn."""
        rng = np.random.default_rng(self.seed)
        cause = rng.random(self.rows)
        return {field.name: _values(field, cause, rng) for field in self.fields}


CASES = (
    Case("one category", (Categorical("a", 3),)),
    Case("one number", (Numeric("x"),)),
    Case("constant", (Categorical("a", 1), Categorical("b", 2))),
    Case("all categories", tuple(Categorical(f"c{i}", 2 + i) for i in range(4))),
    Case("all numbers", tuple(Numeric(f"x{i}") for i in range(4))),
    Case(
        "mixed, with spikes and missing cells",
        (
            Numeric("x", spikes=((0.0, 0.4),), nullable=True),
            Categorical("level", 5, ordered=True),
            Categorical("kind", 4, missing=3),
            Numeric("y", spikes=((0.2, 0.3), (0.5, 0.7))),
        ),
    ),
    Case("300 categories", (Categorical("many", 300), Numeric("x")), rows=1500),
    Case("5000 categories", (Categorical("many", 5000), Categorical("few", 2)), rows=6000),
    Case("60 fields", tuple(Numeric(f"x{i}") for i in range(60)), rows=120),
    Case("20 rows", (Categorical("a", 3), Numeric("x", nullable=True)), rows=20),
    Case("no fields", ()),
)


def check_generator(backend: type[Generator], config: BaseModel, case: Case) -> None:
    """Runs all rules on one case.

    Raises:
        AssertionError: a rule is broken.
    """
    batch, layout = case.batch(), case.layout
    untouched = {name: values.copy() for name, values in batch.items()}
    generator = backend(config)
    try:
        generator.fit(batch, layout, Run(seed=3))
    except NotSupported:
        return
    except TrainingError as error:
        check_needs_more_rows(error, case)
        return
    for name, values in batch.items():
        assert np.array_equal(values, untouched[name], equal_nan=values.dtype.kind == "f"), (
            f"fit changed its input in {name}"
        )
    check_rows(generator, layout)
    check_seeds(generator, backend, config, case)
    check_given(generator, layout, batch)
    check_state(generator, backend, config, layout)
    if isinstance(generator, HasLikelihood):
        check_likelihood(generator, batch)


def check_needs_more_rows(error: TrainingError, case: Case) -> None:
    """A case is declined for its few rows only, and the error says how many there must be."""
    assert case.rows < ENOUGH_ROWS, f"{case.rows} rows were declined: {error}"
    needed = re.search(r"at least (\d+)", error.expected or "")
    assert needed is not None, f"the error does not say how many rows are needed: {error}"
    assert case.rows < int(needed[1]) <= ENOUGH_ROWS, f"{case.rows} rows are enough for: {error}"


def check_rows(generator: Generator, layout: Layout) -> None:
    """Any number of rows can be asked for, and they fit the layout."""
    for n in (0, 1, SAMPLED):
        rows = layout.check(generator.sample(n, np.random.default_rng(1)))
        assert rows == (n if layout.fields else 0), f"{rows} rows instead of {n}"


def check_seeds(
    generator: Generator, backend: type[Generator], config: BaseModel, case: Case
) -> None:
    """Same seed, same bytes, in sampling and in fitting; another seed, another sample."""
    first = generator.sample(SAMPLED, np.random.default_rng(1))
    assert same(first, generator.sample(SAMPLED, np.random.default_rng(1))), (
        "one seed gives two samples"
    )
    again = backend(config)
    again.fit(case.batch(), case.layout, Run(seed=3))
    assert same(first, again.sample(SAMPLED, np.random.default_rng(1))), "one seed gives two fits"
    if any(len(np.unique(values)) > 1 for values in case.batch().values()):
        other = generator.sample(SAMPLED, np.random.default_rng(2))
        assert not same(first, other), "two seeds give one sample"


def check_given(generator: Generator, layout: Layout, batch: Batch) -> None:
    """Given cells come back as they were given: one field at a time, all, none, some per row.

    Cells that are to be present are.
    """
    rows = {name: values[:SAMPLED] for name, values in batch.items()}
    n = min(SAMPLED, *(len(values) for values in rows.values())) if rows else 0
    every, none = np.ones(n, bool), np.zeros(n, bool)
    rng = np.random.default_rng(4)
    patterns = [{name: every} for name in layout.names[:5]]
    patterns += [
        {},
        dict.fromkeys(layout.names, every),
        dict.fromkeys(layout.names, none),
        {name: rng.random(n) < 0.5 for name in layout.names},
    ]
    for known in patterns:
        present = {name: ~known.get(name, none) for name in layout.names}
        for asked in ({}, present):
            check_completed(generator, layout, n, Given(rows, known, asked))


def check_completed(generator: Generator, layout: Layout, n: int, given: Given) -> None:
    """n rows with given cells keep these, and miss none that is to be present."""
    try:
        out = generator.sample(n, np.random.default_rng(1), given)
    except NotSupported:
        return
    assert layout.check(out) == n, "given cells change the number of rows"
    for name, mask in given.known.items():
        values = given.values[name]
        kept = np.array_equal(out[name][mask], values[mask], equal_nan=values.dtype.kind == "f")
        assert kept, f"a given cell of {name} was changed"
    for field in layout.fields:
        values = out[field.name]
        gone = values == field.missing if isinstance(field, Categorical) else np.isnan(values)
        asked = given.present.get(field.name, np.zeros(n, bool))
        assert not np.any(gone & asked), f"a cell of {field.name} that is to be present is missing"


def check_state(
    generator: Generator, backend: type[Generator], config: BaseModel, layout: Layout
) -> None:
    """The state is JSON and plain arrays, and gives the same generator back."""
    state = generator.state()
    for name, array in state.arrays.items():
        assert ARRAY_NAME.fullmatch(name), f"the array name {name!r} has odd characters"
        assert array.dtype.kind in "biuf", f"the array {name} has dtype {array.dtype}"
    stored = State(
        json.loads(json.dumps(state.meta)),
        {name: array.copy() for name, array in state.arrays.items()},
    )
    loaded = backend.from_state(config, Layout.from_json(layout.to_json()), stored)
    first, second = (g.sample(SAMPLED, np.random.default_rng(1)) for g in (generator, loaded))
    assert same(first, second), "a loaded generator samples other bytes"


def check_likelihood(generator: HasLikelihood, batch: Batch) -> None:
    """Training rows have a likelihood, finite for each of them."""
    log_prob = generator.log_prob({name: values[:SAMPLED] for name, values in batch.items()})
    n = min((len(values[:SAMPLED]) for values in batch.values()), default=0)
    assert log_prob.shape == (n,), f"log_prob has shape {log_prob.shape}"
    assert np.all(np.isfinite(log_prob)), "a training row has no likelihood"


def check_refuses_too_few_rows(backend: type[Generator], config: BaseModel) -> None:
    """One row cannot be learned from: ``TrainingError``, or ``NotSupported``."""
    case = Case("one row", (Categorical("a", 2),), rows=1)
    try:
        backend(config).fit(case.batch(), case.layout, Run(seed=3))
    except (TrainingError, NotSupported):
        return
    raise AssertionError("one training row was accepted")


def same(first: Batch, second: Batch) -> bool:
    """Whether two batches are equal, bit by bit."""
    return first.keys() == second.keys() and all(
        first[name].dtype == second[name].dtype and first[name].tobytes() == second[name].tobytes()
        for name in first
    )


def _values(field: Scalar, cause: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noisy = (cause + 0.1 * rng.standard_normal(len(cause))) % 1.0
    missing = rng.random(len(cause)) < 0.1
    if isinstance(field, Categorical):
        present = field.size - (field.missing is not None)
        codes = np.minimum((noisy * present).astype(np.int32), present - 1)
        if field.missing is not None:
            codes[missing] = field.missing
        return codes
    return np.where(missing, np.nan, noisy) if field.nullable else noisy

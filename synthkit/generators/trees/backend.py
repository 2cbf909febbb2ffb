"""``Trees``: fits one conditional per field and runs through them. See the package's docstring."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

import numpy as np

from synthkit.errors import ModelError, NotSupported, TrainingError
from synthkit.generators.base import Given, State
from synthkit.generators.trees.boosted import Boosted
from synthkit.generators.trees.coding import Coding
from synthkit.generators.trees.conditional import Conditional, ForestConditional, Lookup
from synthkit.generators.trees.config import TreesConfig
from synthkit.generators.trees.fitting import SCORE_ROWS, Training
from synthkit.generators.trees.particles import Lookahead, fill
from synthkit.generators.trees.relations import ROWS, Relations, fixing, shape, visit_order
from synthkit.generators.trees.rows import Rows
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

MIN_TRAINING_ROWS = 10
AXES = 4  # of a category's places that splits can tell apart
BLOCK_ROWS = 16_384  # sampled at a time
GIVEN_BLOCK_ROWS = 2_048  # the same, with particles


class Trees:
    """The default backend. Draws depend on the seed alone, not on the number of threads.

    Args:
        config: options.
    """

    Config: ClassVar[type[TreesConfig]] = TreesConfig
    modalities: ClassVar[frozenset[str]] = frozenset({"table"})

    def __init__(self, config: TreesConfig) -> None:
        self.config = config
        self._layout = Layout(())
        self._codings: list[Coding] = []
        self._order: list[int] = []
        self._models: list[Conditional] = []
        self._lookahead = Lookahead(
            Relations((), np.zeros((0, 0, 0, 0), np.float32)), [], np.zeros((0, 0))
        )

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            NotSupported: a field that is neither categorical nor numeric.
            TrainingError: fewer than 10 rows.
        """
        started = time.monotonic()
        _accept(layout)
        n = layout.check(batch)
        if layout.fields and n < MIN_TRAINING_ROWS:
            raise TrainingError(
                f"{n} training rows are too few",
                expected=f"at least {MIN_TRAINING_ROWS}",
                remedy="give more rows or a smaller holdout",
            )
        self._layout = layout
        self._codings = [Coding.of(field) for field in layout.fields]
        codes = np.zeros((n, len(layout.fields)), np.int32)
        for i, coding in enumerate(self._codings):
            codes[:, i] = coding.codes(batch[coding.field.name])
        rng = run.rng("trees")
        some = np.sort(rng.permutation(n)[:ROWS])
        relations = Relations.of(self._codings, codes[some])
        targets = self._place_categories(relations, codes[some])
        self._order = visit_order(relations.information(), fixing(codes[some]))
        self._lookahead = Lookahead.of(relations, self._order)
        training = Training(
            self.config,
            self._rows(codes),
            [self._codings[i] for i in self._order],
            [targets[i] for i in self._order],
            [relations.levels[i] for i in self._order],
        )
        self._fit_conditionals(training, run, started, budget_s)

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; see ``particles`` for given cells that lie after free ones."""
        size = BLOCK_ROWS if given is None else GIVEN_BLOCK_ROWS
        blocks = [slice(i, min(i + size, n)) for i in range(0, n, size)] or [slice(0, 0)]
        seeds = rng.integers(2**63, size=len(blocks))

        def block(number: int) -> Batch:
            own = np.random.default_rng(seeds[number])
            return self._sample_block(blocks[number], own, given)

        with ThreadPoolExecutor(_threads()) as pool:
            parts = list(pool.map(block, range(len(blocks))))
        return {name: np.concatenate([part[name] for part in parts]) for name in self._layout.names}

    def log_prob(self, batch: Batch, given: Given | None = None) -> np.ndarray:
        """Log density of each row; of its free cells given the known ones, where these come first.

        Raises:
            NotSupported: a known cell comes after a free one in the model's order, so that its
                probability is an integral over the free ones.
        """
        n = self._layout.check(batch)
        codes = np.zeros((n, len(self._codings)), np.int32)
        for i, coding in enumerate(self._codings):
            codes[:, i] = coding.codes(batch[coding.field.name])
        known = self._known(given, slice(0, n), n)
        if np.any(known[:, 1:] > known[:, :-1]):
            raise NotSupported(
                "the likelihood given a field that comes after a free one is not known",
                expected="known fields before free ones in the order "
                + ", ".join(self._layout.names[i] for i in self._order),
            )
        rows = self._rows(codes)
        total = np.zeros(n)
        for position, model in enumerate(self._models):
            coding = self._codings[self._order[position]]
            own = rows.codes[:, position]
            with np.errstate(divide="ignore"):
                log = np.log(model.probability(rows, own, None)) - np.log(coding.base()[own])
            total += np.where(known[:, position], 0.0, log)
        return total

    def state(self) -> State:
        """Trees and tables as arrays; order and kinds as metadata."""
        relations = self._lookahead.relations
        arrays = {"pairs": relations.counts}
        for i, coding in enumerate(self._codings):
            arrays[f"field/{i}/place"] = coding.feature
            arrays[f"field/{i}/level"] = relations.levels[i]
        for position, model in enumerate(self._models):
            for name, array in model.arrays().items():
                arrays[f"model/{position}/{name}"] = array
        return State({"order": self._order, "kinds": [m.kind for m in self._models]}, arrays)

    @classmethod
    def from_state(cls, config: TreesConfig, layout: Layout, state: State) -> Trees:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of ``trees``."""
        _accept(layout)
        generator = cls(config)
        try:
            generator._restore(layout, state)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        return generator

    def _restore(self, layout: Layout, state: State) -> None:
        arrays, d = state.arrays, len(layout.fields)
        self._layout = layout
        self._order = [int(i) for i in state.meta["order"]]
        if sorted(self._order) != list(range(d)) or len(state.meta["kinds"]) != d:
            raise ValueError("the order is not one of the layout's fields")
        plain = [Coding.of(field) for field in layout.fields]
        self._codings = [
            replace(coding, feature=arrays[f"field/{i}/place"]) for i, coding in enumerate(plain)
        ]
        if any(a.size != b.size for a, b in zip(plain, self._codings, strict=True)):
            raise ValueError("codes differ from the layout's")
        levels = tuple(arrays[f"field/{i}/level"] for i in range(d))
        self._lookahead = Lookahead.of(Relations(levels, arrays["pairs"]), self._order)
        sizes = [self._codings[i].size for i in self._order]
        self._models = []
        for position, kind in enumerate(state.meta["kinds"]):
            prefix = f"model/{position}/"
            own = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
            if kind == Lookup.kind:
                self._models.append(Lookup.from_arrays(own, position, sizes))
                continue
            if kind == Boosted.kind:
                self._models.append(Boosted.from_arrays(own, position, sizes[position]))
                continue
            floor = self._codings[self._order[position]].floor()
            self._models.append(ForestConditional.from_arrays(own, position, floor))

    def _place_categories(self, relations: Relations, codes: np.ndarray) -> list[np.ndarray]:
        """Gives unordered categories their place, and returns what splits of a field tell apart.

        Returns:
            Per field (size, k) float64, the most important column first.
        """
        targets = []
        for i, coding in enumerate(self._codings):
            if coding.ordered:
                targets.append(
                    shape(np.bincount(codes[:, i], minlength=coding.size), coding.missing)
                )
                continue
            places = relations.axes(i, codes, coding.size, AXES)
            rank = np.argsort(np.argsort(places[:, 0], kind="stable"), kind="stable")
            self._codings[i] = replace(coding, feature=rank.astype(np.float32))
            targets.append(places)
        return targets

    def _fit_conditionals(
        self, training: Training, run: Run, started: float, budget_s: float | None
    ) -> None:
        """One model per position, in threads; each position has its share of the budget."""
        d, n = len(self._order), len(training.rows)

        def fit(position: int) -> tuple[Conditional, bool]:
            deadline = np.inf if budget_s is None else started + budget_s * (position + 1) / d
            name = self._layout.names[self._order[position]]
            return training.conditional(position, run.rng("trees", name), deadline)

        self._models, cut = [], 0
        with ThreadPoolExecutor(_threads()) as pool:
            for model, complete in pool.map(fit, range(d)):
                self._models.append(model)
                cut += not complete
                run.report(Step("fit", len(self._models), d))
        if cut:
            run.notice(
                f"the budget of {budget_s:g} s ended early: {cut} of {d} fields have fewer trees or"
                " no scores, so a run with the same seed may differ"
            )
        if n > min(self.config.tree_rows, SCORE_ROWS):
            run.notice(
                f"each tree is grown on {min(n, self.config.tree_rows)} and each score on "
                f"{min(n, SCORE_ROWS)} of {n} training rows, drawn anew each time"
            )

    def _sample_block(self, block: slice, rng: np.random.Generator, given: Given | None) -> Batch:
        n = block.stop - block.start
        rows = Rows.empty(n, len(self._order))
        known = self._known(given, block, n)
        if given is not None:
            for position, number in enumerate(self._order):
                name = self._layout.names[number]
                if known[:, position].any():
                    values = given.values[name][block]
                    fixed = known[:, position]
                    codes = np.zeros(n, np.int32)
                    codes[fixed] = self._codings[number].codes(values[fixed])
                    self._put(rows, position, codes)
        late = (known[:, 1:] & ~np.logical_and.accumulate(known, axis=1)[:, :-1]).any(1)
        for group, k in ((np.flatnonzero(~late), 1), (np.flatnonzero(late), self.config.particles)):
            if len(group):
                done = self._complete(rows.take(group), known[group], k, rng)
                rows.codes[group], rows.features[group] = done.codes, done.features
        batch = {}
        for position, number in enumerate(self._order):
            coding = self._codings[number]
            values = coding.values(rows.codes[:, position], rng)
            if given is not None and known[:, position].any():
                own = given.values[coding.field.name][block]
                values = np.where(known[:, position], own, values).astype(values.dtype)
            batch[coding.field.name] = values
        return batch

    def _complete(self, rows: Rows, known: np.ndarray, k: int, rng: np.random.Generator) -> Rows:
        """Rows with their free cells drawn; with one particle, given cells come first."""
        start = 0
        if k > 1:
            start = int(np.flatnonzero(known.any(0))[-1]) + 1
            rows = fill(self._models[:start], rows, known, k, self._put, self._lookahead, rng)
        for position in range(start, len(self._models)):
            codes = self._models[position].draw(rows, rng)
            fixed = known[:, position]
            codes = np.where(fixed, rows.codes[:, position], codes)
            self._put(rows, position, codes)
        return rows

    def _put(self, rows: Rows, position: int, codes: np.ndarray) -> None:
        rows.codes[:, position] = codes
        rows.features[:, position] = self._codings[self._order[position]].feature[codes]

    def _rows(self, codes: np.ndarray) -> Rows:
        """Codes in layout order as rows in visit order."""
        rows = Rows.empty(len(codes), len(self._order))
        for position, number in enumerate(self._order):
            self._put(rows, position, codes[:, number])
        return rows

    def _known(self, given: Given | None, block: slice, n: int) -> np.ndarray:
        """(n, d) bool in visit order."""
        known = np.zeros((n, len(self._order)), bool)
        for position, number in enumerate(self._order):
            name = self._layout.names[number]
            if given is not None and name in given.known:
                known[:, position] = given.known[name][block]
        return known


def _accept(layout: Layout) -> None:
    for field in layout.fields:
        if not isinstance(field, Categorical | Numeric):
            raise NotSupported(
                f"trees cannot learn a field of type {type(field).__name__}",
                where=field.name,
                expected="categories and numbers",
            )


def _threads() -> int:
    return min(os.cpu_count() or 1, 8)

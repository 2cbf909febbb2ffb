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
from synthkit.generators.trees.coding import Coding
from synthkit.generators.trees.conditional import Conditional, ForestConditional, Lookup, Rows
from synthkit.generators.trees.config import Config
from synthkit.generators.trees.forest import Forest, grow
from synthkit.generators.trees.particles import Lookahead, fill
from synthkit.generators.trees.relations import (
    ROWS,
    Relations,
    determined,
    shape,
    visit_order,
)
from synthkit.generators.trees.scores import MIN_ROWS, Scores
from synthkit.generators.trees.smoothing import CAUTION, Evidence
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

MIN_TRAINING_ROWS = 10
LOOKUP_ROWS = 10  # a determining field has on average at least so many rows per code
AXES = 16  # of a category's places that splits can tell apart
SCORES = 3  # of a field at most
SCORE_ROWS = 200_000  # scores are boosted on at most so many rows
BLOCK_ROWS = 16_384  # sampled at a time
GIVEN_BLOCK_ROWS = 2_048  # the same, with particles


class Trees:
    """The default backend. Draws depend on the seed alone, not on the number of threads.

    Args:
        config: options.
    """

    Config: ClassVar[type[Config]] = Config
    modalities: ClassVar[frozenset[str]] = frozenset({"table"})

    def __init__(self, config: Config) -> None:
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
        self._order = visit_order(relations.information())
        self._lookahead = Lookahead.of(relations, self._order)
        rows = self._rows(codes)
        self._fit_conditionals(rows, targets, run, started, budget_s)

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
    def from_state(cls, config: Config, layout: Layout, state: State) -> Trees:
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
        self,
        rows: Rows,
        targets: list[np.ndarray],
        run: Run,
        started: float,
        budget_s: float | None,
    ) -> None:
        """One model per position, in threads; each position has its share of the budget."""
        d = len(self._order)

        def fit(position: int) -> tuple[Conditional, bool]:
            deadline = np.inf if budget_s is None else started + budget_s * (position + 1) / d
            return self._fit_one(rows, targets, position, run, deadline)

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
        if len(rows) > min(self.config.tree_rows, SCORE_ROWS):
            run.notice(
                f"each tree is grown on {min(len(rows), self.config.tree_rows)} and each score on "
                f"{min(len(rows), SCORE_ROWS)} of {len(rows)} training rows, drawn anew each time"
            )

    def _fit_one(
        self, rows: Rows, targets: list[np.ndarray], position: int, run: Run, deadline: float
    ) -> tuple[Conditional, bool]:
        """``(model, complete)`` of the field at a position of the visit order."""
        number = self._order[position]
        coding, codes = self._codings[number], rows.codes[:, position]
        parent = determined(rows.codes, list(range(len(self._order))), position, LOOKUP_ROWS)
        if parent is not None:
            size = self._codings[self._order[parent]].size
            return Lookup.fit(parent, size, coding.size, rows.codes[:, parent], codes), True
        rng = run.rng("trees", coding.field.name)
        subset = rng.permutation(len(rows))[:SCORE_ROWS]
        features, codes = rows.features[subset, :position], codes[subset]
        target = targets[number][codes]
        scores, complete, unexplained = Scores.none(), True, 1.0
        wants_scores = self.config.score_rounds > 0 and position > 0 and len(subset) >= MIN_ROWS
        if wants_scores and time.monotonic() < deadline and codes.min() < codes.max():
            scores, predicted = Scores.fit(
                features, target[:, :SCORES], self.config.score_rounds, rng
            )
            features = np.hstack([features, predicted])
            unexplained = _unexplained(target[:, :SCORES], predicted)
        elif wants_scores:
            complete = codes.min() == codes.max()
        level = self._lookahead.relations.levels[number]
        evidence = Evidence(level[codes], int(level.max()) + 1)
        trees: list[Forest] = []
        stored = codes.astype(np.min_scalar_type(coding.size))
        for _ in range(self.config.trees if position else 1):
            if trees and time.monotonic() >= deadline:
                complete = False
                break
            own = rng.permutation(len(codes))[: self.config.tree_rows]
            numeric = isinstance(coding.field, Numeric)
            leaf = self.config.leaf_rows(len(codes), unexplained, numeric)
            grown = grow(features[own], target[own], stored[own], leaf, rng)
            evidence.add(grown, own)
            trees.append(grown.forest)
        forest = Forest.join(trees)
        smoothing = self.config.smoothing or CAUTION * evidence.best()
        return ForestConditional(position, forest, scores, smoothing, coding.floor()), complete

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
        if k > 1:
            return fill(self._models, rows, known, k, self._put, self._lookahead, rng)
        for position, model in enumerate(self._models):
            codes = model.draw(rows, rng)
            fixed = known[:, position]
            codes = np.where(fixed, rows.codes[:, position], codes) if fixed.any() else codes
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


def _unexplained(target: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the target's variance that the out-of-fold scores leave, in [0, 1]."""
    total = np.sum((target - target.mean(0)) ** 2)
    return float(min(np.sum((target - predicted) ** 2) / total, 1.0)) if total > 0 else 1.0


def _threads() -> int:
    return min(os.cpu_count() or 1, 8)

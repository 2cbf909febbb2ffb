"""``Trees``: fits one conditional per field, and a correction of them all. See the package's docstring."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar, TypeVar

import numpy as np

from synthkit.counts import counted_are
from synthkit.errors import ModelError, NotSupported, TrainingError
from synthkit.generators.base import Given, State
from synthkit.generators.boosters import MIN_ROWS
from synthkit.generators.coding import Coding
from synthkit.generators.correction import Correction
from synthkit.generators.nested import part_of, within
from synthkit.generators.trees.chain import Chain
from synthkit.generators.trees.conditional import Conditional
from synthkit.generators.trees.config import TreesConfig
from synthkit.generators.trees.fitting import SCORE_ROWS, Training
from synthkit.generators.trees.kinds import restore
from synthkit.generators.trees.particles import Lookahead
from synthkit.generators.trees.relations import ROWS, Relations, fixing, visit_order
from synthkit.generators.trees.rows import Rows
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric, Scalar, with_wide_spikes

MIN_TRAINING_ROWS = 10
BLOCK_ROWS = 16_384  # sampled at a time
LARGE_BLOCK_ROWS = 65_536  # the same where many rows are asked for: a third less time per row
GIVEN_BLOCK_ROWS = 2_048  # the same, with particles
CANDIDATES = 8  # per row with given cells, of which the correction chooses one


T = TypeVar("T")


class Trees:
    """The default backend. Draws depend on the seed alone, not on the number of threads.

    Args:
        config: options.
    """

    Config: ClassVar[type[TreesConfig]] = TreesConfig

    def __init__(self, config: TreesConfig) -> None:
        self.config = config
        self._layout = Layout(())
        self._codings: list[Coding] = []
        self._order: list[int] = []
        nothing = Relations((), np.zeros((0, 0, 0, 0), np.float32))
        self._chain = Chain((), Lookahead(nothing, [], np.zeros((0, 0))), config.particles)
        self._correction: Correction | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            NotSupported: a field that is neither categorical nor numeric.
            TrainingError: fewer than 10 rows.
        """
        started = time.monotonic()
        fields = _scalars(layout)
        n = layout.check(batch)
        if layout.fields and n < MIN_TRAINING_ROWS:
            raise TrainingError(
                f"{counted_are(n, 'training row')} too few",
                expected=f"at least {MIN_TRAINING_ROWS}",
                remedy="give more rows or a smaller holdout",
            )
        self._layout, self._correction = layout, None
        self._codings = [Coding.of(field) for field in fields]
        codes = self._codes(batch, n)
        rng = run.rng("trees")
        some = np.sort(rng.permutation(n)[:ROWS])
        relations = Relations.of(self._codings, codes[some])
        targets = self._place_categories(relations, codes[some])
        self._order = visit_order(relations.information(), fixing(codes[some]))
        self._chain = Chain(
            [self._codings[i] for i in self._order],
            Lookahead.of(relations, self._order),
            self.config.particles,
        )
        training = Training(
            self.config,
            self._chain.rows(codes[:, self._order]),
            self._chain.codings,
            [targets[i] for i in self._order],
            [relations.levels[i] for i in self._order],
        )
        self._learn(training, run, started, budget_s)

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; see ``particles`` for given cells that lie after free ones."""
        size = GIVEN_BLOCK_ROWS
        if given is None:
            size = min(max(BLOCK_ROWS, n // 8), LARGE_BLOCK_ROWS)
        starts = range(0, n, size) or range(1)

        def block(start: int, own: np.random.Generator) -> Batch:
            return self._sample_block(slice(start, min(start + size, n)), own, given)

        parts = _spread(block, starts, rng)
        return {name: np.concatenate([part[name] for part in parts]) for name in self._layout.names}

    def log_prob(self, batch: Batch, given: Given | None = None) -> np.ndarray:
        """Log density of each row; of its free cells given the known ones, where these come first.

        Raises:
            NotSupported: a known cell comes after a free one in the model's order, so that its
                probability is an integral over the free ones; or cells are known and rows are
                thinned, which changes what is likely given them.
        """
        n = self._layout.check(batch)
        known = self._known(given, slice(0, n), n)
        if np.any(known[:, 1:] > known[:, :-1]):
            raise NotSupported(
                "the likelihood given a field that comes after a free one is not known",
                expected="known fields before free ones in the order "
                + ", ".join(self._layout.names[i] for i in self._order),
            )
        if self._correction is not None and known.any():
            raise NotSupported(
                "the likelihood given some fields is not known where rows are thinned",
                expected="no given fields, or a model fitted with correction_rounds 0",
            )
        rows = self._chain.rows(self._codes(batch, n)[:, self._order])
        log = self._chain.log_prob(rows, known)
        if self._correction is not None:
            log += self._correction.log_ratio(rows.codes)
        return log

    def contradictions(self, given: Given) -> list[tuple[str, str]]:
        """Fields whose known cells say what the trees exclude: see ``Lookup`` and ``restricted``."""
        n = self._layout.check(given.values)
        known = self._known(given, slice(0, n), n)
        found = self._chain.contradictions(self._given_rows(given, slice(0, n), known), known)
        names = [coding.field.name for coding in self._chain.codings]
        return [(names[earlier], names[later]) for earlier, later in found]

    def state(self) -> State:
        """Trees and tables as arrays; order and kinds as metadata."""
        models, relations = self._chain.models, self._chain.lookahead.relations
        arrays = {"pairs": relations.counts}
        for i, coding in enumerate(self._codings):
            arrays[f"field/{i}/place"] = coding.feature
            arrays[f"field/{i}/level"] = relations.levels[i]
        parts = {f"model/{position}": model.arrays() for position, model in enumerate(models)}
        if self._correction is not None:
            parts["correction"] = self._correction.arrays()
        for part, own in parts.items():
            arrays |= within(part, own)
        return State({"order": self._order, "kinds": [m.kind for m in models]}, arrays)

    @classmethod
    def from_state(cls, config: TreesConfig, layout: Layout, state: State) -> Trees:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of ``trees``."""
        _scalars(layout)  # declines what is none, whatever the state
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
        plain = [Coding.of(field) for field in _scalars(layout)]
        self._codings = [
            replace(coding, feature=arrays[f"field/{i}/place"]) for i, coding in enumerate(plain)
        ]
        if any(a.size != b.size for a, b in zip(plain, self._codings, strict=True)):
            raise ValueError("codes differ from the layout's")
        levels = tuple(arrays[f"field/{i}/level"] for i in range(d))
        lookahead = Lookahead.of(Relations(levels, arrays["pairs"]), self._order)
        codings = [self._codings[i] for i in self._order]
        self._chain = Chain(codings, lookahead, self.config.particles)
        for position, kind in enumerate(state.meta["kinds"]):
            own = part_of(arrays, f"model/{position}")
            self._chain.models.append(restore(kind, own, codings[: position + 1]))
        own = part_of(arrays, "correction")
        self._correction = Correction.from_arrays(own, codings) if own else None

    def _place_categories(self, relations: Relations, codes: np.ndarray) -> list[np.ndarray]:
        """Gives unordered categories their place, and returns what splits of a field tell apart.

        Returns:
            Per field (size, k) float64, the most important column first.
        """
        targets = [relations.target(i, coding, codes) for i, coding in enumerate(self._codings)]
        for i, (coding, target) in enumerate(zip(self._codings, targets, strict=True)):
            if not coding.ordered:
                rank = np.argsort(np.argsort(target[:, 0], kind="stable"), kind="stable")
                self._codings[i] = replace(coding, feature=rank.astype(np.float32))
        return targets

    def _learn(self, training: Training, run: Run, started: float, budget_s: float | None) -> None:
        """One model per position, in threads, then the correction; each has its share of the budget."""
        d, n = len(self._order), len(training.rows)
        _import_learners()
        corrected = self.config.correction_rounds > 0 and n >= MIN_ROWS and d > 1
        steps = d + corrected

        def deadline(step: int) -> float:
            return np.inf if budget_s is None else started + budget_s * (step + 1) / steps

        def fit(position: int) -> tuple[Conditional, bool]:
            name = self._layout.names[self._order[position]]
            return training.conditional(position, run.rng("trees", name), deadline(position))

        cut = 0
        with ThreadPoolExecutor(_threads()) as pool:
            for model, complete in pool.map(fit, range(d)):
                self._chain.models.append(model)
                cut += not complete
                run.report(Step("fit", len(self._chain.models), steps))
        if cut:
            run.notice(
                f"the budget of {budget_s:g} s ended early: {cut} of {d} fields have fewer trees or"
                " no scores, so a run with the same seed may differ"
            )
        if corrected and time.monotonic() < deadline(d - 1):
            self._correct(training.rows.codes, run.rng("trees", "correction"))
            run.report(Step("fit", steps, steps))
        elif corrected:
            run.notice(
                f"the budget of {budget_s:g} s ended early: rows are not thinned by a correction, so"
                " a run with the same seed may differ"
            )
        if n > min(self.config.tree_rows, SCORE_ROWS):
            run.notice(
                f"each tree is grown on {min(n, self.config.tree_rows)} and each score on "
                f"{min(n, SCORE_ROWS)} of {n} training rows, drawn anew each time"
            )

    def _correct(self, training: np.ndarray, rng: np.random.Generator) -> None:
        """Fits the correction on rows of the conditionals alone."""
        m = Correction.sampled_rows(len(training))

        def block(start: int, own: np.random.Generator) -> np.ndarray:
            return self._chain.free(min(BLOCK_ROWS, m - start), own).codes

        sampled = np.concatenate(_spread(block, range(0, m, BLOCK_ROWS), rng))
        self._correction = Correction.fit(
            training, sampled, self._chain.codings, self.config.correction_rounds, rng
        )

    def _sample_block(self, block: slice, rng: np.random.Generator, given: Given | None) -> Batch:
        n = block.stop - block.start
        known = self._known(given, block, n)
        if given is None:
            codes = self._free(n, rng)
        else:
            present = self._present(given, block, known)
            codes = self._completed(self._given_rows(given, block, known), known, present, rng)
        batch = {}
        for position, number in enumerate(self._order):
            coding = self._codings[number]
            values = coding.values(codes[:, position], rng)
            if given is not None and known[:, position].any():
                own = given.values[coding.field.name][block]
                values = np.where(known[:, position], own, values).astype(values.dtype)
            batch[coding.field.name] = values
        return batch

    def _given_rows(self, given: Given, block: slice, known: np.ndarray) -> Rows:
        """Rows with their known cells, (n, d) in visit order, filled in."""
        codes = np.zeros(known.shape, np.int32)
        for position, coding in enumerate(self._chain.codings):
            fixed = known[:, position]
            if fixed.any():
                values = given.values[coding.field.name][block]
                codes[fixed, position] = coding.codes(values[fixed])
        return self._chain.rows(codes)

    def _free(self, n: int, rng: np.random.Generator) -> np.ndarray:
        if self._correction is None:
            return self._chain.free(n, rng).codes
        return self._correction.thinned(n, lambda m: self._chain.free(m, rng).codes, rng)

    def _completed(
        self, rows: Rows, known: np.ndarray, present: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        if self._correction is None:
            return self._chain.completed(rows, known, present, 1, rng).codes
        candidates = self._chain.completed(rows, known, present, CANDIDATES, rng).codes
        return self._correction.chosen(candidates, CANDIDATES, rng)

    def _codes(self, batch: Batch, n: int) -> np.ndarray:
        """(n, d) codes in layout order."""
        codes = np.zeros((n, len(self._codings)), np.int32)
        for i, coding in enumerate(self._codings):
            codes[:, i] = coding.codes(batch[coding.field.name])
        return codes

    def _known(self, given: Given | None, block: slice, n: int) -> np.ndarray:
        """(n, d) bool in visit order."""
        return self._marked({} if given is None else given.known, block, n)

    def _present(self, given: Given, block: slice, known: np.ndarray) -> np.ndarray:
        """(n, d) bool in visit order: free cells that could be missing and must not."""
        missing = [coding.missing is not None for coding in self._chain.codings]
        can_miss = np.array(missing, bool)  # of bool for a table without fields, too
        return self._marked(given.present, block, len(known)) & can_miss & ~known

    def _marked(self, marks: dict[str, np.ndarray], block: slice, n: int) -> np.ndarray:
        """(n, d) bool in visit order, of some fields' marks; fields without have none."""
        marked = np.zeros((n, len(self._order)), bool)
        for position, number in enumerate(self._order):
            name = self._layout.names[number]
            if name in marks:
                marked[:, position] = marks[name][block]
        return marked


def _scalars(layout: Layout) -> list[Scalar]:
    """The fields, their rarer spikes as any value; raises ``NotSupported`` for one that is no code."""
    fields: list[Scalar] = []
    for field in layout.fields:
        if not isinstance(field, Categorical | Numeric):
            raise NotSupported(
                f"trees cannot learn a field of type {type(field).__name__}",
                where=field.name,
                expected="categories and numbers",
            )
        fields.append(with_wide_spikes(field) if isinstance(field, Numeric) else field)
    return fields


def _import_learners() -> None:
    """Imports what the threads will: these packages import each other, which two must not do at once."""
    import lightgbm  # noqa: F401
    import sklearn.tree  # noqa: F401


def _spread(
    work: Callable[[int, np.random.Generator], T], starts: Sequence[int], rng: np.random.Generator
) -> list[T]:
    """``work(start, rng of its own)`` for every start, in threads; the results in order."""
    seeds = rng.integers(2**63, size=len(starts))
    with ThreadPoolExecutor(_threads()) as pool:
        return list(
            pool.map(lambda i: work(starts[i], np.random.default_rng(seeds[i])), range(len(starts)))
        )


def _threads() -> int:
    return min(os.cpu_count() or 1, 8)

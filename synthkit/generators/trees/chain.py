"""``Chain``: the conditionals of a fitted model in visit order, and the rows that run through them.

chain.free(n, rng)                          # n rows
chain.completed(rows, known, present, copies, rng)   # rows with known cells, each several times
chain.log_prob(rows, known)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synthkit.generators.coding import Coding
from synthkit.generators.trees.conditional import Conditional
from synthkit.generators.trees.particles import Lookahead, fill
from synthkit.generators.trees.rows import Rows


@dataclass(frozen=True)
class Chain:
    """All of it is in visit order.

    Args:
        codings: of the fields.
        lookahead: pair tables for given cells that lie after free ones.
        particles: candidate rows per row with such cells.
        models: one per field; fewer while the model is being fitted.
    """

    codings: Sequence[Coding]
    lookahead: Lookahead
    particles: int
    models: list[Conditional] = field(default_factory=list)

    def rows(self, codes: np.ndarray) -> Rows:
        """(n, d) codes with their features."""
        rows = Rows.empty(len(codes), len(self.codings))
        for position in range(len(self.codings)):
            self.put(rows, position, codes[:, position])
        return rows

    def put(self, rows: Rows, position: int, codes: np.ndarray) -> None:
        """Fills in one position of rows."""
        rows.codes[:, position] = codes
        rows.features[:, position] = self.codings[position].feature[codes]

    def free(self, n: int, rng: np.random.Generator) -> Rows:
        """n rows without known cells."""
        d = len(self.codings)
        return self._run(Rows.empty(n, d), np.zeros((n, d), bool), 0, rng)

    def completed(
        self,
        rows: Rows,
        known: np.ndarray,
        present: np.ndarray,
        copies: int,
        rng: np.random.Generator,
    ) -> Rows:
        """Every row ``copies`` times, side by side, with its free cells drawn.

        Args:
            rows: with their known cells filled in.
            known: (n, d) bool. Rows with a known cell after a free one are drawn with particles.
            present: (n, d) bool, free cells that must not be missing; such rows are, too.
            copies: draws per row.
        """
        late = (known[:, 1:] & ~np.logical_and.accumulate(known, axis=1)[:, :-1]).any(1)
        late |= present.any(1)
        done = rows.take(np.repeat(np.arange(len(rows)), copies))
        for with_particles in (False, True):
            group = np.flatnonzero(late == with_particles)
            if not len(group):
                continue
            here, fixed, asked = rows.take(group), known[group], present[group]
            start = int(np.flatnonzero((fixed | asked).any(0))[-1]) + 1 if with_particles else 0
            if with_particles:
                here = fill(
                    self.models[:start],
                    here,
                    fixed,
                    asked,
                    [-1 if c.missing is None else c.missing for c in self.codings],
                    self.particles,
                    copies,
                    self.put,
                    self.lookahead,
                    rng,
                )
            else:
                here = here.take(np.repeat(np.arange(len(group)), copies))
            here = self._run(here, np.repeat(fixed, copies, axis=0), start, rng)
            places = (group[:, None] * copies + np.arange(copies)).ravel()
            done.codes[places], done.features[places] = here.codes, here.features
        return done

    def _run(self, rows: Rows, known: np.ndarray, start: int, rng: np.random.Generator) -> Rows:
        """Fills in what is not known, from one position on, where all before is filled in."""
        for position in range(start, len(self.models)):
            codes = self.models[position].draw(rows, rng)
            self.put(rows, position, np.where(known[:, position], rows.codes[:, position], codes))
        return rows

    def contradictions(self, rows: Rows, known: np.ndarray) -> list[tuple[int, int]]:
        """Pairs of positions that, known both in some row, rule each other out there."""
        return [
            (earlier, position)
            for position, model in enumerate(self.models)
            for earlier, ruled_out in model.contradicted(rows, rows.codes[:, position]).items()
            if np.any(ruled_out & known[:, earlier] & known[:, position])
        ]

    def log_prob(self, rows: Rows, known: np.ndarray) -> np.ndarray:
        """(n,) log density of the cells that are not known given those that are, and come first."""
        total = np.zeros(len(rows))
        for position, model in enumerate(self.models):
            own = rows.codes[:, position]
            with np.errstate(divide="ignore"):
                log = np.log(model.probability(rows, own, None))
            log -= np.log(self.codings[position].base()[own])
            total += np.where(known[:, position], 0.0, log)
        return total

"""Are people sighted in the synthetic rows who were in the training data, more often than people who were not?

A *sighting* is a combination of a few cells that one real person alone has and that some synthetic row
shows. Whoever knows that person reads the rest of that row. Sightings of people whom the generator never
saw are phantoms: chance made them, and a good generator makes many. Had it learned nothing of single
people, those of training and of holdout rows would be sighted equally often; labels could be exchanged,
and exchanging them at random is the test. It takes a holdout and trains no other generators.

* ``disclosure``: the share of all sightings that are of training rows; 0.5 if it learned nothing of
  anybody. The detail has the smallest epsilon that such a share proves.
* ``disclosure.combinations``: the one combination of columns whose sightings differ most: the share of
  people who are alone in it and sighted, less that of holdout rows.

The spirit is that of "Phantoms and Disclosures" (2026, arXiv:2606.16952), which tests a released output
against people who are known to be outside of it. NOTE[DIFF]: sightings here are of combinations of cells.

Numbers count by the deciles of the real rows, everything else as it is. What it cannot see: what only
more columns than five, or finer numbers, tell of a person (``membership``, ``replay``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import CategoryCode, Encoder
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.sides import Sides, sides_of
from synthkit.constraints import row_hashes
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around
from synthkit.stats.epsilon import epsilon_bound
from synthkit.stats.permutation import effective_rows, label_share

MOST_COLUMNS = 5
OF_A_SIZE = 40  # combinations of as many columns
MIN_EFFECTIVE_ROWS = 100
TITLES = {
    "disclosure": "Sightings that are of training rows",
    "disclosure.combinations": "People sighted in one combination of columns",
}


@dataclass(frozen=True)
class Sightings:
    """Of m members and, behind them, m others.

    Args:
        counts: (2 m,) sightings of each person, over all combinations.
        found: by combination, as positions of columns, who is alone in it and who is sighted.
    """

    counts: np.ndarray
    found: dict[tuple[int, ...], Excess]


class Disclosure:
    """The share of sightings that are of training rows."""

    name: ClassVar[str] = "disclosure"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """See the module."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, name, title, reason) for name, title in TITLES.items()]
        sides = sides_of(evidence, run)
        real = pd.concat([sides.members, sides.others], ignore_index=True)
        tokens = [tokens_of(sides.encoder, frame) for frame in (real, sides.synthetic)]
        seen = sightings(tokens[0], tokens[1], run.rng(self.name))
        return [
            self._share(seen, sides, evidence, run),
            self._worst(seen, sides.encoder.names, evidence.unit, len(sides.synthetic)),
        ]

    def _share(self, seen: Sightings, sides: Sides, evidence: Evidence, run: Run) -> CheckResult:
        name, title, unit = self.name, TITLES[self.name], evidence.unit
        effective = effective_rows(seen.counts)
        if effective < MIN_EFFECTIVE_ROWS:
            reason = (
                f"few people are alone in a combination of at most {MOST_COLUMNS} columns that a "
                f"synthetic {unit} shows (as if {effective:.0f}; {MIN_EFFECTIVE_ROWS} are needed)"
            )
            return unanswered(self, name, title, reason, status="not_applicable")
        m = len(seen.counts) // 2
        is_member = np.arange(2 * m) < m
        test = label_share(seen.counts, is_member, run.rng(name, "labels"))
        bound = epsilon_bound(seen.counts[:, None], is_member, run.rng(name, "epsilon"))
        most = np.argsort(-seen.counts[:m], kind="stable")
        sighted, phantoms = int(seen.counts[:m].sum()), int(seen.counts[m:].sum())
        return CheckResult(
            name,
            self.family,
            test.share,
            "lower",
            ci=around(test.share, test.se, 0.0, 1.0),
            reference=0.5,
            n=len(sides.synthetic),
            title=title,
            summary=(
                f"Of {sighted + phantoms:,} sightings of people by a few cells that they alone have, "
                f"{test.share:.1%} are of training {unit}s, and the others of {unit}s that the generator "
                "never saw; 50% means that it learned nothing of single people."
            ),
            detail={
                "sightings_training": sighted,
                "sightings_holdout": phantoms,
                "people_training": int((seen.counts[:m] > 0).sum()),
                "people_holdout": int((seen.counts[m:] > 0).sum()),
                "p_value": test.p_value,
                "epsilon": bound.epsilon,
                "combinations": len(seen.found),
                "effective_rows": effective,
            },
            listing=evidence.listing(
                sides.member_rows[most], sightings=seen.counts[most].astype(int)
            ),
        )

    def _worst(self, seen: Sightings, names: list[str], unit: str, n: int) -> CheckResult:
        name = f"{self.name}.combinations"
        found = {columns: counts for columns, counts in seen.found.items() if counts.is_telling}
        if not found:
            reason = f"hardly anybody is alone in a combination of at most {MOST_COLUMNS} columns"
            return unanswered(self, name, TITLES[name], reason, status="not_applicable")
        ordered = sorted(found, key=lambda columns: found[columns].order)
        worst = found[ordered[0]]
        said = " and ".join(f"'{names[i]}'" for i in ordered[0])
        return excess_result(
            self,
            name,
            TITLES[name],
            worst,
            of=len(found),
            n=n,
            summary=(
                f"It is clearest of the training {unit}s that are alone with their cells in {said}: {worst.rate:.1%} are "
                f"sighted, and of such {unit}s that the generator never saw {worst.other_rate:.1%}."
            ),
            detail={
                "columns": [names[i] for i in ordered[0]],
                "combinations": [
                    {"columns": [names[i] for i in columns], **found[columns].facts}
                    for columns in ordered[:10]
                ],
            },
        )


def tokens_of(encoder: Encoder, frame: pd.DataFrame) -> np.ndarray:
    """(n, d) uint64, equal for equal cells of a column, and for numbers of one decile."""
    tokens = np.empty((len(frame), len(encoder.parts)), np.uint64)
    for j, part in enumerate(encoder.parts):
        cells = frame[part.column.name]
        level = cells if isinstance(part, CategoryCode) else pd.Series(part.codes(cells))
        tokens[:, j] = row_hashes(pd.DataFrame({str(j): level, "column": j}), [str(j), "column"])
    return tokens


def tried(d: int, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Combinations of at most five of d columns: all of a size, or as many as are tried of it."""
    for size in range(1, min(d, MOST_COLUMNS) + 1):
        if comb(d, size) <= OF_A_SIZE:
            yield from combinations(range(d), size)
            continue
        chosen: set[tuple[int, ...]] = set()
        while len(chosen) < OF_A_SIZE:
            chosen.add(tuple(sorted(rng.choice(d, size, replace=False).tolist())))
        yield from sorted(chosen)


def sightings(real: np.ndarray, synthetic: np.ndarray, rng: np.random.Generator) -> Sightings:
    """Looks for the people of (2 m, d) tokens, members first, among (s, d) synthetic ones.

    A combination is the sum of its tokens: 64 bits make two different ones alike with a chance below
    1e-8.
    """
    m, d = len(real) // 2, real.shape[1]
    counts, found = np.zeros(2 * m), {}
    for columns in tried(d, rng):
        keys = real[:, columns].sum(axis=1, dtype=np.uint64)
        _, first, of = np.unique(keys, return_index=True, return_counts=True)
        people = first[of == 1]
        sighted = people[np.isin(keys[people], synthetic[:, columns].sum(axis=1, dtype=np.uint64))]
        counts[sighted] += 1
        members, seen = int((people < m).sum()), int((sighted < m).sum())
        found[columns] = Excess(seen, members, len(sighted) - seen, len(people) - members)
    return Sightings(counts, found)

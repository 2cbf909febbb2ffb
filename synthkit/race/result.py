"""What a race came to: the numbers of every candidate, and the rule that names the winner.

    race = Race(entrants, rows_fit=8000, rows_validation=2000, elapsed_s=41.2)
    race.winner.backend, race.standing(entrant)
    race.to_json()                       # for the manifest, the model and the report: no value of the data

``RULE`` says the rule in words. That candidates within one standard error of the best count as equal
is the one-standard-error rule of Breiman et al. (1984), Classification and Regression Trees, 3.4.3.
What is not told apart by closeness is decided by copying only if that is told apart in turn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

COPYING = 0.55  # the limit of dcr_share in the bundled policy internal
Z_95 = 1.96  # standard errors to each side of a 95 % interval
BEST = 0.5  # of both numbers; a lower one is chance
RULE = (
    "The lowest C2ST AUC wins, among the candidates that are not shown to hand out their training"
    f" rows (whole interval of the DCR share above {COPYING}), if there are such. A candidate whose AUC"
    " lies within one standard error of the difference of the lowest is as close: it wins instead if its"
    " DCR share is lower by more than one standard error of that difference, the lowest of several such."
    f" Of equals, the one named first. Of both numbers, one below {BEST} counts as {BEST}."
)


@dataclass(frozen=True)
class Entrant:
    """A candidate's numbers, or why it has none.

    Args:
        backend: its name.
        c2st_auc: area under the curve of a classifier that tells its rows from validation rows;
            0.5 is best.
        c2st_se: standard error of that.
        dcr_share: share of its rows nearer to a row that it learned than to a validation row, of
            equally many; 0.5 is best.
        dcr_ci: 95 % interval of that.
        fit_s, sample_s: seconds of the fit, and of drawing the rows that were judged.
        reason: why it dropped out; None if it finished.
    """

    backend: str
    c2st_auc: float = math.nan
    c2st_se: float = math.nan
    dcr_share: float = math.nan
    dcr_ci: tuple[float, float] = (math.nan, math.nan)
    fit_s: float = math.nan
    sample_s: float = math.nan
    reason: str | None = None

    @property
    def finished(self) -> bool:
        """Whether it has numbers."""
        return self.reason is None

    @property
    def distance(self) -> float:
        """How far its rows are from real ones, by the AUC, at least 0."""
        return max(self.c2st_auc - BEST, 0.0)

    @property
    def copying(self) -> float:
        """How much nearer to its training rows they are than to others, at least 0."""
        return max(self.dcr_share - BEST, 0.0)

    @property
    def copies(self) -> bool:
        """Whether it is shown to hand out its training rows."""
        return self.dcr_ci[0] > COPYING

    @property
    def dcr_se(self) -> float:
        """Standard error of the DCR share, from its 95 % interval."""
        return (self.dcr_ci[1] - self.dcr_ci[0]) / (2 * Z_95)

    def __str__(self) -> str:
        if not self.finished:
            return f"{self.backend} dropped out: {self.reason}"
        low, high = self.dcr_ci
        return (
            f"{self.backend}: C2ST AUC {self.c2st_auc:.3f} (standard error {self.c2st_se:.3f}), DCR"
            f" share {self.dcr_share:.3f} ({low:.3f} to {high:.3f}), fit {self.fit_s:.1f} s,"
            f" sample {self.sample_s:.1f} s"
        )


@dataclass(frozen=True)
class Race:
    """A finished race.

    Args:
        entrants: the candidates as they were named; at least one finished.
        rows_fit: rows that each of them learned.
        rows_validation: rows that all were judged by.
        elapsed_s: seconds of the whole race.
    """

    entrants: Sequence[Entrant]
    rows_fit: int
    rows_validation: int
    elapsed_s: float

    @property
    def eligible(self) -> list[Entrant]:
        """The candidates among which closeness decides."""
        finished = [entrant for entrant in self.entrants if entrant.finished]
        return [entrant for entrant in finished if not entrant.copies] or finished

    @property
    def closest(self) -> Entrant:
        """The one of them with the lowest AUC, the first of equals."""
        return min(self.eligible, key=lambda entrant: entrant.distance)

    @property
    def tied(self) -> list[Entrant]:
        """Those of them that are as close, up to noise; the closest is one of them."""
        best = self.closest
        return [
            entrant
            for entrant in self.eligible
            if entrant is best
            or entrant.distance - best.distance <= math.hypot(entrant.c2st_se, best.c2st_se)
        ]

    @property
    def winner(self) -> Entrant:
        """The candidate that the rule names."""
        best = self.closest
        less = [
            entrant
            for entrant in self.tied
            if best.copying - entrant.copying > math.hypot(entrant.dcr_se, best.dcr_se)
        ]
        return min(less, key=lambda entrant: entrant.copying) if less else best

    @property
    def outcome(self) -> str:
        """Who wins, and why, as a clause."""
        finished = [entrant for entrant in self.entrants if entrant.finished]
        if self.winner is not self.closest:
            why = f"as close as {self.closest.backend} up to noise, and it copies less"
        elif len(finished) == 1:
            why = "no other candidate finished"
        else:
            why = "its rows are the hardest to tell from real ones"
        copiers = [e.backend for e in self.entrants if e.copies and e not in self.eligible]
        passed_over = f"; {_listed(copiers)} passed over for copying" if copiers else ""
        return f"{self.winner.backend} wins the race: {why}{passed_over}"

    def standing(self, entrant: Entrant) -> str:
        """What the race came to for a candidate, in a few words."""
        if not entrant.finished:
            return "dropped out"
        if entrant is self.winner:
            return "won"
        if entrant not in self.eligible:
            return "hands out training rows"
        return "as close" if entrant in self.tied else "told apart more easily"

    def to_json(self) -> dict[str, Any]:
        """Strict JSON; numbers that a candidate does not have are None."""
        return {
            "winner": self.winner.backend,
            "rule": RULE,
            "rows_fit": self.rows_fit,
            "rows_validation": self.rows_validation,
            "elapsed_s": round(self.elapsed_s, 3),
            "candidates": [
                {"backend": entrant.backend, "standing": self.standing(entrant), **_plain(entrant)}
                for entrant in self.entrants
            ],
        }


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _plain(entrant: Entrant) -> dict[str, Any]:
    numbers = asdict(entrant)
    del numbers["backend"]
    for key in ("fit_s", "sample_s"):
        numbers[key] = round(numbers[key], 3)
    if entrant.finished:
        return {**numbers, "dcr_ci": list(entrant.dcr_ci)}
    return {**dict.fromkeys(numbers), "reason": entrant.reason}


def untimed(race: dict[str, Any] | None) -> dict[str, Any] | None:
    """A race's JSON without its seconds, for files that the same seed shall repeat."""
    if race is None:
        return None
    candidates = [_without_seconds(candidate) for candidate in race["candidates"]]
    return {**_without_seconds(race), "candidates": candidates}


def _without_seconds(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if not key.endswith("_s")}

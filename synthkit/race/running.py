"""Lets the candidates race: each learns, draws rows and is judged, one after the other.

race = run_race(course, config, protect, run, budget_s=60)

A candidate has a run of its own, with a seed derived from its name: which others take part changes
nothing for it. That run has no folder for checkpoints, so the fit of the winner cannot take one up. All
are judged with the same random numbers, so that these do not add to their differences.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, replace

from synthkit.counts import counted
from synthkit.errors import (
    ConstraintError,
    MissingExtra,
    NotSupported,
    SynthkitError,
    TrainingError,
    together,
)
from synthkit.generators import generators
from synthkit.generators.auto import AutoConfig
from synthkit.generators.cards import needed_package, own_backends, require_package
from synthkit.model import Model
from synthkit.progress import Event, Notice, Step
from synthkit.race.course import Course
from synthkit.race.judging import handed_out, told_apart
from synthkit.race.result import Entrant, Race
from synthkit.recipe import ProtectSpec
from synthkit.run import Run

FIT_SHARE = (
    0.5  # of a candidate's time its fit gets at least, however long the others' judging took
)


def run_race(
    course: Course,
    config: AutoConfig,
    protect: ProtectSpec,
    run: Run,
    budget_s: float | None = None,
) -> Race:
    """The race; each candidate is a stage ``race NAME``, and a notice says what came of it.

    Args:
        course: the rows.
        config: candidates and their options.
        protect: as for any fit.
        run: seed and listener.
        budget_s: seconds for all candidates. They have equal shares of it, and what one leaves is
            for those after it.

    Raises:
        TrainingError: no candidate finished; with the reason of each.
    """
    started = time.monotonic()
    heats = _Heats(course, config, protect, run)
    names = config.candidates or tuple(own_backends())
    entrants = {name: heats.without_package(name) for name in names}
    ready = [name for name in names if entrants[name] is None]
    for (
        name
    ) in ready:  # what takes seconds to import counts for all, not for the first that needs it
        generators.get(name)
        if needed := needed_package(name):
            importlib.import_module(needed[0])
    for i, name in enumerate(ready):
        share_s = None
        if budget_s is not None:
            share_s = (budget_s - (time.monotonic() - started)) / (len(ready) - i)
        entrants[name] = heats.enter(name, share_s)
    found = [entrant for entrant in entrants.values() if entrant is not None]
    if not any(entrant.finished for entrant in found):
        raise together(
            [
                TrainingError("no candidate finished the race", where="backend auto"),
                *(TrainingError(str(entrant)) for entrant in found),
            ]
        )
    elapsed_s = time.monotonic() - started
    return Race(found, len(course.fit), len(course.validation), elapsed_s)


@dataclass
class _Heats:
    """The turns of the candidates. ``judged_s`` is the longest that drawing and judging took yet."""

    course: Course
    config: AutoConfig
    protect: ProtectSpec
    run: Run
    judged_s: float = 0.0

    def without_package(self, name: str) -> Entrant | None:
        """A candidate that is out because its package is not installed; None for any other."""
        try:
            require_package(name)
        except MissingExtra as error:
            return self._out(name, error)
        return None

    def enter(self, name: str, share_s: float | None) -> Entrant:
        """One candidate's turn, with so many seconds for all of it."""
        with self.run.stage(f"race {name}", f"on {counted(len(self.course.fit), 'row')}"):
            try:
                entrant = self._numbers(name, share_s)
            except (NotSupported, TrainingError) as error:
                return self._out(name, error)
        self.run.notice(str(entrant))
        return entrant

    def _out(self, name: str, error: SynthkitError) -> Entrant:
        entrant = Entrant(name, reason=" ".join(str(error).split()).removesuffix("."))
        self.run.notice(str(entrant))
        return entrant

    def _numbers(self, name: str, share_s: float | None) -> Entrant:
        course, own = self.course, self._run_of(name)
        started = time.monotonic()
        options = self.config.options.get(name, {})
        limit_s = self._limit_s(share_s)
        model = Model.fit(course.fit, course.schema, name, options, self.protect, own, limit_s)
        fitted = time.monotonic()
        try:
            rows = model.sample(course.rows_to_draw, own.rng("sample"))
        except ConstraintError as error:  # another backend may meet the constraints more often
            raise TrainingError(str(error)) from error
        drawn = time.monotonic()
        evidence, judges = course.evidence(rows), Run(self.run.seed)
        auc, se = told_apart(evidence, judges)
        share, interval = handed_out(evidence, judges)
        self.judged_s = max(self.judged_s, time.monotonic() - fitted)
        return Entrant(name, auc, se, share, interval, fitted - started, drawn - fitted)

    def _limit_s(self, share_s: float | None) -> float | None:
        """Seconds for a fit, so that drawing and judging have their time, too."""
        if share_s is None:
            return None
        if share_s <= 0:
            raise TrainingError("the budget of the race was used up before its turn")
        return max(share_s - self.judged_s, FIT_SHARE * share_s)

    def _run_of(self, name: str) -> Run:
        """A run for one candidate, whose steps and notices are the race's."""

        def listen(event: Event) -> None:
            if isinstance(event, Step):
                self.run.report(replace(event, stage=f"race {name}"))
            elif isinstance(event, Notice):
                self.run.notice(f"{name}, in the race: {event.message}")

        seed = int(self.run.rng("race", name).integers(2**63))
        return Run(seed, listen)

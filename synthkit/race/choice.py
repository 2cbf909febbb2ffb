"""Which backend is fitted at last, with which options and in what time: named, or won in a race."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from synthkit.errors import NotSupported
from synthkit.generators import registry_of
from synthkit.generators.auto import AutoConfig
from synthkit.generators.cards import AUTO
from synthkit.generators.options import require_packages
from synthkit.model import Model, backend_config
from synthkit.recipe import ProtectSpec
from synthkit.run import Run
from synthkit.schema import Schema

RACE_SHARE = 0.6  # of the budget is for the race; the winner has what is left,
LEAST_SHARE = 0.1  # and at least this, should the race take longer


@dataclass(frozen=True)
class Choice:
    """What is to be fitted.

    Args:
        backend: registered name of a generator.
        options: its options.
        budget_s: seconds for the fit; None for no limit.
        race: how it was chosen, as ``Race.to_json`` gives it; None if it was named.
    """

    backend: str
    options: dict[str, Any]
    budget_s: float | None = None
    race: dict[str, Any] | None = None

    def fit(self, typed: pd.DataFrame, schema: Schema, protect: ProtectSpec, run: Run) -> Model:
        """The model of all training rows; see ``Model.fit``."""
        model = Model.fit(
            typed, schema, self.backend, self.options, protect, run, budget_s=self.budget_s
        )
        model.race = self.race
        return model


def choose(
    typed: pd.DataFrame,
    schema: Schema,
    backend: str,
    options: dict[str, Any],
    protect: ProtectSpec,
    run: Run,
    budget_s: float | None = None,
    earlier: dict[str, Any] | None = None,
) -> Choice:
    """The backend that was named, or for ``auto`` the one that wins the race.

    Args:
        typed, schema, protect, run: as for ``Model.fit``.
        backend: a registered generator, or ``auto``.
        options: of the backend, or of the race.
        budget_s: seconds for race and fit together.
        earlier: a race with these options on these rows, to be taken over in place of a new one.

    Raises:
        RecipeError: wrong options of a race.
        MissingExtra: a candidate was named whose package is not installed.
        TrainingError: too few rows for a race, or no candidate finished it.
        NotSupported: no column is learned, so that a race has nothing to judge, or no table.
    """
    if backend != AUTO:
        return Choice(backend, options, budget_s)
    if schema.modality != "table":
        raise NotSupported(
            f"{AUTO} lets backends for tables race, and these are {schema.modality}",
            remedy=f"name one of {', '.join(registry_of(schema.modality).names())}",
        )
    config = backend_config(AUTO, options)
    assert isinstance(config, AutoConfig)
    require_packages(AUTO, options)
    if earlier is None:
        from synthkit.race.course import Course  # these load the checks, which only a race needs
        from synthkit.race.running import run_race

        course = Course.of(typed, schema, config, run.rng("race", "split"))
        limit_s = None if budget_s is None else RACE_SHARE * budget_s
        race = run_race(course, config, protect, run, limit_s)
        run.notice(race.outcome)
        earlier = race.to_json()
    if budget_s is not None:
        budget_s = max(budget_s - earlier["elapsed_s"], LEAST_SHARE * budget_s)
    winner = earlier["winner"]
    return Choice(winner, config.options.get(winner, {}), budget_s, earlier)

"""When and in which time a neural backend's rows are corrected, and what the run is told of it.

clock = TimeLimit(budget_s)
due = is_thinned(config.correction_rounds, len(table), codes)
...                                        # training has clock.left_s(THINNING_SHARE * due)
correction = fit_correction(table, draw, codes, rounds, run, "gan", clock) if due else None
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthkit.generators.boosters import MIN_ROWS
from synthkit.generators.codes import Codes
from synthkit.generators.correction import Correction
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

THINNING_SHARE = 0.2  # of the budget, kept for the correction


def is_thinned(rounds: int, n: int, codes: Codes) -> bool:
    """Whether n training rows are enough, and fields are several, so that there is what to correct."""
    return rounds > 0 and n >= MIN_ROWS and len(codes.codings) > 1


def fit_correction(
    table: np.ndarray,
    draw: Callable[[int, np.random.Generator], np.ndarray],
    codes: Codes,
    rounds: int,
    run: Run,
    backend: str,
    clock: TimeLimit,
) -> Correction | None:
    """The correction of what a trained network draws, or ``None`` if nothing shows.

    Args:
        table: (n, fields) codes of the training rows.
        draw: so many rows of the network alone, (m, fields) codes.
        codes: of the fields.
        rounds: boosting rounds at most, see ``Correction.fit``.
        run: its stream ``(backend, "correction")`` is used; it is told if time was short.
        backend: name of the backend.
        clock: of the whole fit.
    """
    if clock.is_over:
        run.notice(
            "the budget ended early: rows are not thinned by a correction, so a run with the same"
            " seed may differ"
        )
        return None
    rng = run.rng(backend, "correction")
    sampled = draw(Correction.sampled_rows(len(table)), rng)
    fitted = Correction.fit(table, sampled, codes.codings, rounds, rng, clock.ends)
    if clock.is_over:
        run.notice("the budget ended the correction early, so a run with the same seed may differ")
    return fitted

"""The race that chose the backend, as the rows of a table."""

from __future__ import annotations

from typing import Any

from synthkit.report.numbers import interval, number


def race_table(race: dict[str, Any] | None) -> dict[str, Any] | None:
    """Words and rows for the template; None if there was no race.

    Args:
        race: as ``synthkit.race`` gives it, with or without seconds.
    """
    if race is None:
        return None
    return {
        "rule": race["rule"],
        "rows_fit": number(race["rows_fit"]),
        "rows_validation": number(race["rows_validation"]),
        "rows": [
            {
                "backend": candidate["backend"],
                "won": candidate["standing"] == "won",
                "auc": number(candidate["c2st_auc"]),
                "se": number(candidate["c2st_se"]),
                "share": number(candidate["dcr_share"]),
                "ci": interval(candidate["dcr_ci"]),
                "standing": candidate["standing"],
                "reason": candidate["reason"] or "",
            }
            for candidate in race["candidates"]
        ],
    }

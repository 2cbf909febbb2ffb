"""The table of a race: a line per candidate, and none without a race."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synthkit.report.html import render
from synthkit.report.race import race_table
from synthkit.results import Report

RACE: dict[str, Any] = {
    "winner": "trees",
    "rule": "The best wins.",
    "rows_fit": 8000,
    "rows_validation": 2000,
    "candidates": [
        {
            "backend": "trees",
            "standing": "won",
            "c2st_auc": 0.5464,
            "c2st_se": 0.0071,
            "dcr_share": 0.523,
            "dcr_ci": [0.51, 0.536],
            "reason": None,
        },
        {
            "backend": "vae",
            "standing": "dropped out",
            "c2st_auc": None,
            "c2st_se": None,
            "dcr_share": None,
            "dcr_ci": None,
            "reason": "too few <rows>",
        },
    ],
}


def test_numbers_are_there_or_the_reason_is() -> None:
    table = race_table(RACE)
    assert table is not None
    won, out = table["rows"]
    assert (won["auc"], won["se"], won["share"], won["ci"]) == (
        "0.546",
        "0.007",
        "0.523",
        "0.510 to 0.536",
    )
    assert won["won"]
    assert (out["auc"], out["ci"], out["standing"]) == ("–", "", "dropped out")
    assert race_table(None) is None


def test_the_page_shows_it_once_and_escaped(report: Report) -> None:
    assert "The race of the generators" not in render(report)
    page = render(replace(report, facts={**report.facts, "race": RACE}))
    assert page.count("The race of the generators") == 1
    assert "8,000" in page
    assert "too few &lt;rows&gt;" in page
    assert "The best wins." in page

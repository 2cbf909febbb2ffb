"""Numbers, axis labels, the short summary, and where the marks of a scale lie."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from synthkit.report import glossary
from synthkit.report.bullet import bullet, limits
from synthkit.report.detail import cell_text, details
from synthkit.report.distribution import category_rows, tick_places
from synthkit.report.html import render
from synthkit.report.numbers import exact, number, share, signed, threshold, tick
from synthkit.report.summary import summary_lines
from synthkit.results import CheckResult, Report, Verdict


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.5402, "0.540"),
        (1.0, "1.000"),
        (12345, "12,345"),
        (12.0, "12"),
        (12.345, "12.3"),
        (-0.25, "−0.250"),
        (0.00042, "0.00042"),
        (0.0, "0.000"),
        (float("inf"), "∞"),
        (True, "True"),
        ("text", "text"),
    ],
)
def test_numbers(value: Any, text: str) -> None:
    assert number(value) == text


def test_shares_differences_and_thresholds() -> None:
    assert [share(s) for s in (None, 0.0, 0.0001, 0.0573, 1.0)] == [
        "–",
        "0.0 %",
        "< 0.1 %",
        "5.7 %",
        "100.0 %",
    ]
    assert [signed(d) for d in (None, 0.0, 0.12, -0.12, -0.0001)] == [
        "–",
        "0.000",
        "+0.120",
        "−0.120",
        "0.000",
    ]
    assert threshold({"max": 0.6, "max_over_reference": 0.02}) == (
        "at most 0.600, at most holdout + 0.020"
    )
    assert threshold({"max_ci_low": 0.53}) == "fails if the whole interval lies above 0.530"
    assert threshold(None) == ""


@pytest.mark.parametrize(
    ("value", "unit", "step", "text"),
    [
        (100_000, "integer", 50_000, "100k"),
        (2_500_000, "real", 500_000, "2.5M"),
        (1000, "integer", 500, "1000"),
        (0.25, "real", 0.025, "0.25"),
        (-5, "real", 5, "−5"),
        (7200, "duration", 3600, "2 h"),
        (90, "duration", 30, "90 s"),
        ("2019-03-01T00:00:00", "datetime", 31 * 86_400, "Mar 2019"),
        ("2019-03-01T00:00:00", "datetime", 366 * 86_400, "2019"),
        ("2019-03-01T00:00:00", "datetime", 86_400, "1 Mar 2019"),
        ("2019-03-01T14:30:00", "datetime", 1800, "14:30"),
    ],
)
def test_axis_labels(value: Any, unit: str, step: float, text: str) -> None:
    assert tick(value, unit, step) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (99_999, "integer", "99,999"),
        (-0.5, "real", "−0.5"),
        (5400, "duration", "90 min"),
        ("1900-01-01T00:00:00", "datetime", "1 Jan 1900"),
        ("1900-01-01T08:15:00", "datetime", "1 Jan 1900 08:15:00"),
    ],
)
def test_spikes_are_written_in_full(value: Any, unit: str, text: str) -> None:
    assert exact(value, unit) == text


def test_ticks_fall_on_rounder_edges() -> None:
    numbers = {"unit": "integer", "scale": "linear", "edges": list(range(16, 82, 2))}
    assert [numbers["edges"][i] for i in tick_places(numbers)] == [20, 40, 60, 80]
    months = [f"{2012 + m // 12}-{m % 12 + 1:02d}-01T00:00:00" for m in range(37)]
    dates = {"unit": "datetime", "scale": "linear", "edges": months}
    assert [months[i][:7] for i in tick_places(dates)] == [
        "2012-01",
        "2013-01",
        "2014-01",
        "2015-01",
    ]
    powers = {"unit": "real", "scale": "log", "edges": [5, 6, 8, 10, 12, 15, 20, 50, 100, 1000]}
    assert [powers["edges"][i] for i in tick_places(powers)] == [10, 100, 1000]


def test_long_lists_of_levels_end_in_one_row_of_others() -> None:
    distribution = {
        "labels": [f"l{i}" for i in range(10)],
        "real": [0.09] * 10,
        "synthetic": [0.08] * 10,
        "other": {"real": 0.05, "synthetic": 0.1, "levels": {"real": 4, "synthetic": 2}},
    }
    rows = category_rows(distribution, {"real": 0.05, "synthetic": 0.1})
    assert [row[0] for row in rows] == [f"l{i}" for i in range(6)] + ["8 others", "missing"]
    assert sum(row[1] for row in rows) == pytest.approx(1.0)
    assert sum(row[2] for row in rows) == pytest.approx(1.0)


def test_thresholds_become_bounds_of_the_value() -> None:
    check = CheckResult("x", "fidelity", 0.5, "lower", reference=0.8)
    asked = {"max": 0.9, "max_over_reference": 0.05, "min_of_reference": 0.5}
    assert limits(replace(check, threshold=asked)) == pytest.approx((0.4, 0.85))
    assert limits(replace(check, threshold={"max_ci_low": 0.7})) == (None, 0.7)
    assert limits(check) == (None, None)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, -3.0, 12_345.0, 1e-9])
def test_marks_lie_inside_the_drawing(value: float) -> None:
    check = CheckResult("x", "fidelity", value, "lower", (value - 1, value + 1), 0.5, 0.0)
    drawing = bullet(replace(check, threshold={"min": 0.1, "max": 0.2}))
    places = [float(place) for place in re.findall(r' c?x[12]?="([^"]*)"', drawing)]
    assert places
    assert all(0 <= place <= 320 for place in places)


def test_details_of_any_shape_become_pairs_and_tables() -> None:
    blocks = list(
        details(
            {
                "reason": "told elsewhere",
                "rows_used": 1200,
                "interval": [0.1, 0.2],
                "columns": {"age": 0.5},
                "worst": [{"columns": ["a", "b"], "value": 0.25}, {"value": None}],
                "nothing": {},
            }
        )
    )
    assert blocks[0] == {
        "pairs": [("rows used", "1,200"), ("interval", "0.100, 0.200"), ("nothing", "none")]
    }
    assert blocks[1]["rows"] == [["age", "0.500"]]
    assert blocks[2]["heads"] == ["columns", "value"]
    assert blocks[2]["rows"] == [["a, b", "0.250"], ["–", "–"]]
    assert cell_text([{"a": 1}]) == '[{"a": 1}]'


def test_the_summary_in_full(report: Report) -> None:
    assert summary_lines(report) == [
        "FAILED under the policy 'release'",
        "  Told apart                 0.540  (95 %: 0.533 to 0.548, holdout 0.501, lower is better, "
        "policy: at most 0.600)",
        "  Useful for the target      0.922  (95 %: 0.918 to 0.926, holdout 0.928, higher is better, "
        "policy: at least 0.950 of holdout)",
        "  Nearer to training rows    0.535  (95 %: 0.528 to 0.541, holdout 0.500, lower is better, "
        "policy: at most 0.530)",
        "  - dcr_share is 0.535, above the bound of 0.530",
    ]


def test_the_score_is_named_beside_the_number(report: Report) -> None:
    scored = replace(report["utility.target"], detail={"score": "R2"})
    checks = tuple(scored if c.name == "utility.target" else c for c in report.checks)
    report = replace(report, checks=checks)
    line = next(line for line in summary_lines(report) if "Useful" in line)
    assert line.startswith("  Useful for the target      0.922  (R2, 95 %: 0.918 to 0.926, ")
    assert re.search(r"^utility\.target \(R2\) +0\.922 ", str(report), re.MULTILINE)
    assert "0.922 <small>R2</small>" in render(report)
    assert "<b>0.922</b><small>R2</small>" in render(report)


def test_a_limit_inside_the_interval_is_said_on_the_terminal_and_in_the_page() -> None:
    wide = CheckResult("dcr_share", "privacy", 0.52, "lower", (0.46, 0.58), 0.5)
    wide = wide.judged("passed", {"max_ci_low": 0.55}, "because")
    report = Report(Verdict("passed", "internal"), (wide,))
    assert summary_lines(report) == [
        "PASSED under the policy 'internal'",
        "  Nearer to training rows    0.520  (95 %: 0.460 to 0.580, holdout 0.500, "
        "lower is better, policy: fails if the whole interval lies above 0.550)",
        "  Not shown to fail, nor to hold (limit inside the 95 % interval): dcr_share",
    ]
    page = render(report)
    assert page.count("ot shown to fail, nor to hold") == 3  # verdict, headline, table
    assert page.count('<span class="status undecided">not shown to fail</span>') == 2
    assert '<span class="status undecided">1 not shown to fail</span>' in page
    assert 'class="status passed"' not in page
    assert "met its bound" not in page
    assert "ran and none is shown to fail, though not all are shown to hold." in page
    assert str(report).endswith("  not shown to fail")
    narrow = replace(wide, ci=(0.51, 0.53)).judged("passed", {"max_ci_low": 0.55}, "because")
    report = replace(report, checks=(narrow,))
    assert not any("shown" in line for line in summary_lines(report))
    page = render(report)
    assert "shown to fail" not in page
    assert page.count('<span class="status passed">passed</span>') == 2
    assert "ran and met its bound." in page
    assert str(report).endswith("  passed")


def test_a_summary_without_numbers_says_why() -> None:
    check = CheckResult(
        "c2st", "fidelity", None, "lower", status="not_assessed", detail={"reason": "too few rows"}
    )
    assert summary_lines(Report(Verdict("not_assessed", "release"), (check,))) == [
        "NOT ASSESSED under the policy 'release'",
        "  Told apart  not assessed: too few rows",
    ]


def test_global_utility_stands_in_for_a_missing_target(report: Report) -> None:
    no_target = replace(report["utility.target"], value=None, status="not_applicable")
    checks = tuple(no_target if c.name == "utility.target" else c for c in report.checks)
    names = [check.name for check in glossary.headlines(replace(report, checks=checks))]
    assert names == ["c2st", "utility.global", "dcr_share"]


def test_terms_are_found_by_prefix_and_titles_by_the_check() -> None:
    assert glossary.term("validity.cells") is glossary.TERMS["validity"]
    assert glossary.term("somebody.elses") is None
    own = CheckResult("somebody.elses", "fidelity", 1.0, "lower")
    assert glossary.title(own) == "somebody.elses"
    named = replace(own, title="Own title")
    assert glossary.title(named) == glossary.short_title(named) == "Own title"
    known = CheckResult("c2st", "fidelity", 0.5, "lower", title="Telling synthetic from real")
    assert glossary.title(known) == "Telling synthetic from real"
    assert glossary.short_title(known) == "Told apart"


def test_rules_that_synthetic_rows_break_are_said_beside_the_verdict() -> None:
    told = "2 rules between columns were found; 68.50% of the synthetic rows keep all of them."
    rules = CheckResult("dependencies", "validity", 0.685, "higher", (0.67, 0.70), 0.99)
    rules = replace(rules, summary=told)
    report = Report(Verdict("passed", "internal"), (rules,))
    assert summary_lines(report) == ["PASSED under the policy 'internal'", f"  {told[:-1]}"]
    page = render(report)
    all_but_few = replace(rules, value=1.0, ci=(0.9998, 1.0 - 1e-12), reference=1.0)
    as_the_holdout = replace(rules, ci=(0.98, 0.995))
    for kept in (as_the_holdout, all_but_few, replace(rules, reference=None)):
        quiet = replace(report, checks=(kept,))
        assert len(summary_lines(quiet)) == 1
        assert render(quiet).count(told) == page.count(told) - 1

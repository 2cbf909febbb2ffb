"""What the privacy checks together have found, and what a shared report says of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from synthkit.finding import finding
from synthkit.report.html import render
from synthkit.report.summary import finding_sentence, summary_lines
from synthkit.results import CheckResult, Finding, Report, Verdict


def result(name: str, p: float | None = None, value: float | None = 0.5, **detail: object):
    given = {**({} if p is None else {"p_value": p}), **detail}
    return CheckResult(name, "privacy", value, "lower", title=name, summary="So.", detail=given)


def test_a_leak_is_one_that_many_checks_do_not_explain() -> None:
    checks = [result(f"c{i}", 0.5) for i in range(9)]
    weak, clear = result("membership", 0.02, detectable=0.53), result("membership", 0.004)
    assert finding([*checks, weak]).word == "none_detected"
    assert finding([*checks, clear]) == Finding("leak_detected", auc=0.5, leaks=("membership",))


def test_what_comes_back_cell_by_cell_has_half_of_the_level() -> None:
    checks = [result(f"c{i}", 0.5) for i in range(9)]
    copies, digits = result("exact_copies.unique", 0.0078), result("replay.digits", 0.6)
    found = finding([*checks, copies, digits])  # 7 to none: 2 x 0.0078 is below 0.025
    assert str(found) == "leak_detected(exact_copies.unique)"
    assert finding([*checks, result("membership", 0.0078), digits]).word == "none_detected"


def test_a_broken_limit_is_not_said_to_be_too_little_to_tell() -> None:
    broken = replace(result("dcr_share", 0.02), status="failed", threshold={"max_ci_low": 0.5})
    checks = (broken, *(result(f"c{i}", 0.5) for i in range(3)), result("membership", 0.4))
    report = Report(Verdict("failed", "release"), checks, privacy=finding(checks))
    assert report.privacy is not None
    assert report.privacy.word == "none_detected"
    assert "by itself dcr_share is beyond the limit" in finding_sentence(report)
    harmless = replace(report, checks=checks[1:])
    assert "too little to be told from chance" in finding_sentence(harmless)


@pytest.mark.parametrize(
    ("ci", "said"),
    [
        ((0.51, 0.53), "It is within the limits"),
        ((0.53, 0.57), "beyond a limit of this policy is not"),
    ],
)
def test_a_leak_is_within_a_limit_only_if_the_interval_is(
    ci: tuple[float, float], said: str
) -> None:
    leak = replace(result("membership", 0.001), ci=ci)
    leak = leak.judged("passed", {"max_ci_low": 0.55}, "because")
    report = Report(Verdict("passed", "internal"), (leak,), privacy=finding([leak]))
    assert said in finding_sentence(report)
    assert ("within the policy's limits" in "".join(summary_lines(report))) == (ci[1] < 0.55)


def test_the_three_forms() -> None:
    epsilon = result("membership.epsilon", value=0.314)
    leak = finding([result("membership", 0.001), epsilon])
    assert str(leak) == "leak_detected(epsilon >= 0.31, an attack has AUC 0.500)"
    assert str(replace(leak, epsilon=0.0)) == "leak_detected(an attack has AUC 0.500)"
    none = finding([result("membership", 0.4, detectable=0.5271)])
    assert str(none) == "none_detected(an attack with AUC 0.527 would have been seen)"
    silent = result("membership", value=None, reason="there is no holdout")
    assert str(finding([silent])) == "not_assessed(there is no holdout)"
    assert str(finding([])) == "not_assessed(no attack was run)"


def test_a_number_of_another_family_is_no_leak() -> None:
    fidelity = CheckResult("c2st", "fidelity", 0.9, "lower", detail={"p_value": 0.0})
    assert finding([fidelity]).word == "not_assessed"


@pytest.fixture
def report() -> Report:
    checks = (
        CheckResult(
            "exact_copies.unique",
            "privacy",
            0.123456,
            "lower",
            ci=(0.1000049, 0.15),
            reference=0.0,
            title="Copies",
            summary="So.",
            detail={"seen_training": 1234, "rates": [0.98765432], "p_value": 1e-9},
            listing=({"data_row": 987654},),
        ),
    )
    found = Finding("leak_detected", epsilon=0.5, leaks=("exact_copies.unique",))
    return Report(Verdict("failed", "release", ("bad.",)), checks, privacy=found)


def test_what_is_shared_is_rounded_and_lists_nobody(report: Report) -> None:
    shared = json.dumps(report.shareable().to_json())
    check = report.shareable()["exact_copies.unique"]
    assert (check.value, check.ci) == (0.123, (0.1, 0.15))
    assert check.detail == {"seen_training": 1234, "rates": [0.988], "p_value": 1e-9}
    assert check.listing == ()
    assert "987654" not in shared
    assert "0.123456" not in shared
    page = render(report.shareable())
    assert "987654" not in page
    assert "Internal" not in page
    assert "leak_detected(epsilon &gt;= 0.50)" in page


def test_the_internal_report_has_it_all_and_says_so(report: Report) -> None:
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    page = render(report, internal=True)
    assert "987654" in page or "987,654" in page
    assert "Internal: exact numbers" in page
    assert "leak_detected" in str(report)


def test_a_leak_under_a_policy_without_limits_of_privacy_is_said(report: Report) -> None:
    lines = summary_lines(report)
    assert lines[1] == "  Privacy: leak_detected(epsilon >= 0.50) by exact_copies.unique"
    assert "  The policy sets no limit of privacy" in lines


@pytest.mark.parametrize(
    ("copies", "by_chance", "leaks", "said"),
    [
        (4, 0, (), "4 synthetic rows equal a training row, and none one that"),
        (1, 0, ("membership",), "1 synthetic row equals a training row, and none one that"),
        (4, 0, ("exact_copies.unique",), ""),  # said as a leak
        (4, 3, (), ""),  # chance makes them
        (0, 0, (), ""),
    ],
)
def test_a_few_verbatim_rows_are_heard_of(
    copies: int, by_chance: int, leaks: tuple[str, ...], said: str
) -> None:
    detail = {"equal_to_any_training": copies, "equal_to_holdout": by_chance}
    check = CheckResult("exact_copies", "privacy", 0.001, "near_reference", detail=detail)
    found = Finding("leak_detected" if leaks else "none_detected", leaks=leaks)
    report = Report(Verdict("passed", "internal"), (check,), privacy=found)
    text = "\n".join(summary_lines(report))
    assert said in text
    assert ("the internal report lists" in text) == bool(said)
    assert ("the internal report lists" in render(report)) == bool(said)

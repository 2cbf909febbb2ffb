"""Policies: files are refused with all their problems, and verdicts never pass by silence."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from synthkit import resources
from synthkit.checks import check_class, checks, known_checks
from synthkit.contracts import checks as contract
from synthkit.errors import RecipeError, SynthkitError
from synthkit.policy import Limit, Policy, judge, load_policy
from synthkit.recipe import Threshold
from synthkit.results import CheckResult, Report, Verdict
from synthkit.run import Run

GATED = ("exact_copies", "dcr_share", "membership_nearest", "membership")
ATTACKS = ("replay", "disclosure", "attribute_inference", "linkability", "singling_out")


def result(name: str = "dcr_share", value: float | None = 0.5, **fields: object) -> CheckResult:
    return CheckResult(name, "privacy", value, "lower", **fields)  # type: ignore[arg-type]


def policy(required: tuple[str, ...] = (), **limits: dict[str, float]) -> Policy:
    checks = {name: Limit(**bounds, reason="because") for name, bounds in limits.items()}
    return Policy(name="test", required=required, checks=checks)


def word(results: list[CheckResult], given: Policy, fidelity: dict | None = None) -> str:
    return judge(results, given, fidelity or {})[1].word


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"max": 0.6}, "passed"),
        ({"max": 0.5}, "passed"),
        ({"max": 0.4}, "failed"),
        ({"min": 0.5}, "passed"),
        ({"min": 0.51}, "failed"),
        ({"max_ci_low": 0.45}, "passed"),
        ({"max_ci_low": 0.44}, "failed"),
        ({"max_over_reference": 0.1}, "passed"),
        ({"max_over_reference": 0.09}, "failed"),
        ({"min_of_reference": 1.25}, "passed"),
        ({"min_of_reference": 1.3}, "failed"),
        ({"max": 0.6, "min": 0.7}, "failed"),
    ],
)
def test_every_bound(bounds: dict[str, float], expected: str) -> None:
    found = result(value=0.5, ci=(0.45, 0.55), reference=0.4)
    judged, verdict = judge([found], policy(dcr_share=bounds), {})
    assert verdict.word == expected
    assert judged[0].status == expected
    assert judged[0].threshold == bounds
    assert bool(verdict.reasons) == (expected == "failed")


def test_reasons_are_sentences_with_numbers() -> None:
    found = result(value=0.71, ci=(0.69, 0.73))
    _, verdict = judge([found], policy(dcr_share={"max_ci_low": 0.55}), {})
    assert verdict.reasons == (
        "dcr_share is 0.71 and, with 95 % confidence, between 0.69 and 0.73: "
        "all of that is above 0.55, the limit.",
    )


def test_of_privacy_a_reason_says_what_was_seen() -> None:
    found = result(value=0.71, summary="Seen were 3.")
    judged, verdict = judge([found], policy(dcr_share={"max": 0.55}), {})
    assert verdict.reasons == ("dcr_share is 0.71; at most 0.55 is allowed. Seen were 3.",)
    assert judged[0].why == "because"


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        (0.7123456, 0.55, "is 0.712; at most 0.55 is"),
        (0.5500123, 0.55, "is 0.55001; at most 0.55 is"),
        (0.5500000000000002, 0.55, "is 0.5500000000000002; at most 0.55 is"),
    ],
)
def test_a_reason_has_as_many_digits_as_it_takes(value: float, limit: float, said: str) -> None:
    _, verdict = judge([result(value=value)], policy(dcr_share={"max": limit}), {})
    assert said in verdict.reasons[0]


@pytest.mark.parametrize("status", ["not_assessed", "not_applicable", "error"])
def test_a_required_check_without_an_answer_never_passes(status: str) -> None:
    silent = result(value=None, status=status, detail={"reason": "there is no holdout"})
    _, verdict = judge([silent], policy(("dcr_share",)), {})
    assert verdict.word == "not_assessed"
    assert verdict.reasons == ("dcr_share is required and has no answer: there is no holdout.",)


def test_a_required_check_that_did_not_run_never_passes() -> None:
    assert word([], policy(("dcr_share",))) == "not_assessed"
    assert word([result("shapes")], policy(("dcr_share",))) == "not_assessed"


def test_a_part_that_does_not_apply_is_no_obstacle() -> None:
    parts = [result("validity.cells"), result("validity.keys", None, status="not_applicable")]
    assert word(parts, policy(("validity",))) == "passed"
    parts[1] = result("validity.keys", None, status="not_assessed")
    assert word(parts, policy(("validity",))) == "not_assessed"


def test_a_threshold_without_a_number_never_passes() -> None:
    limits = {"dcr_share": {"max_ci_low": 0.5}}
    assert word([result(ci=None)], policy(**limits)) == "not_assessed"
    assert word([result(value=None, status="error")], policy(**limits)) == "not_assessed"
    assert word([], policy(**limits)) == "not_assessed"
    assert word([result()], policy(dcr_share={"max_over_reference": 0.1})) == "not_assessed"
    assert word([result(value=None, status="not_applicable")], policy(**limits)) == "passed"


def test_a_result_without_a_number_says_what_was_asked_for_and_is_not_judged() -> None:
    silent = result(value=None, status="not_assessed", detail={"reason": "there is no holdout"})
    judged, _ = judge([silent], policy(dcr_share={"max_ci_low": 0.5}), {})
    assert judged[0].threshold == {"max_ci_low": 0.5}
    assert judged[0].why == "because"
    assert judged[0].status == "not_assessed"
    assert not judged[0].is_judged
    assert judge([result()], policy(dcr_share={"max": 0.5}), {})[0][0].is_judged


def test_a_limit_of_a_policy_on_images_is_no_gap_for_tables() -> None:
    limits = {"near_copies.pixels": {"max_ci_low": 0.0}, "triples": {"max": 0.5}}
    known = [result("triples"), result("near_copies.pixels", 0.2, ci=(0.1, 0.3))]
    assert judge(known[:1], policy(**limits), {})[1].word == "passed"
    assert judge(known[1:], policy(**limits), {}, "images")[1].word == "failed"
    assert judge([], policy(**limits), {}, "images")[1].word == "not_assessed"
    asked = {"near_copies.pixels": Threshold(max=0.1)}  # by the recipe itself
    assert judge(known[:1], policy(**limits), asked)[1].word == "not_assessed"


def test_failed_is_stronger_than_not_assessed() -> None:
    given = policy(("exact_copies",), dcr_share={"max": 0.4})
    _, verdict = judge([result()], given, {})
    assert verdict.word == "failed"
    assert len(verdict.reasons) == 2


def test_a_number_that_is_not_one_fails() -> None:
    assert word([result(value=float("nan"))], policy(dcr_share={"max": 0.6})) == "failed"


def test_fidelity_thresholds_are_judged_too_and_only_tighten() -> None:
    given = policy(dcr_share={"max": 0.4})
    assert word([result()], given, {"dcr_share": Threshold(max=0.9)}) == "failed"
    assert word([result()], policy(), {"dcr_share": Threshold(max=0.4)}) == "failed"
    assert word([result()], policy(), {"dcr_share": Threshold(max=0.6)}) == "passed"
    assert word([result()], policy(), {"c2st": Threshold(max=0.6)}) == "not_assessed"


def test_a_limit_that_no_value_can_exceed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\n"
        "checks:\n"
        "  c2st: {max: 2, reason: a slip}\n"
        "  dcr_share: {max_ci_low: 55, reason: a percentage}\n"
        "  outcome_gap: {max: 3, reason: standard deviations have no end}\n"
        "  exact_copies.unique: {max_ci_low: 0.0, reason: the end of a range is within}\n"
    )
    with pytest.raises(RecipeError) as caught:
        load_policy(str(path))
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}:3:15: checks.c2st.max: is 2, where c2st never is; expected a number from 0 to 1.",
        f"{path}:4:27: checks.dcr_share.max_ci_low: is 55, where dcr_share never is; "
        "expected a number from 0 to 1.",
    ]


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\n"
        "requird: [dcr_share]\n"
        "required: [dcr_shar]\n"
        "checks:\n"
        "  exact_copis: {max: 0, reason: none may}\n"
        "  dcr_share: {max: lots, reason: why not}\n"
        "  membership_nearest: {max: 0.6}\n"
    )
    with pytest.raises(RecipeError) as caught:
        load_policy("mine.yaml", tmp_path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    for line, place in {
        "there is no such key": "2:1",
        "'dcr_shar'": "3:12",
        "Did you mean 'exact_copies'": "5:3",
        "a number": "6:20",
        "reason": "7:3",
    }.items():
        assert any(line in found and f"mine.yaml:{place}" in found for found in lines), line


def test_a_limit_without_a_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "idle.yaml"
    path.write_text("name: idle\nchecks:\n  dcr_share: {reason: none}\n")
    with pytest.raises(RecipeError, match=r"idle\.yaml:3:14: .*sets no bound"):
        load_policy(str(path))


def test_a_policy_that_does_not_exist() -> None:
    with pytest.raises(SynthkitError, match="Did you mean 'internal'"):
        load_policy("internl")
    with pytest.raises(SynthkitError, match=r"nowhere/mine\.yaml: there is no such policy file"):
        load_policy("nowhere/mine.yaml")


@pytest.mark.parametrize("text", ["name: ours\n", "name: ours\nrequired: []\nchecks: {}\n"])
def test_a_policy_that_would_pass_everything_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ours.yaml").write_text(text)
    with pytest.raises(SynthkitError, match=r"so everything would pass.*Add extends: release"):
        load_policy("ours.yaml", tmp_path)


def test_a_policy_under_the_name_of_a_bundled_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mild.yaml").write_text("name: release\nextends: internal\n")
    with pytest.raises(RecipeError, match=r"mild\.yaml:1:7: name: is the name of a bundled policy"):
        load_policy("mild.yaml", tmp_path)


def test_the_policy_for_health_wants_groups() -> None:
    assert "representation" in load_policy("health").required


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SynthkitError, match="cannot be read"):
        load_policy("bytes.yaml", tmp_path)


@pytest.fixture(scope="module")
def measured() -> set[str]:
    """The names of all results that bundled policies may limit."""
    names = {
        result.name
        for check in (*GATED, *ATTACKS, "c2st", "representation", "validity")
        for result in checks.get(check)().run(contract.release(260), Run(0))
    }
    for check in ("near_copies", "label_match", "diversity"):
        images = contract.image_release(260)
        names |= {result.name for result in check_class(check)().run(images, Run(0))}
    return names


@pytest.mark.parametrize("name", resources.names("privacy"))
def test_bundled_policies_name_checks_reasons_and_threats(name: str, measured: set[str]) -> None:
    given = load_policy(name)
    assert given.name == name
    assert set(given.required) >= set(GATED)
    headings = re.findall(
        r"^#+ (.+)$", (resources.bundled("privacy") / "THREAT_MODEL.md").read_text(), re.MULTILINE
    )
    anchors = {f"THREAT_MODEL.md#{heading.lower().replace(' ', '-')}" for heading in headings}
    for check, limit in given.checks.items():
        assert check in measured
        family = check_class(check.split(".")[0]).family
        assert limit.threat in anchors if family == "privacy" else limit.threat is None
        assert len(limit.reason.split()) > 5


@pytest.mark.parametrize(
    ("milder", "stricter"),
    [
        ("internal", "partner"),
        ("partner", "release"),
        ("release", "health"),
        ("release", "public"),
    ],
)
def test_a_policy_for_more_readers_is_at_least_as_strict(milder: str, stricter: str) -> None:
    mild, strict = load_policy(milder), load_policy(stricter)
    assert set(strict.required) >= set(mild.required)
    for name, limit in mild.checks.items():
        for bound in ("max_ci_low", "max"):
            allowed = getattr(limit, bound)
            assert allowed is None or getattr(strict.checks[name], bound) <= allowed
    assert any(
        limit.max_ci_low is not None and limit.max_ci_low < mild.checks[name].max_ci_low
        for name, limit in strict.checks.items()
        if name in mild.checks and mild.checks[name].max_ci_low is not None
    )


def test_every_privacy_check_has_its_paragraph_in_the_threat_model() -> None:
    text = (resources.bundled("privacy") / "THREAT_MODEL.md").read_text()
    for name in known_checks():
        if check_class(name).family == "privacy":
            assert f"`{name}" in text, name


def test_only_the_internal_policy_trusts_an_audit_that_was_not_tried_out() -> None:
    for name in resources.names("privacy"):
        assert ("controls" in load_policy(name).required) == (name != "internal")


@pytest.mark.parametrize("name", ["ours.txt", "folder"])
def test_a_file_of_another_ending_is_no_policy(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "ours.txt").write_text("name: ours\n")
    with pytest.raises(
        SynthkitError, match=f"{name}: this is no policy file.*ends in .yaml or .yml"
    ):
        load_policy(name, tmp_path)


def test_a_limit_that_no_number_can_meet(tmp_path: Path) -> None:
    limit = "{min: 0.6, max: 0.5, reason: because}"
    (tmp_path / "ours.yaml").write_text(f"name: ours\nchecks:\n  c2st: {limit}\n")
    with pytest.raises(RecipeError, match=r"ours.yaml:3:15: checks.c2st.min: is above max"):
        load_policy("ours.yaml", tmp_path)


def test_a_policy_that_extends_another_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: base\n"
        "required: [dcr_share]\n"
        "checks:\n"
        "  dcr_share: {max: 0.6, reason: because}\n"
        "  c2st: {max: 0.9, reason: because}\n"
    )
    (tmp_path / "ours.yaml").write_text(
        "name: ours\n"
        "extends: base.yaml\n"
        "required: [exact_copies, dcr_share]\n"
        "checks:\n"
        "  c2st: {max_ci_low: 0.8, reason: ours}\n"
    )
    ours = load_policy("ours.yaml", tmp_path)
    assert ours.name == "ours"
    assert ours.required == ("dcr_share", "exact_copies")
    assert ours.checks["dcr_share"].max == 0.6
    assert (ours.checks["c2st"].max, ours.checks["c2st"].max_ci_low) == (None, 0.8)


def test_what_a_policy_extends_must_be_there_and_not_itself(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("name: ours\nextends: relase\n")
    with pytest.raises(SynthkitError, match=r"ours.yaml:2:10: extends: .*Did you mean 'release'"):
        load_policy(str(path))
    path.write_text("name: ours\nextends: ours.yaml\n")
    with pytest.raises(SynthkitError, match=r"ours.yaml:2:10: extends: leads back to this"):
        load_policy(str(path))


@pytest.mark.parametrize(
    ("value", "ci", "reference", "limit", "undecided"),
    [
        (0.52, (0.46, 0.58), 0.5, 0.55, True),
        (0.57, (0.50, 0.64), 0.5, 0.55, True),
        (0.52, (0.50, 0.54), 0.5, 0.55, False),
        (0.60, (0.57, 0.63), 0.5, 0.55, False),  # failed
        (-0.01, (-0.03, 0.01), 0.0, 0.0, False),  # as good as real rows can be
        (0.30, (-0.10, 0.70), 0.0, 0.0, True),
        (0.04, (0.00, 0.08), None, 0.05, True),
    ],
)
def test_a_limit_inside_the_interval_is_not_shown_to_fail(
    value: float,
    ci: tuple[float, float],
    reference: float | None,
    limit: float,
    undecided: bool,
) -> None:
    found = result(value=value, ci=ci, reference=reference)
    assert not found.undecided  # nobody judged it
    judged, _ = judge([found], policy(dcr_share={"max_ci_low": limit}), {})
    assert judged[0].undecided is undecided


def test_fewer_digits_do_not_decide_what_was_left_open() -> None:
    found = result(value=0.52, ci=(0.50, 0.5503), reference=0.5)
    judged, _ = judge([found], policy(dcr_share={"max_ci_low": 0.55}), {})
    shared = judged[0].shareable()
    assert shared.ci == (0.5, 0.55)
    assert shared.undecided
    assert shared.standing == "not shown to fail"


def test_a_folder_of_a_bundled_name_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "internal").mkdir()
    (tmp_path / "release").write_text("notes")
    monkeypatch.chdir(tmp_path)
    assert load_policy("internal", tmp_path).name == "internal"
    assert load_policy("release").name == "release"
    (tmp_path / "mine").mkdir()
    with pytest.raises(SynthkitError, match="mine: this is no policy file"):
        load_policy("mine", tmp_path)


def test_a_limit_that_real_rows_break_too_says_so() -> None:
    found = result("c2st", value=0.99, reference=0.98)
    _, verdict = judge([found], policy(c2st={"max": 0.95}), {})
    assert verdict.reasons[0].endswith("and real rows held out have 0.98 themselves.")
    _, verdict = judge([replace(found, reference=0.5)], policy(c2st={"max": 0.95}), {})
    assert "themselves" not in verdict.reasons[0]


@pytest.mark.parametrize("word", ["failed", "not_assessed"])
def test_a_report_is_true_only_if_it_passed(word: str) -> None:
    report = Report(Verdict(word, "internal", ("so.",)), ())  # type: ignore[arg-type]
    assert not report
    assert not report.passed
    assert not report.verdict
    assert Report(Verdict("passed", "internal"), ())

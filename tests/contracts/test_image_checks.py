"""Every registered check of images keeps the contract, on ordinary releases and on degenerate ones."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synthkit.checks import check_class, checks, image_checks, known_checks, run_checks
from synthkit.contracts import checks as contract
from synthkit.run import Run

NAMES = image_checks.names()
remembering = pytest.mark.usefixtures("remembered_classifiers")


@remembering
@pytest.mark.parametrize("name", NAMES)
def test_contract(name: str) -> None:
    check = image_checks.get(name)
    assert check.name == name
    contract.verify(check, contract.image_release)


@remembering
@pytest.mark.parametrize("case", contract.IMAGE_EDGE_CASES)
def test_edge_cases_are_answered(case: str) -> None:
    evidence = contract.IMAGE_EDGE_CASES[case]()
    for name in NAMES:
        check = image_checks.get(name)
        results = contract.answers(check, evidence)
        if check.needs_holdout and (evidence.holdout is None or len(evidence.train) <= 50):
            assert {r.status for r in results} <= {"not_assessed", "not_applicable"}
        if check.family == "privacy" and len(evidence.train) <= 120:
            assert {r.status for r in results} == {"not_assessed"}


def test_a_classifier_trained_twice_is_the_same() -> None:
    first, again = (
        contract.answers(image_checks.get("label_match"), contract.image_release())
        for _ in range(2)
    )
    assert first == again


def test_a_question_of_both_kinds_of_data_is_one_name() -> None:
    known = known_checks()
    assert len(known) == len(set(known))
    assert {"exact_copies", "dcr_share", "membership_nearest", "c2st", "utility"} <= set(NAMES)
    for name in set(NAMES) & set(checks.names()):
        assert check_class(name).family == image_checks.get(name).family
    assert check_class("frechet") is image_checks.get("frechet")


def test_a_table_is_not_asked_about_images() -> None:
    evidence = contract.EDGE_CASES["50 rows"]()
    ran = {result.name.partition(".")[0] for result in run_checks(evidence, Run(0))}
    assert ran == set(checks.names())


def test_without_a_label_the_extractor_says_that_it_learned_nothing() -> None:
    evidence = contract.IMAGE_EDGE_CASES["no label"]()
    results = {r.name: r for r in run_checks(evidence, Run(0))}
    assert "random weights" in results["frechet"].detail["extractor"]
    for name in ("class_score", "label_match", "utility.target", "diversity.modes"):
        assert results[name].status == "not_applicable"
    assert results["representation"].status == "not_applicable"


def test_without_torch_everything_else_is_answered() -> None:
    code = (
        "import sys; from synthkit.checks import extractor, run_checks;"
        "extractor.find_spec = lambda name: None;"
        "from synthkit.contracts import checks as contract;"
        "from synthkit.run import Run;"
        "print(*(f'{r.name}:{r.status}:{r.summary}' for r in"
        " run_checks(contract.image_release(260), Run(0))), sep='\\n'); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = dict(line.split(":", 1) for line in done.stdout.splitlines())
    for name in ("c2st", "frechet", "utility.target", "near_copies.features", "label_match"):
        assert found[name].startswith("not_assessed:"), name
        assert "pip install 'synthkit[neural]'" in found[name]
    for name in ("exact_copies", "dcr_share", "near_copies.pixels", "diversity", "representation"):
        assert found[name].startswith("measured:"), name

"""Every registered check keeps the contract, on ordinary tables and on degenerate ones."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synthkit.checks import checks, run_checks
from synthkit.contracts import checks as contract
from synthkit.errors import CheckError, PluginError
from synthkit.progress import Step
from synthkit.run import Run


@pytest.mark.parametrize("name", checks.names())
def test_contract(name: str) -> None:
    check = checks.get(name)
    assert check.name == name
    contract.verify(check)


@pytest.mark.parametrize("case", contract.EDGE_CASES)
@pytest.mark.parametrize("name", checks.names())
def test_edge_cases_are_answered(name: str, case: str) -> None:
    check = checks.get(name)
    evidence = contract.EDGE_CASES[case]()
    results = contract.answers(check, evidence)
    if check.needs_holdout and (evidence.holdout is None or len(evidence.train) <= 50):
        assert {r.status for r in results} <= {"not_assessed", "not_applicable"}


@pytest.mark.parametrize("case", ["no holdout", "3 rows", "50 rows", "120 rows"])
def test_privacy_is_not_assessed_where_it_cannot_be(case: str) -> None:
    results = run_checks(contract.EDGE_CASES[case](), Run(0))
    privacy = [r for r in results if r.family == "privacy"]
    assert {r.status for r in privacy} == {"not_assessed"}
    assert len(privacy) == 19


def test_of_identifiers_only_their_replay_is_all_that_can_be_asked() -> None:
    results = run_checks(contract.EDGE_CASES["identifiers only"](), Run(0))
    private = {r.name: r.status for r in results if r.family == "privacy"}
    asked = {private.pop("replay.personal"), private.pop("replay.digits")}
    assert asked == {"not_applicable"}  # everybody is in both tables, and there are no numbers
    assert set(private.values()) == {"not_assessed"}


class Broken:
    """A check that cannot answer."""

    name = "broken"
    family = "fidelity"
    needs_holdout = False

    def run(self, evidence: object, run: object) -> list:
        raise CheckError("the tables do not fit")


@pytest.fixture
def only_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_targets", {"broken": f"{__name__}:Broken"})


@pytest.mark.usefixtures("only_broken")
def test_an_error_of_one_check_is_a_result() -> None:
    events: list = []
    (result,) = run_checks(contract.release(60), Run(0, events.append))
    assert result.status == "error"
    assert result.value is None
    assert "the tables do not fit" in result.summary
    assert events == [Step("checks", 1, 1)]


def test_a_plugin_that_cannot_be_loaded_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_targets", {"gone": "no_such_module:Check"})
    with pytest.raises(PluginError, match="cannot be loaded"):
        run_checks(contract.release(60), Run(0))


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "run", lambda self, evidence, run: 1 // 0)
    monkeypatch.setattr(checks, "_targets", {"broken": f"{__name__}:Broken"})
    with pytest.raises(ZeroDivisionError):
        run_checks(contract.release(60), Run(0))


def test_the_list_of_checks_and_policies_loads_nothing_heavy() -> None:
    heavy = "pandas", "lightgbm", "scipy", "sklearn", "torch"
    code = (
        "import sys; from synthkit.policy import load_policy; load_policy('internal');"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

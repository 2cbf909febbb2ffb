"""The checks: names, and how all of them are run on a run's evidence.

    results = run_checks(Evidence(train, holdout, synthetic, schema), run)

Importing this package loads no check and no pandas; a check's module loads when it runs. To add a
check: a file with its class (see ``base``), a line in the table below; the contract tests find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthkit.errors import SynthkitError
from synthkit.progress import Step
from synthkit.registry import Registry
from synthkit.results import CheckResult
from synthkit.run import Run

if TYPE_CHECKING:
    from synthkit.checks.base import Check, Evidence

checks = Registry(
    "check",
    {
        "validity": "synthkit.checks.validity.table:Validity",
        "dependencies": "synthkit.checks.validity.dependencies:Dependencies",
        "shapes": "synthkit.checks.fidelity.margins:Shapes",
        "pairs": "synthkit.checks.fidelity.margins:Pairs",
        "triples": "synthkit.checks.fidelity.margins:Triples",
        "c2st": "synthkit.checks.fidelity.c2st:ClassifierTest",
        "utility": "synthkit.checks.fidelity.utility:Utility",
        "exact_copies": "synthkit.checks.privacy.exact_copies:ExactCopies",
        "dcr_share": "synthkit.checks.privacy.nearest:DcrShare",
        "membership_nearest": "synthkit.checks.privacy.nearest:MembershipNearest",
        "representation": "synthkit.checks.bias.representation:Representation",
        "outcome_gap": "synthkit.checks.bias.outcome_gap:OutcomeGap",
    },
    group="synthkit.checks",
)


def run_checks(evidence: Evidence, run: Run) -> list[CheckResult]:
    """Every registered check in table order, one ``Step`` of the stage ``checks`` for each.

    A check that raises a ``SynthkitError`` gives one result with status ``error`` and the message;
    the others still run. Any other exception is our bug and is not hidden.

    Raises:
        PluginError: a registered check that cannot be loaded.
    """
    classes: dict[str, type[Check]] = {name: checks.get(name) for name in checks.names()}
    results: list[CheckResult] = []
    for done, (name, check) in enumerate(classes.items(), 1):
        try:
            results += check().run(evidence, run)
        except SynthkitError as error:
            results.append(
                CheckResult(
                    name,
                    check.family,
                    None,
                    "lower",
                    status="error",
                    title=name,
                    summary=f"This check could not be finished: {error}",
                    detail={"reason": str(error)},
                )
            )
        run.report(Step("checks", done, len(classes)))
    return results

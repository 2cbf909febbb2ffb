"""The checks: names, and how all of them are run on a run's evidence.

    results = run_checks(Evidence(train, holdout, synthetic, schema), run)

Importing this package loads no check and no pandas; a check's module loads when it runs. To add a
check: a file with its class (see ``base``), a line in a table below; the contract tests find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synthkit.errors import SynthkitError
from synthkit.progress import Step
from synthkit.registry import Registry
from synthkit.results import CheckResult
from synthkit.run import Run

if TYPE_CHECKING:
    from synthkit.checks.base import Check, Evidence
    from synthkit.schema import Modality

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
        "augmentation": "synthkit.checks.fidelity.augmentation:Augmentation",
        "exact_copies": "synthkit.checks.privacy.exact_copies:ExactCopies",
        "replay": "synthkit.checks.privacy.replay:Replay",
        "dcr_share": "synthkit.checks.privacy.nearest:DcrShare",
        "membership_nearest": "synthkit.checks.privacy.nearest:MembershipNearest",
        "disclosure": "synthkit.checks.privacy.disclosure:Disclosure",
        "membership": "synthkit.checks.privacy.membership.check:Membership",
        "attribute_inference": "synthkit.checks.privacy.inference:AttributeInference",
        "linkability": "synthkit.checks.privacy.linkability:Linkability",
        "singling_out": "synthkit.checks.privacy.singling_out:SinglingOut",
        "controls": "synthkit.checks.privacy.controls:Controls",
        "representation": "synthkit.checks.bias.representation:Representation",
        "outcome_gap": "synthkit.checks.bias.outcome_gap:OutcomeGap",
    },
    group="synthkit.checks",
)

# The same question has the same name for images, so that a policy holds for both.
image_checks = Registry(
    "check of images",
    {
        "validity": "synthkit.checks.validity.table:Validity",
        "c2st": "synthkit.checks.fidelity.c2st:ClassifierTest",
        "frechet": "synthkit.checks.fidelity.frechet:Frechet",
        "kernel_distance": "synthkit.checks.fidelity.kernel_distance:KernelDistance",
        "manifold": "synthkit.checks.fidelity.manifold:Manifold",
        "class_score": "synthkit.checks.fidelity.class_score:ClassScore",
        "diversity": "synthkit.checks.fidelity.diversity:Diversity",
        "label_match": "synthkit.checks.fidelity.label_match:LabelMatch",
        "utility": "synthkit.checks.fidelity.image_utility:ImageUtility",
        "augmentation": "synthkit.checks.fidelity.augmentation:Augmentation",
        "exact_copies": "synthkit.checks.privacy.exact_copies:ExactCopies",
        "near_copies": "synthkit.checks.privacy.near_copies:NearCopies",
        "dcr_share": "synthkit.checks.privacy.nearest:DcrShare",
        "membership_nearest": "synthkit.checks.privacy.nearest:MembershipNearest",
        "controls": "synthkit.checks.privacy.controls:Controls",
        "representation": "synthkit.checks.bias.representation:Representation",
        "outcome_gap": "synthkit.checks.bias.outcome_gap:OutcomeGap",
    },
    group="synthkit.image_checks",
)


# What near-copy rejection may hide: asked of the rows as they would be without it, too.
NEAREST_CHECKS = ("dcr_share", "membership_nearest", "membership")


def checks_of(modality: Modality) -> Registry:
    """The checks of a kind of data."""
    return image_checks if modality == "images" else checks


def check_class(name: str) -> type[Check]:
    """The class behind the name of a check, that for tables if there are two of a name.

    Raises:
        PluginError: unknown name, or a check that cannot be loaded.
    """
    return (checks if name in checks.names() else image_checks).get(name)


def known_checks() -> list[str]:
    """The names of all checks, of whatever kind of data, each once."""
    return list(dict.fromkeys([*checks.names(), *image_checks.names()]))


def run_checks(
    evidence: Evidence, run: Run, names: Sequence[str] | None = None
) -> list[CheckResult]:
    """Every registered check of the evidence's kind of data in table order, one ``Step`` of the stage ``checks`` for each.

    With names, only these. The privacy checks see every real person once (``Evidence.of_people``).

    A check that raises a ``SynthkitError`` gives one result with status ``error`` and the message;
    the others still run. Any other exception is our bug and is not hidden.

    Raises:
        PluginError: a registered check that cannot be loaded.
    """
    registry = checks_of(evidence.modality)
    classes: dict[str, type[Check]] = {
        name: registry.get(name) for name in names or registry.names()
    }
    results: list[CheckResult] = []
    for done, (name, check) in enumerate(classes.items(), 1):
        try:
            private = check.family == "privacy"
            results += check().run(evidence.of_people(exposed=True) if private else evidence, run)
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

"""``Policy``: what a dataset must show before it may leave; and ``judge``, which applies it.

    name: internal
    description: For people who may see the real data.
    required: [exact_copies, dcr_share, membership_nearest]
    checks:
      dcr_share:
        max_ci_low: 0.55
        reason: ...
        threat: THREAT_MODEL.md#copies

Policies are YAML files in ``privacy/``, or anywhere; one that says ``extends: release`` adds to that one, or
replaces limits of it. A required check that did not run, could not
answer or broke makes the verdict ``not_assessed``: silence is never a pass. A recipe's own fidelity
thresholds are judged with the policy's and can only add to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from synthkit import resources
from synthkit.checks import checks_of, known_checks
from synthkit.checks.ranges import slip
from synthkit.document import Document
from synthkit.errors import RecipeError, SynthkitError
from synthkit.limits import BOUNDS, NEEDS, bounds_of, breaks, measure, sentence
from synthkit.recipe import Threshold
from synthkit.results import CheckResult, Status, Verdict, VerdictWord
from synthkit.schema import Frozen, Modality
from synthkit.validation import choice, validated


class Limit(Threshold):
    """A threshold with its justification.

    Args:
        reason: why this number, in a sentence.
        threat: the paragraph of the threat model it answers, ``THREAT_MODEL.md#anchor``.
    """

    reason: str = Field(min_length=1)
    threat: str | None = None


class Policy(Frozen):
    """The content of a policy file.

    Args:
        name: how reports call it.
        description: whom it is for.
        extends: a policy, by name or path, whose required checks and limits are taken over, unless this
            one has a limit for the same result.
        required: checks that must have answered.
        checks: limits by result name, such as ``dcr_share`` or ``exact_copies.unique``.
    """

    name: str
    description: str = ""
    extends: str | None = None
    required: tuple[str, ...] = ()
    checks: dict[str, Limit] = Field(default_factory=dict)


def load_policy(name_or_path: str, base: Path = Path()) -> Policy:
    """Reads a policy, with all that it extends.

    Args:
        name_or_path: a bundled name such as ``internal``, or a YAML file (with its ending), looked
            for from ``base``, then from the working folder.
        base: folder of the recipe.

    Raises:
        RecipeError: everything that is wrong with the file, at once.
        SynthkitError: there is no such policy, or it extends itself.
    """
    return _load(_find(name_or_path, base), ())


def _load(path: Path, before: tuple[Path, ...]) -> Policy:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SynthkitError(
            "the policy file cannot be read",
            where=path,
            expected="a text file in UTF-8",
            remedy="check the path and its permissions",
        ) from error
    document = Document.parse(text, str(path))
    policy = validated(Policy, document)
    for key in ("required", "checks"):
        _refuse_unknown(document, key)
    if policy is not None:
        for name, limit in policy.checks.items():
            if not bounds_of(limit):
                document.refuse(("checks", name), "sets no bound", expected=", ".join(BOUNDS))
            refuse_beyond(document, ("checks", name), limit)
    if policy is None or document.problems:
        raise RecipeError(document.problems)
    if policy.name in resources.names("privacy") and path != resources.find("privacy", policy.name):
        document.refuse(
            ("name",),
            "is the name of a bundled policy",
            expected="a name of its own, which reports will show",
        )
        raise RecipeError(document.problems)
    if policy.extends is None:
        if not policy.required and not policy.checks:
            raise SynthkitError(
                "the policy requires nothing and sets no limit, so everything would pass",
                where=path,
                expected="required: or checks:",
                remedy="add extends: release, or another policy to start from",
            )
        return policy
    below = _load(_extended(policy.extends, document, path, before), (*before, path.resolve()))
    required = dict.fromkeys([*below.required, *policy.required])
    changes = {"required": tuple(required), "checks": {**below.checks, **policy.checks}}
    return policy.model_copy(update=changes)


def _extended(name: str, document: Document, path: Path, before: tuple[Path, ...]) -> Path:
    """The policy that this one names in ``extends``. Raises ``RecipeError`` at that place."""
    try:
        found = _find(name, path.parent)
    except SynthkitError as error:
        document.refuse(("extends",), error.what, expected=error.expected, remedy=error.remedy)
        raise RecipeError(document.problems) from None
    if found.resolve() in (*before, path.resolve()):
        what, remedy = "leads back to this policy, which so extends itself", "remove one extends:"
        document.refuse(("extends",), what, remedy=remedy)
        raise RecipeError(document.problems)
    return found


def refuse_beyond(document: Document, path: tuple[str, str], threshold: Threshold) -> None:
    """Notes the bounds that no value of a result can meet, or that each of them meets."""
    if threshold.min is not None and threshold.max is not None and threshold.min > threshold.max:
        document.refuse((*path, "min"), "is above max", expected="min <= max")
    for bound, limit in bounds_of(threshold).items():
        if found := slip(path[1], bound, limit):
            document.refuse((*path, bound), found[0], expected=found[1])


def judge(
    results: Sequence[CheckResult],
    policy: Policy,
    fidelity: Mapping[str, Threshold],
    modality: Modality = "table",
) -> tuple[list[CheckResult], Verdict]:
    """Judges every result that has a threshold and sums up.

    The verdict is ``failed`` if a judged result fails; else ``not_assessed`` if a required check
    is missing or has a result without a number, or a threshold finds no number to judge; else
    ``passed``. A result that is ``not_applicable`` is no obstacle, except that a required check
    needs at least one number.

    Args:
        results: of all checks.
        policy: required checks and limits.
        fidelity: the recipe's thresholds by result name.
        modality: the kind of data. A policy is for all kinds, so checks that this kind does not have
            are neither required of it nor a gap where they have a limit.

    Returns:
        The results, the judged ones marked, in their order; and the verdict.
    """
    bounds = {
        name: _strictest([bounds_of(t) for t in (policy.checks.get(name), fidelity.get(name)) if t])
        for name in [*policy.checks, *(n for n in fidelity if n not in policy.checks)]
    }
    ours = checks_of(modality).names()
    failures: list[str] = []
    gaps = _missing(results, [name for name in policy.required if name in ours])
    judged: list[CheckResult] = []
    for result in results:
        limits = bounds.get(result.name)
        if limits is None:
            judged.append(result)
            continue
        limit = policy.checks.get(result.name)
        why = limit.reason if limit else ""
        if result.status != "measured":  # nothing to judge; the report says what was asked for
            judged.append(result.judged(result.status, limits, why))
            continue
        broken = [_reason(result, *limit) for limit in limits.items() if breaks(result, *limit)]
        failures += broken
        open_ends = [bound for bound in limits if measure(result, bound) is None]
        gaps += [f"{result.name} has no {NEEDS[bound]} to judge." for bound in open_ends]
        status: Status = "failed" if broken else "not_assessed" if open_ends else "passed"
        judged.append(result.judged(status, limits, why))
    due = [name for name in bounds if name in fidelity or name.partition(".")[0] in ours]
    gaps += _unjudged(results, due, [name for name in policy.required if name in ours])
    word: VerdictWord = "failed" if failures else "not_assessed" if gaps else "passed"
    return judged, Verdict(word, policy.name, tuple(failures + gaps))


def _reason(result: CheckResult, bound: str, limit: float) -> str:
    """How far beyond a limit; of privacy, where a number says little by itself, also what was seen."""
    seen = f" {result.summary}" if result.family == "privacy" and result.summary else ""
    return sentence(result, bound, limit) + seen


def _find(name_or_path: str, base: Path) -> Path:
    if not name_or_path.endswith(resources.YAML):
        if name_or_path in resources.names("privacy"):  # whatever else bears that name
            return resources.find("privacy", name_or_path)
        if any((folder / name_or_path).exists() for folder in (base, Path())):
            raise SynthkitError(
                "this is no policy file",
                where=name_or_path,
                expected=f"a file that ends in {' or '.join(resources.YAML)}, or the name of a bundled policy",
            )
        return resources.find("privacy", name_or_path)
    for folder in (base, Path()):
        if (folder / name_or_path).is_file():
            return folder / name_or_path
    raise SynthkitError(
        "there is no such policy file",
        where=name_or_path,
        remedy=f"give a path from the recipe's folder, or a bundled policy: "
        f"{', '.join(resources.names('privacy'))}",
    )


def _refuse_unknown(document: Document, key: str) -> None:
    """Notes the entries of ``required`` or ``checks`` that name no registered check."""
    entries = document.data.get(key)
    if not isinstance(entries, (list, dict)):
        return
    known = known_checks()
    for i, name in enumerate(entries):
        if isinstance(name, str) and name.partition(".")[0] not in known:
            is_key = isinstance(entries, dict)
            what, expected, hint = choice(name, known)
            document.refuse(
                (key, name if is_key else i),
                "there is no such check" if is_key else what,
                expected=expected,
                remedy=hint,
                key=is_key,
            )


def _strictest(several: list[dict[str, float]]) -> dict[str, float]:
    """All bounds of several thresholds; of one that is given twice the harder to meet."""
    merged: dict[str, float] = {}
    for bounds in several:
        for bound, limit in bounds.items():
            harder = max if bound.startswith("min") else min
            merged[bound] = harder(merged.get(bound, limit), limit)
    return merged


def _missing(results: Sequence[CheckResult], required: Sequence[str]) -> list[str]:
    """A sentence for all required checks that gave no number for the same reason."""
    sentences, silent = [], []
    for name in required:
        parts = [r for r in results if r.name == name or r.name.startswith(f"{name}.")]
        if not parts:
            sentences.append(f"{name} is required and was not run.")
        answered = any(part.status == "measured" for part in parts)
        quiet = [
            part
            for part in parts
            if part.status != "measured" and not (answered and part.status == "not_applicable")
        ]
        if quiet and len(quiet) == len(parts) and len({_why(part) for part in quiet}) == 1:
            quiet = [replace(quiet[0], name=name)]  # one name for all its parts
        silent += quiet
    for reason, names in _by_reason(silent).items():
        verbs = "are required and have" if len(names) > 1 else "is required and has"
        sentences.append(f"{_listed(names)} {verbs} no answer: {reason}.")
    return sentences


def _unjudged(
    results: Sequence[CheckResult], names: Sequence[str], required: Sequence[str]
) -> list[str]:
    """A sentence for all thresholds that found nothing to judge, unless their check is required."""
    by_name = {result.name: result for result in results}
    absent = [name for name in names if name not in by_name]
    sentences = [
        f"{name} has a threshold, but no check gives a result of that name." for name in absent
    ]
    open_ends = [
        result
        for name in names
        if (result := by_name.get(name)) is not None
        and result.status not in ("measured", "not_applicable")
        and result.name.partition(".")[0] not in required
    ]
    for reason, found in _by_reason(open_ends).items():
        words = "have thresholds" if len(found) > 1 else "has a threshold"
        sentences.append(f"{_listed(found)} {words} and no answer: {reason}.")
    return sentences


def _by_reason(results: Sequence[CheckResult]) -> dict[str, list[str]]:
    """The names of results without a number, by the reason why."""
    found: dict[str, list[str]] = {}
    for result in results:
        found.setdefault(_why(result), []).append(result.name)
    return found


def _listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _why(result: CheckResult) -> str:
    reason = result.detail.get("reason") or result.status.replace("_", " ")
    return str(reason).rstrip(".")

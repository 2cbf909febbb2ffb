"""``CheckResult``, ``Verdict`` and ``Report``: evidence as data, before anybody draws it.

``report.json`` is ``Report.to_json()``. A number stands beside its *reference* (the same number
for the real holdout, the best an honest generator can expect) and its *floor* (the same number for
independently sampled columns, what no generator may fall to): a number without them is not
evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from synthkit.counts import counted, few
from synthkit.schema import PARTS, UNITS, Modality

Family = Literal["fidelity", "privacy", "bias", "validity"]
Direction = Literal["higher", "lower", "near_reference"]
Status = Literal["passed", "failed", "measured", "not_assessed", "not_applicable", "error"]
VerdictWord = Literal["passed", "failed", "not_assessed"]


@dataclass(frozen=True)
class CheckResult:
    """One number with what is needed to judge it.

    Args:
        name: registered name of the check, with ``.part`` for one of several numbers
            (``c2st``, ``utility.target``).
        family: fidelity, privacy, bias or validity.
        value: the number; None when there is none (then ``detail["reason"]`` says why).
        ci: 95 % interval ``(low, high)``, or None.
        reference: the same number for the real holdout in place of the synthetic rows.
        floor: the same number for independently sampled columns.
        direction: whether higher or lower is better, or nearest to the reference.
        n: number of synthetic rows that entered.
        status: ``measured`` until a policy judges it; ``not_assessed`` if the data cannot answer
            (no holdout, too few rows), ``not_applicable`` if the question does not arise,
            ``error`` if the check broke.
        threshold: what the policy asked for, as ``{"max": 0.6}``; None if nothing.
        why: the policy's reason for what it asks for; empty if it asks for nothing.
        undecided: passed only as not shown to fail: the limit of ``max_ci_low`` lies inside the interval.
        title: a short headline for people.
        summary: one sentence for people that says what the number means here.
        detail: JSON-serialisable facts for the report (per-column numbers, p-values).
        listing: numbers of single real rows that the result is about, as ``{"data_row": 17}`` and the
            like: for people who may see these rows, and in no report that may be shared.
    """

    name: str
    family: Family
    value: float | None
    direction: Direction
    ci: tuple[float, float] | None = None
    reference: float | None = None
    floor: float | None = None
    n: int = 0
    status: Status = "measured"
    threshold: dict[str, float] | None = None
    why: str = ""
    undecided: bool = False
    title: str = ""
    summary: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    listing: tuple[dict[str, Any], ...] = ()

    @property
    def score(self) -> str:
        """What the value is a score by (``AUC``, ``R2``), where a check chooses it by the column."""
        return str(self.detail.get("score", ""))

    def judged(self, status: Status, threshold: dict[str, float], why: str) -> CheckResult:
        """The same result with a policy's judgement.

        A limit at the reference lies inside the interval of everyone who is as good as real rows;
        there the number itself has to be beyond it to leave the question open.
        """
        limit, undecided = threshold.get("max_ci_low"), False
        if status == "passed" and limit is not None and self.ci and self.value is not None:
            is_reference = self.reference is not None and limit <= self.reference
            undecided = limit < (self.value if is_reference else self.ci[1])
        return replace(self, status=status, threshold=threshold, why=why, undecided=undecided)

    def shareable(self) -> CheckResult:
        """The same result with three digits, and without the listing."""
        low_high = None if self.ci is None else (rounded(self.ci[0]), rounded(self.ci[1]))
        return replace(
            self,
            value=rounded(self.value),
            ci=low_high,
            reference=rounded(self.reference),
            floor=rounded(self.floor),
            detail=rounded(_plain(self.detail)),
            listing=(),
        )

    @property
    def is_judged(self) -> bool:
        """Whether a policy has held the number against its threshold."""
        return bool(self.threshold) and self.status in ("passed", "failed")

    @property
    def standing(self) -> str:
        """The status in words; a pass that is ``undecided`` says so in place of "passed"."""
        return "not shown to fail" if self.undecided else self.status.replace("_", " ")


@dataclass(frozen=True)
class Verdict:
    """The outcome under a policy.

    Args:
        word: ``passed`` only if every required check ran and every judged check passed.
        policy: the policy's name.
        reasons: one sentence per failed or missing check; empty when passed.
    """

    word: VerdictWord
    policy: str
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the policy is met; neither a failure nor missing evidence is."""
        return self.word == "passed"

    def __bool__(self) -> bool:
        return self.passed


@dataclass(frozen=True)
class Finding:
    """What the privacy checks together have found; see ``synthkit.finding``. ``str`` gives its form.

    Args:
        word: ``leak_detected``, ``none_detected`` or ``not_assessed``.
        epsilon: of a leak, the epsilon of differential privacy that it is proven to exceed, 0 if none is
            (then ``str`` leaves it out); None if no check looks for one.
        auc: of a leak that attacks have found, the area under the ROC curve of the strongest.
        detectable: if none is detected, the area under the ROC curve of an attack that would have been.
        reason: why it is not assessed.
        leaks: the results that show a leak.
    """

    word: Literal["leak_detected", "none_detected", "not_assessed"]
    epsilon: float | None = None
    auc: float | None = None
    detectable: float | None = None
    reason: str = ""
    leaks: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Finding:
        """From what a report's JSON says of it."""
        fields = {key: content[key] for key in ("word", "epsilon", "auc", "detectable", "reason")}
        return cls(**fields, leaks=tuple(content["leaks"]))

    def __str__(self) -> str:
        inside = self.reason
        if self.word == "leak_detected":
            said = []
            if self.epsilon is not None and self.epsilon >= 0.005:  # less would read as 0.00
                said.append(f"epsilon >= {self.epsilon:.2f}")
            if self.auc is not None:
                said.append(f"an attack has AUC {self.auc:.3f}")
            inside = ", ".join(said) or few(self.leaks)
        elif self.word == "none_detected" and self.detectable is not None:
            inside = f"an attack with AUC {self.detectable:.3f} would have been seen"
        return f"{self.word}({inside})" if inside else self.word


@dataclass(frozen=True, repr=False)
class Report:
    """All evidence of a run. ``print(report)`` shows the verdict and every number.

    Args:
        verdict: the outcome.
        checks: every result, in the order they ran.
        columns: per column, what the report draws (kind, reason, distributions real against
            synthetic); categories and bin edges are taken from the released rows.
        pairs: per pair of columns, association in real and synthetic rows.
        facts: counts and settings that head the report (rows, backend, seed, timings).
        privacy: what the privacy checks together have found; None if none was run.
    """

    verdict: Verdict
    checks: tuple[CheckResult, ...]
    columns: tuple[dict[str, Any], ...] = ()
    pairs: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    privacy: Finding | None = None

    @property
    def passed(self) -> bool:
        """Whether the policy is met. A report is true in a condition only then: ``assert report``."""
        return self.verdict.passed

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        word, policy = self.verdict.word, self.verdict.policy
        return f"<Report: {word} under the policy '{policy}', {counted(len(self.checks), 'check')}>"

    def __str__(self) -> str:
        names = [f"{c.name} ({c.score})" if c.score else c.name for c in self.checks]
        width = max(map(len, names), default=0)
        return "\n".join(
            [
                f"{self.verdict.word} under the policy '{self.verdict.policy}'",
                *([] if self.privacy is None else [f"privacy: {self.privacy}"]),
                *(f"  - {reason}" for reason in self.verdict.reasons),
                f"{'':<{width}}  {'value':>8}  {'95 %':>18}  {'holdout':>8}",
                *(
                    f"{name:<{width}}  {_short(check.value):>8}  {_interval(check):>18}  "
                    f"{_short(check.reference):>8}  {check.standing}"
                    for name, check in zip(names, self.checks, strict=True)
                ),
            ]
        )

    def __getitem__(self, name: str) -> CheckResult:
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"no check '{name}'; there are {', '.join(c.name for c in self.checks)}")

    def get(self, name: str) -> CheckResult | None:
        """The result of that name; None if there is none."""
        return self[name] if name in self else None

    def __contains__(self, name: object) -> bool:
        return any(check.name == name for check in self.checks)

    def shareable(self) -> Report:
        """The report for others: numbers with three digits, and no listing of rows.

        What is measured on real rows is itself told of them: whoever sees many exact numbers of the
        same rows can work their way back (Ganev and De Cristofaro 2023, arXiv:2312.05114).
        """
        found = self.privacy
        return replace(
            self,
            checks=tuple(check.shareable() for check in self.checks),
            facts=rounded(_plain(self.facts)),
            privacy=None if found is None else Finding.from_json(rounded(_plain(asdict(found)))),
        )

    @property
    def unit(self) -> str:
        """What a row is called in the report: row or image."""
        return UNITS[self._modality]

    @property
    def part(self) -> str:
        """What it consists of: columns or features, in the singular."""
        return PARTS[self._modality]

    @property
    def _modality(self) -> Modality:
        modality: Modality = self.facts.get("modality", "table")
        return modality

    def family(self, family: Family) -> Iterable[CheckResult]:
        """The results of one family."""
        return (check for check in self.checks if check.family == family)

    def to_json(self) -> dict[str, Any]:
        """As strict JSON: NaN and infinities become null. ``report.json`` is that of ``shareable()``."""
        return _plain(
            {
                "verdict": self.verdict.word,
                "policy": self.verdict.policy,
                "reasons": list(self.verdict.reasons),
                "privacy": None
                if self.privacy is None
                else {"finding": str(self.privacy), **asdict(self.privacy)},
                "facts": self.facts,
                "checks": [asdict(check) for check in self.checks],
                "columns": list(self.columns),
                "pairs": list(self.pairs),
            }
        )

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Report:
        """Inverse of ``to_json``. Raises ``KeyError`` or ``TypeError`` for other content."""
        checks = (
            CheckResult(
                **{
                    **check,
                    "ci": tuple(check["ci"]) if check["ci"] else None,
                    "listing": tuple(check.get("listing", ())),
                }
            )
            for check in content["checks"]
        )
        found = content["privacy"]
        return cls(
            Verdict(content["verdict"], content["policy"], tuple(content["reasons"])),
            tuple(checks),
            tuple(content["columns"]),
            tuple(content["pairs"]),
            content["facts"],
            None if found is None else Finding.from_json(found),
        )


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _interval(check: CheckResult) -> str:
    return "-" if check.ci is None else f"{_short(check.ci[0])} to {_short(check.ci[1])}"


def rounded(value: Any) -> Any:
    """Every fraction in JSON data with three significant digits, as for others; whole numbers stay."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and not value.is_integer():
        return float(f"{value:.3g}")
    return value


def _plain(value: Any) -> Any:
    """JSON types only; NumPy scalars are unwrapped, numbers that JSON lacks become None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

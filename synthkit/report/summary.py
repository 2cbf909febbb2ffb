"""The report in a few lines of text, as the command line prints it.

PASSED under the policy 'release'
  Told apart               0.540   (95 %: 0.531 to 0.549, holdout 0.501, lower is better)
  …
"""

from __future__ import annotations

from pathlib import Path

from synthkit.counts import counted, few
from synthkit.report.glossary import headlines, short_title
from synthkit.report.near_copies import hidden_line
from synthkit.report.numbers import interval, number, signed, threshold
from synthkit.report.svg import clean
from synthkit.results import CheckResult, Report

WORDS = {"passed": "PASSED", "failed": "FAILED", "not_assessed": "NOT ASSESSED"}
FEW = 0.005  # of the rows; so few breaks of a rule are left to the page's table of checks
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "near_reference": "nearest to the holdout is best",
}


def summary_lines(report: Report) -> list[str]:
    """The verdict, the headline numbers with interval and holdout reference, and the reasons."""
    verdict = report.verdict
    lines = [f"{WORDS[verdict.word]} under the policy '{verdict.policy}'"]
    if report.privacy is not None:
        within = ", within the policy's limits" if _within(report) else ""
        leaks = few(report.privacy.leaks)
        by = "" if leaks in str(report.privacy) else f" by {leaks}"
        lines.append(f"  Privacy: {report.privacy}{by}{within}")
    checks = headlines(report)
    titles = [short_title(check, report.unit) for check in checks]
    width = max(map(len, titles), default=0)
    lines += [
        f"  {title:<{width}}  {_line(check)}" for title, check in zip(titles, checks, strict=True)
    ]
    lines += [f"  - {reason}" for reason in verdict.reasons]
    lines += [f"  {note}" for note in notes(report)]
    return [clean(line) for line in lines]


def finding_sentence(report: Report) -> str:
    """What the finding of the privacy checks means beside the verdict."""
    found = report.privacy
    if found is None:
        return ""
    if found.word == "leak_detected":
        within = " It is within the limits that this policy sets." if _within(report) else ""
        if not within and _not_broken(report):
            within = " That it is beyond a limit of this policy is not shown."
        return (
            f"The synthetic {report.unit}s are closer to the training {report.unit}s than chance "
            f"explains ({', '.join(found.leaks)}).{within}"
        )
    if found.word == "none_detected":
        broken = [c.name for c in report.family("privacy") if c.status == "failed"]
        if broken:
            return (
                "All privacy checks together are no proof of a leak, as one of many may be broken by chance; by "
                f"itself {few(broken)} is beyond the limit."
            )
        return f"What the synthetic {report.unit}s give away is too little to be told from chance."
    return "Nothing is known about what they give away."


def _within(report: Report) -> bool:
    """Whether a leak was found, and one that the policy is shown to tolerate."""
    return _not_broken(report) and not any(c.undecided for c in report.family("privacy"))


def _not_broken(report: Report) -> bool:
    """Whether a leak was found, and the policy has limits of privacy of which none is broken."""
    judged = [check for check in report.family("privacy") if check.is_judged]
    leak = report.privacy is not None and report.privacy.word == "leak_detected"
    return leak and bool(judged) and all(check.status == "passed" for check in judged)


def notes(report: Report) -> list[str]:
    """What is to be known beside the verdict, a sentence each without the full stop."""
    lines = (
        unlimited_line(report),
        copies_line(report),
        undecided_line(report),
        hidden_line(report),
        balanced_line(report),
        gain_line(report),
        broken_rules_line(report),
        internal_line(report),
    )
    return [line for line in lines if line]


def unlimited_line(report: Report) -> str:
    """That a leak was found and the policy has no limit that it could break; empty if it has one."""
    limited = any(check.family == "privacy" and check.is_judged for check in report.checks)
    leak = report.privacy is not None and report.privacy.word == "leak_detected"
    return "" if limited or not leak else "The policy sets no limit of privacy"


def copies_line(report: Report) -> str:
    """That rows are handed out word for word where none of the holdout is, and few enough to be no leak yet.

    A reader hears of every such row before they rely on a pass.
    """
    check = report.get("exact_copies")
    if check is None or check.value is None or report.privacy is None:
        return ""
    copies, by_chance = (check.detail[f"equal_to_{what}"] for what in ("any_training", "holdout"))
    told = report.privacy.word == "leak_detected" and "exact_copies.unique" in report.privacy.leaks
    if told or by_chance or not copies:
        return ""
    verb, them = ("equals", "it") if copies == 1 else ("equal", "them")
    return (
        f"{counted(copies, f'synthetic {report.unit}')} {verb} a training {report.unit}, and none one that "
        f"the generator never saw: the internal report lists those that are one of a kind; where chance cannot "
        f"have made {them}, take {them} out"
    )


def undecided_line(report: Report) -> str:
    """Which checks passed only as not shown to fail; empty if none did."""
    names = ", ".join(check.name for check in report.checks if check.undecided)
    return names and f"Not shown to fail, nor to hold (limit inside the 95 % interval): {names}"


def balanced_line(report: Report) -> str:
    """That the shares of a column were chosen, so that checks see a shift; empty if none were."""
    balanced = report.facts.get("balanced")
    if not balanced:
        return ""
    return (
        f"Column '{balanced['column']}' was balanced on purpose "
        f"({counted(balanced['categories'], 'value')}, {balanced['shares']}): "
        "the checks compare with the real shares and see the shift"
    )


def gain_line(report: Report) -> str:
    """What balancing does to a classifier; empty if that was not measured."""
    check = report.get("augmentation")
    if check is None or check.value is None:
        return ""
    return (
        f"Filling up the rarer classes by synthetic {report.unit}s changes a classifier's balanced "
        f"accuracy by {signed(check.value)} (95 %: {interval(check.ci)})"
    )


def broken_rules_line(report: Report) -> str:
    """That synthetic rows break rules between columns more often than real ones; empty if not.

    A reader sees a broken rule before any number, whether or not the policy asks for rules.
    """
    check = report.get("dependencies")
    if check is None or check.ci is None or check.reference is None:
        return ""
    return check.summary.rstrip(".") if check.ci[1] < check.reference - FEW else ""


def internal_line(report: Report) -> str:
    """That the run holds real images, which are to be kept back; empty if it holds none."""
    place = report.facts.get("closest_pairs")
    if not place:
        return ""
    return (
        f"{place} shows the closest pairs, real training images among them: leave its folder out when "
        "the run is shared"
    )


def reasons_line(report: Report, where: Path | None) -> str:
    """Why the policy did not pass, and where the report is, in one line."""
    word = report.verdict.word.replace("_", " ")
    see = [] if where is None else [f"See {where}"]
    reasons = " ".join([*report.verdict.reasons, *see])
    return clean(f"{word} under the policy '{report.verdict.policy}': {reasons}")


def _line(check: CheckResult) -> str:
    if check.value is None:
        reason = check.detail.get("reason")
        return check.standing + (f": {reason}" if reason else "")
    notes = [check.score] if check.score else []
    notes += [] if check.ci is None else [f"95 %: {interval(check.ci)}"]
    notes += [] if check.reference is None else [f"holdout {number(check.reference)}"]
    notes.append(DIRECTIONS[check.direction])
    if check.threshold:
        notes.append(f"policy: {threshold(check.threshold)}")
    return f"{number(check.value):>7}  ({', '.join(notes)})"

"""Can somebody tell who was in the training data?

Attacker: holds the synthetic rows, other people's rows of the same kind, and one person's full record.
Success: knowing that the person was in the training data, which may be sensitive in itself. Baseline:
guessing, an area under the ROC curve of 0.5. Control: the same attacks on holdout rows.

* ``membership``: the strongest attack on everybody; the lower end of its interval pays for the choice.
* ``membership.unusual``: the same on the five percent (at least two hundred people) who are least like
  others, whom averages hide.
* ``membership.groups``: the same on the group of a sensitive column that is told best.
* ``membership.epsilon``: the privacy loss that the attacks prove; see ``stats.epsilon``.

What it cannot see: attackers who hold the model, or who train generators of their own; what is known of
a person who is in the training data several times. A pass says that these attacks found nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.bias.groups import Groups
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.membership.contest import Contest, contest_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.strongest import Strongest

FALSE_POSITIVE_RATES = (0.1, 0.01, 0.001)
EXCEEDANCES = 10  # of others beyond a threshold, below which a rate is not resolved
MIN_STRATUM = 50  # members and others in a stratum or group

TITLES = {
    "membership": "Was this person in the training data?",
    "membership.unusual": "Was this unusual person in the training data?",
    "membership.groups": "Is one group told better than others?",
    "membership.epsilon": "Privacy loss that attacks prove",
}


class Membership:
    """The strongest of several membership attacks."""

    name: ClassVar[str] = "membership"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """See the module."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, name, title, reason) for name, title in TITLES.items()]
        contest = contest_of(evidence, run)
        return [
            self._overall(contest, evidence, run),
            self._unusual(contest, run),
            self._groups(contest, evidence, run),
            self._epsilon(contest, run),
        ]

    def _overall(self, contest: Contest, evidence: Evidence, run: Run) -> CheckResult:
        best = contest.strongest(run.rng(self.name))
        others = int((~contest.is_member).sum())
        found = {
            f"tpr_at_{rate:g}_fpr": dict(
                zip(contest.names, contest.hits_at(rate).tolist(), strict=True)
            )
            if rate * others >= EXCEEDANCES
            else f"not resolvable: it takes {EXCEEDANCES / rate:,.0f} holdout {evidence.unit}s"
            for rate in FALSE_POSITIVE_RATES
        }
        told = (
            f"Shown one person from the training data and one who was not, the strongest of "
            f"{len(contest.names)} attacks ({_words(contest.names[best.index])}) is right {best.auc:.1%} "
            f"of the time; guessing gives 50%."
        )
        surest = np.argsort(-np.where(contest.is_member, contest.ranks[:, best.index], -1.0))
        result = self._result("membership", best, contest, told, found)
        rows = surest[: int(contest.is_member.sum())]
        return replace(
            result,
            listing=evidence.listing(
                contest.training_rows[rows], rank=contest.ranks[rows, best.index].round(4)
            ),
        )

    def _unusual(self, contest: Contest, run: Run) -> CheckResult:
        name, people = "membership.unusual", contest.is_unusual
        if reason := _too_few(contest, people):
            return unanswered(self, name, TITLES[name], reason)
        best = contest.strongest(run.rng(name), people)
        told = (
            f"Of the {people.sum():,} people least like others, the strongest attack "
            f"({_words(contest.names[best.index])}) tells members {best.auc:.1%} of the time; guessing "
            "gives 50%."
        )
        return self._result(name, best, contest, told, {"people": int(people.sum())})

    def _groups(self, contest: Contest, evidence: Evidence, run: Run) -> CheckResult:
        name = "membership.groups"
        sensitive = evidence.schema.sensitive
        if not sensitive:
            return unanswered(
                self, name, TITLES[name], "no sensitive column is named", status="not_applicable"
            )
        tried = [
            (
                column,
                group,
                contest.strongest(run.rng(name, column, group), people),
                int(people.sum()),
            )
            for column, group, people in _groups(contest, evidence)
            if not _too_few(contest, people)
        ]
        if not tried:
            reason = f"no group has {MIN_STRATUM} members and as many others"
            return unanswered(self, name, TITLES[name], reason)
        column, group, worst, people = min(tried, key=lambda entry: entry[2].p_value)
        # Of several groups the worst is shown: Bonferroni, as their people are not the same.
        p_value = min(1.0, worst.p_value * len(tried))
        told = (
            f"Of {len(tried)} groups, the one told best ({column}: {group}) is told {worst.auc:.1%} of "
            f"the time; guessing gives 50%."
        )
        groups = [
            {"column": c, "group": g, "people": n, "auc": best.auc, "p_value": best.p_value}
            for c, g, best, n in tried
        ]
        detail = {"groups": groups, "people": people, "p_value": p_value}
        return self._result(name, worst, contest, told, detail)

    def _epsilon(self, contest: Contest, run: Run) -> CheckResult:
        name = "membership.epsilon"
        bound = contest.epsilon(run.rng(name))
        hits, alarms = bound.rates
        return CheckResult(
            name,
            self.family,
            bound.epsilon,
            "lower",
            reference=0.0,
            n=contest.synthetic_rows,
            title=TITLES[name],
            summary=(
                f"With 95% confidence the attacks prove an epsilon of at least {bound.epsilon:.2f}: "
                f"{hits:.1%} of members were found at {alarms:.1%} false alarms."
                if bound.epsilon
                else "The attacks prove no privacy loss, with 95% confidence."
            ),
            detail={
                "attack": contest.names[bound.index],
                "true_positive_rate": hits,
                "false_positive_rate": alarms,
            },
        )

    def _result(
        self, name: str, best: Strongest, contest: Contest, told: str, detail: dict[str, Any]
    ) -> CheckResult:
        return CheckResult(
            name,
            self.family,
            best.auc,
            "lower",
            ci=best.ci,
            reference=0.5,
            n=contest.synthetic_rows,
            title=TITLES[name],
            summary=told,
            detail={
                "attack": contest.names[best.index],
                "p_value": best.p_value,
                "detectable": best.detectable,
                "auc_by_attack": dict(zip(contest.names, best.aucs.tolist(), strict=True)),
                "rows_used": contest.synthetic_rows,
                "members_used": int(contest.is_member.sum()),
                **detail,
            },
        )


def _groups(contest: Contest, evidence: Evidence) -> Iterator[tuple[str, str, np.ndarray]]:
    """Column, name and (n,) people of every group that the synthetic rows show."""
    for column in evidence.schema.sensitive:
        groups = Groups.of(evidence.schema[column], evidence.train, evidence.synthetic)
        codes = groups.codes(contest.people)
        for code, group in enumerate(groups.names):
            yield column, group, codes == code


def _too_few(contest: Contest, people: np.ndarray) -> str:
    """Why a stratum cannot be judged, or nothing."""
    sizes = [int((people & side).sum()) for side in (contest.is_member, ~contest.is_member)]
    if min(sizes) >= MIN_STRATUM:
        return ""
    return (
        f"there are {sizes[0]:,} members and {sizes[1]:,} others, and {MIN_STRATUM} each are needed"
    )


def _words(attack: str) -> str:
    return attack.replace("_", " ")

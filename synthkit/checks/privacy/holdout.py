"""Whether holdout rows can stand for people whom the generator did not see, as every privacy check takes them to.

    if reason := lack_of_control(evidence, run):                 # for attacks
        return [unanswered(self, self.name, TITLE, reason)]
    if reason := lack_of_unseen(evidence):                       # for verbatim copies

There has to be one, of enough rows. The generator must not have seen it: a holdout that was cut off after
training on all rows hides every leak, as its rows come back like those of the training side. And it has to be of
one population with the training rows: where a classifier tells these two apart, so does every attack, whatever
the generator has learned. What comes back cell by cell is telling in any population.
"""

from __future__ import annotations

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.learner import MAX_CELLS, SMALL, Features, held_out_auc
from synthkit.checks.outcome import lack_of_rows
from synthkit.checks.privacy.alone import identities_of, is_alone
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.checks.privacy.sides import sides_of
from synthkit.counts import counted
from synthkit.records import people_unknown
from synthkit.run import Run
from synthkit.stats.coincidence import beyond_chance
from synthkit.stats.confidence import normal_quantile

ALIKE = 0.52  # area under the ROC curve; the strictest bundled limits of attacks are at .51


def lack_of_control(evidence: Evidence, run: Run) -> str | None:
    """Why no attack on holdout rows can be compared with one on training rows; or None."""
    return lack_of_unseen(evidence) or evidence.shared("unlike", lambda: unlike(evidence, run))


def lack_of_unseen(evidence: Evidence, *, modelled: bool = True) -> str | None:
    """Why there are no rows that the generator is known not to have seen; or None.

    Args:
        modelled: whether it takes a column that is neither identifier nor free text.
    """
    people = evidence.schema.person_column is not None
    if reason := lack_of_rows(evidence, MIN_ROWS, modelled=modelled, people=people):
        return reason
    if reason := people_unknown(evidence.schema):
        return reason
    return evidence.shared("seen", lambda: alike(evidence) or seen(evidence))


def taken_as_alike(evidence: Evidence) -> Evidence:
    """The evidence, of which it is known that training and holdout rows are of one population."""
    evidence.shared("unlike", lambda: None)
    return evidence


def alike(evidence: Evidence) -> str | None:
    """That nobody can be told from anybody; or None."""
    if not evidence.schema.is_comparable:
        return None
    real = np.concatenate(identities_of(evidence)[:2])
    if (real != real[0]).any():
        return None
    return f"all real {evidence.unit}s are the same, so that nobody can be told from anybody"


def seen(evidence: Evidence) -> str | None:
    """That the synthetic rows hold more of the holdout's than chance explains; or None.

    Chance is how often rows that stand once in the holdout stand among the training rows, too.
    """
    if not evidence.schema.is_comparable:
        return None
    train, holdout, synthetic = identities_of(evidence)
    alone = is_alone(holdout, train)
    found = int(np.isin(holdout[alone], synthetic).sum())
    once = holdout[is_alone(holdout, holdout[:0])]
    by_chance = np.isin(once, train).mean() if len(once) else 0.0
    expected = alone.sum() * min(1.0, by_chance * len(synthetic) / len(train))
    if not beyond_chance(found, expected):
        return None
    return (
        f"{found:,} of {counted(len(holdout), f'holdout {evidence.unit}')} are among the synthetic ones, far "
        "beyond chance: the generator has seen the holdout"
    )


def unlike(evidence: Evidence, run: Run) -> str | None:
    """That a classifier tells training from holdout rows; or None. Not asked of images."""
    if evidence.modality == "images":
        return None
    sides = sides_of(evidence, run)
    m, x = len(sides.members), sides.encoded[1].features.astype(np.float64)
    most = max(MAX_CELLS // x.shape[1] // 2, 2 * 3)
    parts = [Features(rows[:most], sides.encoder.categorical) for rows in (x[:m], x[m:])]
    auc, error, _ = held_out_auc(parts[0], parts[1], SMALL, 3, run.rng("unlike"))
    if auc - normal_quantile() * error <= ALIKE:
        return None
    return (
        f"a classifier tells training from holdout {evidence.unit}s (AUC {auc:.2f}, 0.5 in one population): they "
        "differ whatever was learned of them"
    )

"""The two numbers by which a race is decided, from the pure functions of the checks.

closeness = told_apart(evidence, run)      # (AUC, standard error), as in c2st
copying = handed_out(evidence, run)        # (share, interval), as in dcr_share

The checks themselves ask for more rows than a race, as a policy is to rely on them. Here few rows
make the errors large, and the rule of a race heeds these.
"""

from __future__ import annotations

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.fidelity.c2st import MAX_ROWS
from synthkit.checks.learner import YARDSTICK, features_of, held_out_auc
from synthkit.checks.privacy.nearest import nearer_weights
from synthkit.checks.privacy.rows import neighbours_of
from synthkit.run import Run
from synthkit.stats.confidence import Interval, around
from synthkit.stats.permutation import label_share


def told_apart(evidence: Evidence, run: Run) -> tuple[float, float]:
    """AUC of a classifier that tells synthetic rows from holdout rows, and its standard error."""
    assert evidence.holdout is not None
    synthetic, holdout = (
        features_of(evidence, frame, MAX_ROWS, run.rng("c2st", role))
        for role, frame in (("synthetic", evidence.synthetic), ("holdout", evidence.holdout))
    )
    auc, se, _ = held_out_auc(synthetic, holdout, YARDSTICK, 3, run.rng("c2st", "folds"))
    return auc, se


def handed_out(evidence: Evidence, run: Run) -> tuple[float, Interval]:
    """Share of synthetic rows nearer to a training row than to a holdout row; 95 % interval."""
    found = neighbours_of(evidence, run)
    weights = nearer_weights(found)
    is_train = np.arange(len(weights)) < found.real_rows
    test = label_share(weights, is_train, run.rng("dcr_share"))
    return test.share, around(test.share, test.se, 0.0, 1.0)

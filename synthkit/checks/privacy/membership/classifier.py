"""An attack by a classifier: which rows look like the generator's rather than like other people's?

A generator that has learned its training rows by heart draws what only these have in common, and a
classifier of synthetic against reference rows finds it (Hayes et al. 2019, "LOGAN", for generators that
are given by their rows).
"""

from __future__ import annotations

import numpy as np

from synthkit.checks.learner import Features, Setting, fit, predict
from synthkit.checks.privacy.membership.ground import Ground

SETTING = Setting(trees=60, rate=0.15, leaves=31)


def classifier(ground: Ground) -> np.ndarray:
    """(t,) log odds of being synthetic rather than a reference row."""
    parts = [ground.features(rows) for rows in (ground.synthetic, ground.reference)]
    x = Features(np.vstack([part.x for part in parts]), parts[0].categorical)
    y = np.repeat([1.0, 0.0], [len(part.x) for part in parts])
    return predict(fit(x, y, SETTING, 2), ground.features(ground.targets).x)

"""The attacks by name. Each is a function of a ``Ground`` to a score of each target."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from synthkit.checks.privacy.membership.classifier import classifier
from synthkit.checks.privacy.membership.density import density_ratio, likelihood_ratio
from synthkit.checks.privacy.membership.distance import closer_than_others, closest, neighbourhood
from synthkit.checks.privacy.membership.ground import Ground
from synthkit.checks.privacy.membership.strings import edit_distance

Attack = Callable[[Ground], np.ndarray]  # (t,) higher for those who seem to be members

ATTACKS: Mapping[str, Attack] = {
    "closest": closest,
    "closer_than_others": closer_than_others,
    "neighbourhood": neighbourhood,
    "density_ratio": density_ratio,
    "likelihood_ratio": likelihood_ratio,
    "classifier": classifier,
    "edit_distance": edit_distance,
}

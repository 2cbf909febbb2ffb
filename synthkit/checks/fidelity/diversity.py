"""Do the synthetic images vary as much as real ones, and is no class left out?

``diversity``: how much the pixels vary within a class (root mean variance over pixels), divided by
the same among training images; the mean over classes, those the rows are labelled with, or over all
images at once without classes. 1 is as varied as real; a generator that draws one image per class
has 0, one that blurs is below 1, noise is above. The *reference* puts the holdout in the place of the
synthetic images.

``diversity.modes``: share of the classes that occur among the synthetic images with at least a tenth
of their real share, as a classifier of real images sees them, whatever the label says.

What they cannot see: modes within a class; whether the variety is the right one (``manifold``).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.classes import MIN_CLASS_ROWS, Classes, no_classes
from synthkit.checks.coordinates import image_points
from synthkit.checks.extractor import classes_of_role, lack_of_features, network_of
from synthkit.checks.fidelity.class_score import lack_of_classes
from synthkit.checks.gallery import Role, gallery
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around, grouped_jackknife_se

MIN_ROWS = 100
OCCURS = 0.1
GROUPS = 10


def spreads(points: np.ndarray, codes: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) root of the mean variance of coordinates within a class; NaN for a tiny class."""
    found = np.full(classes, np.nan)
    for k in range(classes):
        mine = points[codes == k].astype(np.float64)
        if len(mine) >= MIN_CLASS_ROWS:
            found[k] = np.sqrt(mine.var(axis=0, ddof=1).mean())
    return found


def mean_ratio(spread: np.ndarray, real: np.ndarray) -> float | None:
    """Mean of the ratios of the classes that vary; None if there is none.

    A class that is hardly there counts as one without variety only in ``diversity.modes``.
    """
    usable = ~np.isnan(spread) & (np.nan_to_num(real) > 0)
    return float((spread[usable] / real[usable]).mean()) if usable.any() else None


def occurring(shares: np.ndarray, real: np.ndarray) -> np.ndarray:
    """(classes,) bool: whether a class has at least ``OCCURS`` of its real share."""
    return shares >= OCCURS * real


class Diversity:
    """Variety within classes, and classes that occur."""

    name: ClassVar[str] = "diversity"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """``diversity`` and ``diversity.modes``."""
        return [self._spread(evidence), self._modes(evidence)]

    def _spread(self, evidence: Evidence) -> CheckResult:
        title = "As varied as real images"
        reason = lack_of_rows(evidence, MIN_ROWS)
        if not reason:
            points, codes, names = _points(evidence)
            real = spreads(points["train"], codes["train"], len(names))
            own, held = (
                spreads(points[role], codes[role], len(names)) for role in ("synthetic", "holdout")
            )
            value, reference = mean_ratio(own, real), mean_ratio(held, real)
            if value is None or reference is None:
                reason = "no class has enough images that vary"
        if reason or value is None:
            return unanswered(self, self.name, title, reason or "", direction="near_reference")
        se = _jackknife(points["synthetic"], codes["synthetic"], real, value)
        table = [
            {"class": name, "synthetic": ours, "holdout": theirs}
            for name, ours, theirs in zip(names, own / real, held / real, strict=True)
        ]
        return CheckResult(
            self.name,
            self.family,
            value,
            "near_reference",
            ci=around(value, se, 0.0),
            reference=reference,
            floor=0.0,
            n=len(codes["synthetic"]),
            title=title,
            summary=(
                f"Within a class, synthetic images vary {value:.2f} times as much as training "
                f"images; other real images {reference:.2f} times."
            ),
            detail={"images_used": len(codes["synthetic"]), "classes": table},
        )

    def _modes(self, evidence: Evidence) -> CheckResult:
        name, title = f"{self.name}.modes", "Classes that occur"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return unanswered(self, name, title, reason, direction="higher")
        classes = Classes.of(evidence)
        if isinstance(classes, str) or (reason := lack_of_classes(evidence)):
            why = classes if isinstance(classes, str) else str(reason)
            return unanswered(
                self, name, title, why, status=no_classes(evidence), direction="higher"
            )
        counts = classes.counts(evidence.train)
        real = counts / counts.sum()
        own, held = (_seen_shares(evidence, role) for role in ("synthetic", "holdout"))
        found, expected = occurring(own, real), occurring(held, real)
        return CheckResult(
            name,
            self.family,
            float(found.mean()),
            "higher",
            reference=float(expected.mean()),
            n=len(gallery(evidence, "synthetic").rows),
            title=title,
            summary=(
                f"{found.sum()} of {len(classes)} classes occur among the synthetic images with at "
                f"least {OCCURS:.0%} of their real share, as a classifier sees them; "
                f"{expected.sum()} do among real images."
            ),
            detail={
                "extractor": network_of(evidence).name,
                "classes": [
                    {"class": label, "real": r, "synthetic": s, "holdout": h}
                    for label, r, s, h in zip(classes.names, real, own, held, strict=True)
                ],
            },
        )


def _points(
    evidence: Evidence,
) -> tuple[dict[Role, np.ndarray], dict[Role, np.ndarray], tuple[str, ...]]:
    """Coordinates and class numbers of each table, and the classes' names."""
    classes = Classes.of(evidence)
    points: dict[Role, np.ndarray] = {}
    codes: dict[Role, np.ndarray] = {}
    roles: tuple[Role, ...] = ("train", "holdout", "synthetic")
    for role in roles:
        shown = gallery(evidence, role)
        points[role] = image_points(shown.images)
        codes[role] = (
            np.zeros(len(shown.rows), np.int64)
            if isinstance(classes, str)
            else classes.codes(shown.frame)
        )
    return points, codes, ("all images",) if isinstance(classes, str) else classes.names


def _jackknife(points: np.ndarray, codes: np.ndarray, real: np.ndarray, value: float) -> float:
    """Standard error of the ratio over groups of images, which are in random order."""
    group = np.arange(len(codes)) % GROUPS
    without: list[Any] = [
        mean_ratio(spreads(points[group != g], codes[group != g], len(real)), real)
        for g in range(GROUPS)
    ]
    return grouped_jackknife_se(np.array([value if v is None else v for v in without]))


def _seen_shares(evidence: Evidence, role: Role) -> np.ndarray:
    """(classes,) share of each class among a role's images, as the classifier sees them."""
    found = classes_of_role(evidence, role)
    return np.bincount(found.argmax(axis=1), minlength=found.shape[1]) / len(found)

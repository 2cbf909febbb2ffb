"""The classes of images: the target's values, as class numbers.

    classes = Classes.of(evidence)          # or the reason why there are none
    classes.codes(evidence.synthetic)       # (n,), -1 for any other value

Classes are found in the training rows. One is told by name only if the synthetic rows show it, as
are the groups of ``checks.bias.groups``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.results import Status

KINDS = ("integer", "categorical", "ordinal", "boolean")
MIN_CLASS_ROWS = 10
MAX_CLASSES = 100
MIN_SHOWN = 20


@dataclass(frozen=True)
class Classes:
    """The classes with at least ``MIN_CLASS_ROWS`` training rows.

    Args:
        column: the target.
        values: their values.
        names: what they are called in a result.
    """

    column: str
    values: pd.Index
    names: tuple[str, ...]

    @classmethod
    def of(cls, evidence: Evidence) -> Classes | str:
        """The classes, or the reason why there are none."""
        target = evidence.schema.target
        if target is None:
            return "no target is named"
        column = evidence.schema[target]
        if column.kind not in KINDS:
            return f"the target '{target}' is no class, but of the kind {column.kind}"
        counts = evidence.train[target].dropna().astype(object).value_counts()
        enough = sorted(counts.index[counts >= MIN_CLASS_ROWS], key=str)
        if len(enough) < 2:
            return (
                f"fewer than two classes of the target '{target}' have "
                f"{MIN_CLASS_ROWS} training {evidence.unit}s"
            )
        if len(enough) > MAX_CLASSES:
            return f"the target '{target}' has more than {MAX_CLASSES} classes"
        shown = evidence.synthetic[target].dropna().astype(object).value_counts()
        names = [
            column.label(value)
            if min(counts[value], shown.get(value, 0)) >= MIN_SHOWN
            else f"class {i} of {len(enough)}, hardly among the synthetic {evidence.unit}s"
            for i, value in enumerate(enough, 1)
        ]
        return cls(target, pd.Index(enough, dtype=object), tuple(names))

    def __len__(self) -> int:
        return len(self.values)

    def codes(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) int64 class of each row; -1 for other and missing values."""
        return np.asarray(self.values.get_indexer(frame[self.column].astype(object)), np.int64)

    def counts(self, frame: pd.DataFrame) -> np.ndarray:
        """(classes,) rows of each class."""
        codes = self.codes(frame)
        return np.bincount(codes[codes >= 0], minlength=len(self))


def no_classes(evidence: Evidence) -> Status:
    """The status of a result that needs classes where there are none."""
    return "not_applicable" if evidence.schema.target is None else "not_assessed"

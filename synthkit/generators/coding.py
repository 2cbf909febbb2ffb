"""``Coding``: a field of the layout as codes, which leaves can count and a softmax can predict.

Numbers become bins of u (spikes keep a bin of their own); categories stay what they are. Each code
has a *feature*, its place on a line: the middle of a bin, the rank of an ordered code, for ``trees``
the place of a category along the axis on which the categories differ most (see ``relations``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.transforms.layout import Categorical, Scalar, edges, from_bins, to_bins

# Bins of u. Drawing evenly inside 128 bins costs 0.01 of C2ST AUC, inside 1000 nothing measurable.
BINS = 1000


@dataclass(frozen=True)
class Coding:
    """Codes 0 … size - 1 of one field.

    Args:
        field: the field.
        feature: (size,) float32, the place of each code on a line; -1 for a missing number.
        cuts: edges of the bins of u; empty for a category.
    """

    field: Scalar
    feature: np.ndarray
    cuts: np.ndarray

    @classmethod
    def of(cls, field: Scalar, bins: int = BINS, spread: float = 1.0) -> Coding:
        """The coding with the codes' own order as their place; see ``edges`` for bins and spread."""
        if isinstance(field, Categorical):
            return cls(field, np.arange(field.size, dtype=np.float32), np.zeros(0))
        cuts = edges(field, bins, spread)
        middle = (cuts[1:] + cuts[:-1]) / 2
        return cls(field, np.append(middle, -1.0).astype(np.float32), cuts)

    @property
    def size(self) -> int:
        """Number of codes; a number has one for missing cells, whether or not it may be missing."""
        return len(self.feature)

    @property
    def ordered(self) -> bool:
        """Whether neighbouring codes are neighbouring values."""
        return not isinstance(self.field, Categorical) or self.field.ordered

    @property
    def nominal(self) -> bool:
        """Whether its codes have no order, or, being two, none to speak of."""
        return not self.ordered or self.size == 2

    @property
    def missing(self) -> int | None:
        """The code of a missing cell, if there can be one."""
        if isinstance(self.field, Categorical):
            return self.field.missing
        return self.size - 1 if self.field.nullable else None

    @property
    def place_of_missing(self) -> int | None:
        """The code kept for a missing cell, whether or not there can be one."""
        return self.field.missing if isinstance(self.field, Categorical) else self.size - 1

    @property
    def never_missing(self) -> bool:
        """Whether the last code is one that no row can have."""
        return not isinstance(self.field, Categorical) and not self.field.nullable

    def codes(self, values: np.ndarray) -> np.ndarray:
        """(n,) int32 codes of a field's values."""
        if isinstance(self.field, Categorical):
            return values.astype(np.int32)
        return to_bins(values, self.cuts)

    def values(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Values of a field: codes as they are, or a rank drawn evenly inside each bin."""
        if isinstance(self.field, Categorical):
            return codes.astype(np.int32)
        return from_bins(codes, self.cuts, rng)

    def base(self) -> np.ndarray:
        """(size,) width of each bin of u, 1 for a category and for a missing number.

        A code's probability over its base is a density as ``HasLikelihood`` wants it.
        """
        if isinstance(self.field, Categorical):
            return np.ones(self.size)
        return np.append(np.diff(self.cuts), 1.0)

    def floor(self) -> np.ndarray:
        """(size,) the distribution that every conditional is shrunk to in the end; sums to 1.

        Even over categories; over u even as a density, with the weight of one more bin for a
        missing cell where there can be one.
        """
        if isinstance(self.field, Categorical):
            return np.full(self.size, 1.0 / self.size)
        weight = self.base()
        weight[-1] = 1.0 / self.size if self.field.nullable else 0.0
        return weight / weight.sum()

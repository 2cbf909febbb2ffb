"""``Digits``: with how many digits the real numbers of a column are written at most.

A column without fixed decimals keeps float64, and a number drawn between two of its values has up to
17 digits. Most such columns come out of programs that print 15 or fewer; so do the numbers made here.
A number that has no more digits than the column is not changed by rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

import numpy as np

FULL = 17  # significant digits that tell any two float64 apart


@dataclass(frozen=True)
class Digits:
    """The most digits of a column's cells, each in its shortest exact spelling.

    Args:
        significant: from the first digit that is not 0 to the last one, below 17.
        places: behind the decimal point.
    """

    significant: int
    places: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Digits | None:
        """Of finite numbers; None if one of them is of full precision, or there is none."""
        significant = places = 0
        for value in values:
            mantissa, _, power = repr(float(value)).partition("e")
            whole, _, behind = mantissa.partition(".")
            behind = behind.rstrip("0")
            significant = max(significant, len((whole + behind).strip("-0")))
            if significant == FULL:
                return None
            places = max(places, len(behind) - int(power or 0))
        return cls(significant, places) if significant else None

    def rounded(self, numbers: np.ndarray) -> np.ndarray:
        """(n,) float64 with no more digits."""
        most, last = Context(prec=self.significant), Decimal(1).scaleb(-self.places)
        shorter = [most.create_decimal(repr(x)) for x in numbers.tolist()]
        # from the shortest spelling: 2^-24 has 16 digits, the last of which is a rounded up 2.5
        return np.array([float(_cut(x, last)) for x in shorter])


def _cut(number: Decimal, last: Decimal) -> Decimal:
    fits = number.as_tuple().exponent >= last.as_tuple().exponent  # type: ignore[operator]
    return number if fits else number.quantize(last)

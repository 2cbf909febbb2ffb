"""``Axis``: the cells of an ordered column as plain numbers, and back.

Integers, datetimes and durations (microseconds) become int64. Reals with a fixed number of
decimals become int64 too, counted in units of the last decimal, as long as every training cell
is exactly such a number: arithmetic on them is exact, and decoding cannot produce a value with
too many digits. All other reals stay float64, and are rounded to the digits of the training cells.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from synthkit.counts import counted
from synthkit.errors import SchemaError
from synthkit.schema import Column
from synthkit.transforms.digits import Digits

EXACT = 2.0**53  # beyond it, float64 skips integers
LARGEST = 2.0**62  # ticks of unseen reals are clipped here, far outside of any learned range
PLAIN = {  # how a value of each kind may be given, whatever the column's format
    "integer": "1234",
    "real": "1234.5",
    "datetime": "YYYY-MM-DD",
    "duration": "1h30m",
}
# a date whose day and month could be either way round
AMBIGUOUS = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}\b")


@dataclass(frozen=True)
class Axis:
    """How one column is read as numbers.

    Args:
        kind: kind of the column: integer, real, datetime or duration.
        decimals: a real is counted in units of 10**-decimals; None keeps float64.
        zone: whether datetimes carry UTC.
        digits: of float64 numbers; None for full precision.
    """

    kind: str
    decimals: int | None = None
    zone: bool = False
    digits: Digits | None = None

    @classmethod
    def of(cls, column: Column, cells: pd.Series) -> Axis:
        """The axis of a column, with decimals only if all of the cells have no more of them."""
        axis = cls(column.kind, column.decimals, column.zone is not None)
        if column.kind != "real":
            return cls(column.kind, None, column.zone is not None)
        values = cells.to_numpy(np.float64)
        values = values[~np.isnan(values)]
        if column.decimals is None:
            return cls("real", digits=Digits.of(np.unique(values)))
        ticks = np.rint(values * 10.0**column.decimals)
        exact = np.all(np.abs(ticks) < EXACT) and np.array_equal(axis._reals(ticks), values)
        return axis if exact else cls("real", digits=Digits.of(np.unique(values)))

    @property
    def whole(self) -> bool:
        """Whether the numbers are int64."""
        return self.kind != "real" or self.decimals is not None

    @property
    def unit(self) -> int:
        """What a whole number is counted as: 10**decimals for reals on a lattice, else 1."""
        return 10 ** (self.decimals or 0)

    @property
    def tick(self) -> float | None:
        """How many units 1 is, for reals; None for kinds whose grid is not a choice of digits."""
        return 10.0 ** -(self.decimals or 0) if self.kind == "real" else None

    def numbers(self, cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """``(numbers, missing)``: int64 or float64, and a bool mask; masked numbers are 0."""
        missing = cells.isna().to_numpy(bool)
        if self.kind == "integer":
            return cells.to_numpy(np.int64, na_value=0), missing
        if self.kind in ("datetime", "duration"):
            numbers = np.asarray(cells.dt.as_unit("us").array.asi8)  # type: ignore[attr-defined]
            return np.where(missing, 0, numbers), missing
        values = np.where(missing, 0.0, cells.to_numpy(np.float64))
        if self.decimals is None:
            return values, missing
        with np.errstate(over="ignore"):
            ticks = np.rint(np.clip(values * 10.0**self.decimals, -LARGEST, LARGEST))
        return ticks.astype(np.int64), missing

    def cells(self, numbers: np.ndarray, missing: np.ndarray) -> pd.Series:
        """Inverse of ``numbers``: the typed column."""
        if self.kind == "integer":
            return pd.Series(pd.arrays.IntegerArray(numbers.astype(np.int64), missing.copy()))
        if self.kind == "real":
            values = self._reals(numbers) if self.decimals is not None else numbers
            return pd.Series(np.where(missing, np.nan, values))
        ticks = np.where(missing, np.iinfo(np.int64).min, numbers).astype(np.int64)
        if self.kind == "duration":
            return pd.Series(ticks.view("m8[us]"))
        times = pd.Series(ticks.view("M8[us]"))
        return times.dt.tz_localize("UTC") if self.zone else times

    def rounded(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers with no more digits than the training cells have."""
        return numbers if self.digits is None else self.digits.rounded(numbers)

    def state(self) -> dict[str, Any]:
        """The settings as plain JSON."""
        return {**vars(self), "digits": self.digits and vars(self.digits)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Axis:
        """Inverse of ``state``."""
        return cls(**{**state, "digits": state["digits"] and Digits(**state["digits"])})

    def _reals(self, ticks: np.ndarray) -> np.ndarray:
        """Division by a power of ten rounds correctly, so this is the float that text reads as."""
        return ticks / 10.0 ** (self.decimals or 0)

    def cell(self, value: Any, column: Column) -> object:
        """A user's value as a typed cell of this axis. Raises ``SchemaError`` if it is not one."""
        try:
            if (
                self.kind == "datetime"
                and isinstance(value, str)
                and AMBIGUOUS.match(value.strip())
            ):
                value = _in_format(value.strip(), column)
            cell = self._read(value)
        except (ValueError, TypeError, OverflowError):
            cell = None
        if cell is None or pd.isna(cell):
            raise SchemaError(
                "the given value does not read as this column's kind",
                where=column.name,
                expected=f"a value of kind {self.kind}{_spelling(column)}",
            )
        if self.decimals is not None and round(cell, self.decimals) != cell:
            raise SchemaError(
                "the given value has more decimals than this column",
                where=column.name,
                expected=f"at most {counted(self.decimals, 'decimal')}",
            )
        return cell

    def _read(self, value: Any) -> Any:
        """The cell; None or one of several errors of the parsers if there is none."""
        if self.kind == "integer":
            number = int(value)
            exact = not isinstance(value, float) or number == value
            return number if exact and -(2**63) <= number < 2**63 else None
        if self.kind == "real":
            return float(value) if math.isfinite(float(value)) else None
        if self.kind == "duration":
            return pd.Timedelta(value)
        time = pd.Timestamp(value)
        if self.zone:
            return time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
        return time.tz_localize(None)


def _in_format(text: str, column: Column) -> datetime:
    """The date of digits that only the column's format can order. ``ValueError`` if it does not."""
    return datetime.strptime(text, (column.format or "").replace("%-", "%"))


def _spelling(column: Column) -> str:
    """How a value may be given: plainly, or in the column's format if that says more."""
    plain = PLAIN[column.kind]
    if column.format is None or set(column.format) <= set("0.#"):
        return f", spelled {plain}"
    return f", spelled {plain} or as the column is, {column.format}"

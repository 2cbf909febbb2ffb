"""Datetimes by parts: the day, and the time of day where there is one.

Both are ranks of whole numbers (days since 1970, microseconds since midnight UTC), so a column of
dates stays dates, hourly records stay on the hour, and the daily rhythm is a pattern of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.axis import Axis
from synthkit.transforms.base import Rows, nested, never, part, repeat
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.ranks import Ranks

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class DatetimeCodec:
    """One datetime column as one or two fields.

    Args:
        time: ranks of the time of day; None if every training cell is at midnight.
    """

    kind: ClassVar[str] = "datetime"
    reason: ClassVar[str | None] = None
    column: Column
    day: Ranks
    time: Ranks | None

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec) -> DatetimeCodec:
        """Learns a column with at least one cell that is not missing."""
        numbers, missing = Axis.of(column, typed[column.name]).numbers(typed[column.name])
        day, time = np.divmod(numbers[~missing], DAY)
        nullable = bool(missing.any())
        return cls(
            column,
            Ranks.fit(day, protect, nullable=nullable),
            Ranks.fit(time, protect, nullable=nullable) if time.any() else None,
        )

    @property
    def axis(self) -> Axis:
        """The microseconds of the column."""
        return Axis("datetime", None, self.column.zone is not None)

    @property
    def fields(self) -> tuple[Field, ...]:
        """``day``, and ``time`` if there are times of day."""
        day = self.day.field("day")
        return (day,) if self.time is None else (day, self.time.field("time"))

    @property
    def hidden(self) -> dict[str, int]:
        """Rows whose day was hidden as an extreme or merged as rare."""
        return self.day.hidden

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Ranks or codes of both parts."""
        numbers, missing = self.axis.numbers(typed[self.column.name])
        day, time = np.divmod(numbers, DAY)
        batch = {"day": self.day.encode(day, missing, rng)}
        if self.time is not None:
            batch["time"] = self.time.encode(time, missing, rng)
        return batch

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """Of the day and of the time on it."""
        numbers, missing = self.axis.numbers(typed[self.column.name])
        day, time = np.divmod(numbers, DAY)
        field, log = self.day.measure(day, missing)
        if self.time is None:
            return {"day": field}, log + never(time != 0)
        clock, log_time = self.time.measure(time, missing)
        return {"day": field, "time": clock}, log + log_time

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Day plus time. The day decides whether the cell is missing."""
        day, missing = self.day.decode(batch["day"])
        numbers = day * DAY
        if self.time is not None:
            time, timeless = self.time.decode(batch["time"])
            numbers = numbers + np.where(timeless, self.time.draw(rows.n, rng), time)
        return self.axis.cells(numbers, missing)

    def cell(self, value: object) -> object:
        """The datetime on a day within the learned range."""
        cell = self.axis.cell(value, self.column)
        day = self.axis.numbers(repeat(cell, 1, self.column))[0][0] // DAY
        return self.day.checked(cell, day, self.column)

    def state(self) -> State:
        """Both parts' cells."""
        parts = {"day": self.day} | ({} if self.time is None else {"time": self.time})
        states = {name: ranks.state() for name, ranks in parts.items()}
        arrays = {k: a for name, s in states.items() for k, a in nested(name, s).arrays.items()}
        return State({name: s.meta for name, s in states.items()}, arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> DatetimeCodec:
        """Inverse of ``state``."""
        ranks = {n: Ranks.from_state(part(n, m, state.arrays)) for n, m in state.meta.items()}
        return cls(column, ranks["day"], ranks.get("time"))

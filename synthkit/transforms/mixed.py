"""Columns of numbers with labels between them (``12.50``, ``unknown``, ``n/a (see note)``).

Two fields: ``label`` says "a number" or which label, ``number`` holds the ranks of the numbers
and is missing beside a label. A text counts as a number if printing the number with the column's
decimals gives the same text back; anything else (``007``, ``1e5``) is a label and shares the
protection of rare categories.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Kind
from synthkit.transforms.base import Rows, nested, part
from synthkit.transforms.categorical import CategoricalCodec
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.numeric import NumericCodec
from synthkit.transforms.values import factorize

TEXT = r"-?[0-9]+(?:\.([0-9]{1,17}))?"  # a number in text
NUMBER = "\x00number"  # the label of a cell that holds a number


@dataclass(frozen=True)
class MixedCodec:
    """One column of numbers and labels as two fields.

    Args:
        number: None if the column holds no number, or too few to be learned.
        style: how the numbers are spelled.
    """

    kind: ClassVar[str] = "mixed"
    reason: ClassVar[str | None] = None
    column: Column
    label: CategoricalCodec
    number: NumericCodec | None
    style: _Style

    @classmethod
    def fit(
        cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec, rng: np.random.Generator
    ) -> MixedCodec:
        """Learns a column with at least one cell that is not missing."""
        cells = typed[column.name]
        style = _Style.of(cells.dropna(), column)
        labels, numbers = style.split(cells, column)
        label = CategoricalCodec.fit(labels.to_frame(column.name), column, protect, rng)
        number = None
        if NUMBER in label.values:
            number = NumericCodec.fit(numbers.to_frame(column.name), style.numbers(column), protect)
        return cls(column, label, number, style)

    @property
    def fields(self) -> tuple[Field, ...]:
        """``label``, and ``number`` if numbers are learned."""
        label = replace(self.label.fields[0], name="label")
        if self.number is None:
            return (label,)
        return (label, self.number.ranks.field("number"))

    @property
    def hidden(self) -> dict[str, int]:
        """The counts of both parts."""
        return self.label.hidden | (self.number.hidden if self.number else {})

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Codes of the labels and ranks of the numbers."""
        labels, numbers = self.style.split(typed[self.column.name], self.column)
        name = self.column.name
        batch = {"label": self.label.transform(labels.to_frame(name), rng)[""]}
        if self.number is not None:
            batch["number"] = self.number.transform(numbers.to_frame(name), rng)[""]
        return batch

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """Of the label, and of the number beside it."""
        labels, numbers = self.style.split(typed[self.column.name], self.column)
        name = self.column.name
        label, log = self.label.measure(labels.to_frame(name))
        if self.number is None:
            return {"label": label[""]}, log
        number, log_number = self.number.measure(numbers.to_frame(name))
        return {"label": label[""], "number": number[""]}, log + log_number

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Labels, with the printed number where the label says so."""
        cells = self.label.inverse_transform({"": batch["label"]}, rows, rng)
        if self.number is None:
            return cells
        chosen = batch["label"] == self.label.values.index(NUMBER)
        ranks = self.number.ranks
        numbers, missing = ranks.decode(batch["number"][chosen])
        numbers = np.where(missing, ranks.draw(len(numbers), rng), numbers)
        numbers = self.number.axis.rounded(numbers)
        typed = self.number.axis.cells(numbers, np.zeros(len(numbers), bool))
        cells[chosen] = np.array([*self.style.printed(typed), None], object)[:-1]
        return cells

    def cell(self, value: object) -> object:
        """A learned label, or a number within the learned range."""
        number = self.style.parsed(value)
        if number is None or self.number is None:
            return self.label.cell(value)
        self.number.cell(number)
        return value

    def state(self) -> State:
        """Both parts and the style of the numbers."""
        label = self.label.state()
        arrays = dict(nested("label", label).arrays)
        meta = {"label": label.meta, "number": None, "style": vars(self.style)}
        if self.number is not None:
            number = self.number.state()
            arrays |= nested("number", number).arrays
            meta["number"] = number.meta
        return State(meta, arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> MixedCodec:
        """Inverse of ``state``."""
        meta, style = state.meta, _Style(**state.meta["style"])
        label = CategoricalCodec.from_state(column, part("label", meta["label"], state.arrays))
        number = None
        if meta["number"] is not None:
            inner = part("number", meta["number"], state.arrays)
            number = NumericCodec.from_state(style.numbers(column), inner)
        return cls(column, label, number, style)


@dataclass(frozen=True)
class _Style:
    """How the numbers of a mixed column are spelled.

    Args:
        native: they are cells of a number type, not text.
        decimals: digits after the point; 0 for whole numbers; None for native floats.
    """

    native: bool
    decimals: int | None

    @classmethod
    def of(cls, cells: pd.Series, column: Column) -> _Style:
        """The declared decimals, or those of most of the numbers."""
        numbers = cells[[_is_number(cell) for cell in cells]]
        if len(numbers):
            whole = all(float(cell) == int(cell) for cell in numbers)
            return cls(True, 0 if whole else column.decimals or None)
        if column.decimals is not None:
            return cls(False, column.decimals)
        matches = (re.fullmatch(TEXT, str(cell)) for cell in cells)
        decimals = Counter(len(match[1] or "") for match in matches if match)
        return cls(False, decimals.most_common(1)[0][0] if decimals else 0)

    def numbers(self, column: Column) -> Column:
        """The number part as a column of its own."""
        kind: Kind = "integer" if self.decimals == 0 else "real"
        return Column(name=column.name, kind=kind, decimals=self.decimals)

    def parsed(self, value: Any) -> int | float | None:
        """The number that a cell spells in this style; None for a label."""
        if self.native:
            return value if _is_number(value) and abs(value) < 2**63 else None
        if not isinstance(value, str) or re.fullmatch(TEXT, value) is None:
            return None
        number = int(value) if self.decimals == 0 and "." not in value else float(value) + 0.0
        fits = isinstance(number, float) or abs(number) < 2**63
        return number if fits and self._text(number) == value else None

    def split(self, cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
        """``(labels, numbers)``: each missing where the other has the cell, but for ``NUMBER``."""
        codes, values = factorize(cells, column)
        parsed = [self.parsed(value) for value in values]
        labels = np.array(
            [v if p is None else NUMBER for v, p in zip(values, parsed, strict=True)] + [None],
            object,
        )
        numbers = pd.array([*parsed, None], dtype="Int64" if self.decimals == 0 else "Float64")
        typed = pd.Series(numbers.take(codes))
        return (
            pd.Series(labels[codes], dtype=object),
            typed if self.decimals == 0 else typed.astype("float64"),
        )

    def printed(self, numbers: pd.Series) -> list[object]:
        """Numbers as cells of the mixed column."""
        if self.native:
            return numbers.tolist()
        return [self._text(number) for number in numbers.tolist()]

    def _text(self, number: int | float) -> str:
        return str(number) if isinstance(number, int) else f"{number:.{self.decimals}f}"


def _is_number(cell: object) -> bool:
    return (
        isinstance(cell, (int, float, np.integer, np.floating))
        and not isinstance(cell, bool)
        and math.isfinite(cell)
    )

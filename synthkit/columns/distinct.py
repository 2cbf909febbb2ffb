"""``Distinct``: the different cells of a column, so that work is done once per value, not per row.

column = Distinct.of(raw["city"])
parsed = parse(column.text)          # one entry per distinct spelling
cells = parsed[column.codes]         # back to one entry per row
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.errors import SchemaError


@dataclass(frozen=True)
class Distinct:
    """A dictionary-encoded column.

    Args:
        name: of the column.
        values: (k,) the distinct non-null cells in order of first appearance.
        codes: (n,) index into ``values`` per row, -1 for the frame's own null.
        counts: (k,) rows per value.
    """

    name: str
    values: np.ndarray
    codes: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, raw: pd.Series) -> Distinct:
        """Encodes one raw column."""
        codes, uniques = pd.factorize(raw)
        values = np.asarray(uniques, dtype=object)
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        return cls(str(raw.name), values, codes, counts)

    def keep(self, mask: np.ndarray) -> Distinct:
        """Only the values where ``mask`` (k,) is true; rows with another value become null."""
        places = np.where(mask, np.cumsum(mask) - 1, -1)
        codes = np.where(self.codes >= 0, places[self.codes], -1) if len(places) else self.codes
        return Distinct(self.name, self.values[mask], codes, self.counts[mask])

    @cached_property
    def text(self) -> pa.StringArray:
        """(k,) the values as Arrow text; for columns of text only.

        Raises:
            SchemaError: cells that are no valid Unicode.
        """
        try:
            return pa.array(self.values, pa.string(), from_pandas=False)
        except UnicodeEncodeError:
            raise SchemaError(
                "some cells hold text that is no valid Unicode",
                where=f"column {self.name}",
                remedy="read the file in the encoding it was written in",
            ) from None  # the cause would show the cell

    @property
    def n_rows(self) -> int:
        """Rows of the column, nulls included."""
        return len(self.codes)

    @property
    def n_present(self) -> int:
        """Rows that are not null."""
        return int(self.counts.sum())

    @property
    def n_values(self) -> int:
        """Number of distinct values."""
        return len(self.values)

    def rows_where(self, mask: np.ndarray, limit: int = 5) -> list[int]:
        """1-based numbers of the first rows whose value has ``mask`` (k,) true."""
        if not mask.any():
            return []
        hits = np.append(mask, False)[self.codes]  # code -1 reads the appended entry
        return [int(row) + 1 for row in np.flatnonzero(hits)[:limit]]


def matches(text: pa.StringArray, pattern: str) -> np.ndarray:
    """(k,) bool: whether the whole spelling matches an RE2 pattern."""
    return np.asarray(pc.match_substring_regex(text, f"^(?:{pattern})$"), dtype=bool)


def stripped(text: pa.StringArray) -> pa.StringArray:
    """Spellings without surrounding white space."""
    return pc.utf8_trim_whitespace(text)


def groups(text: pa.StringArray, pattern: str) -> tuple[dict[str, pa.StringArray], np.ndarray]:
    """Named groups of an RE2 pattern over the whole spelling, and where it matches.

    Returns:
        ``({group: (k,) text, "" or null without a match}, matched (k,) bool)``.
    """
    found: Any = pc.extract_regex(text, f"^(?:{pattern})$")
    matched = np.asarray(found.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    return {field.name: found.field(field.name) for field in found.type}, matched

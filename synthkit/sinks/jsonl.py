"""JSON lines: one object per row, numbers as numbers, null for a missing cell."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthkit.dialect import Dialect
from synthkit.errors import FormatError

BLOCK_ROWS = 1 << 16


class JsonLinesSink:
    """The ``jsonl`` sink."""

    def write(self, frame: pd.DataFrame, path: Path, dialect: Dialect) -> None:
        """See ``FileSink.write``."""
        names = list(frame.columns)
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_foreign).encode
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            for start in range(0, len(frame), BLOCK_ROWS):
                block = frame.iloc[start : start + BLOCK_ROWS]
                columns = [_cells(name, block[name]) for name in names]
                for row in zip(*columns, strict=True):
                    stream.write(encode(dict(zip(names, row, strict=True))) + "\n")


def _cells(name: str, column: pd.Series) -> list[Any]:
    """The cells as Python objects, None where missing."""
    cells = column.astype(object).where(column.notna(), None).tolist()
    if column.dtype.kind in "fO" and any(isinstance(c, float) and math.isinf(c) for c in cells):
        raise FormatError(
            f"column '{name}' holds an infinite number, which JSON lacks",
            remedy="set output.format to csv or parquet",
        )
    return cells


def _foreign(cell: object) -> str | float | bool:
    """Numbers of other libraries as numbers, dates and times in ISO form, the rest as text."""
    if isinstance(cell, np.generic):
        return cell.item()
    if isinstance(cell, decimal.Decimal):
        return float(cell)
    if isinstance(cell, (datetime.date, datetime.time, pd.Timedelta)):
        return cell.isoformat()
    return str(cell)

"""Given values as the column spells them: what stands in a file may be asked for as it stands.

    read_given({"price": "1.200,50 €", "city": "Graz"}, schema)   # {"price": 1200.5, "city": "Graz"}

A number or duration in text is read as the cells of its column are, so that of ``1.200`` the column's
own format decides. A text that this does not read stays as it is: it may be a plain number, and is
refused later if it is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthkit.columns import durations, numbers
from synthkit.schema import Column, Schema


def read_given(values: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The values by column, with text in the column's stored format read; unknown columns stay."""
    return {
        name: _read(value, schema[name]) if isinstance(value, str) and name in schema else value
        for name, value in values.items()
    }


def _read(text: str, column: Column) -> Any:
    if column.format is None:
        return text
    try:
        cell = pa.array([text], pa.string())
    except UnicodeEncodeError:  # bytes of a command line that are no text
        return text
    if column.kind == "integer":
        whole, valid = numbers.parse_integers(cell, numbers.Style.of(column.format))
        return int(whole[0]) if valid[0] else text
    if column.kind == "real":
        real = numbers.parse_reals(cell, numbers.Style.of(column.format))[0]
        return text if np.isnan(real) else float(real)
    if column.kind == "duration":
        span, valid = durations.parse(cell, column.format)
        return pd.Timedelta(span[0]) if valid[0] else text
    return text

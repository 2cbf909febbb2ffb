"""Arrow's types by the names that they print as.

    arrow_type("decimal128(9, 2)")

A schema and a dialect store the names; columns and Parquet files are restored to the types.
"""

from __future__ import annotations

import re

import pyarrow as pa


def arrow_type(name: str) -> pa.DataType:
    """The Arrow type of plain values that prints as ``name``."""
    match = re.fullmatch(r"(\w+)(?:\[(\w+)(?:, tz=(.+))?\]|\((\d+), (-?\d+)\))?", name)
    assert match, name
    base, unit, zone, precision, scale = match.groups()
    if base == "timestamp":
        return pa.timestamp(unit, zone)
    if precision:
        return {"decimal128": pa.decimal128, "decimal256": pa.decimal256}.get(base, pa.decimal128)(
            int(precision), int(scale)
        )
    return pa.type_for_alias(name)

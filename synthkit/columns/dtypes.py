"""Names of raw dtypes: what a schema stores so that the output has the input's dtypes.

Most names are pandas' own (``int64``, ``Float32``, ``datetime64[ns, UTC]``). Where pandas' name is
ambiguous or says too little, ours says more:

| name | raw column |
| --- | --- |
| ``str`` | object, every present cell a ``str`` (delimited text) |
| ``string[python]``, ``string[pyarrow]`` | pandas ``StringDtype`` with that storage |
| ``arrow:int64``, ``arrow:string`` ... | pandas ``ArrowDtype`` of that Arrow type |
| ``category``, ``category:int64`` | categories that are ``str``, or of that dtype |
| ``object:bool``, ``object:int``, ``object:float``, ``object:decimal``, ``object:date``, ``object:datetime``, ``object:timedelta``, ``object:time`` | object, every present cell of that Python type |
| ``object:moment`` | object, Python datetimes with a zone; written in UTC |
| ``object`` | object of mixed Python scalars, or without any present cell |

    name = dtype_name(raw["age"])              # "int64"
    family(name)                               # "integer": how its cells are analysed
    restore(values, name)                      # a Series of that dtype again
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError

Family = Literal["text", "integer", "real", "boolean", "datetime", "duration", "time", "object"]

_INFERRED = {
    "string": "str",
    "empty": "object",
    "boolean": "object:bool",
    "integer": "object:int",
    "floating": "object:float",
    "mixed-integer-float": "object:float",
    "decimal": "object:decimal",
    "date": "object:date",
    "datetime": "object:datetime",
    "timedelta": "object:timedelta",
    "time": "object:time",
    "mixed": "object",
    "mixed-integer": "object",
}
_SCALARS = (str, bool, int, float, np.generic)


def dtype_name(raw: pd.Series) -> str:
    """The name of a raw column's dtype, see the module's table.

    Raises:
        SchemaError: a dtype that no kind can hold (complex, interval, period, sparse, bytes, or
            cells that are lists, dictionaries or other objects).
    """
    dtype = raw.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        inner = dtype_name(pd.Series(dtype.categories, name=raw.name))
        return "category" if inner == "str" else f"category:{inner}"
    if isinstance(dtype, pd.StringDtype):
        return f"string[{dtype.storage}]"
    if isinstance(dtype, pd.ArrowDtype):
        return _supported(raw, f"arrow:{dtype.pyarrow_dtype}")
    if not pd.api.types.is_object_dtype(dtype):
        return _supported(raw, str(dtype))
    name = _INFERRED.get(pd.api.types.infer_dtype(raw, skipna=True))
    present = raw[raw.notna()]
    if name == "object" and not all(isinstance(cell, _SCALARS) for cell in present):
        name = None
    if name is None:
        raise _refusal(raw, "cells that are bytes, lists, dictionaries or other objects")
    if name == "object:datetime" and present.iloc[0].tzinfo is not None:
        return "object:moment"
    return name


def _supported(raw: pd.Series, name: str) -> str:
    try:
        family(name)
    except ValueError:
        raise _refusal(raw, f"dtype {name}") from None
    return name


def _refusal(raw: pd.Series, what: str) -> SchemaError:
    return SchemaError(
        f"the column holds {what}, which no kind can hold",
        where=f"column {raw.name}",
        expected="text, numbers, booleans, dates, durations or categories of these",
        remedy="convert the column to text or to several plain columns, or leave it out",
    )


def family(name: str) -> Family:
    """How the cells of a raw dtype are analysed. ``ValueError`` for an unsupported dtype."""
    base = name.removeprefix("category:")
    kind, _, inner = base.partition(":")
    if kind in ("str", "category") or base.startswith("string["):
        return "text"
    if kind == "arrow":
        return _arrow_family(inner)
    if kind == "object":
        return _OBJECT_FAMILIES[inner]
    if base.startswith("datetime64["):
        return "datetime"
    if base.startswith("timedelta64["):
        return "duration"
    for pattern, found in _PLAIN_FAMILIES:
        if re.fullmatch(pattern, base):
            return found
    raise ValueError(f"unsupported dtype {name}")


_OBJECT_FAMILIES: dict[str, Family] = {
    "": "object",
    "bool": "boolean",
    "int": "integer",
    "float": "real",
    "decimal": "real",
    "date": "datetime",
    "datetime": "datetime",
    "moment": "datetime",
    "timedelta": "duration",
    "time": "time",
}
_PLAIN_FAMILIES: tuple[tuple[str, Family], ...] = (
    (r"bool|boolean", "boolean"),
    (r"u?int(8|16|32|64)|U?Int(8|16|32|64)", "integer"),
    (r"float(16|32|64)|Float(32|64)", "real"),
)


def _arrow_family(name: str) -> Family:
    if name in ("string", "large_string", "string_view"):
        return "text"
    if name == "bool":
        return "boolean"
    if re.fullmatch(r"u?int\d+", name):
        return "integer"
    if name in ("float", "double", "halffloat") or name.startswith("decimal"):
        return "real"
    if name.startswith(("timestamp", "date")):
        return "datetime"
    if name.startswith("duration"):
        return "duration"
    if name.startswith("time"):
        return "time"
    if name == "null":
        return "object"
    raise ValueError(f"unsupported Arrow type {name}")


def raw_zone(name: str) -> str | None:
    """Time zone in the name of a datetime dtype; None for naive ones."""
    if name == "object:moment":
        return "UTC"
    match = re.fullmatch(r"datetime64\[\w+, (.+)\]|arrow:timestamp\[\w+, tz=(.+)\]", name)
    return (match[1] or match[2]) if match else None

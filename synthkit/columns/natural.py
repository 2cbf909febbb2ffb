"""The dtypes that the columns of delimited text have in Python.

Delimited text has no types, so its table is one of spellings, and is written as such. Whoever holds the
rows in a DataFrame wants the numbers, dates and booleans instead, as pandas reads them:

| kind | dtype |
| --- | --- |
| integer; real | ``int64``; ``float64`` |
| boolean spelled true and false | ``bool`` |
| datetime; duration | ``datetime64[us]`` with the column's zone; ``timedelta64[us]`` |
| others | ``int64`` if every training cell is a whole number without leading zeros, else ``str`` |

Integers and booleans of a column with missing cells are ``Int64`` and ``boolean``.

    dtypes = natural_dtypes(typed, schema)     # {"age": "int64", ...}
    rows = to_python(typed, schema, dtypes)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from synthkit.columns.cast import to_raw
from synthkit.columns.parsing import LABELS
from synthkit.schema import Column, Schema

WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


def natural_dtypes(typed: pd.DataFrame, schema: Schema) -> dict[str, str]:
    """The dtype of each column of a table of delimited text, by the training rows."""
    columns = [column for column in schema.columns if column.kind != "image"]
    return {column.name: _dtype(typed[column.name], column) for column in columns}


def to_python(typed: pd.DataFrame, schema: Schema, dtypes: Mapping[str, str]) -> pd.DataFrame:
    """As ``to_raw``, but that the columns named in ``dtypes`` have these, and nulls where missing.

    A made-up value that stands for rare ones may be no number: its column then stays text.
    """
    columns = []
    for column in schema.columns:
        dtype = dtypes.get(column.name)
        if dtype is not None:
            if column.kind in LABELS and dtype != "str" and not _all_whole(typed[column.name]):
                dtype = "str"
            column = column.model_copy(update={"dtype": dtype, "missing": (None,)})
        columns.append(column)
    return to_raw(typed, schema.model_copy(update={"columns": tuple(columns)}))


def _dtype(cells: pd.Series, column: Column) -> str:
    match column.kind:
        case "integer":
            return _whole(column)
        case "real":
            return "float64"
        case "datetime":
            return f"datetime64[us, {column.zone}]" if column.zone else "datetime64[us]"
        case "duration":
            return "timedelta64[us]"
        case "boolean" if str(column.true).lower() == "true":
            return "boolean" if column.nullable else "bool"
    labels = column.kind in LABELS and cells.notna().any()
    return _whole(column) if labels and _all_whole(cells) else "str"


def _all_whole(cells: pd.Series) -> bool:
    return all(WHOLE.fullmatch(str(value)) for value in cells.dropna().unique())


def _whole(column: Column) -> str:
    return "Int64" if column.nullable and not column.sentinels else "int64"

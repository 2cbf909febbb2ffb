"""Builds a raw column of a named dtype from plain arrays: the last step of ``to_raw``.

build(values, missing, "Int8")        # values: int64, float64, bool, datetime64[us],
                                      # timedelta64[us] or object; missing: (n,) bool
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthkit.arrow_types import arrow_type
from synthkit.columns.dtypes import family, raw_zone
from synthkit.counts import counted_are
from synthkit.errors import SchemaError

_MIDNIGHT = np.timedelta64(86_400_000_000, "us")
PYTHON: dict[str, Callable[[Any], Any]] = {
    "object:bool": bool,
    "object:int": int,
    "object:float": float,
    "object:decimal": lambda value: Decimal(str(value)),
    "object:date": lambda value: pd.Timestamp(value).date(),
    "object:datetime": lambda value: pd.Timestamp(value).to_pydatetime(),
    "object:moment": lambda value: pd.Timestamp(value, tz="UTC").to_pydatetime(),
    "object:timedelta": lambda value: pd.Timedelta(value).to_pytimedelta(),
    "object:time": lambda value: (dt.datetime.min + pd.Timedelta(value % _MIDNIGHT)).time(),
}


def build(values: np.ndarray, missing: np.ndarray, name: str, column: str) -> Any:
    """An array of dtype ``name``, which is no category; ``values`` are ignored where missing.

    Raises:
        SchemaError: a missing cell in a dtype that has none, such as ``int64``.
    """
    if name.startswith("arrow:"):
        return _arrow(values, missing, arrow_type(name.removeprefix("arrow:")))
    if name.startswith("string["):
        storage = name.removeprefix("string[").removesuffix("]")
        return pd.array(with_nulls(values, missing), dtype=pd.StringDtype(storage))
    if name in PYTHON:
        return _converted(values, missing, PYTHON[name])
    if name in ("str", "object"):
        return with_nulls(values, missing)
    return _plain(values, missing, name, column)


def with_nulls(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """(n,) object: the values, None where missing."""
    cells = values.astype(object)
    cells[missing] = None
    return cells


def _converted(
    values: np.ndarray, missing: np.ndarray, convert: Callable[[Any], Any]
) -> np.ndarray:
    cells = np.full(len(values), None, object)
    present = np.flatnonzero(~missing)
    for place, value in zip(present, values[present], strict=True):
        cells[place] = convert(value)
    return cells


def _plain(values: np.ndarray, missing: np.ndarray, name: str, column: str) -> Any:
    kind = family(name)
    if kind == "datetime":
        moments = pd.Series(values.astype("M8[us]")).mask(missing)
        zone = raw_zone(name)
        if zone:
            moments = moments.dt.tz_localize("UTC").dt.tz_convert(zone)
        return moments.astype(name).array
    if kind == "duration":
        return pd.Series(values.astype("m8[us]")).mask(missing).astype(name).array
    if name[0].isupper() or name == "boolean":
        target = pd.api.types.pandas_dtype(name)
        filled = np.where(missing, np.zeros((), values.dtype), values)
        array = pd.array(filled.astype(target.numpy_dtype), dtype=target)
        array[missing] = pd.NA
        return array
    if kind == "real":
        numbers = values.astype(np.float64)
        return np.where(missing, np.nan, numbers).astype(name)
    if missing.any():
        raise SchemaError(
            f"{counted_are(int(missing.sum()), 'cell')} missing, which dtype {name} cannot hold",
            where=f"column {column}",
            remedy="use a nullable dtype such as Int64 or boolean in the source",
        )
    return values.astype(name)


def _arrow(values: np.ndarray, missing: np.ndarray, target: pa.DataType) -> Any:
    if pa.types.is_decimal(target):
        scale = target.scale
        cells = _converted(values, missing, lambda value: Decimal(f"{value:.{scale}f}"))
        cast = pa.array(cells, target)
    elif pa.types.is_time(target):
        cast = pa.array(_converted(values, missing, PYTHON["object:time"]), target)
    else:
        if pa.types.is_date(target):
            values = values.astype("M8[D]")
        exact = target if pa.types.is_integer(target) else None
        cast = pa.array(values, exact, mask=missing)
        if pa.types.is_timestamp(target) and target.tz:
            cast = cast.cast(pa.timestamp("us", target.tz))
        cast = cast.cast(target, safe=False)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([cast]))

"""One raw column -> typed values: native arrays where dtype and kind agree, by spelling elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthkit.columns import dates, durations, labels, missing, numbers, pictures
from synthkit.columns.distinct import Distinct, stripped
from synthkit.columns.dtypes import Family, dtype_name, family
from synthkit.schema import Column

LABELS = ("categorical", "ordinal", "constant", "mixed", "identifier", "text")
"""Kinds whose typed cells are the raw ones."""


def typed_values(raw: pd.Series, column: Column) -> tuple[Any, np.ndarray]:
    """Values of the kind's typed dtype, and the rows whose cell is not of the kind.

    Returns:
        ``(array or ExtensionArray (n,), wrong (n,) bool)``; a wrong cell is missing.
    """
    if column.kind == "image":
        return pictures.typed_images(raw, column)
    name = dtype_name(raw)
    found = family(name)
    if column.kind in LABELS:
        return _labels(raw, column, found)
    if name.startswith("category"):
        return _spelled(raw, column, found)
    if found == "datetime" == column.kind:
        return _native_datetimes(raw, column, name)
    if found == "duration" == column.kind:
        spans = _python_spans(raw) if raw.dtype == object else pd.to_timedelta(raw)
        return spans.dt.as_unit("us").array, np.zeros(len(raw), bool)
    if name.startswith("object") or name.endswith("uint64"):  # may exceed 64 bits
        return _spelled(raw, column, found)
    if found in ("integer", "real", "boolean") and column.kind in ("integer", "real"):
        return _native_numbers(raw, column, found)
    if found == "boolean" == column.kind:
        gone = raw.isna().to_numpy()
        values = raw.to_numpy(dtype=bool, na_value=False)
        return pd.arrays.BooleanArray(values, gone), np.zeros(len(raw), bool)
    return _spelled(raw, column, found)


def _native_numbers(raw: pd.Series, column: Column, found: Family) -> tuple[Any, np.ndarray]:
    gone = raw.isna().to_numpy()
    if found != "real" and column.kind == "integer":
        whole = raw.to_numpy(dtype=np.int64, na_value=0)
        lost = gone | np.isin(whole, _sentinels(column))
        return pd.arrays.IntegerArray(whole, lost), np.zeros(len(raw), bool)
    values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~gone & ~np.isfinite(values)
    if column.kind == "integer":
        with np.errstate(invalid="ignore"):  # inf % 1
            wrong |= ~gone & ((values % 1 != 0) | (np.abs(values) > 2**63 - 1024))
    lost = gone | wrong | np.isin(values, _sentinels(column))
    if column.kind == "real":
        return np.where(lost, np.nan, values), wrong
    return pd.arrays.IntegerArray(np.where(lost, 0.0, values).astype(np.int64), lost), wrong


def _sentinels(column: Column) -> np.ndarray:
    return np.array([float(code) for code in column.sentinels])


def _native_datetimes(raw: pd.Series, column: Column, name: str) -> tuple[Any, np.ndarray]:
    if raw.dtype == object:
        moments = pd.Series(_python_datetimes(raw))
    elif isinstance(raw.dtype, pd.ArrowDtype):
        moments = pa.array(raw, raw.dtype.pyarrow_dtype)
        if pa.types.is_date(moments.type):
            moments = moments.cast(pa.timestamp("s"))
        moments = moments.to_pandas()
    else:
        moments = raw
    zoned = moments.dt.tz is not None or name == "object:moment"
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    values = moments.to_numpy(dtype="M8[us]")
    if column.zone is not None and not zoned:
        values = dates.to_utc(values, column.zone)
    return _typed_array(values, np.isnat(values), column), np.zeros(len(raw), bool)


def _python_datetimes(raw: pd.Series) -> np.ndarray:
    """(n,) datetime64[us] of Python dates or datetimes; UTC where they have a zone."""
    cells = [
        cell.astimezone(dt.UTC).replace(tzinfo=None) if getattr(cell, "tzinfo", None) else cell
        for cell in raw.astype(object).where(raw.notna(), None)
    ]
    return np.array(cells, "M8[us]")


def _python_spans(raw: pd.Series) -> pd.Series:
    """Python timedeltas as timedelta64[us], beyond what nanoseconds can hold."""
    return pd.Series(np.array(raw.where(raw.notna(), None), "m8[us]"))


def _spelled(raw: pd.Series, column: Column, found: Family) -> tuple[Any, np.ndarray]:
    """Parses the distinct spellings and spreads the outcome over the rows."""
    distinct = Distinct.of(raw)
    text = distinct.text if found == "text" else _as_text(distinct)
    gone = missing.empty(text) | missing.listed(text, column.missing)
    values, valid = _parse(text, column)
    lost = gone | ~valid
    if column.kind in ("integer", "real"):
        lost |= np.isin(values, _sentinels(column))
    # one more entry for the rows that are null in the frame (code -1)
    values = np.append(values, np.zeros(1, values.dtype))[distinct.codes]
    wrong = np.append(~gone & ~valid, False)[distinct.codes]
    return _typed_array(values, np.append(lost, True)[distinct.codes], column), wrong


def _as_text(distinct: Distinct) -> pa.StringArray:
    return pa.array([spell_cell(value) for value in distinct.values], pa.string())


def spell_cell(value: Any) -> str:
    """The text by which a cell of another dtype is parsed."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _parse(text: pa.StringArray, column: Column) -> tuple[np.ndarray, np.ndarray]:
    if column.kind == "integer":
        return numbers.parse_integers(text, numbers.Style.of(column.format))
    if column.kind == "real":
        values = numbers.parse_reals(text, numbers.Style.of(column.format))
        return values, ~np.isnan(values)
    if column.kind == "boolean":
        return _booleans(text, column)
    if column.kind == "datetime":
        return _datetimes(text, column)
    forms = dict.fromkeys((column.format or "days", *durations.FORMATS))
    values = np.zeros(len(text), "m8[us]")
    valid = np.zeros(len(text), bool)
    for form in forms:
        parsed, fits = durations.parse(text, form)
        values[fits & ~valid] = parsed[fits & ~valid]
        valid |= fits
    return values, valid


def _booleans(text: pa.StringArray, column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The column's own two spellings; the usual ones too, unless they clash with these."""
    meaning = {"1": True, "0": False}
    for true, false in labels.BOOLEANS:
        meaning |= {true.lower(): True, false.lower(): False}
    meaning |= {str(column.true).lower(): True, str(column.false).lower(): False}
    read = [meaning.get(cell.lower()) for cell in stripped(text).to_pylist()]
    return np.array([bool(r) for r in read], bool), np.array([r is not None for r in read], bool)


def _datetimes(text: pa.StringArray, column: Column) -> tuple[np.ndarray, np.ndarray]:
    """By the column's format; the rest in any ISO form, taken to the column's zone."""
    if column.format:
        moments, valid = dates.parse(text, column.format)
    else:
        moments, valid = np.zeros(len(text), "M8[us]"), np.zeros(len(text), bool)
    rest = np.flatnonzero(~valid)
    if len(rest):
        moments[rest], valid[rest] = dates.parse_iso(text.take(pa.array(rest)), column.zone)
    return moments, valid


def _typed_array(values: np.ndarray, lost: np.ndarray, column: Column) -> Any:
    if column.kind == "integer":
        return pd.arrays.IntegerArray(values, lost)
    if column.kind == "real":
        return np.where(lost, np.nan, values)
    if column.kind == "boolean":
        return pd.arrays.BooleanArray(values, lost)
    if column.kind == "datetime":
        values = values.copy()
        values[lost] = np.datetime64("NaT")
        moments = pd.Series(values)
        return (moments.dt.tz_localize("UTC") if column.zone else moments).array
    values = values.copy()
    values[lost] = np.timedelta64("NaT")
    return pd.Series(values).array


def _labels(raw: pd.Series, column: Column, found: Family) -> tuple[np.ndarray, np.ndarray]:
    """Cells as they are (text or plain scalars), None where missing."""
    distinct = Distinct.of(raw)
    cells = np.empty(distinct.n_values + 1, object)
    cells[:-1] = [label(value, column.dtype) for value in distinct.values]
    cells[-1] = None
    if found == "text":
        blank = ("",) if column.nullable else ()
        gone = missing.listed(distinct.text, column.missing)
        cells[:-1][gone | missing.listed(stripped(distinct.text), blank)] = None
    wrong = np.zeros(distinct.n_values + 1, bool)
    if column.kind == "ordinal":
        known = set(column.order)
        wrong[:-1] = [cell is not None and cell not in known for cell in cells[:-1]]
        cells[wrong] = None
    return cells[distinct.codes], wrong[distinct.codes]


def label(value: Any, dtype: str) -> Any:
    """A cell in the form the column's dtype has: a plain Python scalar, else text."""
    wanted = family(dtype)
    if wanted == "object":
        return value.item() if isinstance(value, np.generic) else value
    text = spell_cell(value)
    if wanted == "integer" and re.fullmatch("-?[0-9]+", text):
        return int(text)
    if wanted == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if wanted == "real" and re.fullmatch(r"-?[0-9]*\.?[0-9]+(e[+-]?[0-9]+)?", text):
        return float(text)
    return text

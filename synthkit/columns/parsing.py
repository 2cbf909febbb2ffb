"""One raw column -> typed values: native arrays where dtype and kind agree, by spelling elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthkit.columns import dates, durations, labels, missing, numbers
from synthkit.columns.distinct import Distinct, stripped
from synthkit.columns.dtypes import Family, dtype_name, family
from synthkit.schema import Column

NUMERIC = ("integer", "real", "boolean")


def typed_values(raw: pd.Series, column: Column) -> tuple[Any, np.ndarray]:
    """Values of the kind's typed dtype, and the rows whose cell is not of the kind.

    Returns:
        ``(array or ExtensionArray (n,), wrong (n,) bool)``; a wrong cell is missing.
    """
    name = dtype_name(raw)
    found = family(name)
    if column.kind in ("categorical", "ordinal", "constant", "mixed", "identifier", "text"):
        return _labels(raw, column, found)
    if not name.startswith("category"):
        if column.kind in ("integer", "real") and found in NUMERIC and name != "uint64":
            return _native_numbers(raw, column)
        if column.kind == "boolean" and found == "boolean":
            return pd.array(raw.astype(object).where(raw.notna(), None), dtype="boolean"), _none(
                raw
            )
        if column.kind == "datetime" and found == "datetime":
            return _native_datetimes(raw, column)
        if column.kind == "duration" and found == "duration":
            return pd.to_timedelta(raw).dt.as_unit("us").array, _none(raw)
    return _spelled(raw, column, found)


def _none(raw: pd.Series) -> np.ndarray:
    return np.zeros(len(raw), bool)


def as_floats(raw: pd.Series) -> np.ndarray:
    """(n,) float64 of a numeric column of any dtype, NaN for null."""
    if raw.dtype == object or isinstance(raw.dtype, pd.ArrowDtype):
        cells = raw.astype(object).where(raw.notna(), np.nan)
        return cells.to_numpy().astype(np.float64)
    return raw.to_numpy(dtype=np.float64, na_value=np.nan)


def _native_numbers(raw: pd.Series, column: Column) -> tuple[Any, np.ndarray]:
    gone = raw.isna().to_numpy()
    if column.kind == "real" or family(dtype_name(raw)) == "real":
        values = as_floats(raw)
        wrong = ~gone & ~np.isfinite(values)
        if column.kind == "integer":
            with np.errstate(invalid="ignore"):
                wrong |= ~gone & ((values % 1 != 0) | (np.abs(values) > 2**63 - 1024))
        lost = gone | wrong | np.isin(values, _sentinels(column))
        values = np.where(lost, np.nan, values)
        if column.kind == "real":
            return values, wrong
        whole = np.where(lost, 0.0, values).astype(np.int64)
        return pd.arrays.IntegerArray(whole, lost), wrong
    filled = raw.astype(object).where(~gone, 0) if gone.any() or raw.dtype == object else raw
    whole = filled.to_numpy().astype(np.int64)
    return pd.arrays.IntegerArray(whole, gone | np.isin(whole, _sentinels(column))), _none(raw)


def _sentinels(column: Column) -> np.ndarray:
    return np.array([float(code) for code in column.sentinels])


def _native_datetimes(raw: pd.Series, column: Column) -> tuple[Any, np.ndarray]:
    if raw.dtype == object:
        aware = getattr(raw.dropna().iloc[0], "tzinfo", None) is not None
        moments = pd.to_datetime(raw, utc=aware)
    elif isinstance(raw.dtype, pd.ArrowDtype):
        moments = pa.array(raw, raw.dtype.pyarrow_dtype)
        if pa.types.is_date(moments.type):
            moments = moments.cast(pa.timestamp("s"))
        moments = moments.to_pandas()
    else:
        moments = raw
    zoned = moments.dt.tz is not None
    if zoned:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    values = moments.to_numpy(dtype="M8[us]")
    if column.zone is not None and not zoned:
        values = dates.to_utc(values, column.zone)
    return _typed_array(values, np.isnat(values), column), _none(raw)


def _spelled(raw: pd.Series, column: Column, found: Family) -> tuple[Any, np.ndarray]:
    """Parses the distinct spellings and spreads the outcome over the rows."""
    distinct = Distinct.of(raw)
    text = (
        pa.array([spell_cell(v) for v in distinct.values], pa.string())
        if found != "text"
        else distinct.text
    )
    gone = missing.empty(text) | _listed(distinct, column)
    values, valid = _parse(text, column)
    lost = gone | ~valid
    if column.kind in ("integer", "real"):
        lost |= np.isin(values, _sentinels(column))
    # one more entry for the rows that are null in the frame (code -1)
    values = np.append(values, np.zeros(1, values.dtype))[distinct.codes]
    wrong = np.append(~gone & ~valid, False)[distinct.codes]
    return _typed_array(values, np.append(lost, True)[distinct.codes], column), wrong


def _listed(distinct: Distinct, column: Column) -> np.ndarray:
    return np.isin(distinct.values.astype(str), [m for m in column.missing if m is not None])


def spell_cell(value: Any) -> str:
    """The text by which a cell of another dtype is parsed."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        value.isoformat()
        if hasattr(value, "isoformat") and not isinstance(value, pd.Timedelta)
        else str(value)
    )


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
    meaning = {t.lower(): True for t, _ in labels.BOOLEANS} | {
        f.lower(): False for _, f in labels.BOOLEANS
    }
    meaning |= {"1": True, "0": False}
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
    wanted = family(column.dtype)
    cells = np.empty(distinct.n_values + 1, object)
    cells[:-1] = [_own(value, wanted) for value in distinct.values]
    cells[-1] = None
    if found == "text":
        gone = _listed(distinct, column)
        if column.nullable:
            gone |= missing.empty(distinct.text) & (
                np.char.strip(distinct.values.astype(str)) == ""
            )
        cells[:-1][gone] = None
    wrong = np.zeros(distinct.n_values + 1, bool)
    if column.kind == "ordinal":
        known = set(column.order)
        wrong[:-1] = [cell is not None and cell not in known for cell in cells[:-1]]
        cells[wrong] = None
    return cells[distinct.codes], wrong[distinct.codes]


def _own(value: Any, wanted: Family) -> Any:
    """A cell in the form the column's dtype has: text, or a plain Python scalar."""
    if wanted == "object":
        return value.item() if isinstance(value, np.generic) else value
    if wanted not in NUMERIC:
        return spell_cell(value)
    try:
        return {"integer": int, "real": float, "boolean": bool}[wanted](value)
    except ValueError:
        return str(value)

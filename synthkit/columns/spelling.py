"""One typed column -> raw values: the dtype and spelling that the schema remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from synthkit.columns import dates, durations, numbers
from synthkit.columns.dtypes import family
from synthkit.columns.restore import build, with_nulls
from synthkit.schema import Column

LABELS = ("categorical", "ordinal", "constant", "mixed", "identifier", "text")


def raw_values(typed: pd.Series, column: Column) -> Any:
    """An array of the column's raw dtype. Raises ``SchemaError`` if it cannot hold missing cells."""
    missing = typed.isna().to_numpy()
    values = _plain(typed, missing, column)
    if column.sentinels and missing.any():
        values = np.where(missing, float(column.sentinels[0]), values).astype(values.dtype)
        missing = np.zeros(len(missing), bool)
    if column.dtype.startswith("category"):
        return _category(values, missing, column)
    if family(column.dtype) == "text":
        return _text(values, missing, column, column.dtype)
    return build(_native(values, missing, column), missing, column.dtype, column.name)


def _plain(typed: pd.Series, missing: np.ndarray, column: Column) -> np.ndarray:
    """The typed column as one NumPy array; anything where missing."""
    if column.kind == "integer":
        return typed.to_numpy(dtype=np.int64, na_value=0)
    if column.kind == "boolean":
        return typed.to_numpy(dtype=bool, na_value=False)
    if column.kind == "datetime":
        naive = typed.dt.tz_convert("UTC").dt.tz_localize(None) if column.zone else typed
        return naive.to_numpy(dtype="M8[us]")
    if column.kind == "duration":
        return typed.to_numpy(dtype="m8[us]")
    return typed.to_numpy()


def _text(values: np.ndarray, missing: np.ndarray, column: Column, dtype: str) -> Any:
    """Spelled cells; a missing one in the first of the column's spellings."""
    cells = values if column.kind in LABELS else _spelled(values, missing, column)
    blank = column.missing[0] if column.missing else ("" if dtype == "str" else None)
    if blank is not None and missing.any():
        cells = np.where(missing, blank, cells)
        missing = np.zeros(len(missing), bool)
    return build(cells, missing, dtype, column.name)


def _spelled(values: np.ndarray, missing: np.ndarray, column: Column) -> np.ndarray:
    """(n,) object str; spelled once per distinct value."""
    codes, known = pd.factorize(values)
    used = np.unique(codes[~missing])
    spelled = np.full(len(known) + 1, None, object)
    spelled[used] = spell(np.asarray(known)[used], column)
    return with_nulls(spelled[codes], missing)


def spell(values: np.ndarray, column: Column) -> Any:
    """Each value as the column spells it; none missing."""
    if column.kind == "integer":
        return numbers.spell_integers(values, numbers.Style.of(column.format))
    if column.kind == "real":
        return numbers.spell_reals(values, numbers.Style.of(column.format), column.decimals)
    if column.kind == "boolean":
        return np.where(values, column.true or "True", column.false or "False")
    if column.kind == "datetime":
        offset = column.zone if column.zone and column.zone[0] in "+-" else "+00:00"
        return dates.spell(values, column.format or "%Y-%m-%d %H:%M:%S%.f", offset)
    return durations.spell(values, column.format or "days")


def _native(values: np.ndarray, missing: np.ndarray, column: Column) -> np.ndarray:
    """Values as an array of what the dtype's family holds; zero (or epoch) where missing."""
    found = family(column.dtype)
    if found == "object":
        return values
    if column.kind not in LABELS and NATURAL[column.kind] & {found}:
        return np.round(values) if column.kind == "real" and found == "integer" else values
    if column.kind not in LABELS:
        values = _spelled(values, missing, column)
    present = with_nulls(values, missing)
    if found in ("integer", "real", "boolean"):
        return _scalars(present, found)
    known = pd.Series(present[~missing])
    moments = found == "datetime"
    full = np.zeros(len(values), "M8[us]" if moments else "m8[us]")
    if moments:
        parsed = pd.to_datetime(known, format="ISO8601", utc=column.zone is not None)
        full[~missing] = parsed.to_numpy(dtype="M8[us]")
    else:
        full[~missing] = pd.to_timedelta(known).to_numpy(dtype="m8[us]")
    return full


NATURAL = {
    "integer": {"integer", "real"},
    "real": {"real", "integer"},
    "boolean": {"boolean"},
    "datetime": {"datetime"},
    "duration": {"duration", "time"},
}


def _scalars(cells: np.ndarray, found: str) -> np.ndarray:
    """Labels (numbers, or text of numbers) as numbers; integers stay Python integers."""
    if found == "integer":
        return np.array([0 if cell is None else int(cell) for cell in cells], object)
    if found == "boolean":
        return np.array([cell in (True, "True") for cell in cells], bool)
    return np.array([0.0 if cell is None else float(cell) for cell in cells], np.float64)


def _category(values: np.ndarray, missing: np.ndarray, column: Column) -> pd.Categorical:
    """A categorical of the values that occur, in the schema's order if it has one."""
    cells = values if column.kind in LABELS else _spelled(values, missing, column)
    if column.missing and column.missing[0] is not None:
        cells, missing = np.where(missing, column.missing[0], cells), np.zeros(len(missing), bool)
    codes, known = pd.factorize(with_nulls(cells, missing))
    place = {label: rank for rank, label in enumerate(column.order)}
    ranked = sorted(range(len(known)), key=lambda i: place[known[i]] if place else known[i])
    labels = np.empty(len(known), object)
    labels[:] = [known[i] for i in ranked]
    inner = column.dtype.partition(":")[2]
    if inner and family(inner) != "text":
        nothing = np.zeros(len(labels), bool)
        plain = column.model_copy(update={"dtype": inner})
        index = pd.Index(build(_native(labels, nothing, plain), nothing, inner, column.name))
    else:
        index = pd.Index(build(labels, np.zeros(len(labels), bool), inner or "str", column.name))
    back = np.append(np.argsort(ranked), -1)
    return pd.Categorical.from_codes(
        back[codes], categories=index, ordered=column.kind == "ordinal"
    )

"""One typed column -> raw values: the dtype and spelling that the schema remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthkit.columns import dates, durations, numbers
from synthkit.columns.dtypes import family
from synthkit.columns.parsing import LABELS
from synthkit.columns.restore import build, with_nulls
from synthkit.schema import Column


def raw_values(typed: pd.Series, column: Column) -> Any:
    """An array of the column's raw dtype. Raises ``SchemaError`` if it cannot hold missing cells."""
    if column.kind == "image":
        return typed.to_numpy(object)
    missing = typed.isna().to_numpy()
    values = _plain(typed, missing, column)
    if column.sentinels and missing.any():
        values = values.copy()
        values[missing] = int(column.sentinels[0])
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
        return dates.spell(values, column.format or "%Y-%m-%d %H:%M:%S%.f", column.zone or "UTC")
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
    known = present[~missing]
    if found == "datetime":
        moments = np.zeros(len(values), "M8[us]")
        moments[~missing] = dates.parse_iso(pa.array(known, pa.string()), column.zone)[0]
        return moments
    spans = np.zeros(len(values), "m8[us]")
    spans[~missing] = pd.to_timedelta(pd.Series(known)).to_numpy(dtype="m8[us]")
    return spans


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
    """A categorical of the schema's list; values beyond it follow, in the schema's order if any."""
    cells = values if column.kind in LABELS else _spelled(values, missing, column)
    if column.missing and column.missing[0] is not None:
        cells, missing = np.where(missing, column.missing[0], cells), np.zeros(len(missing), bool)
    codes, found = pd.factorize(with_nulls(cells, missing))
    rank = {label: place for place, label in enumerate(column.order)}
    others = sorted(
        set(found).difference(column.categories),
        key=lambda label: (rank.get(label, len(rank)), isinstance(label, str), label),
    )
    known = np.array([*column.categories, *others, None], object)[:-1]
    place = {label: code for code, label in enumerate(known)}
    back = np.array([*(place[label] for label in found), -1], np.int64)  # code -1 stays -1
    inner, nothing = column.dtype.partition(":")[2] or "str", np.zeros(len(known), bool)
    if family(inner) != "text":
        known = _native(known, nothing, column.model_copy(update={"dtype": inner}))
    return pd.Categorical.from_codes(
        back[codes],
        categories=pd.Index(build(known, nothing, inner, column.name)),
        ordered=column.ordered,
    )

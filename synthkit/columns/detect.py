"""Schema detection: the kind of every column, the memory its output needs, and the reason.

    schema = detect(frame)                                      # everything from the data
    schema = detect(frame, SchemaSpec(target="income"))         # roles and overrides obeyed

A text column is judged by its spelling whatever the source, all other columns by dtype and values.
Recognisers are asked in order and the first answer wins; all of them look at distinct values only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from synthkit.columns import declared as declaring
from synthkit.columns import labels, missing, quantities, roles, times
from synthkit.columns.cast import contradiction
from synthkit.columns.distinct import Distinct
from synthkit.columns.dtypes import dtype_name
from synthkit.columns.evidence import Evidence, Fields, counted
from synthkit.columns.parsing import typed_values
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import Column, Schema

Recogniser = Callable[[Evidence], Fields | None]

SPELLED: tuple[Recogniser, ...] = (
    labels.boolean,
    quantities.spelled_numbers,
    times.spelled_datetimes,
    times.spelled_durations,
    labels.ordinal,
    labels.mixed,
    labels.identifier,
    labels.free_text,
    labels.categorical,
)
NATIVE: dict[str, Recogniser] = {
    "integer": quantities.native_integers,
    "real": quantities.native_reals,
    "boolean": labels.native_booleans,
    "datetime": times.native_datetimes,
    "duration": times.native_durations,
    "time": times.native_durations,
    "object": labels.objects,
}


def detect(frame: pd.DataFrame, declared: SchemaSpec | None = None) -> Schema:
    """The schema of a raw table.

    Args:
        frame: delimited text with every cell as text (an absent cell is ``""``), or a frame with
            dtypes of its own. At least one row and one column; names are text and differ.
        declared: roles, constraints and overrides; ``kind``, ``decimals``, ``format``, ``missing``
            and ``order`` of a column are obeyed.

    Raises:
        SchemaError: a table that cannot be described, a declared name that is not there, a
            declaration that the cells contradict (with count and row numbers), or a role that
            its column cannot play.
    """
    spec = declared or SchemaSpec()
    roles.check_names(frame, spec)
    columns = tuple(
        _column(frame[name], spec.columns.get(name, ColumnSpec())) for name in frame.columns
    )
    schema = Schema(
        columns=columns,
        target=spec.target,
        sensitive=spec.sensitive,
        constraints=spec.constraints,
    )
    roles.check_roles(schema)
    return schema


def _column(raw: pd.Series, spec: ColumnSpec) -> Column:
    dtype = dtype_name(raw)
    seen = Distinct.of(raw)
    present, spellings, kept_words = _split_missing(seen, dtype, spec)
    evidence = Evidence(present, dtype, kept_words)
    gone = seen.n_rows - present.n_present
    kind = declaring.declared_kind(spec)
    if present.n_present == 0:
        found: Fields = {"kind": "constant", "reason": f"all {seen.n_rows:,} cells are missing"}
    elif kind is not None:
        found = declaring.declare(evidence, kind, spec)
    elif present.n_values == 1 and not gone:
        found = labels.constant(evidence)
    else:
        found = _recognise(raw, evidence)
    gone += found.pop("sentinel_cells", 0)
    found["nullable"] = gone > 0
    found["reason"] += _said_of_missing(gone, len(spellings), len(found.get("sentinels", ())))
    column = Column(name=present.name, dtype=dtype, missing=spellings, **found)
    if kind is not None and present.n_present:
        wrong = typed_values(raw, column)[1]
        if wrong.any():
            raise contradiction(column, wrong)
    return column


def _split_missing(
    seen: Distinct, dtype: str, spec: ColumnSpec
) -> tuple[Distinct, tuple[str | None, ...], bool]:
    """Present cells, spellings of missing ones (most frequent first, None for null), kept words."""
    evidence = Evidence(seen, dtype)
    if evidence.family != "text":
        return seen, (), False
    kept_words = False
    if not seen.n_values:
        gone = np.zeros(0, bool)
    elif spec.missing is not None:
        gone = missing.listed(seen.text, spec.missing)
    else:
        gone, kept_words = missing.placeholders(seen)
    nulls = seen.n_rows - seen.n_present
    spellings: list[tuple[int, str | None]] = [
        (int(seen.counts[place]), str(seen.values[place])) for place in np.flatnonzero(gone)
    ]
    if nulls:
        spellings.append((nulls, None))
    spellings.sort(key=lambda pair: -pair[0])
    return seen.keep(~gone), tuple(spelling for _, spelling in spellings), kept_words


def _recognise(raw: pd.Series, evidence: Evidence) -> Fields:
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return labels.categories(evidence, raw.dtype)
    recognisers = SPELLED if evidence.family == "text" else (NATIVE[evidence.family],)
    return next(found for recognise in recognisers if (found := recognise(evidence)) is not None)


def _said_of_missing(cells: int, spellings: int, sentinels: int) -> str:
    if not cells:
        return ""
    text = f"; {counted(cells, 'cell')} missing"
    if spellings > 1:
        text += f", spelled in {spellings} ways"
    if sentinels:
        text += (
            f", among them those that hold {'a numeric code' if sentinels == 1 else 'numeric codes'}"
            " far outside the other values"
        )
    return text

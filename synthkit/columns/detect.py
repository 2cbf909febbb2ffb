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

from synthkit.columns import (
    categories,
    contents,
    keys,
    labels,
    missing,
    pictures,
    quantities,
    roles,
    times,
)
from synthkit.columns import declared as declaring
from synthkit.columns.cast import contradiction
from synthkit.columns.distinct import Distinct
from synthkit.columns.dtypes import dtype_name, family
from synthkit.columns.evidence import Evidence, Fields
from synthkit.columns.parsing import typed_values
from synthkit.counts import counted_are
from synthkit.errors import SchemaError, together
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
            declaration that the cells contradict (with count and row numbers), or a role or
            constraint that its columns do not fit; all of them at once.
    """
    spec = declared or SchemaSpec()
    roles.check_table(frame)
    refused = roles.wrong_names(list(frame.columns), spec)
    columns: dict[str, Column] = {}
    once = _one_row_each(frame, spec.person)
    tells = None if spec.person in (spec.target, *spec.sensitive) else spec.person
    for name in frame.columns:
        try:
            declared_of = spec.columns.get(name, ColumnSpec())
            columns[name] = _column(frame[name], declared_of, name == tells, once)
        except SchemaError as error:
            refused.append(error)
    refused += roles.wrong_roles(columns, spec)
    if once is not None and len(once) == len(frame):
        refused += roles.wrong_person(columns, spec)
    if refused:
        raise together(refused)
    return Schema(
        columns=tuple(columns.values()),
        target=spec.target,
        sensitive=spec.sensitive,
        person=spec.person,
        constraints=spec.constraints,
    )


def _one_row_each(frame: pd.DataFrame, person: str | None) -> np.ndarray | None:
    """Positions of the first row of every person; None where people are not told apart."""
    if person is None or person not in frame.columns:
        return None
    cells = frame[person]
    return np.flatnonzero(~cells.duplicated() | cells.isna() | (cells == ""))


def _column(
    raw: pd.Series, spec: ColumnSpec, tells_people_apart: bool, once: np.ndarray | None
) -> Column:
    """One column.

    Args:
        raw: its cells.
        spec: what is declared.
        tells_people_apart: whether it is declared to say whose a row is.
        once: positions of one row of every person, where it is known whose rows are.
    """
    image = pictures.describe(raw)
    if image is not None:
        declaring.refuse_image(spec, image.name)
        return image
    dtype, seen = dtype_name(raw), Distinct.of(raw)
    split = missing.split(seen, family(dtype), spec.missing)
    evidence = Evidence(split.present, dtype, split.kept_words)
    gone = seen.n_rows - split.present.n_present
    kind = declaring.declared_kind(spec, seen.name)
    key = "it tells whose a row is" if tells_people_apart else keys.recurring_key(evidence)
    if gone == seen.n_rows:
        found: Fields = {"kind": "constant", "reason": f"all {gone:,} cells are missing"}
    elif kind is not None:
        found = declaring.declare(evidence, kind, spec)
    elif split.present.n_values == 1 and not gone:
        found = labels.constant(evidence)
    elif key is not None:
        if tells_people_apart:
            roles.refuse_person(_recognise(raw, evidence)["kind"], seen.name)
        found = declaring.declare(evidence, "identifier", spec)
        found["reason"] = f"{key}, {evidence.spread}"
    else:
        found = _recognise(raw, evidence)
        if once is not None and found["kind"] == "categorical":
            found = _of_one_person(raw.iloc[once], evidence.dtype, spec) or found
    codes = found.pop("sentinels", {})
    if spec.missing is not None:  # what is missing has been said; nothing is added to it
        codes = split.sentinels
        declaring.refuse_codes(found["kind"], codes, seen.name)
    else:
        gone += sum(codes.values())
    if kind is None:
        declaring.refuse_misfits(spec, found["kind"], seen.name)
    content = spec.content or contents.about(evidence, found["kind"])
    if content is not None and content not in found["reason"]:
        found["reason"] += f"; {content} {'as declared' if spec.content else 'by name and form'}"
    person = contents.personal(evidence, found["kind"], content) if kind is None else None
    if person is not None:
        found["reason"] += (
            f"; it seems to hold {person}, and frequent values are kept as categories: give it "
            "pseudonyms, declare kind identifier or text, or leave it out, if these are people"
        )
    found["reason"] += _said_of_missing(gone, len(split.spellings), len(codes))
    column = Column(
        name=seen.name,
        dtype=dtype,
        nullable=gone > 0,
        missing=split.spellings,
        sentinels=tuple(codes),
        content=content,
        personal=person is not None,
        recurring_key=key is not None,
        **categories.memory(evidence, raw.dtype, found["kind"]),
        **found,
    )
    if kind is not None:
        wrong = typed_values(raw, column)[1]
        if wrong.any():
            raise contradiction(column, wrong, declaring.place(spec, seen.name))
    return column


def _of_one_person(cells: pd.Series, dtype: str, spec: ColumnSpec) -> Fields | None:
    """The fields of a key or a text that hardly ever repeats among people, though it does among their rows."""
    if family(dtype) != "text" or isinstance(cells.dtype, pd.CategoricalDtype):
        return None
    evidence = Evidence(missing.split(Distinct.of(cells), "text", spec.missing).present, dtype)
    found = labels.identifier(evidence) or labels.free_text(evidence)
    if found is not None:
        found["reason"] += ", of one row of each person"
        found |= {"unique": False} if found["kind"] == "identifier" else {}
    return found


def _recognise(raw: pd.Series, evidence: Evidence) -> Fields:
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return categories.recognise(evidence, raw.dtype)
    recognisers = SPELLED if evidence.family == "text" else (NATIVE[evidence.family],)
    return next(found for recognise in recognisers if (found := recognise(evidence)) is not None)


def _said_of_missing(cells: int, spellings: int, sentinels: int) -> str:
    if not cells:
        return ""
    text = f"; {counted_are(cells, 'cell')} missing"
    if spellings > 1:
        text += f", spelled in {spellings} ways"
    if sentinels:
        text += (
            f", counting those that hold {'a numeric code' if sentinels == 1 else 'numeric codes'}"
        )
    return text

"""Overrides: the fields of a column whose kind, format, decimals or order the user declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from synthkit import patterns
from synthkit.columns import date_formats, dates, durations, labels, numbers, quantities, zones
from synthkit.columns.distinct import matches, stripped
from synthkit.columns.dtypes import raw_zone
from synthkit.columns.evidence import Evidence, Fields
from synthkit.counts import counted
from synthkit.errors import SchemaError
from synthkit.recipe import KINDS_OF_OPTIONS, ColumnSpec


def declared_kind(spec: ColumnSpec, name: str) -> str | None:
    """The declared kind, or the one that another declaration implies; None to be detected."""
    if spec.kind or spec.order is not None:
        return spec.kind or "ordinal"
    if spec.format is not None and "%" in spec.format:
        return "datetime"
    if spec.format in durations.FORMATS:
        return "duration"
    if spec.format is not None and spec.decimals is None:
        style = _style(spec.format, name)
        return "real" if style.more or style.least else "integer"
    return "real" if spec.decimals is not None else None


def place(spec: ColumnSpec, name: str, option: str | None = None) -> tuple[str, ...]:
    """Where a recipe declares an option of a column; its kind, or what implies it, if left out."""
    said = [
        key for key in ("kind", "order", "format", "decimals") if getattr(spec, key) is not None
    ]
    return ("schema", "columns", name, *([option] if option else said[:1]))


def refuse_misfits(spec: ColumnSpec, kind: str, name: str) -> None:
    """``SchemaError`` for a declaration that the kind has no use for."""
    for option, kinds in KINDS_OF_OPTIONS.items():
        if getattr(spec, option) is not None and kind not in kinds:
            raise SchemaError(
                f"{option} is declared, which kind {kind} does not have",
                where=f"schema.columns.{name}",
                expected=f"{option} with kind {' or '.join(kinds)}",
                remedy=f"remove {option} or change the kind",
                at=place(spec, name, option),
            )


def refuse_image(spec: ColumnSpec, name: str) -> None:
    """``SchemaError`` for anything declared of a column of images."""
    said = [option for option in ColumnSpec.model_fields if getattr(spec, option) is not None]
    if said:
        raise SchemaError(
            f"{said[0]} is declared of a column that holds images",
            where=f"schema.columns.{name}",
            remedy="leave it out; source.size and source.channels say how images are read",
            at=("schema", "columns", name, said[0]),
        )


def refuse_codes(kind: str, codes: Mapping[str, int], name: str) -> None:
    """``SchemaError`` for numbers declared missing in a native column that holds no quantity."""
    if codes and kind not in ("integer", "real"):
        raise SchemaError(
            f"numbers are declared missing in a column of kind {kind}",
            where=f"schema.columns.{name}",
            remedy="declare kind integer or real as well, or remove missing",
            at=("schema", "columns", name, "missing"),
        )


def declare(evidence: Evidence, kind: str, spec: ColumnSpec) -> Fields:
    """The fields of a column of a declared kind.

    Cells that do not fit are not looked for here: the caller casts the column and counts them.

    Raises:
        SchemaError: a format that is none, or a kind that no format fits.
    """
    refuse_misfits(spec, kind, evidence.column.name)
    fields = _DECLARED.get(kind, _as_declared)(evidence, spec)
    return {"kind": kind, "reason": f"declared; {evidence.spread}", **fields}


def _as_declared(evidence: Evidence, spec: ColumnSpec) -> Fields:
    return {}


def _style(format: str, name: str) -> numbers.Style:
    try:
        return numbers.Style.of(format)
    except ValueError as error:
        raise _unusable(name, error) from None


def _unusable(name: str, error: ValueError) -> SchemaError:
    return SchemaError(
        "the declared format cannot be used",
        where=f"schema.columns.{name}",
        expected=str(error),
        at=("schema", "columns", name, "format"),
    )


def _spelled(evidence: Evidence) -> bool:
    return evidence.family == "text"


def _fitting_style(evidence: Evidence, spec: ColumnSpec) -> numbers.Style:
    """The declared style, or the one of the cells that are numbers."""
    if spec.format is not None:
        return _style(spec.format, evidence.column.name)
    text = evidence.column.text
    for form in (numbers.PLAIN, *numbers.GROUPED):
        fits = matches(stripped(text), form.pattern)
        if fits.mean() > 0.5:
            return numbers.find_style(text.filter(pa.array(fits))) or form
    return numbers.find_style(text) or numbers.PLAIN


def _integer(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if not _spelled(evidence):
        return {}
    style = _fitting_style(evidence, spec)
    return {"format": spec.format or (None if style.is_plain or style.more else str(style))}


def _real(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if not _spelled(evidence):
        if spec.decimals is not None or evidence.family not in ("real", "integer"):
            return {"decimals": spec.decimals}
        values = evidence.column.values.astype(np.float64)
        return {"decimals": quantities.native_decimals(values[np.isfinite(values)], 1e-9)}
    style = _fitting_style(evidence, spec)
    fits = ~np.isnan(numbers.parse_reals(evidence.column.text, style))
    text = evidence.column.text.filter(pa.array(fits))
    found = quantities.spelled_precision(text, style, evidence.column.counts[fits])[0]
    decimals = found if spec.decimals is None else spec.decimals
    if decimals is not None and spec.format is None:
        style = replace(style, least=min(style.least, decimals), more=decimals > style.least)
    return {"decimals": decimals, "format": spec.format or str(style)}


def _boolean(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if evidence.family == "boolean":
        return {}
    pair = {str(v) for v in evidence.column.values.tolist()}
    for true, false in (*labels.BOOLEANS, ("1", "0"), ("1.0", "0.0")):
        if pair <= {true, false}:
            return {"true": true, "false": false}
    raise SchemaError(
        f"the column has {counted(len(pair), 'distinct value')} that are none of the usual pairs",
        where=f"column {evidence.column.name}",
        expected="true/false, yes/no, y/n, t/f or 1/0 for kind boolean",
        remedy="declare kind categorical",
        at=place(spec, evidence.column.name),
    )


def _datetime(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if evidence.family == "datetime":
        return {"zone": raw_zone(evidence.dtype)}
    name = evidence.column.name
    text = pa.array([str(v) for v in evidence.column.values.tolist()], pa.string())
    if spec.format is None:
        guess = date_formats.infer(text)
        if guess is None:
            raise SchemaError(
                "no one datetime format fits all cells",
                where=f"column {name}",
                remedy=f"declare it, as in {name}: {{kind: datetime, format: '%d.%m.%Y'}}, or "
                "declare kind categorical",
                at=place(spec, name),
            )
        format = guess.format
    else:
        format = spec.format
        try:
            dates.check_format(format)
        except ValueError as error:
            raise _unusable(name, error) from None
    return {"format": format, "zone": zones.zone_of(text, format)}


def _duration(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if not _spelled(evidence):
        return {}
    form = spec.format or durations.infer(evidence.column.text)
    if form not in durations.FORMATS:
        raise SchemaError(
            "no one duration format fits all cells" if form is None else "the format is unknown",
            where=f"column {evidence.column.name}",
            expected=f"one of {', '.join(durations.FORMATS)}",
            remedy="declare the format, or kind categorical",
            at=place(spec, evidence.column.name, "format" if spec.format else None),
        )
    return {"format": form}


def _ordinal(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if spec.order is not None:
        order = tuple(str(v) for v in spec.order) if _spelled(evidence) else spec.order
        if len(set(order)) < len(order):
            raise SchemaError(
                "the order names a value twice",
                where=f"schema.columns.{evidence.column.name}",
                at=place(spec, evidence.column.name, "order"),
            )
        return {"order": order}
    if evidence.family in ("integer", "real"):
        return {"order": tuple(sorted(evidence.column.values.tolist()))}
    known = labels.ordinal(evidence, fewest=1) if _spelled(evidence) else None
    if known is None:
        raise SchemaError(
            "the order of the values is not known",
            where=f"schema.columns.{evidence.column.name}",
            remedy="declare it from low to high, as in {kind: ordinal, order: [low, high]}",
            at=place(spec, evidence.column.name),
        )
    return {"order": known["order"]}


def _identifier(evidence: Evidence, spec: ColumnSpec) -> Fields:
    spelled = [str(v) for v in evidence.column.values.tolist()]
    whole = all(len(v) < 18 and v.lstrip("-").isdecimal() and str(int(v)) == v for v in spelled)
    found = quantities.counter(evidence, np.array(spelled, np.int64)) if whole else None
    pattern = found["pattern"] if found else patterns.infer(spelled)
    return {"pattern": pattern, "unique": evidence.all_differ}


def _constant(evidence: Evidence, spec: ColumnSpec) -> Fields:
    if evidence.column.n_values > 1:
        raise SchemaError(
            f"the column is declared constant but has {evidence.column.n_values:,} distinct values",
            where=f"column {evidence.column.name}",
            remedy="leave the kind out to have it detected",
            at=place(spec, evidence.column.name),
        )
    return {}


_DECLARED: dict[str, Callable[[Evidence, ColumnSpec], Fields]] = {
    "integer": _integer,
    "real": _real,
    "boolean": _boolean,
    "datetime": _datetime,
    "duration": _duration,
    "ordinal": _ordinal,
    "identifier": _identifier,
    "constant": _constant,
}

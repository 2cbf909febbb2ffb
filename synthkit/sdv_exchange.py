"""Metadata of SDV (the JSON file that describes its tables) as ``schema:`` of a recipe, and back.

    imported = read(Path("metadata.json"))      # imported.spec, imported.notes
    content = exported(schema)                  # a dictionary, to be written as JSON

Read are versions ``V2`` and ``V1`` (``{"tables": {"orders": {"columns": ...}}}``), and the older
``SINGLE_TABLE_V1`` (``{"columns": ...}``) and ``MULTI_TABLE_V1``; ``V2`` is written. What has no
counterpart is said in the notes, with the name of its column. SDV is not needed.

| sdtype | kind |
| --- | --- |
| numerical | integer or real, by ``decimal_places`` or ``computer_representation``; else ``numbers`` |
| categorical, boolean | the same |
| ordinal | ordinal, in the order of ``range_values``; a categorical with an ``order`` too |
| datetime | datetime, with its format |
| id, and every key | identifier |
| phone_number, ssn and other codes of a person or thing | identifier |
| name, email and everything else of ``pii`` | text, which is not learned but made up |
| the same with ``pii: false`` | categorical |
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit.counts import counted
from synthkit.errors import SchemaError
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import Column, Schema, Unique

VERSION = "V2"
READ_VERSIONS = ("V2", "V1", "MULTI_TABLE_V1", "SINGLE_TABLE_V1", "SINGLE_TABLE_V2")
CODES = {
    *("credit_card_number", "iban", "ipv4_address", "ipv6_address", "license_plate", "mac_address"),
    *("phone_number", "postcode", "ssn", "swift", "swift8", "swift11", "uuid", "uuid4", "vin"),
}
MADE_UP = {
    *("address", "street_address", "secondary_address", "company", "email", "name"),
    *("first_name", "last_name", "user_name"),
}
CONTENTS = {
    "person names": "name",
    "first names": "first_name",
    "last names": "last_name",
    "e-mail addresses": "email",
    "street addresses": "street_address",
    "company names": "company",
}
_USED = {"sdtype", "pii", "datetime_format", "decimal_places", "computer_representation"}
_OF_KIND = {"ordinal": {"range_values"}, "categorical": {"order"}}
_SEEN = {"range_min", "range_max", "range_values", "range_is_nullable", "high_cardinality"}
_SAID_ELSEWHERE = {"columns", "primary_key", "alternate_keys", "METADATA_SPEC_VERSION"}
_DIRECTIVES = re.compile("(?:%[YymdHIMSbBaApfzZ%]|[^%])*")  # of strftime, and ours as well


@dataclass(frozen=True)
class Imported:
    """What the metadata of a table says.

    Args:
        spec: columns and constraints, as under ``schema:`` in a recipe.
        numbers: columns that are declared as real because nothing says that they are integers.
        notes: what was not taken, and why.
    """

    spec: SchemaSpec
    numbers: frozenset[str]
    notes: tuple[str, ...]


def read(path: Path, table: str | None = None) -> Imported:
    """Reads a metadata file. Raises ``SchemaError`` for one that cannot be used."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SchemaError(
            "the metadata cannot be read", where=path, expected="a metadata file of SDV"
        ) from error
    except ValueError:
        raise SchemaError(
            "this is no JSON", where=path, expected="a metadata file of SDV"
        ) from None
    return imported(content, table, str(path))


def imported(content: Any, table: str | None = None, where: str = "metadata") -> Imported:
    """Reads metadata.

    Args:
        content: as JSON has it.
        table: name of the table; needed where there are several.
        where: what messages call it.

    Raises:
        SchemaError: no metadata of SDV, several tables and none named, or a table that is not there.
    """
    about = _table(content, table, where)
    notes = _unused(about)
    columns: dict[str, ColumnSpec] = {}
    numbers: set[str] = set()
    seen: set[str] = set()
    for name, entry in about["columns"].items():
        if not isinstance(entry, dict) or not isinstance(entry.get("sdtype"), str):
            raise SchemaError(f"column {name} has no sdtype", where=where)
        columns[name], said = _column(name, entry)
        notes += said
        seen |= _SEEN & set(entry) - _OF_KIND.get(entry["sdtype"], set())
        if entry["sdtype"] == "numerical" and columns[name].decimals is None:
            if columns[name].kind == "real":
                numbers.add(name)
    if seen:
        notes.append(f"{', '.join(sorted(seen))}: not taken, but seen in the data itself")
    together = []
    for key in _keys(about, where):
        if len(key) == 1:
            columns[key[0]] = ColumnSpec(kind="identifier")
            numbers.discard(key[0])
        else:
            together.append(Unique(kind="unique", columns=key))
    spec = SchemaSpec(columns=columns, constraints=tuple(together))
    return Imported(spec, frozenset(numbers), tuple(notes))


def settled(known: Imported, detected: Schema) -> SchemaSpec:
    """What is declared, with the numbers integer that are so in the data."""
    whole = {c.name: ColumnSpec(kind="integer") for c in detected.columns if c.kind == "integer"}
    numbers = {name: spec for name, spec in whole.items() if name in known.numbers}
    return known.spec.model_copy(update={"columns": known.spec.columns | numbers})


def exported(schema: Schema, table: str = "table") -> tuple[dict[str, Any], list[str]]:
    """Metadata of one table, version V2, and notes on what it could not hold.

    No value of the data is in it: the order of an ordinal column is left out.
    """
    notes: list[str] = []
    columns = {}
    for column in schema.columns:
        columns[column.name], said = _entry(column)
        notes += said
    about: dict[str, Any] = {"columns": columns}
    keys = [c.name for c in schema.columns if c.kind == "identifier" and c.unique]
    if keys:
        about["primary_key"] = keys[0]
    if keys[1:]:
        about["alternate_keys"] = keys[1:]
    for rule in schema.constraints:
        notes.append(f"the constraint '{rule.label}' has no place in metadata")
    content = {"tables": {table: about}, "relationships": [], "METADATA_SPEC_VERSION": VERSION}
    return content, notes


def _table(content: Any, table: str | None, where: str) -> dict[str, Any]:
    """The entry of one table."""
    expected = '{"tables": {NAME: {"columns": ...}}, "METADATA_SPEC_VERSION": "V2"}'
    if not isinstance(content, dict):
        raise SchemaError("this is no metadata of SDV", where=where, expected=expected)
    version = content.get("METADATA_SPEC_VERSION", VERSION)
    if version not in READ_VERSIONS:
        raise SchemaError(
            "the version of this metadata is unknown",
            where=where,
            expected=f"METADATA_SPEC_VERSION {', '.join(READ_VERSIONS)}",
        )
    tables = content.get("tables", {table or "table": content})
    if not isinstance(tables, dict) or not tables:
        raise SchemaError("the metadata describes no table", where=where, expected=expected)
    if table is None and len(tables) > 1:
        raise SchemaError(
            f"the metadata describes {counted(len(tables), 'table')}",
            where=where,
            expected="one",
            remedy=f"name the one of this data: {', '.join(map(str, tables))}",
        )
    name = table or next(iter(tables))
    if name not in tables:
        raise SchemaError(
            f"the metadata has no table '{name}'",
            where=where,
            expected=f"one of {', '.join(map(str, tables))}",
        )
    about = tables[name]
    if not isinstance(about, dict) or not isinstance(about.get("columns"), dict):
        raise SchemaError(
            "the table has no columns",
            where=where,
            expected=expected,
            remedy="metadata of SDV before 1.0 is to be saved by a newer SDV first"
            if isinstance(about, dict) and "fields" in about
            else None,
        )
    return about


def _unused(about: Mapping[str, Any]) -> list[str]:
    """Notes on what is said of the table as a whole and cannot be taken."""
    left = [key for key in about if key not in _SAID_ELSEWHERE and about[key]]
    return [f"{', '.join(sorted(left))}: not taken, as rows are independent"] if left else []


def _keys(about: Mapping[str, Any], where: str) -> list[tuple[str, ...]]:
    """The primary key and the others; a key of several columns is one entry."""
    primary, others = about.get("primary_key"), about.get("alternate_keys") or []
    listed = [*([primary] if primary else []), *(others if isinstance(others, list) else [])]
    keys = [tuple(key) if isinstance(key, list) else (key,) for key in listed]
    for name in (name for key in keys for name in key):
        if name not in about["columns"]:
            raise SchemaError(f"a key names the column '{name}', which is not listed", where=where)
    return keys


def _column(name: str, entry: Mapping[str, Any]) -> tuple[ColumnSpec, list[str]]:
    """What is declared of a column, and notes on what could not be."""
    sdtype = entry["sdtype"]
    left = set(entry) - _USED - _SEEN - _OF_KIND.get(sdtype, set())
    notes = [f"column {name}: {', '.join(sorted(left))} not taken"] if left else []
    order = entry.get("range_values") if sdtype == "ordinal" else entry.get("order")
    if sdtype == "numerical":
        return _number(entry), notes
    if sdtype in ("ordinal", "categorical") and isinstance(order, list):
        return ColumnSpec(kind="ordinal", order=tuple(order)), notes
    if sdtype == "ordinal":
        return ColumnSpec(), [*notes, f"column {name}: ordinal without an order; left to detection"]
    if sdtype == "datetime":
        return _datetime(name, entry, notes)
    if sdtype in ("categorical", "boolean"):
        return ColumnSpec(kind=sdtype), notes
    if sdtype == "id" or (sdtype in CODES and entry.get("pii", True)):
        return ColumnSpec(kind="identifier"), notes
    known = sdtype in CODES | MADE_UP
    if entry.get("pii", True):
        said = (
            f"column {name}: sdtype {sdtype} is not known here; treated as text, which is made up"
        )
        return ColumnSpec(kind="text"), notes if known else [*notes, said]
    said = f"column {name}: sdtype {sdtype} without pii is treated as categorical"
    return ColumnSpec(kind="categorical"), [*notes, said]


def _number(entry: Mapping[str, Any]) -> ColumnSpec:
    places, stored = entry.get("decimal_places"), str(entry.get("computer_representation", ""))
    if places == 0 or stored.startswith(("Int", "UInt")):
        return ColumnSpec(kind="integer")
    if isinstance(places, int) and 0 < places <= 17:
        return ColumnSpec(kind="real", decimals=places)
    return ColumnSpec(kind="real")


def _datetime(
    name: str, entry: Mapping[str, Any], notes: list[str]
) -> tuple[ColumnSpec, list[str]]:
    format = entry.get("datetime_format")
    if format is None:
        return ColumnSpec(kind="datetime"), notes
    if not _DIRECTIVES.fullmatch(str(format)) or not re.search("%[Yy]", str(format)):
        said = f"column {name}: its datetime_format is not known here; left to detection"
        return ColumnSpec(kind="datetime"), [*notes, said]
    return ColumnSpec(kind="datetime", format=str(format)), notes


def _entry(column: Column) -> tuple[dict[str, Any], list[str]]:
    """A column as SDV has it, and notes on what was lost."""
    if column.kind == "integer":
        return {"sdtype": "numerical", "decimal_places": 0}, []
    if column.kind == "real":
        places = {} if column.decimals is None else {"decimal_places": column.decimals}
        return {"sdtype": "numerical", **places}, []
    if column.kind == "boolean" and (column.true or "true").lower() == "true":
        return {"sdtype": "boolean"}, []
    if column.kind == "datetime":
        if column.format is None or _DIRECTIVES.fullmatch(column.format):
            format = {"datetime_format": column.format} if column.format else {}
            return {"sdtype": "datetime", **format}, []
        return {"sdtype": "datetime"}, [f"column {column.name}: its format is not one of Python's"]
    if column.kind == "identifier":
        return {"sdtype": "id"}, []
    if column.kind == "text":
        return {"sdtype": CONTENTS.get(column.content or "", "unknown"), "pii": True}, []
    lost = {
        "ordinal": "its order holds values of the data, and is left out",
        "duration": "a duration is a category in SDV",
        "mixed": "a mixed column is a category in SDV",
    }.get(column.kind)
    return {"sdtype": "categorical"}, [f"column {column.name}: {lost}"] if lost else []

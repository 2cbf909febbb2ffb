"""Pseudonyms in a raw table: which cells get one, of which type, and what is to be said of it.

    replaced = pseudonymised(frame, {"doctor": "person names", "account": "format"}, key)

A column is judged by what is detected and declared of its real cells. Missing cells, however
spelled, stay; so do dtypes and the order of rows. Numbers, dates and yes/no are refused: pseudonyms
have no size and no order. Whole numbers are taken for codes, so their column is categorical then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from synthkit.columns import detect
from synthkit.columns.distinct import Distinct
from synthkit.columns.dtypes import family
from synthkit.counts import counted
from synthkit.errors import SchemaError, together
from synthkit.integer_range import integer_range
from synthkit.pseudonyms.formats import FEW, Formats, size, stays
from synthkit.pseudonyms.key import Key
from synthkit.pseudonyms.people import People
from synthkit.recipe import FORMAT, ColumnSpec, PseudonymWord, SchemaSpec
from synthkit.schema import TEXTUAL, Column, TableKind
from synthkit.soundness.unknown_columns import no_such_column

PLACE = ("protect", "pseudonyms", "columns")
KINDS: dict[str, TableKind] = {
    "categorical": "categorical",
    "identifier": "identifier",
    "text": "text",
    "integer": "categorical",
    "mixed": "categorical",
    "constant": "constant",
}
"""Kinds of columns whose values can be replaced, and what they are afterwards."""
_FLOATS = (("16", 3), ("half", 3), ("32", 6), ("arrow:float", 6))  # digits that each keeps
_LONGEST = 15  # of float64

Maker = Callable[[str], str]


@dataclass(frozen=True)
class Replaced:
    """A table with pseudonyms.

    Args:
        frame: the table; all that is not replaced is as it was.
        changes: what is to be declared of the columns with pseudonyms.
        facts: by column, its ``word``, how many different ``values`` were replaced, how many of
            these share their pseudonym with another value (``shared``), have a format of few texts
            (``few``), or stay as they are (``kept``).
        notices: what a user should know, by column; counts only.
    """

    frame: pd.DataFrame
    changes: dict[str, dict[str, Any]]
    facts: dict[str, dict[str, Any]]
    notices: list[str]

    def declared(self, spec: SchemaSpec) -> SchemaSpec:
        """What is declared of the columns, changed for those that have pseudonyms."""
        columns = dict(spec.columns)
        for name, change in self.changes.items():
            columns[name] = columns.get(name, ColumnSpec()).model_copy(update=change)
        return spec.model_copy(update={"columns": columns})


def pseudonymised(
    frame: pd.DataFrame,
    columns: Mapping[str, PseudonymWord],
    key: Key,
    declared: SchemaSpec | None = None,
) -> Replaced:
    """Replaces the values of some columns.

    Args:
        frame: a raw table, see ``columns.detect``.
        columns: name -> word.
        key: same key, same pseudonyms.
        declared: what is known of the columns; of this, kinds and spellings of missing cells count.

    Raises:
        SchemaError: a column that is not there, of a kind that pseudonyms cannot stand for, or of a
            dtype that cannot hold them; all at once.
    """
    spec = declared or SchemaSpec()
    makers: dict[PseudonymWord, Maker] = {}
    made = frame.copy(deep=False)
    changes: dict[str, dict[str, Any]] = {}
    pairs: dict[str, dict[str, str]] = {}
    refused: list[SchemaError] = []
    for name, word in columns.items():
        try:
            column = _column(frame, name, word, spec)
            if word not in makers:
                makers[word] = Formats(key) if word == FORMAT else People(key, word)
            made[name], pairs[name] = _replaced(frame[name], column, makers[word])
            changes[name] = {"kind": KINDS[column.kind]}
            if word != FORMAT and column.kind in TEXTUAL:
                changes[name]["content"] = word
            if column.sentinels:  # numbers that stand for a missing cell are categories, too
                changes[name]["missing"] = None
        except SchemaError as error:
            refused.append(error)
    if refused:
        raise together(refused)
    facts = _facts(columns, pairs)
    notices = [f"column '{name}': {said}" for name in facts for said in _said(facts[name])]
    return Replaced(made, changes, facts, notices)


def _column(frame: pd.DataFrame, name: str, word: PseudonymWord, spec: SchemaSpec) -> Column:
    """A column as it is detected, if pseudonyms can take its values' place."""
    if name not in frame.columns:
        raise _refusal(name, *no_such_column(name, list(frame.columns)))
    known = {name: spec.columns[name]} if name in spec.columns else {}
    column = detect(frame[[name]], SchemaSpec(columns=known)).columns[0]
    if column.kind == "image":
        raise _refusal(name, "holds images, which have no pseudonyms", None, "leave it out")
    if column.kind not in KINDS:
        raise _refusal(
            name,
            f"is {column.kind}, and pseudonyms have neither size nor order",
            "names, or codes of letters and digits",
            f"leave it out, or declare schema.columns.{name}.kind: categorical if it holds codes",
        )
    if family(column.dtype) not in ("text", "integer", "real", "object"):
        raise _refusal(name, f"is of dtype {column.dtype}", "text or whole numbers", None)
    if word != FORMAT and family(column.dtype) in ("integer", "real"):
        raise _refusal(name, f"holds numbers, not {word}", FORMAT, None)
    return column


def _refusal(name: str, what: str, expected: str | None, remedy: str | None) -> SchemaError:
    where = f"column {name}"
    return SchemaError(what, where=where, expected=expected, remedy=remedy, at=(*PLACE, name))


def _replaced(raw: pd.Series, column: Column, make: Maker) -> tuple[pd.Series, dict[str, str]]:
    """The column with pseudonyms, and these by value, all as texts."""
    pairs: dict[str, str] = {}
    left_out = {spelling for spelling in (*column.missing, *column.sentinels) if spelling}

    def pseudonym(value: Any) -> Any:
        text = _text(value, column)
        if not text.strip() or text in left_out or text.strip() in left_out:
            return value
        if text not in pairs:
            pairs[text] = make(text)
        return _like(value, pairs[text], column)

    if isinstance(raw.dtype, pd.CategoricalDtype):  # its list may name values that no row has
        named = {value: pseudonym(value) for value in raw.dtype.categories.tolist()}
        # in an order that tells nothing of the real one
        order = sorted(set(named.values()), key=lambda made: (isinstance(made, str), made))
        listed = pd.Index(order, dtype=raw.dtype.categories.dtype)
        dtype = pd.CategoricalDtype(listed, raw.dtype.ordered)
        return raw.astype(object).map(named, na_action="ignore").astype(dtype), pairs
    seen = Distinct.of(raw)
    values = np.empty(len(seen.values), object)
    values[:] = [pseudonym(value) for value in seen.values.tolist()]
    cells = raw.to_numpy(dtype=object, copy=True)
    present = seen.codes >= 0
    cells[present] = values[seen.codes[present]]
    return pd.Series(cells, raw.index, raw.dtype, raw.name), pairs


def _text(value: Any, column: Column) -> str:
    """A cell's value as text; the same for the same number in whatever type."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__float__") or value % 1:
        raise _refusal(
            column.name,
            f"holds values of type {type(value).__name__} that are no whole numbers",
            "text or whole numbers",
            "convert the column to text",
        )
    longest = next((n for part, n in _FLOATS if part in column.dtype), _LONGEST)
    if abs(value) >= 10**longest and not hasattr(value, "__index__"):
        raise _refusal(
            column.name,
            f"holds whole numbers of more than {longest} digits as {column.dtype}",
            "a dtype that keeps every digit",
            "read the column as Int64 or as text",
        )
    return str(int(value))


def _like(value: Any, text: str, column: Column) -> Any:
    """A pseudonym in the type of the value that it stands for."""
    if isinstance(value, str):
        return text
    ends = integer_range(column.dtype)
    number = int(text)
    if ends is not None and not ends[0] <= number <= ends[1]:
        raise _refusal(
            column.name,
            f"is {column.dtype}, which does not hold every number of as many digits",
            "a dtype with room for them",
            "convert the column to a larger dtype or to text",
        )
    return type(value)(number)


def _facts(
    columns: Mapping[str, PseudonymWord], pairs: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """What is counted, see ``Replaced``. Pseudonyms are shared across the columns of a word, too."""
    words: dict[str, dict[str, str]] = {}
    for name, word in columns.items():
        words.setdefault(word, {}).update(pairs[name])
    users = {word: Counter(known.values()) for word, known in words.items()}
    facts: dict[str, dict[str, Any]] = {}
    for name, word in columns.items():
        known = pairs[name]
        formatted = [text for text in known if word == FORMAT]
        facts[name] = {
            "word": word,
            "values": len(known),
            "shared": sum(users[word][made] > 1 for made in known.values()),
            "few": sum(size(text) < FEW and not stays(text) for text in formatted),
            "kept": sum(text == made for text, made in known.items()),
        }
    return facts


def _said(facts: Mapping[str, Any]) -> list[str]:
    """The notices of one column."""
    total = counted(facts["values"], "different value")
    said = []
    if facts["shared"]:
        said.append(f"{facts['shared']:,} of {total} share a pseudonym with another")
    if facts["few"]:
        said.append(
            f"{facts['few']:,} of {total} have a format of fewer than {FEW:,} texts, which hides "
            "little from somebody who knows some of them, or how frequent they are"
        )
    if facts["kept"]:
        said.append(
            f"{facts['kept']:,} of {total} stay as they are, having neither letter nor digit, or "
            "being a word for a missing cell"
        )
    return said

"""``Evidence``: what a recogniser sees of a column, and the words its reason is made of.

A recogniser is a function ``Evidence -> Fields | None``: the fields of ``schema.Column`` that it
found, or None for "not mine"; ``sentinels`` is a mapping to cell counts. Reasons hold counts and facts, never a cell value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from synthkit.columns.distinct import Distinct
from synthkit.columns.dtypes import Family, family
from synthkit.counts import counted

Fields = dict[str, Any]

_ID_WORDS = {
    *("id", "ids", "key", "uuid", "guid", "no", "nr", "num", "number", "index", "idx", "pk", "ssn"),
    *("code", "account", "phone", "telephone", "mobile", "fax", "email", "mail", "iban", "serial"),
    *("reference", "ref", "token", "hash", "username", "login", "rowid", "row"),
}
_YEAR_WORDS = {"year", "yr", "jahr", "annee", "ano", "anno"}


@dataclass(frozen=True)
class Evidence:
    """One column under examination.

    Args:
        column: its present cells (nulls and placeholders taken out).
        dtype: name of the raw dtype.
        kept_words: ``None`` or ``NA`` were seen and kept as categories.
    """

    column: Distinct
    dtype: str
    kept_words: bool = False

    @property
    def family(self) -> Family:
        """How cells of the raw dtype are analysed."""
        return family(self.dtype)

    @property
    def uniqueness(self) -> float:
        """Distinct values per present cell, in (0, 1]."""
        return self.column.n_values / max(self.column.n_present, 1)

    @property
    def all_differ(self) -> bool:
        """No present cell repeats."""
        return self.column.n_values == self.column.n_present > 1

    @property
    def words(self) -> list[str]:
        """Lower-case words of the column's name, split at case changes and separators."""
        spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", self.column.name)
        return re.findall(r"[a-z]+", spaced.lower())

    @property
    def named_like_key(self) -> bool:
        """The name says identifier: ``customer_id``, ``No``, ``Ticket ID``, ``Unnamed: 0``."""
        words = self.words
        return bool(words) and (
            words[-1] in _ID_WORDS or (words[0] in ("id", "uuid", "unnamed") and len(words) <= 3)
        )

    @property
    def named_like_year(self) -> bool:
        """The name says that numbers are years."""
        return bool(_YEAR_WORDS & set(self.words))

    @property
    def spread(self) -> str:
        """``"73 distinct values in 48,842 cells"``."""
        values = counted(self.column.n_values, "distinct value")
        return f"{values} in {counted(self.column.n_present, 'cell')}"

"""What the text of a column is about, where its name and its cells both say so.

Such cells are replaced by made-up ones of the same sort (``transforms.made_up``) rather than by
placeholder words.
"""

from __future__ import annotations

import re

from synthkit.columns.distinct import matches, stripped
from synthkit.columns.evidence import Evidence
from synthkit.schema import Content

KINDS = ("identifier", "text", "categorical")
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
_ADDRESS = r"[^@]*([0-9][^@]*\s[^@]*\pL{2}|\pL{2}[^@]*\s[^@]*[0-9])[^@]*"
_WORD = r"\p{Lu}[\pL'’.-]*"
_PEOPLE = (
    "customer|client|patient|employee|contact|person|passenger|student|member|guest|driver|owner"
    "|author|holder|applicant|candidate|doctor|teacher|manager|full"
)
# name of the column without separators, and shape of its cells
_RULES: tuple[tuple[Content, str, str], ...] = (
    ("first names", r".*(firstname|givenname|forename)s?", rf"{_WORD}( {_WORD})?"),
    ("last names", r".*(lastname|surname|familyname)s?", rf"{_WORD}( {_WORD})*"),
    ("person names", rf".*({_PEOPLE})names?", rf"{_WORD}( {_WORD}){{1,3}}"),
    ("company names", r".*(company|employer|organi[sz]ation)(name)?s?", r"\S*\pL{2}.*"),
    ("street addresses", r".*(address(line)?|street)(es)?", _ADDRESS),
)
_SHARE = 0.8  # of the cells must have the shape


def about(evidence: Evidence, kind: str) -> Content | None:
    """What the cells of a column of text are, or None where that is not plain."""
    if kind not in KINDS or evidence.family != "text":
        return None
    column = evidence.column
    text = stripped(column.text)

    def share(shape: str) -> float:
        return float(column.counts[matches(text, shape)].sum()) / max(column.n_present, 1)

    if kind != "categorical" and share(EMAIL) >= 0.95:
        return "e-mail addresses"
    name = "".join(evidence.words)
    for content, pattern, shape in _RULES:
        if re.fullmatch(pattern, name) and share(shape) >= _SHARE:
            return content
    return None

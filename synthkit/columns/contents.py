"""What the text of a column is about, where its name and its cells both say so.

Such cells are replaced by made-up ones of the same sort (``transforms.made_up``) rather than by
placeholder words. Where people recur so often that their names are categories, frequent ones are kept
as they are; ``personal`` finds these columns, for a notice.
"""

from __future__ import annotations

import re

from synthkit.columns.distinct import matches, stripped
from synthkit.columns.evidence import Evidence
from synthkit.run import Run
from synthkit.schema import TEXTUAL, Content, Schema

EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
_ADDRESS = r"[^@]*([0-9][^@]*\s[^@]*\pL{2}|\pL{2}[^@]*\s[^@]*[0-9])[^@]*"
_WORD = r"\p{Lu}[\pL'’.-]*"
_FULL_NAME = rf"{_WORD}( {_WORD}){{1,3}}"
_PEOPLE = (
    "customer|client|patient|employee|contact|person|passenger|student|member|guest|driver|owner"
    "|author|holder|applicant|candidate|doctor|teacher|manager"
)
# name of the column without separators, and shape of its cells
_RULES: tuple[tuple[Content, str, str], ...] = (
    ("first names", r".*(firstname|givenname|forename)s?", rf"{_WORD}( {_WORD})?"),
    ("last names", r".*(lastname|surname|familyname)s?", rf"{_WORD}( {_WORD})*"),
    ("person names", rf".*({_PEOPLE}|full)names?", _FULL_NAME),
    ("company names", r".*(company|employer|organi[sz]ation)(name)?s?", r"\S*\pL{2}.*"),
    ("street addresses", r".*(address(line)?|street)(es)?", _ADDRESS),
)
_SHARE = 0.8  # of the cells must have the shape
_PERSON = rf"names?|.*({_PEOPLE})s?"
_SEVERAL = 10  # different values of a column that is called after people, or states of theirs


def personal(evidence: Evidence, kind: str, content: Content | None) -> str | None:
    """What of people a categorical column holds by its name and cells, or None."""
    if kind != "categorical" or evidence.family != "text" or evidence.all_differ:
        return None
    if content is not None:
        return content if content != "company names" else None
    if _share(evidence, EMAIL) >= 0.95:
        return "e-mail addresses"
    called = re.fullmatch(_PERSON, "".join(evidence.words)) is not None
    several = evidence.column.n_values >= _SEVERAL
    if called and several and _share(evidence, _FULL_NAME) >= _SHARE:
        return "person names"
    return None


def note_personal(schema: Schema, run: Run) -> None:
    """Says which columns ``personal`` found."""
    for column in schema.columns:
        if column.personal:
            run.notice(f"column '{column.name}' is {column.kind}: {column.reason}")


def _share(evidence: Evidence, shape: str) -> float:
    """Of the present cells, those of a shape."""
    fits = matches(stripped(evidence.column.text), shape)
    return float(evidence.column.counts[fits].sum()) / max(evidence.column.n_present, 1)


def about(evidence: Evidence, kind: str) -> Content | None:
    """What the cells of a column of text are, or None where that is not plain."""
    if kind not in TEXTUAL or evidence.family != "text":
        return None
    if kind != "categorical" and _share(evidence, EMAIL) >= 0.95:
        return "e-mail addresses"
    name = "".join(evidence.words)
    for content, pattern, shape in _RULES:
        if re.fullmatch(pattern, name) and _share(evidence, shape) >= _SHARE:
            return content
    return None

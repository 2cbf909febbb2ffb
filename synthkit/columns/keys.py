"""Keys of people and accounts that several rows share, such as the customer of a transaction.

    recurring_key(evidence)       # "keys of people or accounts", or None

They are made anew like other identifiers rather than learned as categories, and whoever audits such a table has
to say whose its rows are (``schema.person``): the privacy of a person with eight rows is not that of a row.
"""

from __future__ import annotations

import re

from synthkit.columns.contents import EMAIL
from synthkit.columns.distinct import matches, stripped
from synthkit.columns.evidence import Evidence

_WHOSE = (
    "customer|client|patient|person|people|member|user|subject|participant|employee|student|passenger|guest"
    "|applicant|candidate|borrower|cardholder|policyholder|household|account|card"
)
_KEY = "id|ids|key|no|nr|num|number|code|uuid|guid|hash|ref|reference"
_NAME = rf".*({_WHOSE})({_KEY})|.*(iban|ssn|msisdn|nhsnumber|socialsecurity(no|number)?|passport(no|number)?)"
_IBAN = r"[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?"
_SHARE = 0.95  # of the cells must have the shape
_VALUES = 20  # fewer are groups rather than people
_ADDRESSES = 100  # of e-mail; fewer may be of those who serve people rather than of these
_RECURRING = 0.05  # share of the cells that repeat another


def recurring_key(evidence: Evidence) -> str | None:
    """What a column holds that tells people apart and recurs; None for any other column."""
    column = evidence.column
    repeats = 1.0 - evidence.uniqueness
    if column.n_values < _VALUES or repeats <= _RECURRING:
        return None
    if evidence.family == "text":
        for shape, least, what in (
            (EMAIL, _ADDRESSES, "e-mail addresses"),
            (_IBAN, _VALUES, "bank account numbers"),
        ):
            fits = matches(stripped(column.text), shape)
            if column.n_values >= least and column.counts[fits].sum() >= _SHARE * column.n_present:
                return what
    named = re.fullmatch(_NAME, "".join(evidence.words)) is not None
    return "keys of people or accounts, by its name" if named and _is_code(evidence) else None


def _is_code(evidence: Evidence) -> bool:
    """Whole numbers or text, which keys are; no measurements, times or flags."""
    if evidence.family != "real":
        return evidence.family in ("text", "integer")
    values = evidence.column.values.astype(float)  # whole numbers of which some are missing
    return bool((values == values.round()).all())

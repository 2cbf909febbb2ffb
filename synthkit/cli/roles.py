"""Guesses, from names alone, which columns play a role in a recipe; a person has the last word.

guess_target(["age", "sex", "income"])        # "income"
guess_sensitive(["age", "sex", "income"])     # ["age", "sex"]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TARGETS = (
    *("target", "label", "class", "y", "outcome", "income", "churn", "churned", "default"),
    *("survived", "readmitted", "diagnosis", "fraud", "revenue", "approved", "bad", "price"),
)
"""Whole names of columns that data sets predict, the most telling first."""

SENSITIVE = frozenset(
    (
        *("sex", "gender", "race", "ethnicity", "ethnic", "age", "religion", "nationality"),
        *("disability", "disabled", "pregnant", "marital", "orientation", "citizenship"),
        *("birthplace", "caste", "veteran", "foreign", "citizen", "immigrant", "minority"),
        *("agegroup", "ageband", "agerange", "senior", "seniors", "seniorcitizen", "elderly"),
        *("birth", "birthdate", "birthday", "birthyear", "born", "dob", "dateofbirth"),
        *("yearofbirth", "hispanic", "latino", "handicap", "handicapped", "married", "pregnancy"),
    )
)
"""Words in the names of columns that say what the law of many countries forbids to decide by."""


THINGS = frozenset(
    (
        *("account", "asset", "building", "car", "claim", "company", "contract", "credit", "debt"),
        *("device", "equipment", "firm", "home", "house", "housing", "loan", "machine", "order"),
        *("policy", "product", "property", "record", "ticket", "tree", "vehicle"),
    )
)
"""Words beside ``age`` in the names of columns that tell the age of no person."""


def words(name: str) -> list[str]:
    """The words of a column name: ``isForeign-worker_2`` -> is, foreign, worker, 2."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", spaced.lower())


def guess_target(names: Sequence[str]) -> str | None:
    """The column most likely to be what a model predicts, or None."""
    plain = {"_".join(words(name)): name for name in reversed(names)}
    return next((plain[target] for target in TARGETS if target in plain), None)


def guess_sensitive(names: Sequence[str]) -> list[str]:
    """The columns that look like groups of people, in the order of the data."""
    return [name for name in names if _says_group(set(words(name)))]


def _says_group(said: set[str]) -> bool:
    found = SENSITIVE & said
    return bool(found - {"age"} if THINGS & said else found)

"""People who have several rows: how many there are, and counts of rows that are enough to protect as many.

    people_in(rows, schema)                             # 1 to len(rows)
    protecting_people(protect, typed, schema).rare      # rows in which a value has to be seen

A value that five rows have may be one person's. Whatever more rows have than the four people with the most rows
together, five people have at least; and the five people with the most rows have all extremes that five people can
have. So these sums stand in place of the numbers of people that a recipe asks for. Where each row is of another
person they are the same numbers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.recipe import ProtectSpec
from synthkit.records import first_of_each, records_of
from synthkit.schema import Schema


def people_in(rows: pd.DataFrame, schema: Schema) -> int:
    """How many people rows are of: as many as there are rows, where people are not told apart."""
    return len(first_of_each(records_of(rows, schema))) if schema.person_column else len(rows)


def protecting_people(protect: ProtectSpec, typed: pd.DataFrame, schema: Schema) -> ProtectSpec:
    """The protection with ``rare``, ``k`` and ``extremes`` in rows; itself where people are not told apart."""
    if schema.person_column is None:
        return protect
    sizes = np.sort(np.bincount(records_of(typed, schema)))[::-1]

    def of_most(people: int) -> int:
        """Rows of so many people, those who have the most."""
        return int(sizes[:people].sum())

    rows = {
        "rare": protect.rare and of_most(protect.rare - 1) + 1,
        "k": of_most(protect.k - 1) + 1,
        "extremes": of_most(protect.extremes),
    }
    return protect.model_copy(update=rows)

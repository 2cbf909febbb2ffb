"""Protection of people who have several rows: counts of rows that are enough for as many people.

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
from synthkit.records import records_of
from synthkit.schema import Schema


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

"""The rules that hold in a table: dependencies, orders, equalities and sums of columns.

    rules = discover(schema, train, run.rng("dependencies"))
    Rules.fit(schema, train, rules).broken(train)       # the exceptions of each

A rule counts if it holds in at least 99.9 % of the rows looked at and enough rows show it that chance is
excluded; see ``lookups``, ``orders`` and ``sums`` for what that means in each case. Rules that
follow from others are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from synthkit.constraints.lookups import find_dependencies
from synthkit.constraints.orders import find_orders
from synthkit.constraints.sums import find_sums
from synthkit.schema import Constraint, Inequality, Schema, Sum

LOOKED_AT_ROWS = 20_000


def discover(schema: Schema, train: pd.DataFrame, rng: np.random.Generator) -> list[Constraint]:
    """The rules that hold among the learned columns: sums and equalities, orders, dependencies.

    Args:
        schema: of the table.
        train: typed rows, of which at most 20,000 are looked at, drawn at random.
        rng: draws rows.
    """
    names = [c.name for c in schema.columns if c.is_modelled and c.kind != "constant"]
    drawn = rng.permutation(len(train))[:LOOKED_AT_ROWS]
    rows = train.iloc[drawn].reset_index(drop=True)
    sums = find_sums(schema, names, rows, rng)
    orders = find_orders(schema, names, rows)
    known = {frozenset((rule.total, *rule.parts)) for rule in sums}
    sums += [
        rule
        for rule in orders
        if isinstance(rule, Sum) and frozenset((rule.total, *rule.parts)) not in known
    ]
    equal = {frozenset((rule.total, *rule.parts)) for rule in sums if len(rule.parts) == 1}
    return [
        *sums,
        *_orders(schema.names, orders, sums),
        *(
            rule
            for rule in find_dependencies(names, rows)
            if frozenset((rule.source, rule.to)) not in equal
        ),
    ]


def _orders(
    names: Sequence[str], found: Iterable[Inequality | Sum], sums: Sequence[Sum]
) -> list[Inequality]:
    """The orders that follow neither from two others nor from a sum."""
    orders = [rule for rule in found if isinstance(rule, Inequality)]
    implied = {(part, rule.total) for rule in sums for part in rule.parts}
    implied |= {(a.total, b.total) for a in sums for b in sums if set(a.parts) < set(b.parts)}
    place = {name: i for i, name in enumerate(names)}
    below = np.zeros((len(names), len(names)), bool)
    for low, high in implied | {(rule.low, rule.high) for rule in orders}:
        below[place[low], place[high]] = True
    below &= ~below.T  # equal columns are below each other
    steps = below.astype(np.float32)
    direct = below & (steps @ steps == 0)
    return [
        rule
        for rule in orders
        if direct[place[rule.low], place[rule.high]] and (rule.low, rule.high) not in implied
    ]

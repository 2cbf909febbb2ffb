"""Rules found in a table as proposals for a recipe: which to declare right away, and why or why not.

    for proposal in propose(schema, typed, target, rng):
        proposal.rule, proposal.active, proposal.reason

A rule is active if no row breaks it and declaring it does no harm: the order of two numbers may be
a regularity and no law; a column that models shall predict stays learned; what goes with rare
values only, which are not learned, is lost; and a column is computed once only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.constraints.discovery import discover
from synthkit.constraints.rules import Rules
from synthkit.derivations import contradiction
from synthkit.schema import Constraint, Dependency, Inequality, Schema, Sum

ENOUGH_ROWS = 500
RARE = 10  # half of the rows train, and fewer than five of them are hidden
MAX_RARE = 0.01
MAX_GAPS = 0.01


@dataclass(frozen=True)
class Proposal:
    """A rule, whether to declare it right away, and the reason in words, without values."""

    rule: Constraint
    active: bool
    reason: str


def propose(
    schema: Schema, typed: pd.DataFrame, target: str | None, rng: np.random.Generator
) -> list[Proposal]:
    """The rules that hold in these rows.

    Args:
        schema: of the table.
        typed: its rows.
        target: the column that models shall predict, if any.
        rng: draws the rows that are searched.
    """
    rules = discover(schema, typed, rng)
    broken = Rules.fit(schema, typed, rules).broken(typed)
    proposals: list[Proposal] = []
    for rule in rules:
        count = int(broken[rule.label].sum())
        declared = [other.rule for other in proposals if other.active]
        doubt = (
            f"holds in all but {count:,} of {len(typed):,} rows"
            if count
            else _doubt(schema, rule, typed, target, declared)
        )
        held = f"holds in all {len(typed):,} rows"
        how = "; computed, not learned" if rule.derivation else ""
        reason = doubt if count else f"{held}, but {doubt}" if doubt else held + how
        proposals.append(Proposal(rule, not doubt, reason))
    return proposals


def _doubt(
    schema: Schema,
    rule: Constraint,
    typed: pd.DataFrame,
    target: str | None,
    declared: list[Constraint],
) -> str:
    """Why a rule without exceptions had better not be declared unseen; empty if nothing speaks
    against it."""
    if len(typed) < ENOUGH_ROWS:
        return "they are few"
    if isinstance(rule, Inequality):
        numbers = schema[rule.low].kind in ("integer", "real")
        return "the two numbers may just happen to be so" if numbers else ""
    computed, _ = rule.derivation or ("", ())
    if computed == target:
        return "the target had better be learned"
    if contradiction([*declared, rule]):
        return "another rule computes the column already"
    if isinstance(rule, Sum):
        gone = typed[list(rule.columns)].isna()
        gaps = gone[computed] != gone[list(rule.parts)].any(axis=1)
        return "cells are missing on one side only" if gaps.mean() > MAX_GAPS else ""
    if isinstance(rule, Dependency):
        gaps = typed[rule.source].isna() != typed[rule.to].isna()
        if gaps.mean() > MAX_GAPS:
            return "cells are missing on one side only"
        rare = typed[rule.source].map(typed[rule.source].value_counts()) < RARE
        kept = typed.loc[~rare, rule.to].unique()
        if (rare & typed[rule.to].notna() & ~typed[rule.to].isin(kept)).mean() > MAX_RARE:
            return f"too many values of {rule.to} have none but rare values of {rule.source}"
    return ""

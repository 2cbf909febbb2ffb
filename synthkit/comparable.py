"""Whether the tables of an audit can be compared, and what is shared between training rows and holdout.

    held = without_shared(train, held, schema, run)         # refused where too much is shared
    refuse_other_kinds(real.frame, synthetic.frame, schema, "the synthetic table")
    shared_rows(train, held)                               # 0 to len(held)

A holdout that holds training rows makes every attack look harmless: what succeeds on the copies counts as
what would succeed on anybody. So the few that slipped in are left out, and many are refused.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.columns.cast import check_columns
from synthkit.constraints import row_hashes
from synthkit.counts import counted
from synthkit.errors import SchemaError
from synthkit.records import first_of_each, records_of
from synthkit.run import Run
from synthkit.schema import Schema
from synthkit.stats.coincidence import beyond_chance

MOSTLY_SHARED = 0.5  # of the holdout's rows, beyond which it was not split by people
MOSTLY = 0.9  # difference in the share of cells that are numbers, beyond which kinds differ


def shared_rows(train: pd.DataFrame, holdout: pd.DataFrame | None) -> int:
    """Number of holdout rows that equal a training row in every column."""
    if holdout is None:
        return 0
    learned, held = (row_hashes(part, train.columns) for part in (train, holdout))
    return int(np.isin(held, learned).sum())


def without_shared(
    train: pd.DataFrame, holdout: pd.DataFrame, schema: Schema, run: Run
) -> pd.DataFrame:
    """The holdout without the few rows that are training rows, or of people who have some, which is said.

    Where rows coincide by chance it is as it was: of these there are as many within the tables as across.

    Raises:
        SchemaError: the holdout holds training rows far beyond chance, or mostly rows of people among them.
    """
    if (person := schema.person_column) is not None:
        return _without_people(train, holdout, person, run)
    learned, held = (row_hashes(part, train.columns) for part in (train, holdout))
    once = [first_of_each(records_of(part, schema)) for part in (train, holdout)]
    across, expected = _pairs_across(learned[once[0]], held[once[1]])
    shared = np.isin(held, learned)
    repeated, unit = int(shared.sum()), schema.unit
    if beyond_chance(across, expected):
        raise SchemaError(
            f"{repeated:,} of {len(held):,} holdout {unit}s are training {unit}s, far beyond chance",
            where="the holdout",
            expected=f"real {unit}s that the generator did not see",
            remedy=f"leave the training {unit}s out of the holdout",
        )
    if not across or expected >= 0.5:
        return holdout
    left_out = counted(repeated, f"holdout {unit}")
    run.notice(f"{left_out} equal to a training {unit} left out: the generator saw them")
    return holdout[~shared].reset_index(drop=True)


def _without_people(
    train: pd.DataFrame, holdout: pd.DataFrame, person: str, run: Run
) -> pd.DataFrame:
    """The holdout without rows of people who are among the training rows."""
    shared = (holdout[person].isin(train[person]) & holdout[person].notna()).to_numpy()
    said = f"{int(shared.sum()):,} of {counted(len(holdout), 'holdout row')}"
    if shared.mean() > MOSTLY_SHARED:
        raise SchemaError(
            f"{said} are of people who are among the training rows",
            where="the holdout",
            expected="rows of people of whom the generator saw none",
            remedy=f"split the rows by '{person}', so that all of one value are on one side",
        )
    if not shared.any():
        return holdout
    run.notice(f"{said} left out: they are of people who are among the training rows")
    return holdout[~shared].reset_index(drop=True)


def _pairs_across(learned: np.ndarray, held: np.ndarray) -> tuple[float, float]:
    """Pairs of equal hashes of which one is in either table, and as many as the tables themselves explain.

    If both were drawn from one table, equal rows fall into the same part as often as into different
    ones, in proportion to the numbers of pairs.
    """
    counts = [pd.Series(hashes).value_counts() for hashes in (learned, held)]
    both = counts[0].index.intersection(counts[1].index)
    across = float((counts[0][both].astype(float) * counts[1][both]).sum())
    within = float(sum((count.astype(float) * (count - 1) / 2).sum() for count in counts))
    n, m = float(len(learned)), float(len(held))
    return across, within * n * m / max(n * (n - 1) / 2 + m * (m - 1) / 2, 1.0)


def refuse_other_kinds(real: pd.DataFrame, other: pd.DataFrame, schema: Schema, where: str) -> None:
    """Raises ``SchemaError`` for a column that is text in one table and numbers in the other.

    Text is compared as it is, so that "29 y" and 29 would be two categories.
    """
    check_columns(other, schema, where)
    for column in schema.columns:
        if column.is_numeric or column.kind == "image":
            continue
        shares = [_share_of_numbers(frame[column.name]) for frame in (real, other)]
        if abs(shares[0] - shares[1]) > MOSTLY:
            kinds = ["numbers" if share > 0.5 else "text" for share in shares]
            raise SchemaError(
                f"column '{column.name}' holds {kinds[1]}, and {kinds[0]} in the real table",
                where=where,
                expected="columns of the same kind in all tables",
                remedy="write them in the same way",
            )


def _share_of_numbers(cells: pd.Series) -> float:
    present = cells.dropna()
    if not len(present):
        return 0.5  # says nothing
    return float(pd.to_numeric(present.astype(str), errors="coerce").notna().mean())

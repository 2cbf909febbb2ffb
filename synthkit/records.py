"""Which rows belong together: those of one person, or one record that stands several times.

    records = records_of(typed, schema)       # (n,) rows of one record have the same number
    every_once = first_of_each(records)       # positions, ascending

Where the schema names the column that tells people apart, the rows of one person are one record; a row
without a key is of a person of its own. Elsewhere rows are of different people, but for those that a join has
multiplied. A record on both sides of a split is no test of anybody who has learned one side, and a person who
stands twice is alone nevertheless. But two people may be alike by chance, and they are two. Where chance makes rows equal it
makes many more of them nearly equal; so equal rows are taken for one record if, for some way of cutting the
columns in two,

* no other row shares either part with them, and
* there are many more such pairs (``stats.coincidence``) than the parts explain by themselves, which is as many as
  there would be if rows that share one part shared the other no more often than any rows.

Each column is cut from all others, and all columns are halved ``HALVINGS`` times.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from synthkit.constraints import row_hashes
from synthkit.counts import counted
from synthkit.run import Run
from synthkit.schema import EACH_ROW, Schema
from synthkit.stats.coincidence import beyond_chance

HALVINGS = 8


def records_of(frame: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) int64 number of each row's record, counted from 0. Images are compared by no other column."""
    own = np.arange(len(frame))
    if (person := schema.person_column) is not None:
        keys = pd.factorize(frame[person])[0]
        return np.unique(np.where(keys < 0, len(frame) + own, keys), return_inverse=True)[1]
    if schema.image is not None or frame.shape[1] < 2:
        return own
    # Sums of keyed hashes: that of some columns is that of all without the others'.
    keys = np.random.default_rng(0).integers(2**63, size=frame.shape[1], dtype=np.uint64)
    columns = zip(frame.columns, keys, strict=True)
    cells = [row_hashes(frame, [name]) * (2 * key + np.uint64(1)) for name, key in columns]
    whole = np.asarray(np.sum(cells, axis=0, dtype=np.uint64))
    if not beyond_chance(_pairs(whole), 0.0):
        return own
    _, first, row, sizes = np.unique(
        whole, return_index=True, return_inverse=True, return_counts=True
    )
    twins = sizes * (sizes - 1.0) / 2
    all_pairs = len(frame) * (len(frame) - 1) / 2
    one_record = np.zeros(len(first), bool)
    for part in _parts(cells):
        rest = whole - part
        alone = _unshared(part[first]) & _unshared(rest[first])
        by_chance = _pairs(part) * _pairs(rest) / all_pairs
        if beyond_chance(twins[alone].sum(), by_chance):
            one_record |= alone
    known = np.where(one_record[row], first[row], own)
    return np.unique(known, return_inverse=True)[1]


def first_of_each(records: np.ndarray) -> np.ndarray:
    """(k,) position of the first row of every record, ascending."""
    return np.sort(np.unique(records, return_index=True)[1])


def any_of_each(records: np.ndarray, preferred: np.ndarray) -> np.ndarray:
    """(k,) position of one row of every record, drawn at random but the same every time, ascending.

    Args:
        records: (n,) numbers.
        preferred: (n,) bool; where a record has such rows, it is one of these.
    """
    order = np.random.default_rng(0).permutation(len(records))
    order = order[np.argsort(~preferred[order], kind="stable")]
    return np.sort(order[np.unique(records[order], return_index=True)[1]])


def people_unknown(schema: Schema) -> str | None:
    """That several rows may be of one person, and nobody says of whom; or None.

    Who stands on both sides of a split, or eight times on one, is neither seen by chance nor alone.
    """
    keys = [column.name for column in schema.columns if column.recurring_key]
    if schema.person is not None or not keys:
        return None
    return (
        f"several {schema.unit}s have one '{keys[0]}', and it is not said whether they are of one person: name "
        f"the column that tells people apart as person, or say person: {EACH_ROW}"
    )


def note_repeated(rows: int, records: int, schema: Schema, what: str, run: Run) -> None:
    """Says that rows belong together, if any do.

    Args:
        rows, records: how many there are.
        schema: says whether people are told apart.
        what: what a row is called, in the singular.
    """
    if rows == records:
        return
    stay = "stay on one side of a split, and the privacy checks count them once"
    if schema.person_column is not None:
        people = f"{records:,} {'person' if records == 1 else 'people'}"
        run.notice(f"{counted(rows, what)} are of {people}: those of one person {stay}")
        return
    repeated = rows - records
    verb = "repeats" if repeated == 1 else "repeat"
    run.notice(f"{counted(repeated, what)} {verb} another beyond chance: such rows {stay}")


def _parts(cells: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Hashes of one part of every cut."""
    yield from cells
    rng = np.random.default_rng(1)
    for _ in range(HALVINGS):
        half = rng.permutation(len(cells))[: len(cells) // 2]
        yield np.asarray(np.sum([cells[i] for i in half], axis=0, dtype=np.uint64))


def _unshared(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] == 1)


def _pairs(values: np.ndarray) -> float:
    """Number of pairs of equal values."""
    counts = np.unique(values, return_counts=True)[1].astype(float)
    return float((counts * (counts - 1) / 2).sum())

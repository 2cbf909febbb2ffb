"""Which rows are one record that stands several times, as after a join that has multiplied rows.

    records = records_of(typed, schema)       # (n,) rows of one record have the same number
    every_once = first_of_each(records)       # positions, ascending

A record on both sides of a split is no test of anybody who has learned one side, and a person who stands twice
is alone nevertheless. But two people may be alike by chance, and they are two. Where chance makes rows equal it
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
from synthkit.schema import Schema
from synthkit.stats.coincidence import beyond_chance

HALVINGS = 8


def records_of(frame: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) int64 number of each row's record, counted from 0. An image is always a record of its own."""
    own = np.arange(len(frame))
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


def note_repeated(repeated: int, row: str, run: Run) -> None:
    """Says how many rows repeat a record, if any do.

    Args:
        row: what a row is called, in the singular.
    """
    if repeated:
        verb = "repeats" if repeated == 1 else "repeat"
        run.notice(
            f"{counted(repeated, row)} {verb} another beyond chance: such rows stay on one side of a split, and "
            "the privacy checks count them once"
        )


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

"""Identifiers: never learned but made anew in their format. Which cells are missing is learned
(see ``presence``).

``sequence`` counts from 1, wherever the real one started; ``uuid4`` draws random UUIDs; any other
pattern is in the language of ``synthkit.patterns``. Names and addresses (``Column.content``) have
the texts of ``made_up`` in place of a pattern. The texts of a pattern are numbered and row i takes
a number of its own along a keyed permutation, so that no two rows of a unique column share an
identifier, whichever shard makes them. A pattern with more than 2**62 texts needs no such care and
is drawn at random. Whole numbers stay within the range of the column's dtype.

**Real identifiers do not come out.** The texts of the training rows are kept as a *Bloom filter*
with one keyed hash and two to four bits per row; a row whose text hits a set bit takes the next of
16 numbers reserved for it. Every training text hits, and so do 22 to 39 % of all others: who tries
an identifier on a stored model learns little of whether it was in the training data. Once every
reservation has served a row, further rows take what is left of them, at last the numbers that hit. A
pattern too small to reserve so many numbers is used all the same. ``reason`` says so, and for how
many rows identifiers differ; ``shortage`` says what that means for a number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.integer_range import integer_range
from synthkit.patterns import SEQUENCE, UUID4
from synthkit.schema import Column
from synthkit.transforms.base import Rows, unmodelled_cell
from synthkit.transforms.keyed_hash import keyed_hash, new_key
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.numbering import Numbering
from synthkit.transforms.presence import Presence

VAST = 2**62  # texts; so many never collide by chance
RESERVED = 16  # numbers per row, if the pattern has room
ROOM = 4  # a model can make so many times the training rows before identifiers repeat


@dataclass(frozen=True)
class IdentifierCodec:
    """One column of identifiers.

    Args:
        whole: cells are integers, not text.
        distinct: share of distinct values among the cells that are present; 1.0 if unique.
        presence: which cells are missing.
        reserved: numbers per row.
        key: 16 characters that key permutation and hash.
        taken: the Bloom filter, packed bits; empty for patterns that need none.
    """

    kind: ClassVar[str] = "identifier"
    column: Column
    whole: bool
    distinct: float
    presence: Presence
    reserved: int
    key: str
    taken: np.ndarray
    hidden: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column, rng: np.random.Generator) -> IdentifierCodec:
        """Remembers the format of a column with at least one cell that is not missing."""
        cells = typed[column.name]
        present = cells.dropna()
        whole = all(isinstance(cell, (int, np.integer)) for cell in present)
        values = present.astype(str).unique()
        key = new_key(rng)
        reserved, taken = 1, np.zeros(0, np.uint8)
        numbering = Numbering.of_column(column, whole)
        if numbering is not None:
            size = numbering.size
            if size < VAST:
                reserved = int(np.clip(size // (ROOM * len(values)), 1, RESERVED))
                bits = np.zeros(max(8, 1 << (2 * len(values) - 1).bit_length()), bool)
                bits[keyed_hash(values, key) % np.uint64(len(bits))] = True
                taken = np.packbits(bits)
        distinct = 1.0 if column.unique else len(values) / len(present)
        return cls(column, whole, distinct, Presence.of(cells), reserved, key, taken)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Whether the cell is present, if some are not."""
        return self.presence.fields

    @property
    def reason(self) -> str:
        """Why values have no field, for how many rows its format lasts, and whether real ones may recur."""
        text = "identifiers are not learned but made anew in their format"
        if self.column.content:
            text = f"{self.column.content} are not learned but made up from a list"
        if not len(self.taken):
            return text
        text += f", which lasts for {self.lasts:,} different rows"
        if self.reserved < RESERVED:
            return text + " and so small that real ones may recur"
        return text + f"; beyond {self.spared:,} rows real ones may recur"

    @property
    def lasts(self) -> int | None:
        """How many different rows the format has identifiers for; None where these never end."""
        if self.column.pattern == SEQUENCE and self.column.content is None:
            ends = integer_range(self.column.dtype) if self.whole else None
            return ends and ends[1]
        numbering = Numbering.of_column(self.column, self.whole)
        if numbering is None or not len(self.taken):
            return None
        return max(1, numbering.size // self.reserved) * self.reserved

    @property
    def spared(self) -> int | None:
        """The first so many different rows get no real identifier; None if no row does."""
        if not len(self.taken):
            return None
        return (self.lasts or 0) // self.reserved if self.reserved == RESERVED else 0

    def shortage(self, rows: int) -> str | None:
        """What comes of a format that is too small for so many rows; None if it is not."""
        different = round(rows * self.distinct)
        if self.lasts is not None and different > self.lasts:
            return f"identifiers repeat: the format lasts for {self.lasts:,} different rows"
        if self.spared is not None and different > self.spared:
            beyond = f" beyond {self.spared:,} rows" if self.spared else ""
            return f"real identifiers may recur{beyond}: the format is too small to avoid them"
        return None

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Codes of presence."""
        return self.presence.encode(typed[self.column.name])

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """Of presence."""
        return self.presence.measure(typed[self.column.name])

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """New identifiers, continuing after ``rows.start``."""
        index = rows.start + np.arange(rows.n)
        if self.distinct < 1.0:
            index = _repeating(rows, self.distinct, rng)
        numbering = Numbering.of_column(self.column, self.whole)
        if numbering is not None:
            texts = self._patterned(numbering, index, rng)
        elif self.column.pattern == UUID4:
            values, codes = np.unique(index, return_inverse=True)
            texts = _uuids(len(values), rng)[codes]
        else:
            numbers = (index if self.lasts is None else index % self.lasts) + 1
            texts = (numbers if self.whole else numbers.astype(str)).astype(object)
        return self.presence.applied(texts, batch)

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise unmodelled_cell(self.column, self.reason)

    def state(self) -> State:
        """Settings, and the filter in an array."""
        names = ("whole", "distinct", "reserved", "key")
        meta = {name: getattr(self, name) for name in names}
        return State({**vars(self.presence), **meta}, {"taken": self.taken})

    @classmethod
    def from_state(cls, column: Column, state: State) -> IdentifierCodec:
        """Inverse of ``state``."""
        meta = dict(state.meta)
        presence = Presence(meta.pop("nullable"))
        return cls(column, presence=presence, taken=state.arrays["taken"], **meta)

    def _patterned(
        self, numbering: Numbering, index: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """(n,) object: the identifier of each row number in ``index``."""
        values, codes = np.unique(index, return_inverse=True)
        if numbering.size >= VAST:
            texts = numbering.draw(len(values), rng)
        else:
            texts = self._numbered(numbering, values)
        if self.whole:
            texts = np.array([int(text) for text in texts], object)
        return texts[codes]

    def _numbered(self, numbering: Numbering, index: np.ndarray) -> np.ndarray:
        """(n,) object: the texts of different row numbers.

        A row looks through the numbers of its region for one that does not hit the filter, and that
        no row before it in the region takes; if none is left, for one that does, from the last on.
        """
        region = max(1, numbering.size // self.reserved)
        first, skipped = index % region, index // region % self.reserved
        keys = np.array([int(self.key[i : i + 4], 16) for i in (0, 4, 8, 12)], np.uint64)
        bits = np.unpackbits(self.taken).view(bool)
        texts = np.empty(len(index), object)
        hits = np.zeros((len(index), self.reserved), bool)

        def look(rows: np.ndarray, turns: np.ndarray | int) -> None:
            numbers = (first[rows] + turns * region).astype(np.uint64)
            texts[rows] = numbering.texts(_permuted(numbers, numbering.size, keys))

        open_rows, left = np.arange(len(index)), skipped.copy()
        for turn in range(self.reserved):
            look(open_rows, turn)
            hit = bits[keyed_hash(texts[open_rows], self.key) % np.uint64(len(bits))]
            hits[open_rows, turn] = hit
            done = ~hit & (left[open_rows] == 0)
            left[open_rows] -= ~hit
            open_rows = open_rows[~done]
            if not len(open_rows):
                return texts
        back = np.argsort(~hits[open_rows, ::-1], axis=1, kind="stable")  # those that hit, first
        look(open_rows, self.reserved - 1 - back[np.arange(len(open_rows)), left[open_rows]])
        return texts


def _repeating(rows: Rows, distinct: float, rng: np.random.Generator) -> np.ndarray:
    """(n,) numbers of which that share is distinct: so many rows have one of their own, others copy."""
    first, end = (round(at * distinct) for at in (rows.start, rows.start + rows.n))
    pool = np.arange(first, max(end, first + 1))[: rows.n]
    index = rng.choice(pool, rows.n) if rows.n else pool
    index[rng.permutation(rows.n)[: len(pool)]] = pool
    return index


def _permuted(numbers: np.ndarray, size: int, keys: np.ndarray) -> np.ndarray:
    """A keyed permutation of 0 … size-1: a four-round Feistel network, walked back into range."""
    half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
    mask = (np.uint64(1) << half) - np.uint64(1)
    numbers = numbers.copy()
    todo = np.arange(len(numbers))
    while len(todo):
        left, right = numbers[todo] >> half, numbers[todo] & mask
        for key in keys:
            mixed = (right + key + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
            left, right = right, left ^ ((mixed >> np.uint64(32)) & mask)
        numbers[todo] = (left << half) | right
        todo = todo[numbers[todo] >= size]
    return numbers


def _uuids(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) object: random UUIDs of version 4 (RFC 9562)."""
    raw = rng.integers(0, 256, size=(n, 16), dtype=np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    ids = np.empty(n, object)
    for i in range(n):
        h = text[32 * i : 32 * i + 32]
        ids[i] = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
    return ids

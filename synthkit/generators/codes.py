"""``Codes``: all fields of a layout as one matrix of codes, side by side in one softmax vector.

    codes = Codes.of(layout, bins=64)
    table = codes.encode(batch)            # (n, fields) int64
    batch = codes.decode(table, rng)       # numbers drawn inside their bins
    codes.offsets, codes.width             # where each field's codes lie in a vector of logits

Neural backends learn numbers as categories, too: a softmax over bins takes any shape of
distribution, its spikes included, and its log-likelihood needs no scale. That bins have an order is
told by ``basis``: waves over the rank, tied into the weights of input and output, so that what is
learned of one bin is learned of its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.errors import NotSupported
from synthkit.generators.base import Given
from synthkit.generators.coding import Coding
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

SPREAD = 0.25  # of bins over large and small shares of numbers between spikes
PSEUDO_ROWS = 1.0  # of an even distribution, by which shares of codes are smoothed


@dataclass(frozen=True)
class Codes:
    """The codings of a layout's fields, in its order."""

    codings: tuple[Coding, ...]

    @classmethod
    def of(cls, layout: Layout, bins: int) -> Codes:
        """Numbers in about ``bins`` bins, more beside spikes. Raises ``NotSupported`` for fields that are no codes."""
        codings = []
        for field in layout.fields:
            if not isinstance(field, Categorical | Numeric):
                raise NotSupported(
                    f"this backend cannot learn a field of type {type(field).__name__}",
                    where=field.name,
                    expected="categories and numbers",
                )
            codings.append(Coding.of(field, bins, SPREAD))
        return cls(tuple(codings))

    @property
    def sizes(self) -> list[int]:
        """Number of codes per field."""
        return [coding.size for coding in self.codings]

    @property
    def offsets(self) -> list[int]:
        """Place of each field's first code in a vector of all codes."""
        return [0, *np.cumsum(self.sizes)[:-1].tolist()] if self.codings else []

    @property
    def width(self) -> int:
        """Number of codes of all fields together."""
        return sum(self.sizes)

    def encode(self, batch: Batch) -> np.ndarray:
        """(n, fields) int64."""
        columns = [coding.codes(batch[coding.field.name]) for coding in self.codings]
        return np.column_stack(columns).astype(np.int64) if columns else np.zeros((0, 0), np.int64)

    def decode(self, table: np.ndarray, rng: np.random.Generator) -> Batch:
        """Inverse of ``encode``; ranks are drawn evenly inside their bins."""
        return {
            coding.field.name: coding.values(table[:, i], rng)
            for i, coding in enumerate(self.codings)
        }

    def completed(self, table: np.ndarray, given: Given, rng: np.random.Generator) -> Batch:
        """``decode`` with the given cells as they were given, not as their bins would have them."""
        batch = self.decode(table, rng)
        for name, known in given.known.items():
            batch[name] = np.where(known, given.values[name], batch[name]).astype(batch[name].dtype)
        return batch

    def known(self, given: Given, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Codes of given cells, (n, fields) int64, and which of them are known, (n, fields) bool."""
        known = marked(self.codings, given.known, n)
        table = np.zeros((n, len(self.codings)), np.int64)
        for i, coding in enumerate(self.codings):
            rows = known[:, i]
            table[rows, i] = coding.codes(given.values[coding.field.name][rows])
        return table, known

    def present(self, given: Given, n: int) -> np.ndarray:
        """(n, fields) bool: free cells that must not be missing."""
        return marked(self.codings, given.present, n)

    def impossible(self) -> np.ndarray:
        """(width,) bool: the missing code of numbers that are never missing."""
        mask = np.zeros(self.width, bool)
        for coding, offset in zip(self.codings, self.offsets, strict=True):
            mask[offset + coding.size - 1] = coding.never_missing
        return mask

    def missing(self) -> np.ndarray:
        """(width,) bool: the codes that stand for a missing cell."""
        mask = np.zeros(self.width, bool)
        for coding, offset in zip(self.codings, self.offsets, strict=True):
            if coding.missing is not None:
                mask[offset + coding.missing] = True
        return mask

    def log_shares(self, table: np.ndarray) -> np.ndarray:
        """(width,) float32 log share of each code among the rows of its field, slightly smoothed."""
        shares = [
            np.bincount(table[:, i], minlength=coding.size) + PSEUDO_ROWS / coding.size
            for i, coding in enumerate(self.codings)
        ]
        logs = [np.log(share / share.sum()) for share in shares]
        return np.concatenate([np.zeros(0), *logs]).astype(np.float32)

    def log_base(self) -> list[np.ndarray]:
        """Per field (size,) log width of each code, to be taken from a log probability: a density."""
        return [np.log(coding.base()) for coding in self.codings]

    def basis(self, waves: int) -> np.ndarray:
        """(width, waves) float32 cosines over the place of ordered codes; zero for all others."""
        parts = [np.zeros((0, waves))]
        for coding in self.codings:
            part = np.zeros((coding.size, waves))
            if coding.ordered:
                rows = np.arange(coding.size) != coding.place_of_missing
                place = coding.feature[rows].astype(np.float64)
                place /= 1.0 if isinstance(coding.field, Numeric) else max(len(place) - 1, 1)
                part[rows] = np.cos(np.pi * place[:, None] * np.arange(1, waves + 1))
            parts.append(part)
        return np.concatenate(parts).astype(np.float32)


def marked(codings: Sequence[Coding], marks: dict[str, np.ndarray], n: int) -> np.ndarray:
    """(n, fields) bool of some fields' marks; fields without have none."""
    table = np.zeros((n, len(codings)), bool)
    for i, coding in enumerate(codings):
        if coding.field.name in marks:
            table[:, i] = marks[coding.field.name]
    return table

"""``Numbering``: all texts of an identifier's pattern, or all made-up names of a sort, by number.

numbering = Numbering.of("A{1,2}-9", whole=False)
numbering.size                                  # 7020
numbering.texts(np.array([0], np.uint64))       # ["A-0"]
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from synthkit.patterns import SEQUENCE, UUID4, Item, items
from synthkit.schema import Column
from synthkit.transforms.made_up import parts

LETTERS = {
    "9": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "X": string.ascii_uppercase + string.digits,
    "x": string.ascii_lowercase + string.digits,
    "*": string.ascii_letters + string.digits,
}
MAX_LENGTHS = 4096  # combinations of lengths in one pattern; above it only the longest is used


@dataclass(frozen=True)
class Numbering:
    """The texts of a pattern, numbered from 0.

    Args:
        shapes: one entry per combination of lengths: the choices for every place in turn, one
            character each (a string of them) or longer parts.
    """

    shapes: list[list[Sequence[str]]]

    @classmethod
    def of_column(cls, column: Column, whole: bool) -> Numbering | None:
        """The texts that take the place of a column's; None for those that are not numbered."""
        if column.content is not None:
            return cls([parts(column.content)])
        if column.pattern in (None, SEQUENCE, UUID4):
            return None
        return cls.of(str(column.pattern), whole)

    @classmethod
    def of(cls, pattern: str, whole: bool) -> Numbering:
        """The texts of a pattern. Whole numbers, and digits of varying count, start with 1 to 9."""
        steps = items(pattern)
        ranges = [range(item.low, item.high + 1) for item in steps]
        if np.prod([float(len(r)) for r in ranges]) > MAX_LENGTHS:
            ranges = [r[-1:] for r in ranges]
        varying = steps[0].text == "9" and steps[0].low < steps[0].high
        shapes: list[list[Sequence[str]]] = []
        for lengths in product(*ranges):
            shape = [a for item, n in zip(steps, lengths, strict=True) for a in _letters(item) * n]
            if whole or varying:
                shape[0] = shape[0].replace("0", "") or shape[0]
            shapes.append([*shape])
        return cls(shapes)

    @property
    def size(self) -> int:
        """How many texts there are."""
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        sizes = []
        for shape in self.shapes:
            size = 1
            for alphabet in shape:
                size *= len(alphabet)
            sizes.append(size)
        return sizes

    def texts(self, numbers: np.ndarray) -> np.ndarray:
        """(n,) object: the texts of numbers below ``size``, which must be below 2**62; uint64."""
        starts = np.cumsum([0, *self._sizes()], dtype=np.uint64)
        which = np.searchsorted(starts, numbers, side="right") - 1
        texts = np.empty(len(numbers), object)
        for i in np.unique(which):
            rows = which == i
            rest = numbers[rows] - starts[i]
            digits = np.zeros((len(rest), len(self.shapes[i])), np.int64)
            for place in reversed(range(len(self.shapes[i]))):
                base = np.uint64(len(self.shapes[i][place]))
                digits[:, place] = rest % base
                rest = rest // base
            texts[rows] = _spelled(self.shapes[i], digits)
        return texts

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n,) object: random texts, the combinations of lengths in equal shares."""
        which = rng.integers(len(self.shapes), size=n)
        texts = np.empty(n, object)
        for i in np.unique(which):
            rows = which == i
            sizes = [len(alphabet) for alphabet in self.shapes[i]]
            texts[rows] = _spelled(
                self.shapes[i], rng.integers(sizes, size=(rows.sum(), len(sizes)))
            )
        return texts


def _letters(item: Item) -> list[str]:
    return [item.text if item.literal else LETTERS[item.text]]


def _spelled(shape: list[Sequence[str]], digits: np.ndarray) -> np.ndarray:
    """(n, places) digits as (n,) text: each digit chooses from its place's alphabet."""
    if not all(isinstance(alphabet, str) for alphabet in shape):
        places = [np.array([*a], object)[d] for a, d in zip(shape, digits.T, strict=True)]
        return np.add.reduce(places)
    characters = np.empty(digits.shape, np.uint32)
    for place, alphabet in enumerate(shape):
        characters[:, place] = np.array([ord(c) for c in alphabet], np.uint32)[digits[:, place]]
    return characters.view(f"U{len(shape)}").ravel().astype(object)

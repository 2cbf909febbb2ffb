"""``Numbering``: all texts of an identifier's pattern, or all made-up names of a sort, by number.

numbering = Numbering.of("A{1,2}-9", whole=False)
numbering.size                                  # 7020
numbering.texts(np.array([0], np.uint64))       # ["A-0"]
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from synthkit.integer_range import integer_range
from synthkit.patterns import SEQUENCE, UUID4, Item, items
from synthkit.schema import Column
from synthkit.transforms.made_up import parts

LETTERS = {
    "9": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "X": string.ascii_uppercase + string.digits,
    "x": string.ascii_lowercase + string.digits,
    "H": string.digits + "ABCDEF",
    "h": string.digits + "abcdef",
    "*": string.ascii_letters + string.digits,
}
MAX_LENGTHS = 4096  # combinations of lengths in one pattern; above it only the longest is used


@dataclass(frozen=True)
class Numbering:
    """The texts of a pattern, numbered from 0.

    Args:
        shapes: one entry per combination of lengths: the choices for every place in turn, one
            character each (a string of them) or longer parts.
        shares: how often each shape is drawn; None for equal shares.
    """

    shapes: list[list[Sequence[str]]]
    shares: list[float] | None = None

    @classmethod
    def of_column(cls, column: Column, whole: bool) -> Numbering | None:
        """The texts that take the place of a column's; None for those that are not numbered."""
        if column.content is not None:
            return cls([parts(column.content)])
        if column.pattern in (None, SEQUENCE, UUID4):
            return None
        ends = integer_range(column.dtype) if whole else None
        return cls.of(str(column.pattern), whole, ends)

    @classmethod
    def of(cls, pattern: str, whole: bool, ends: tuple[int, int] | None = None) -> Numbering:
        """The texts of a pattern. Whole numbers, and digits of varying count, start with 1 to 9.

        Args:
            pattern: in the language of ``synthkit.patterns``.
            whole: the texts are whole numbers.
            ends: the smallest and the largest of these; None for any.
        """
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
        return cls(shapes) if ends is None else cls._between(shapes, *ends)

    @classmethod
    def _between(cls, shapes: list[list[Sequence[str]]], low: int, high: int) -> Numbering:
        """The whole numbers of these shapes from low to high; those of one shape in equal shares."""
        kept = [_up_to(shape, str(low if shape[0] == "-" else high)) for shape in shapes]
        if all(parts == [shape] for parts, shape in zip(kept, shapes, strict=True)):
            return cls(shapes)
        kept = [parts for parts in kept if parts]
        sizes = [[float(_size(part)) for part in parts] for parts in kept]
        shares = [size / sum(own) / len(kept) for own in sizes for size in own]
        return cls([part for parts in kept for part in parts], shares)

    @property
    def size(self) -> int:
        """How many texts there are."""
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        return [_size(shape) for shape in self.shapes]

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
        k = len(self.shapes)
        which = rng.integers(k, size=n) if self.shares is None else rng.choice(k, n, p=self.shares)
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


def _size(shape: list[Sequence[str]]) -> int:
    """How many texts a shape has."""
    return math.prod(len(alphabet) for alphabet in shape)


def _up_to(shape: list[Sequence[str]], end: str) -> list[list[Sequence[str]]]:
    """The texts of a shape of digits whose number has at most the size of ``end``, as shapes.

    They are parted by how many places they have in common with ``end``; behind these stands a
    smaller digit, and then any.
    """
    if len(shape) != len(end):
        return [shape] if len(shape) < len(end) else []
    digits = [str(place) for place in shape]
    if max(int("".join(map(max, digits)).lstrip("-")), 0) <= int(end.lstrip("-")):
        return [shape]
    parts: list[list[Sequence[str]]] = []
    for place, (choices, last) in enumerate(zip(digits, end, strict=True)):
        smaller = "".join(c for c in choices if c < last)
        if smaller:
            parts.append([*end[:place], smaller, *shape[place + 1 :]])
        if last not in choices:
            return parts
    return [*parts, [*end]]


def _spelled(shape: list[Sequence[str]], digits: np.ndarray) -> np.ndarray:
    """(n, places) digits as (n,) text: each digit chooses from its place's alphabet."""
    if not all(isinstance(alphabet, str) for alphabet in shape):
        places = [np.array([*a], object)[d] for a, d in zip(shape, digits.T, strict=True)]
        return np.add.reduce(places)
    characters = np.empty(digits.shape, np.uint32)
    for place, alphabet in enumerate(shape):
        characters[:, place] = np.array([ord(c) for c in alphabet], np.uint32)[digits[:, place]]
    return characters.view(f"U{len(shape)}").ravel().astype(object)

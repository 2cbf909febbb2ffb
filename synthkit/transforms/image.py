"""Images: one field of pixels, as they are. What a network wants of them is made in its backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.generators.base import State
from synthkit.pictures import cells, pixels
from synthkit.schema import Column
from synthkit.transforms.base import Rows
from synthkit.transforms.layout import Batch, Field, Image


@dataclass(frozen=True)
class ImageCodec:
    """One column of images, all of the column's shape."""

    kind: ClassVar[str] = "image"
    reason: ClassVar[str | None] = None
    column: Column

    @property
    def hidden(self) -> dict[str, int]:
        """Nothing: protection is about values that repeat, and images do not."""
        return {}

    @property
    def fields(self) -> tuple[Field, ...]:
        """One ``Image``."""
        assert self.column.shape is not None
        return (Image("", self.column.shape),)

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """The pixels."""
        return {"": self._pixels(typed)}

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """The pixels, each of which is a value of its own."""
        return {"": self._pixels(typed)}, np.zeros(len(typed))

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """The images."""
        return cells(batch[""])

    def cell(self, value: object) -> object:
        """Nobody gives an image to be kept."""
        raise SchemaError(
            "cannot be given a value: it holds images",
            where=self.column.name,
            remedy="give labels or attributes, in whose light images are drawn",
        )

    def state(self) -> State:
        """Nothing was learned."""
        return State()

    @classmethod
    def from_state(cls, column: Column, state: State) -> ImageCodec:
        """Inverse of ``state``."""
        return cls(column)

    def _pixels(self, typed: pd.DataFrame) -> np.ndarray:
        images = typed[self.column.name]
        if not len(images) or images.isna().any():  # rows to be drawn have no image yet
            return np.zeros((len(images), *(self.column.shape or ())), np.uint8)
        return pixels(images)

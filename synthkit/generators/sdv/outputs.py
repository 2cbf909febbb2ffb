"""``Outputs``: what the numbers at the end of an SDV network mean.

A category is one output per code. A score is one output for its place inside a *mode* and one per mode:
CTGAN's transformer fits a Gaussian mixture to each number (Xu et al. 2019, section 4.2), and a mode is
one of its components, which reaches four standard deviations to either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthkit.generators.sdv.columns import Column
from synthkit.generators.sdv.fitting import code_of

REACH = 4.0  # standard deviations


@dataclass(frozen=True)
class Outputs:
    """How each column is read.

    Args:
        columns: in the order of the outputs.
        tables: per column (k,) codes, or (2, k) means and standard deviations of the modes.
    """

    columns: tuple[Column, ...]
    tables: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, transformer: Any, columns: Sequence[Column]) -> Outputs:
        """Reads ctgan's fitted ``DataTransformer``."""
        tables = []
        for info, column in zip(transformer._column_transform_info_list, columns, strict=True):
            if info.column_name != column.name:
                raise ValueError("ctgan has the columns in another order")
            fitted = info.transform
            if column.size is not None:
                tables.append(np.array([code_of(label) for label in fitted.dummies], np.int32))
                continue
            mixture, valid = fitted._bgm_transformer, fitted.valid_component_indicator
            spread = np.sqrt(mixture.covariances_).reshape(-1)
            tables.append(np.stack([mixture.means_.reshape(-1)[valid], spread[valid]]))
        return cls(tuple(columns), tuple(tables))

    @classmethod
    def restored(cls, arrays: Mapping[str, np.ndarray], columns: Sequence[Column]) -> Outputs:
        """Inverse of ``arrays``. Raises ``KeyError`` or ``ValueError`` for others."""
        tables = tuple(np.array(arrays[f"outputs/{i}"]) for i in range(len(columns)))
        for column, table in zip(columns, tables, strict=True):
            if column.size is None:
                fits = table.ndim == 2 and len(table) == 2 and table.size > 0
            else:
                fits = table.ndim == 1 and 0 <= table.min() <= table.max() < column.size
            if not fits:
                raise ValueError("the outputs are not those of the columns")
        return cls(tuple(columns), tables)

    def arrays(self) -> dict[str, np.ndarray]:
        """The tables by name."""
        return {f"outputs/{i}": table for i, table in enumerate(self.tables)}

    @property
    def width(self) -> int:
        """Number of outputs."""
        return sum(table.shape[-1] + (table.ndim == 2) for table in self.tables)

    def read(self, inside: np.ndarray, choice: np.ndarray) -> dict[str, np.ndarray]:
        """Codes and scores by column.

        Args:
            inside: (n, width); places inside modes are read from it.
            choice: (n, width); the largest of a column's outputs names its code or mode.
        """
        table: dict[str, np.ndarray] = {}
        start = 0
        for column, known in zip(self.columns, self.tables, strict=True):
            first = start + (known.ndim == 2)
            stop = first + known.shape[-1]
            chosen = choice[:, first:stop].argmax(axis=1)
            if known.ndim == 1:
                table[column.name] = known[chosen]
            else:
                means, spreads = known
                place = np.clip(inside[:, start].astype(np.float64), -1.0, 1.0)
                table[column.name] = place * REACH * spreads[chosen] + means[chosen]
            start = stop
        return table

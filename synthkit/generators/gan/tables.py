"""``Tables``: how often levels of two fields occur together, to compare rows with rows.

    tables = Tables.of(codes, table, device)
    tables.distance(probabilities, rows)     # 0 … 1, of generated rows from real ones
    tables.variety(rows)                     # mean entropy of the tables, in nats

A field's codes are gathered into a few *levels*, of about equal shares if they are ordered and else
the frequent ones and all others: tables of all codes of two numbers would be little but noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from synthkit.generators.codes import Codes
from synthkit.generators.coding import Coding

LEVELS = 8


@dataclass(frozen=True)
class Tables:
    """Levels of all fields side by side.

    Args:
        level: (codes,) int64 place of each code's level among all levels.
        offsets: (fields,) place of each field's first code.
        apart: (levels, levels) bool, levels of two different fields; of one, if there is but one.
        pairs: of fields, counted in both orders.
    """

    level: Tensor
    offsets: Tensor
    apart: Tensor
    pairs: int

    @classmethod
    def of(cls, codes: Codes, table: np.ndarray, device: torch.device) -> Tables:
        """Levels by the shares of codes in a table, (n, fields)."""
        levels: list[np.ndarray] = []
        fields: list[int] = []
        for i, coding in enumerate(codes.codings):
            counts = np.bincount(table[:, i], minlength=coding.size)
            own = _levels(coding, counts)
            levels.append(own + len(fields))
            fields += [i] * (int(own.max()) + 1)
        field = torch.tensor(fields, device=device)
        apart, d = field[:, None] != field, len(codes.codings)
        return cls(
            torch.from_numpy(np.concatenate(levels)).to(device),
            torch.tensor(codes.offsets, device=device),
            apart if d > 1 else ~apart,
            max(d * (d - 1), 1),
        )

    def distance(self, probabilities: Tensor, rows: Tensor) -> Tensor:
        """Mean total variation between tables of two fields.

        Args:
            probabilities: (m, codes) of generated rows whose fields are drawn independently; more
                exact than codes drawn from them.
            rows: (n, fields) int64 codes of real rows.
        """
        made = torch.zeros(len(probabilities), len(self.apart), device=rows.device)
        made.index_add_(1, self.level, probabilities)
        gap = (_together(made) - _together(self._marks(rows))).abs()
        return gap[self.apart].sum() / (2 * self.pairs)

    def variety(self, rows: Tensor) -> float:
        """Mean entropy of tables of two fields, of (n, fields) codes."""
        table = _together(self._marks(rows))[self.apart]
        return float(-torch.xlogy(table, table).sum()) / self.pairs

    def _marks(self, rows: Tensor) -> Tensor:
        """(n, levels) 1 at the level of each code."""
        marks = torch.zeros(len(rows), len(self.apart), device=rows.device)
        return marks.scatter_(1, self.level[rows + self.offsets], 1.0)


def _together(marks: Tensor) -> Tensor:
    """(levels, levels) shares of rows with both."""
    return marks.T @ marks / len(marks)


def _levels(coding: Coding, counts: np.ndarray) -> np.ndarray:
    """(size,) int64 level of each code, numbered from 0 without gaps."""
    if coding.size <= LEVELS:
        return np.arange(coding.size)
    if coding.ordered:
        below = np.cumsum(counts) - counts / 2
        level = (below / max(counts.sum(), 1) * (LEVELS - 1)).astype(np.int64)
        missing = coding.place_of_missing
        if missing is not None:
            level[missing] = LEVELS
    else:
        rank = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
        level = np.minimum(rank, LEVELS - 1)
    found: np.ndarray = np.unique(level, return_inverse=True)[1]
    return found.astype(np.int64)

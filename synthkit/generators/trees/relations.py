"""How fields hang together: mutual information, the fields' order, the categories' order.

All of it is read off pair tables of coarse levels, at most ``LEVELS`` per field, on at most
``ROWS`` rows. They are small, so that they are kept with the model: sampling with given cells uses
them to look ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.generators.coding import Coding

LEVELS = 16
ROWS = 20_000
LOOKUP_ROWS = 10
SPIKES = 2
SPIKE_SHARES = (0.04, 0.97)  # of the rows
DOMINANT = 0.3  # share from which on a spike takes no part in the places of the others
AXES = 4  # of a category's places that splits can tell apart
REPEATED = 300  # codes of an ordered field up to which its values are taken for repeated ones
AXIS_WEIGHT = 3.0  # of the axis of repeated values beside their ranks; it varies less than these
SHRINK_ROWS = 20.0  # pseudo-rows that pull a rare category's profile to the average


@dataclass(frozen=True)
class Relations:
    """Pair tables of all fields' levels.

    Args:
        levels: per field, (size,) uint8, the level of each code.
        counts: (d, d, LEVELS, LEVELS) float32, rows with level a of field i and b of field j.
    """

    levels: tuple[np.ndarray, ...]
    counts: np.ndarray

    @classmethod
    def of(cls, codings: list[Coding], codes: np.ndarray) -> Relations:
        """Pair tables of (n, d) codes."""
        levels = tuple(_levels(coding, codes[:, i]) for i, coding in enumerate(codings))
        coarse = [level[codes[:, i]].astype(np.int64) for i, level in enumerate(levels)]
        d = len(codings)
        counts = np.zeros((d, d, LEVELS, LEVELS), np.float32)
        for i in range(d):
            for j in range(i + 1):
                table = np.bincount(coarse[i] * LEVELS + coarse[j], minlength=LEVELS**2)
                counts[i, j] = table.reshape(LEVELS, LEVELS)
                counts[j, i] = counts[i, j].T
        return cls(levels, counts)

    def information(self) -> np.ndarray:
        """(d, d) mutual information of the levels in nats; 0 on the diagonal."""
        joint = self.counts / np.maximum(self.counts.sum((2, 3), keepdims=True), 1.0)
        independent = joint.sum(3, keepdims=True) * joint.sum(2, keepdims=True)
        ratio = np.divide(joint, independent, out=np.ones_like(joint), where=joint > 0)
        information = (joint * np.log(ratio)).sum((2, 3))
        np.fill_diagonal(information, 0.0)
        return information

    def log_lift(self, i: int, j: int) -> np.ndarray:
        """(LEVELS, LEVELS) log of P(level of j | level of i) / P(level of j), smoothed."""
        table = self.counts[i, j] + 0.5 / LEVELS
        given = table / table.sum(1, keepdims=True)
        return np.log(given / (table.sum(0) / table.sum()))

    def target(self, i: int, coding: Coding, codes: np.ndarray) -> np.ndarray:
        """What splits should tell apart of field i: its axes, or its shape if it is ordered.

        Where the values of an ordered field repeat, each may go with something else, whatever its
        neighbours do: the amounts on the lines of a tax form. So there is an axis, too.

        Args:
            codes: (n, d) codes of all fields.

        Returns:
            (size, k) float64, the most important column first.
        """
        if not coding.ordered:
            return self.axes(i, codes, coding.size, AXES)
        own = shape(np.bincount(codes[:, i], minlength=coding.size), coding.missing)
        if coding.size > REPEATED:
            return own
        return np.hstack([own, AXIS_WEIGHT * self.axes(i, codes, coding.size, 1)])

    def axes(self, i: int, codes: np.ndarray, size: int, most: int) -> np.ndarray:
        """Places of field i's codes on the axes along which the rest of a row tells them apart.

        Correspondence analysis: the profiles of the codes over all other fields' levels, shrunk
        for rare codes, in their principal coordinates.

        Args:
            codes: (n, d) codes of all fields.
            size: number of codes of field i.
            most: number of axes at most.

        Returns:
            (size, axes) float64, at least one axis, the most telling first.
        """
        rows = np.bincount(codes[:, i], minlength=size).astype(float)
        profiles = [np.zeros((size, 1))]
        for j, level in enumerate(self.levels):
            if j == i:
                continue
            cell = codes[:, i].astype(np.int64) * LEVELS + level[codes[:, j]]
            table = np.bincount(cell, minlength=size * LEVELS).reshape(size, LEVELS).astype(float)
            average = table.sum(0) / len(codes)
            profile = (table + SHRINK_ROWS * average) / (rows[:, None] + SHRINK_ROWS)
            profiles.append((profile - average) / np.sqrt(average + 1e-9))
        points = np.hstack(profiles)
        spread = (points.T * (rows / len(codes))) @ points
        most = min(most, len(spread), max(size - 1, 1))
        from scipy.linalg import eigh  # not on top: options are read without scipy

        _, directions = eigh(spread, subset_by_index=(len(spread) - most, len(spread) - 1))
        places = points @ directions[:, ::-1]
        # eigenvectors come with any sign: the code farthest from the middle lies on the right
        return places * np.where(places[np.abs(places).argmax(0), np.arange(most)] < 0, -1.0, 1.0)


def shape(count: np.ndarray, missing: int | None) -> np.ndarray:
    """What tells the distributions of an ordered field apart: place, spread, and its spikes.

    The place alone would leave leaves whose rows agree in the mean and differ in all else. A
    change of the spread is what a two-sample test finds first in continuous fields. Places are
    ranks among the rows off dominant spikes: where 19 rows of 20 are 0, all other numbers would
    stand at one end, and which of them goes with what would not be learned.

    Args:
        count: (size,) rows of each code, in order.
        missing: the code of a missing cell, if any.

    Returns:
        (size, k) float64: mean rank in [0, 1]; half if missing; distance from the middle rank; half
        for each of the ``SPIKES`` most frequent codes that stand for many rows, but not for all.
    """
    rows = count.astype(float)
    columns = []
    absent = np.zeros(len(count), bool)
    if missing is not None:
        absent[missing] = True
        rows[missing] = 0.0
        columns.append(absent * 0.5)
    share = rows / max(count.sum(), 1)
    frequent = np.argsort(-share, kind="stable")[:SPIKES]
    spikes = [code for code in frequent if SPIKE_SHARES[0] < share[code] < SPIKE_SHARES[1]]
    rows[[code for code in spikes if share[code] > DOMINANT]] = 0.0
    rank = (np.cumsum(rows) - rows / 2) / max(rows.sum(), 1.0)
    rank[absent] = 0.5
    if len(count) - absent.sum() > 2:
        columns.append(np.where(absent, 0.25, np.abs(rank - 0.5)))
        columns += [(np.arange(len(count)) == code) * 0.5 for code in spikes]
    return np.stack([rank, *columns], axis=1)


def visit_order(information: np.ndarray, fixes: np.ndarray) -> list[int]:
    """Field numbers, those that tell most about the others first.

    A field that fixes another one comes before it, so that the other can be looked up.

    Args:
        information: (d, d) mutual information.
        fixes: (d, d) bool, see ``fixing``.
    """
    ranked = [int(i) for i in np.argsort(-information.sum(0), kind="stable")]
    order: list[int] = []

    def place(field: int) -> None:
        for other in ranked:
            if fixes[other, field] and not fixes[field, other] and other not in order:
                place(other)
        order.append(field)

    for field in ranked:
        if field not in order:
            place(field)
    return order


def fixing(codes: np.ndarray) -> np.ndarray:
    """(d, d) bool: whether each field fixes each other one, see ``fixed_by``; codes are (n, d)."""
    d = codes.shape[1]
    fixes = np.array([fixed_by(column, codes) for column in codes.T], bool).reshape(d, d)
    np.fill_diagonal(fixes, False)
    return fixes


def determining(codes: np.ndarray) -> int | None:
    """The earliest column, if any, that fixes the last one; codes are (n, p) in visit order."""
    for parent in range(codes.shape[1] - 1):
        if fixed_by(codes[:, parent], codes[:, -1:])[0]:
            return parent
    return None


def fixed_by(parent: np.ndarray, children: np.ndarray) -> np.ndarray:
    """(p,) bool: whether the parent's code fixes a child's without exception.

    The parent has on average ``LOOKUP_ROWS`` rows per code at least: of a column of unique codes,
    every other one is a function. A constant child is fixed by none.

    Args:
        parent: (n,) codes.
        children: (n, p) codes, n > 0.
    """
    if np.count_nonzero(np.bincount(parent)) * LOOKUP_ROWS > len(parent):
        return np.zeros(children.shape[1], bool)
    last = np.empty((int(parent.max()) + 1, children.shape[1]), children.dtype)
    last[parent] = children
    varies = children.min(0) < children.max(0)
    fixed: np.ndarray = varies & (last[parent] == children).all(0)
    return fixed


def _levels(coding: Coding, codes: np.ndarray) -> np.ndarray:
    """Level of each code: equal shares of the rows in order, or the most frequent and the rest."""
    count = np.bincount(codes, minlength=coding.size)
    if coding.size <= LEVELS:
        return np.arange(coding.size, dtype=np.uint8)
    if not coding.ordered:
        place = np.argsort(np.argsort(-count, kind="stable"), kind="stable")
        return np.minimum(place, LEVELS - 1).astype(np.uint8)
    present = count.copy()
    if coding.missing is not None:
        present[coding.missing] = 0
    middle = (np.cumsum(present) - present / 2) / max(present.sum(), 1)
    levels = np.minimum(middle * (LEVELS - 1), LEVELS - 2).astype(np.uint8)
    if coding.missing is not None:
        levels[coding.missing] = LEVELS - 1
    return levels

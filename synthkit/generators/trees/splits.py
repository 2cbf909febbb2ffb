"""``Splits``: a binary tree over codes, so that drawing a code is a few yes-or-no questions.

    splits = Splits.of(place, weight)
    node = splits.children[node, goes_right]   # -1 once a single code is left

The codes stand in the order of their place; each node parts its run of codes into two of weights as
equal as can be. Nodes are numbered level by level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Splits:
    """All nodes; a tree over one code has none.

    Args:
        order: (size,) int32 codes in order of place.
        low, middle: (nodes,) int32, the run of ``order`` below a node starts at ``low``, its right
            part at ``middle``.
        log_odds: (nodes,) of the right part against the left one, by weight.
        children: (nodes, 2) int32 left and right child, -1 where one code is left.
        levels: number of levels.
    """

    order: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    log_odds: np.ndarray
    children: np.ndarray
    levels: int

    @cached_property
    def rank(self) -> np.ndarray:
        """(size,) where each code stands in ``order``."""
        return np.argsort(self.order)

    @classmethod
    def of(cls, place: np.ndarray, weight: np.ndarray) -> Splits:
        """The tree over codes.

        Args:
            place: (size,) where each code stands.
            weight: (size,) positive.
        """
        order = np.argsort(place, kind="stable").astype(np.int32)
        up_to = np.concatenate([[0.0], np.cumsum(weight[order])])
        nodes: list[tuple[int, int, float]] = []
        children: list[list[int]] = []
        waiting = [(0, len(order), -1, 0)] if len(order) > 1 else []
        levels = 0
        while waiting:
            levels += 1
            below = []
            for low, high, parent, side in waiting:
                half = (up_to[low] + up_to[high]) / 2
                middle = low + 1 + int(np.abs(up_to[low + 1 : high] - half).argmin())
                odds = (up_to[high] - up_to[middle]) / (up_to[middle] - up_to[low])
                if parent >= 0:
                    children[parent][side] = len(nodes)
                own = len(nodes)
                nodes.append((low, middle, float(np.log(odds))))
                children.append([-1, -1])
                parts = ((low, middle, own, 0), (middle, high, own, 1))
                below += [part for part in parts if part[1] - part[0] > 1]
            waiting = below
        return cls(
            order,
            np.array([node[0] for node in nodes], np.int32),
            np.array([node[1] for node in nodes], np.int32),
            np.array([node[2] for node in nodes], np.float64),
            np.array(children, np.int32).reshape(-1, 2),
            levels,
        )

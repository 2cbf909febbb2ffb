"""Boosted trees as LightGBM grows them: for corrections, and for scores and splits of ``trees``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from synthkit.generators.ensemble import BoostedTrees, Ensemble

if TYPE_CHECKING:
    from lightgbm import Booster

MIN_ROWS = 200  # fewer training rows are not boosted on
SETTINGS = {
    "lambda_l2": 1.0,
    "max_bin": 255,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
CATEGORICAL = 1  # the bit of a node's decision type


def ensemble(
    boosters: Sequence[Booster], places: Sequence[np.ndarray], rounds: int | None = None
) -> Ensemble:
    """The boosters' trees, of the first rounds or the best ones; see ``Ensemble`` for ``places``."""
    trees = [
        (number, _fields(text))
        for number, booster in enumerate(boosters)
        for text in booster.model_to_string(num_iteration=rounds).split("\nTree=")[1:]
    ]
    nodes, thresholds, values, members = [], [], [], []
    count = 0
    for _, tree in trees:
        values.append(np.array(tree["leaf_value"].split(), np.float64))
        if len(values[-1]) == 1:
            continue
        column, decision, left, right = (
            np.array(tree[name].split(), np.int32)
            for name in ("split_feature", "decision_type", "left_child", "right_child")
        )
        threshold = np.array(tree["threshold"].split(), np.float64)
        for node in np.flatnonzero(decision & CATEGORICAL):
            goes_left = _categories(tree, int(threshold[node]))
            members.append(np.column_stack([np.full_like(goes_left, count + node), goes_left]))
            threshold[node] = np.nan
        nodes.append(np.column_stack([column, left, right]))
        thresholds.append(threshold)
        count += len(column)
    grown = BoostedTrees(
        np.array(
            [(number, len(v)) for (number, _), v in zip(trees, values, strict=True)], np.int32
        ),
        np.concatenate([np.zeros((0, 3), np.int32), *nodes]),
        np.concatenate([np.zeros(0), *thresholds]),
        np.concatenate([np.zeros((0, 2), np.int32), *members]),
        np.concatenate([np.zeros(0), *values]),
    )
    return Ensemble(grown, places, len(boosters))


def _fields(text: str) -> dict[str, str]:
    """The lines ``name=numbers`` of one tree in LightGBM's own text."""
    return dict(line.split("=", 1) for line in text.split("\n\n", 1)[0].split("\n") if "=" in line)


def _categories(tree: dict[str, str], number: int) -> np.ndarray:
    """(k,) int32, what a tree's set of categories holds, which is written as bits of words."""
    start, stop = map(int, tree["cat_boundaries"].split()[number : number + 2])
    words = np.array(tree["cat_threshold"].split()[start:stop], "<u4")
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.int32)

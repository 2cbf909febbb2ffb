"""Boosted trees by table lookup: a tree worked by hand, LightGBM's own answers, and damaged arrays."""

from __future__ import annotations

from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from synthkit.errors import ModelError
from synthkit.generators import ensemble as module
from synthkit.generators.boosters import SETTINGS, ensemble
from synthkit.generators.ensemble import BoostedTrees, Ensemble

# first tree: place up to 0.5 in column 0? 1 : categories 0 and 2 in column 1? 2 : 4; second: 10
HAND = BoostedTrees(
    trees=np.array([[0, 3], [1, 1]], np.int32),
    nodes=np.array([[0, -1, 1], [1, -3, -2]], np.int32),
    threshold=np.array([0.5, np.nan]),
    members=np.array([[1, 0], [1, 2]], np.int32),
    value=np.array([1.0, 4.0, 2.0, 10.0]),
)
PLACES = [np.array([0.9, 0.5, -1.0]), np.array([2, 1, 0, 3])]


def test_a_hand_worked_tree() -> None:
    codes = np.array([[1, 1], [2, 0], [0, 0], [0, 1], [0, 2], [0, 3]])
    found = Ensemble(HAND, PLACES, 3).predict(codes)
    assert found[:, 0].tolist() == [1, 1, 2, 4, 2, 4]
    assert np.all(found[:, 1] == 10)
    assert np.all(found[:, 2] == 0)  # the third model has no tree


def grown(
    columns: int, leaves: int, categorical: list[int], n: int = 4000
) -> tuple[list[lightgbm.Booster], list[np.ndarray], np.ndarray, np.ndarray]:
    """Two boosters of 20 trees, features of the codes, (n, columns) codes, and their features."""
    rng = np.random.default_rng(columns)
    sizes = rng.integers(2, 60, columns)
    places = [
        rng.permutation(size).astype(np.float32)
        if column in categorical
        else np.append(np.sort(rng.random(size - 1)), -1.0).astype(np.float32)
        for column, size in enumerate(sizes)
    ]
    codes = np.column_stack([rng.integers(0, size, n) for size in sizes]).astype(np.int32)
    x = np.column_stack([place[code] for place, code in zip(places, codes.T, strict=True)])
    y = (x[:, 0] % 3 == 0) + 2 * x[:, 1] + rng.random(n)
    settings = SETTINGS | {"objective": "regression", "num_leaves": leaves}
    boosters = [
        lightgbm.train(settings, lightgbm.Dataset(x, y**k, categorical_feature=categorical), 20)
        for k in (1, 2)
    ]
    return boosters, places, codes, x


@pytest.mark.parametrize(
    ("columns", "leaves", "categorical"),
    [(3, 2, []), (5, 7, [0, 2]), (5, 8, []), (5, 9, [0, 1, 2, 3, 4]), (4, 31, [0]), (4, 64, [3])],
)
def test_predictions_are_those_of_lightgbm(
    columns: int, leaves: int, categorical: list[int]
) -> None:
    boosters, places, codes, x = grown(columns, leaves, categorical)
    found = ensemble(boosters, places).predict(codes)
    expected = np.column_stack([booster.predict(x) for booster in boosters])
    assert found == pytest.approx(expected, rel=1e-12)
    fewer = ensemble(boosters, places, 3).predict(codes)
    assert fewer[:, 1] == pytest.approx(boosters[1].predict(x, num_iteration=3), rel=1e-12)


def test_wide_tables_are_predicted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    boosters, places, codes, _ = grown(6, 7, [1])
    together = ensemble(boosters, places).predict(codes)
    monkeypatch.setattr(module, "WIDE", 2)
    assert ensemble(boosters, places).predict(codes) == pytest.approx(together, rel=1e-12)


def test_a_target_without_variance_and_no_rows() -> None:
    x = np.zeros((500, 1), np.float32)
    booster = lightgbm.train(
        SETTINGS | {"objective": "regression"}, lightgbm.Dataset(x, np.full(500, 3.0)), 5
    )
    found = ensemble([booster], [np.zeros(1, np.float32)])
    codes = np.zeros((2, 1), np.int32)
    assert found.predict(codes)[:, 0] == pytest.approx(booster.predict(x[:2]))
    assert found.predict(codes[:0]).shape == (0, 1)


def test_arrays_bring_the_same_models_back() -> None:
    boosters, places, codes, _ = grown(5, 31, [0, 2])
    model = ensemble(boosters, places)
    again = Ensemble.from_arrays(model.arrays(), places, 2)
    assert np.array_equal(model.predict(codes), again.predict(codes))


DAMAGE = {
    "a tree is its own child": {"nodes": np.array([[0, -1, 0], [1, -3, -2]], np.int32)},
    "two parents": {"nodes": np.array([[0, -1, 1], [1, -3, -3]], np.int32)},
    "a child outside": {"nodes": np.array([[0, -1, 1], [1, -3, -9]], np.int32)},
    "a column outside": {"nodes": np.array([[2, -1, 1], [1, -3, -2]], np.int32)},
    "fewer nodes": {"nodes": HAND.nodes[:1]},
    "not whole numbers": {"nodes": HAND.nodes.astype(float)},
    "fewer thresholds": {"threshold": HAND.threshold[:1]},
    "fewer values": {"value": HAND.value[:2]},
    "an infinite value": {"value": np.array([1.0, np.inf, 2.0, 10.0])},
    "a set at a number": {"members": np.array([[0, 0]], np.int32)},
    "a set outside": {"members": np.array([[5, 0]], np.int32)},
    "a model outside": {"trees": np.array([[0, 3], [3, 1]], np.int32)},
    "models out of order": {"trees": np.array([[1, 3], [0, 1]], np.int32)},
    "no leaf": {"trees": np.array([[0, 3], [1, 0]], np.int32)},
    "one column of both kinds": {"nodes": np.array([[1, -1, 1], [1, -3, -2]], np.int32)},
    "flat": {"trees": np.array([0, 3], np.int32)},
}


@pytest.mark.parametrize("arrays", DAMAGE.values(), ids=DAMAGE)
def test_damaged_arrays_are_a_model_error(arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelError):
        Ensemble(replace(HAND, **arrays), PLACES, 3)

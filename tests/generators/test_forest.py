"""A forest drawn as if nothing were missing: the law of its leaves, whatever was drawn before."""

from __future__ import annotations

import numpy as np

from synthkit.generators.trees.forest import Forest, grow

MISSING = 3
FLOOR = np.array([0.1, 0.2, 0.3, 0.4])


def forest(n: int = 900) -> Forest:
    """Three trees of codes that depend on one feature, a third of them missing."""
    rng = np.random.default_rng(0)
    features = rng.random((n, 2)).astype(np.float32)
    codes = (features[:, 0] * 3).astype(np.int32)
    codes[rng.random(n) < 1 / 3] = MISSING
    target = np.eye(4)[codes]
    return Forest.join([grow(features, target, codes, 40, rng).forest for _ in range(3)])


def shrunk(trees: Forest, leaf: int, smoothing: float) -> np.ndarray:
    """(4,) the distribution of a leaf, by the module's formula from the root down."""
    if leaf < 0:
        return FLOOR
    above = shrunk(trees, int(trees.parent[leaf]), smoothing)
    below = trees.codes[trees.start[leaf] : trees.stop[leaf]]
    return (np.bincount(below, minlength=4) + smoothing * above) / (len(below) + smoothing)


def test_draws_of_present_codes_follow_the_leaf_without_its_missing_share() -> None:
    trees, n = forest(), 40_000
    for leaf in np.flatnonzero(trees.feature < 0)[:4]:
        expected = shrunk(trees, int(leaf), 5.0)
        codes, chance = trees.draw_present(
            np.full(n, leaf), MISSING, 5.0, FLOOR, np.random.default_rng(1)
        )
        np.testing.assert_allclose(chance, 1 - expected[MISSING])
        share = np.bincount(codes, minlength=4) / n
        np.testing.assert_allclose(share[:MISSING], expected[:MISSING] / chance[0], atol=0.015)
        assert share[MISSING] == 0


def test_earlier_draws_leave_no_trace() -> None:
    trees = forest()
    leaves = trees.leaves(
        np.random.default_rng(2).random((500, 2)).astype(np.float32), np.ones(500, int)
    )

    def draw(trees: Forest, missing: int) -> bytes:
        floor = FLOOR[: missing + 1]
        codes, chance = trees.draw_present(leaves, missing, 1.0, floor, np.random.default_rng(3))
        return codes.tobytes() + chance.tobytes()

    first = draw(trees, MISSING)
    assert draw(trees, MISSING) == first
    assert draw(trees, 2) == draw(forest(), 2) != first
    assert draw(trees, MISSING) == draw(forest(), MISSING) == first


def test_a_forest_is_counted_once(monkeypatch) -> None:
    trees, counted = forest(), []
    cumsum = np.cumsum
    monkeypatch.setattr(np, "cumsum", lambda values: counted.append(len(values)) or cumsum(values))
    for _ in range(3):
        trees.draw_present(np.zeros(9, int), MISSING, 1.0, FLOOR, np.random.default_rng(0))
    assert counted.count(len(trees.codes)) == 1

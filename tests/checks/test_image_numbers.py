"""The numbers behind the checks of images, against hand-worked cases."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.checks.fidelity.class_score import class_score
from synthkit.checks.fidelity.diversity import mean_ratio, occurring, spreads
from synthkit.checks.fidelity.frechet import frechet_distance
from synthkit.checks.fidelity.kernel_distance import blockwise, kernel_distance
from synthkit.checks.fidelity.label_match import chance_agreement
from synthkit.checks.fidelity.manifold import overlap
from synthkit.checks.privacy.closest_pairs import ratios
from synthkit.checks.shrinking import (
    averaging,
    difference_hash,
    hamming_nearest,
    image_hashes,
    shrunk,
)
from synthkit.stats.distances import nearest_few


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_frechet_distance_of_normal_fits(rng: np.random.Generator) -> None:
    x = rng.normal(size=(500, 3))
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(x, x + np.array([3.0, 0.0, 4.0])) == pytest.approx(25.0)
    # Doubling adds to each axis (2 s - s)^2.
    variance = x.var(axis=0, ddof=1).sum()
    assert frechet_distance(x, 2.0 * x - x.mean(axis=0)) == pytest.approx(variance)


def test_kernel_distance_is_unbiased(rng: np.random.Generator) -> None:
    values = [
        kernel_distance(rng.normal(size=(20, 4)), rng.normal(size=(20, 4))) for _ in range(400)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20
    assert min(values) < 0
    value, se = blockwise(rng.normal(size=(200, 4)), rng.normal(1.0, size=(200, 4)))
    assert value > 5 * se


def test_overlap_by_hand() -> None:
    real = np.array([[0.0], [1.0], [2.0], [10.0]])  # radii with k = 1: 1, 1, 1, 8
    synthetic = np.array([[0.5], [0.6], [30.0]])  # radii 0.1, 0.1, 29.4
    found = overlap(real, synthetic, k=1)
    assert found.precision.tolist() == [True, True, False]
    assert found.coverage.tolist() == [True, True, False, False]
    assert found.density.tolist() == [2.0, 2.0, 0.0]
    assert found.recall.tolist() == [False, True, True, True]


def test_class_score_ends() -> None:
    assert class_score(np.tile([0.2, 0.8], (10, 1)))[0] == pytest.approx(1.0)
    assert class_score(np.repeat(np.eye(4), 5, axis=0))[0] == pytest.approx(4.0)


def test_diversity_by_hand() -> None:
    points = np.repeat([[0.0], [2.0], [5.0]], 10, axis=0)
    points[:20:2] += 1.0
    codes = np.repeat([0, 1, 2], 10)
    real = spreads(points, codes, 4)
    assert np.isnan(real[3])
    assert real[2] == 0.0
    halved = spreads(points / 2, codes, 4)
    assert mean_ratio(halved, real) == pytest.approx(0.5)
    assert mean_ratio(np.full(4, np.nan), real) is None
    assert occurring(np.array([0.01, 0.05]), np.array([0.2, 0.4])).tolist() == [False, True]


def test_chance_agreement() -> None:
    assert chance_agreement(np.array([0, 1, -1, 1]), np.array([1, 1, 1, 0]), 2) == 0.4375


def test_the_two_nearest(rng: np.random.Generator) -> None:
    queries, points = rng.random((300, 5), np.float32), rng.random((40, 5), np.float32)
    index, distance = nearest_few(queries, points, 2)
    every = np.linalg.norm(queries[:, None] - points, axis=2)
    assert (index == np.argsort(every, axis=1)[:, :2]).all()
    assert np.allclose(distance, np.sort(every, axis=1)[:, :2], atol=1e-5)
    assert ratios(np.array([[0.0, 0.0], [0.0, 2.0], [1.0, 4.0]])).tolist() == [0.0, 0.0, 0.25]


def test_averaging_keeps_the_mean() -> None:
    for size, parts in ((8, 4), (28, 16), (8, 9), (5, 5)):
        weights = averaging(size, parts)
        assert np.allclose(weights.sum(axis=1), 1.0)
        assert np.allclose(weights.sum(axis=0), parts / size)


def test_shrunk_by_hand() -> None:
    image = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    assert np.allclose(shrunk(image, 2, 2)[0, :, :, 0] * 255, [[2.5, 4.5], [10.5, 12.5]])
    assert np.allclose(shrunk(image, 4, 4) * 255, image)


def test_difference_hash(rng: np.random.Generator) -> None:
    def images() -> np.ndarray:
        grey = rng.integers(0, 25, (50, 8, 9, 1)).astype(np.uint8) * 4
        return grey.repeat(3, axis=1).repeat(2, axis=2).repeat(3, axis=3)

    some = images()
    hashes = difference_hash(some)
    assert hamming_nearest(difference_hash(some * 2 + 20), hashes).max() == 0
    assert hamming_nearest(difference_hash(some[:, ::3, ::2]), hashes).max() == 0
    assert difference_hash(np.full((1, 8, 8, 1), 77, np.uint8))[0] == 0
    far = hamming_nearest(difference_hash(images()), hashes)
    assert far.min() > 5


def test_image_hashes() -> None:
    images = np.zeros((3, 4, 4, 1), np.uint8)
    images[2, 0, 0, 0] = 1
    first, second, third = image_hashes(images)
    assert first == second != third
    assert image_hashes(images, "holdout")[0] != first

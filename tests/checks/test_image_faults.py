"""Planted faults of images are found by the checks that are there for them, and honest images pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits

from synthkit.checks import image_checks, run_checks
from synthkit.checks.base import Evidence
from synthkit.checks.privacy.closest_pairs import closest_pairs
from synthkit.contracts.checks import with_synthetic
from synthkit.pictures import cells, pixels
from synthkit.policy import judge, load_policy
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="picture", kind="image", dtype="object", shape=(8, 8, 1)),
        Column(name="digit", kind="integer"),
    ),
    target="digit",
)
pytestmark = pytest.mark.usefixtures("remembered_classifiers")
PRIVACY = ("exact_copies", "near_copies", "dcr_share", "membership_nearest")


@pytest.fixture(scope="module")
def honest() -> Evidence:
    """Three parts of the digits, the third in the place of the synthetic ones."""
    digits = load_digits()
    images = np.round(digits.images / 16 * 255).astype(np.uint8)[..., None]
    order = np.random.default_rng(0).permutation(len(images))
    train, holdout, synthetic = (
        pd.DataFrame(
            {
                "picture": cells(images[rows]),
                "digit": pd.array(digits.target[rows], dtype="Int64"),
            }
        )
        for rows in np.array_split(order[:1797], 3)
    )
    return Evidence(train, holdout, synthetic, SCHEMA)


def found(evidence: Evidence, *names: str) -> dict[str, CheckResult]:
    run = Run(0)
    return {r.name: r for name in names for r in image_checks.get(name)().run(evidence, run)}


def fails(result: CheckResult, policy: str = "internal") -> bool:
    limits = load_policy(policy).checks[result.name]
    only = load_policy(policy).model_copy(update={"required": (), "checks": {result.name: limits}})
    return judge([result], only, {}, "images")[1].word == "failed"


def noisy(images: np.ndarray, sd: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 255 * sd, images.shape)
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def with_images(evidence: Evidence, frame: pd.DataFrame, images: np.ndarray) -> Evidence:
    return with_synthetic(evidence, frame.assign(picture=cells(images).set_axis(frame.index)))


def test_honest_images_pass_both_policies(honest: Evidence) -> None:
    results = run_checks(replace(honest, limits=load_policy("release").checks, controls=2), Run(0))
    for name in ("internal", "release"):
        _, verdict = judge(results, load_policy(name), {}, "images")
        assert verdict.word == "passed", verdict.reasons
    by_name = {r.name: r for r in results}
    for name in ("frechet", "label_match", "utility.target", "diversity", "class_score"):
        low, high = by_name[name].ci or (1.0, 0.0)
        width = high - low
        assert low - width <= (by_name[name].reference or 0.0) <= high + width, name


@pytest.mark.parametrize("share", [0.05, 1.0])
def test_copies_are_found(honest: Evidence, share: float) -> None:
    k = round(share * len(honest.train))
    parts = [honest.train.iloc[:k], honest.synthetic.iloc[k:]]
    evidence = with_synthetic(honest, pd.concat(parts))
    results = found(evidence, "exact_copies", "near_copies")
    for name in ("exact_copies.unique", "near_copies.pixels"):
        assert fails(results[name]), name
        assert results[name].value == pytest.approx(share, abs=0.01)
    assert (results["near_copies.features"].ci or (0.0, 0.0))[0] > 0.0
    for name in ("near_copies.pixels", "near_copies.features"):
        told = results[name].listing
        assert [set(pair) for pair in told] == [{"synthetic_row", "distance", "ratio"}] * 12
    pairs = closest_pairs(evidence)
    assert len(pairs) == 12
    assert all(pair.synthetic_row == pair.training_row < k for pair in pairs)
    assert all(pair.distance == 0.0 for pair in pairs)


@pytest.mark.parametrize("sd", [0.01, 0.03])
def test_copies_with_noise_are_found(honest: Evidence, sd: float) -> None:
    images = noisy(pixels(honest.train["picture"]), sd)
    results = found(with_images(honest, honest.train, images), *PRIVACY)
    assert results["exact_copies"].value == 0.0
    for name in ("near_copies.pixels", "dcr_share", "membership_nearest"):
        assert fails(results[name]), name


def test_copies_in_another_contrast_have_the_same_hash(honest: Evidence) -> None:
    images = (pixels(honest.train["picture"]) * 0.7 + 30).astype(np.uint8)
    result = found(with_images(honest, honest.train, images), "near_copies")["near_copies.hash"]
    assert (result.ci or (0.0, 0.0))[0] > 0.2


def test_copies_of_the_holdout_leak_no_training_image(honest: Evidence) -> None:
    assert honest.holdout is not None
    results = found(with_synthetic(honest, honest.holdout), *PRIVACY)
    assert not any(
        fails(results[name])
        for name in ("exact_copies.unique", "near_copies.pixels", "dcr_share", "membership_nearest")
    )


def test_a_missing_class_is_found(honest: Evidence) -> None:
    rest = honest.synthetic[honest.synthetic["digit"] != 3]
    results = found(with_synthetic(honest, rest), "diversity", "representation", "utility")
    assert results["diversity.modes"].value == 0.9
    assert results["diversity.modes"].reference == 1.0
    assert fails(results["representation"], "release")
    table = results["utility.target"].detail["classes"]
    (lost,) = [row for row in table if "hardly" in row["class"]]
    assert lost["synthetic"] == 0.0
    assert lost["real"] > 0.8


def test_shuffled_labels_are_found(honest: Evidence) -> None:
    frame = honest.synthetic.copy()
    frame["digit"] = frame["digit"].iloc[np.random.default_rng(2).permutation(len(frame))].array
    results = found(with_synthetic(honest, frame), "utility", "label_match")
    assert (results["label_match"].ci or (0.0, 1.0))[1] < 0.2
    assert (results["utility.target"].ci or (0.0, 1.0))[1] < 0.3
    assert (results["utility.target"].reference or 0.0) > 0.9


def test_blurred_images_are_found(honest: Evidence) -> None:
    images = pixels(honest.synthetic["picture"]).astype(float)
    blurred = np.stack([gaussian_filter(image, (0.7, 0.7, 0)) for image in images])
    evidence = with_images(honest, honest.synthetic, blurred.round().astype(np.uint8))
    results = found(evidence, "c2st", "frechet", "kernel_distance", "manifold", "diversity")
    assert fails(results["c2st"])
    assert results["frechet"].detail["times_reference"] > 3.0
    for name in ("frechet", "kernel_distance"):
        assert (results[name].ci or (0.0, 0.0))[0] > (results[name].reference or 0.0), name
    for name in ("manifold.recall", "manifold.coverage", "diversity"):
        assert (results[name].ci or (0.0, 1.0))[1] < (results[name].reference or 0.0), name


def test_one_image_per_class_has_no_variety(honest: Evidence) -> None:
    first = honest.synthetic.groupby("digit", sort=False).head(1)
    frame = pd.concat([first] * 40)
    results = found(with_synthetic(honest, frame), "diversity", "manifold", "label_match")
    assert results["diversity"].value == 0.0
    assert (results["manifold.coverage"].value or 0.0) < 0.5


def test_no_class_value_is_told_that_the_synthetic_rows_do_not_show(honest: Evidence) -> None:
    frame = honest.synthetic[honest.synthetic["digit"] < 5]
    results = found(with_synthetic(honest, frame), "utility", "label_match", "diversity")
    for result in results.values():
        names = {row["class"] for row in result.detail["classes"]}
        assert {name for name in names if "class" not in name} == set("01234")

"""What balancing does to a classifier: good images of rare classes help, noise does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from synthkit.checks.base import Evidence
from synthkit.checks.fidelity.augmentation import Augmentation, added, repeated
from synthkit.checks.fidelity.lessons import Lessons
from synthkit.contracts import checks as contract
from synthkit.pictures import cells
from synthkit.results import CheckResult
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="picture", kind="image", dtype="object", shape=(8, 8, 1)),
        Column(name="digit", kind="integer"),
    ),
    target="digit",
)
RARE = (3, 5, 8, 9)  # alike enough that a dozen of each do not teach them
pytestmark = pytest.mark.usefixtures("remembered_classifiers")


def rows(places: np.ndarray) -> pd.DataFrame:
    digits = load_digits()
    images = np.round(digits.images[places] / 16 * 255).astype(np.uint8)[..., None]
    return pd.DataFrame(
        {
            "picture": cells(images),
            "digit": pd.array(digits.target[places], dtype="Int64"),
        }
    )


@pytest.fixture(scope="module")
def skewed() -> Evidence:
    """Six digits with 50 training images and four with 10; held-back images of the four as synthetic."""
    target = load_digits().target
    order = np.random.default_rng(0).permutation(len(target))
    of = {k: order[target[order] == k] for k in range(10)}
    train = np.concatenate([of[k][: 10 if k in RARE else 50] for k in of])
    synthetic = np.concatenate([of[k][50:100] for k in RARE])
    holdout = np.concatenate([of[k][100:170] for k in of])
    return Evidence(rows(train), rows(holdout), rows(synthetic), SCHEMA)


def augmentation(evidence: Evidence) -> CheckResult:
    (result,) = contract.answers(Augmentation, evidence)
    return result


def test_good_images_of_rare_classes_help(skewed: Evidence) -> None:
    result = augmentation(skewed)
    assert result.status == "measured"
    low, high = result.ci or (0.0, 0.0)
    assert 0.0 < low <= (result.value or 0.0) <= high
    assert result.value > result.detail["repeated"]
    classes = result.detail["classes"]
    assert [(row["real"], row["added"]) for row in classes] == [
        (10, 40) if k in RARE else (50, 0) for k in range(10)
    ]
    for row in classes:
        assert row["difference"] == pytest.approx(row["recall_filled"] - row["recall_real"])
    gains = [row["difference"] for row in result.detail["classes"]]
    assert result.value == pytest.approx(np.mean(gains))
    assert "holdout images" in result.detail["interval_covers"]
    assert "random numbers" in result.detail["interval_covers"]


def test_noise_is_no_gain(skewed: Evidence) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (len(skewed.synthetic), 8, 8, 1)).astype(np.uint8)
    result = augmentation(
        contract.with_synthetic(skewed, skewed.synthetic.assign(picture=cells(noise)))
    )
    assert (result.ci or (1.0, 1.0))[0] <= 0.0


def test_wrong_labels_do_harm(skewed: Evidence) -> None:
    wrong = skewed.synthetic.assign(
        digit=skewed.synthetic["digit"].map({3: 5, 5: 8, 8: 9, 9: 3}).astype("Int64")
    )
    result = augmentation(contract.with_synthetic(skewed, wrong))
    assert (result.ci or (1.0, 1.0))[1] < 0.0


def test_where_nothing_was_balanced_the_question_does_not_arise(skewed: Evidence) -> None:
    same = augmentation(contract.with_synthetic(skewed, skewed.train))
    assert same.status == "not_applicable"
    assert "is hardly more frequent among the synthetic images" in same.detail["reason"]
    assert skewed.holdout is not None
    even = augmentation(Evidence(skewed.holdout, skewed.train, skewed.synthetic, SCHEMA))
    assert even.status == "not_applicable"
    assert even.detail["reason"] == "the classes of 'digit' are about equally frequent as they are"
    no_target = SCHEMA.model_copy(update={"target": None})
    unasked = Evidence(skewed.train, skewed.holdout, skewed.synthetic, no_target)
    assert augmentation(unasked).status == "not_applicable"


def test_few_holdout_images_of_a_rare_class_are_no_evidence(skewed: Evidence) -> None:
    assert skewed.holdout is not None
    few = skewed.holdout[~skewed.holdout["digit"].isin(RARE)]
    result = augmentation(Evidence(skewed.train, few, skewed.synthetic, SCHEMA))
    assert result.status == "not_assessed"
    assert result.detail["reason"] == "fewer than 20 holdout images are of a rare class"


def test_rows_that_fill_up_by_hand() -> None:
    counts = np.array([4, 1, 2])
    lessons = Lessons(np.arange(7), np.array([1, 1, 0, 2, 1, 1, 1]))
    assert added(counts, lessons).tolist() == [0, 1, 3, 4]  # 3 of class 1, the one of class 2
    real = Lessons(np.arange(7), np.array([0, 0, 1, 0, 2, 0, 2]))
    assert repeated(counts, real).tolist() == [2, 2, 2, 4, 6]


def test_tables_are_asked_with_their_own_learner() -> None:
    rng = np.random.default_rng(0)

    def people(n_common: int, n_rare: int) -> pd.DataFrame:
        outcome = np.repeat(["no", "yes"], [n_common, n_rare])
        x = rng.normal(np.where(outcome == "yes", 1.2, 0.0))
        return pd.DataFrame({"x": x, "y": rng.normal(size=len(x)), "outcome": outcome})

    columns = (Column(name=n, kind="real") for n in ("x", "y"))
    schema = Schema(
        columns=(*columns, Column(name="outcome", kind="categorical")), target="outcome"
    )
    result = augmentation(Evidence(people(1000, 60), people(800, 300), people(900, 900), schema))
    assert result.status == "measured"
    assert (result.ci or (0.0, 0.0))[0] > 0.05
    assert result.detail["trainings"] == 1
    assert "random numbers" not in result.detail["interval_covers"]
    assert "synthetic rows added" in result.summary
    table = people(100, 30)
    of_a_number = Evidence(table, table, table, schema.model_copy(update={"target": "x"}))
    assert augmentation(of_a_number).status == "not_applicable"

"""What every check must do, as functions that raise ``AssertionError``; plugin authors run them too.

    from synthkit.contracts import checks as contract

    @pytest.mark.parametrize("case", contract.EDGE_CASES)
    def test_edge_case(case):
        contract.answers(MyCheck, contract.EDGE_CASES[case]())

    def test_contract():
        contract.verify(MyCheck)

``image_release`` and ``IMAGE_EDGE_CASES`` are the same for checks of images.

``release`` makes the releases the checks are calibrated on: three parts of one simulated
population, the third in the place of the synthetic rows, so that nothing can leak.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from synthkit.checks.base import Check, Evidence
from synthkit.checks.ranges import allowed
from synthkit.pictures import cells
from synthkit.results import CheckResult, Report, Verdict
from synthkit.run import Run
from synthkit.schema import Column, Kind, Schema

SCHEMA = Schema(
    columns=(
        Column(name="id", kind="identifier", unique=True),
        Column(name="age", kind="integer"),
        Column(name="income", kind="real", decimals=2),
        Column(name="city", kind="categorical"),
        Column(name="group", kind="categorical"),
        Column(name="member", kind="boolean"),
        Column(name="since", kind="datetime"),
        Column(name="outcome", kind="categorical"),
    ),
    target="outcome",
    sensitive=("group",),
)
IMAGE_SCHEMA = Schema(
    columns=(
        Column(name="picture", kind="image", dtype="object", shape=(8, 8, 1)),
        Column(name="label", kind="categorical"),
        Column(name="group", kind="categorical"),
    ),
    target="label",
    sensitive=("group",),
)
UNANSWERED = ("not_assessed", "not_applicable", "error")


def population(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """n typed rows of people with ``SCHEMA``: dependent columns, a spike, missing cells."""
    trait = rng.normal(size=n)
    age = np.clip(np.round(45 + 14 * trait + 6 * rng.normal(size=n)), 18, 90)
    income = np.round(np.exp(10 + 0.5 * trait + 0.4 * rng.normal(size=n)), 2)
    income[rng.random(n) < 0.15] = 0.0
    city = np.clip(np.round(3 * trait + 2 * rng.normal(size=n)) + 10, 0, 20).astype(int)
    group = np.where(rng.random(n) < 1 / (1 + np.exp(-trait)), "A", "B")
    since = pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 4000, n), unit="D")
    outcome = np.where(trait + 0.5 * (group == "A") + rng.normal(size=n) > 0.5, "yes", "no")
    frame = pd.DataFrame(
        {
            "id": [f"P{i:06d}" for i in range(n)],
            "age": pd.array(age.astype(int), dtype="Int64"),
            "income": income,
            "city": np.array([f"city {c}" for c in city], dtype=object),
            "group": group.astype(object),
            "member": pd.array(rng.random(n) < 0.3, dtype="boolean"),
            "since": pd.Series(since).astype("datetime64[us]"),
            "outcome": outcome.astype(object),
        }
    )
    frame.loc[rng.random(n) < 0.1, "age"] = pd.NA
    frame.loc[rng.random(n) < 0.05, "city"] = None
    return frame


def release(n: int = 600, seed: int = 0) -> Evidence:
    """n training, holdout and synthetic rows each, of one population: a release without any leak."""
    rows = population(3 * n, np.random.default_rng(seed))
    train, holdout, synthetic = (
        rows.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)
    )
    return Evidence(train, holdout, synthetic, SCHEMA)


def image_population(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """n typed rows with ``IMAGE_SCHEMA``: noisy blobs, whose place tells three classes apart."""
    label = rng.integers(0, 3, n)
    place = np.array([[2.0, 2.0], [5.0, 2.5], [3.5, 5.5]])[label] + rng.normal(0, 0.6, (n, 2))
    width, height = rng.uniform(1.0, 1.6, n), rng.uniform(150, 255, n)
    y, x = np.mgrid[:8, :8]
    squared = sum(np.square(grid - place[:, k, None, None]) for k, grid in enumerate((y, x)))
    blobs = height[:, None, None] * np.exp(-squared / (2 * np.square(width[:, None, None])))
    blobs = np.clip(np.round(blobs + rng.normal(0, 12, blobs.shape)), 0, 255).astype(np.uint8)
    return pd.DataFrame(
        {
            "picture": cells(blobs[..., None]),
            "label": np.array([f"class {k}" for k in label], dtype=object),
            "group": np.where(rng.random(n) < 0.3, "A", "B").astype(object),
        }
    )


def image_release(n: int = 400, seed: int = 0) -> Evidence:
    """As ``release``, of images."""
    rows = image_population(3 * n, np.random.default_rng(seed))
    train, holdout, synthetic = (
        rows.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)
    )
    return Evidence(train, holdout, synthetic, IMAGE_SCHEMA)


def with_synthetic(evidence: Evidence, synthetic: pd.DataFrame) -> Evidence:
    """The same real rows beside other synthetic ones; nothing computed before is kept."""
    frame = synthetic.reset_index(drop=True)
    return Evidence(
        evidence.train, evidence.holdout, frame, evidence.schema, extractor=evidence.extractor
    )


def planted(evidence: Evidence, share: float) -> Evidence:
    """The release with that share of its synthetic rows replaced by training rows."""
    copies = round(share * len(evidence.synthetic))
    parts = [evidence.train.iloc[:copies], evidence.synthetic.iloc[copies:]]
    return with_synthetic(evidence, pd.concat(parts))


def independent(evidence: Evidence, seed: int = 0) -> Evidence:
    """The release with every synthetic column shuffled on its own."""
    rng = np.random.default_rng(seed)
    frame = evidence.synthetic.copy()
    for name in frame:
        frame[name] = frame[name].iloc[rng.permutation(len(frame))].to_numpy()
        frame[name] = frame[name].astype(evidence.synthetic[name].dtype)
    return with_synthetic(evidence, frame)


def table(columns: dict[str, tuple[Kind, Any]], n: int, **roles: Any) -> Evidence:
    """Three equal tables of n rows from ``{name: (kind, typed values)}``."""
    frame = pd.DataFrame({name: values for name, (_, values) in columns.items()})
    schema = Schema(
        columns=tuple(Column(name=name, kind=kind) for name, (kind, _) in columns.items()), **roles
    )
    assert len(frame) == n
    return Evidence(frame, frame.copy(), frame.copy(), schema)


def _cut(n: int) -> Evidence:
    whole = release()
    return Evidence(whole.train[:n], whole.holdout[:n], whole.synthetic[:n], SCHEMA)  # type: ignore[index]


def _without_holdout() -> Evidence:
    whole = release()
    return Evidence(whole.train, None, whole.synthetic, SCHEMA)


def _nulls(n: int = 300) -> Evidence:
    return table(
        {
            "i": ("integer", pd.array([pd.NA] * n, dtype="Int64")),
            "r": ("real", np.full(n, np.nan)),
            "c": ("categorical", np.full(n, None, dtype=object)),
            "d": ("datetime", pd.Series([pd.NaT] * n, dtype="datetime64[us]")),
        },
        n,
        target="c",
        sensitive=("i", "c"),
    )


def _constants(n: int = 300) -> Evidence:
    return table(
        {
            "i": ("integer", pd.array([7] * n, dtype="Int64")),
            "c": ("constant", np.full(n, "x", dtype=object)),
            "r": ("real", np.full(n, 1.5)),
        },
        n,
        target="c",
        sensitive=("i",),
    )


def _infinities(n: int = 300) -> Evidence:
    values = np.linspace(0, 1, n)
    values[:20], values[-20:] = -np.inf, np.inf
    return table({"r": ("real", values), "s": ("real", values[::-1])}, n, target="r")


def _one_column(n: int = 300) -> Evidence:
    values = np.random.default_rng(0).normal(size=n)
    return table({"r": ("real", values)}, n, target="r", sensitive=("r",))


def _categories(n: int = 300) -> Evidence:
    rng = np.random.default_rng(0)
    columns: dict[str, tuple[Kind, Any]] = {
        f"c{k}": ("categorical", rng.integers(0, k, n).astype(str).astype(object))
        for k in (2, 3, 300)
    }
    return table(columns, n, target="c2", sensitive=("c3", "c300"))


def _identifiers(n: int = 300) -> Evidence:
    names = np.array([f"P{i}" for i in range(n)], dtype=object)
    return table({"id": ("identifier", names), "note": ("text", names)}, n)


EDGE_CASES: dict[str, Callable[[], Evidence]] = {
    "no holdout": _without_holdout,
    "no rows": lambda: _cut(0),
    "one row": lambda: _cut(1),
    "3 rows": lambda: _cut(3),
    "50 rows": lambda: _cut(50),
    "120 rows": lambda: _cut(120),
    "all missing": _nulls,
    "constant columns": _constants,
    "infinities": _infinities,
    "one column": _one_column,
    "all categorical": _categories,
    "identifiers only": _identifiers,
}


def _images(
    n: int = 400, columns: tuple[str, ...] = ("picture", "label", "group"), **roles: Any
) -> Evidence:
    """The first n rows of each table of images, with some of its columns only."""
    whole = image_release()
    assert whole.holdout is not None
    schema = Schema(columns=tuple(IMAGE_SCHEMA[name] for name in columns), **roles)
    train, holdout, synthetic = (
        frame[list(columns)].iloc[:n].copy()
        for frame in (whole.train, whole.holdout, whole.synthetic)
    )
    return Evidence(train, holdout, synthetic, schema)


def _images_without_holdout() -> Evidence:
    whole = image_release()
    return Evidence(whole.train, None, whole.synthetic, IMAGE_SCHEMA)


def _one_class() -> Evidence:
    whole = _images(target="label")
    for frame in (whole.train, whole.holdout, whole.synthetic):
        assert frame is not None
        frame["label"] = "class 0"
    return whole


def _labels_missing() -> Evidence:
    whole = _images(target="label")
    whole.synthetic["label"] = None
    return whole


def _equal_images() -> Evidence:
    whole = _images(target="label")
    for frame in (whole.train, whole.holdout, whole.synthetic):
        assert frame is not None
        frame["picture"] = cells(np.zeros((len(frame), 8, 8, 1), np.uint8))
    return whole


def _colour_images() -> Evidence:
    whole = _images(columns=("picture", "label"), target="label")
    for frame in (whole.train, whole.holdout, whole.synthetic):
        assert frame is not None
        grey = np.stack(frame["picture"].to_numpy())
        frame["picture"] = cells(
            np.concatenate([grey[:, 1:, :], grey[:, 1:, :] // 2, grey[:, :-1, :]], axis=3)
        )
    columns = (Column(name="picture", kind="image", shape=(7, 8, 3)), IMAGE_SCHEMA["label"])
    return Evidence(
        whole.train, whole.holdout, whole.synthetic, Schema(columns=columns, target="label")
    )


IMAGE_EDGE_CASES: dict[str, Callable[[], Evidence]] = {
    "no holdout": _images_without_holdout,
    "no images": lambda: _images(0, target="label"),
    "one image": lambda: _images(1, target="label"),
    "50 images": lambda: _images(50, target="label", sensitive=("group",)),
    "120 images": lambda: _images(120, target="label"),
    "one class": _one_class,
    "no label": lambda: _images(columns=("picture",)),
    "no target": _images,
    "synthetic labels missing": _labels_missing,
    "equal images": _equal_images,
    "colour images": _colour_images,
}


def answers(check: type[Check], evidence: Evidence, seed: int = 0) -> list[CheckResult]:
    """The check's results, each of them well-formed.

    A number is finite and within the known range, its interval is ordered, and title and summary say
    what it means; a result without a number says why. All of it can be written to ``report.json`` and
    read again.
    """
    results = check().run(evidence, Run(seed))
    assert results, f"{check.name} gave no result"
    for result in results:
        where = f"{result.name} ({result.status})"
        assert result.name.partition(".")[0] == check.name, where
        assert result.family == check.family, where
        assert result.title, where
        assert result.summary.endswith("."), where
        if result.status in UNANSWERED:
            assert result.value is None, where
            assert result.detail.get("reason"), where
            continue
        assert result.status == "measured", where
        for number in (result.value, result.reference, result.floor):
            assert number is None or math.isfinite(number), where
        assert result.value is not None, where
        low, high = allowed(result.name, "max")
        assert low <= result.value <= high, where
        if result.ci is not None:
            assert result.ci[0] <= result.ci[1], where
            assert all(math.isfinite(end) for end in result.ci), where
    report = Report(Verdict("passed", "none"), tuple(results))
    assert json.loads(json.dumps(report.to_json(), allow_nan=False))
    return results


def verify(check: type[Check], make: Callable[[int], Evidence] = release) -> None:
    """The check is well-formed, answers the same twice, and does not mind the order of rows.

    Args:
        check: the check.
        make: a release of n rows; ``image_release`` for a check of images.
    """
    evidence = make(400)
    first = answers(check, evidence)
    again = answers(check, with_synthetic(evidence, evidence.synthetic))
    assert first == again, f"{check.name} gave two answers to one question"
    rng = np.random.default_rng(1)
    assert evidence.holdout is not None
    train, holdout, synthetic = (
        frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for frame in (evidence.train, evidence.holdout, evidence.synthetic)
    )
    shuffled = answers(check, Evidence(train, holdout, synthetic, evidence.schema))
    for result, other in zip(first, shuffled, strict=True):
        assert result.status == other.status, result.name
        if result.value is not None and other.value is not None:
            half = (result.ci[1] - result.ci[0]) / 2 if result.ci else 0.0
            assert abs(result.value - other.value) <= max(half, 1e-9), (
                f"{result.name} depends on the order of rows"
            )

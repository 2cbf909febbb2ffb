"""Near copies are rejected, and what the generator does without that stays in sight."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.checks import NEAREST_CHECKS, run_checks
from synthkit.columns import detect, to_typed
from synthkit.errors import ConstraintError, NotSupported, RecipeError
from synthkit.generators import generators
from synthkit.generators.base import State
from synthkit.more_rows import sample_run
from synthkit.near_copies import NOT_APPLIED, NearCopies, Sieve
from synthkit.progress import Notice
from synthkit.recipe import SchemaSpec
from synthkit.report.summary import summary_lines
from synthkit.report.view import view
from synthkit.run import Run
from synthkit.schema import Column, Schema

LABEL = NearCopies.reason.label


class Plain:
    """Coordinates that are the columns themselves, so that distances can be worked out by hand."""

    names = ("x", "y")

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        return frame.to_numpy(np.float32)


class Copier:
    """Hands out training rows, as many of a thousand as its option ``trees`` says; shuffles the others."""

    Config = generators.get("trees").Config

    def __init__(self, config: Any) -> None:
        self.config = config

    def fit(self, batch, layout, run, *, budget_s=None) -> None:
        self.batch = batch

    def sample(self, n, rng, given=None):
        size = len(next(iter(self.batch.values())))
        rows, copied = rng.integers(size, size=n), rng.random(n) < self.config.trees / 1000
        made = {}
        for name, values in self.batch.items():
            made[name] = values[np.where(copied, rows, rng.integers(size, size=n))]
            if given is not None:
                known = given.known[name]
                made[name] = np.where(known, given.values[name], made[name]).astype(values.dtype)
        return made

    def state(self) -> State:
        return State({}, dict(self.batch))

    @classmethod
    def from_state(cls, config, layout, state):
        generator = cls(config)
        generator.batch = state.arrays
        return generator


@pytest.fixture
def copier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthkit.generators.trees.backend.Trees", Copier)


@pytest.fixture
def few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks that rejection may sway, and no others: these take seconds."""
    monkeypatch.setattr(
        "synthkit.assessment.run_checks",
        lambda evidence, run, names=None: run_checks(evidence, run, names or NEAREST_CHECKS),
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """1,600 rows, all different."""
    rng = np.random.default_rng(1)
    numbers = {f"x{i}": rng.normal(size=1600).round(4) for i in range(4)}
    return pd.DataFrame({**numbers, "group": rng.choice(["a", "b", "c"], 1600)})


def job(tmp_path: Path, copies: int, near: float, **protect: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "seed": 4,
        "generator": {"backend": "trees", "trees": copies},
        "protect": {"near_copies": near, "extremes": 0, **protect},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / f"run-{near}"), "rows": 700},
    }


def copied(synthetic: pd.DataFrame, real: pd.DataFrame) -> int:
    """Synthetic rows that equal a real one."""
    return int(synthetic.merge(real.drop_duplicates(), how="inner").shape[0])


def test_a_row_near_a_lonely_row_is_a_near_copy_and_one_near_a_shared_row_is_not() -> None:
    train = pd.DataFrame({"x": [0.0, 0.0, 10.0, 10.0, 20.0], "y": [0.0, 1.0, 10.0, 10.0, 20.0]})
    own = np.array([1.0, 1.0, 0.0, 0.0, np.sqrt(200)])  # to the nearest other training row
    near = NearCopies(0.33, Plain(), Plain().points(train), 0.33 * own, np.empty(0, np.uint64))
    drawn = pd.DataFrame(
        {
            "x": [0.0, 0.0, 10.0, 10.01, 20.0, 20.0],
            "y": [0.3, 0.4, 10.0, 10.0, 24.6, 24.7],
        }
    )
    assert near.broken(drawn).tolist() == [True, False, False, False, True, False]


def test_reach_is_the_factor_times_the_distance_to_the_nearest_other_row(
    table: pd.DataFrame,
) -> None:
    schema = detect(table, SchemaSpec())
    train = to_typed(table, schema, strict=True)[0].head(200)
    near = NearCopies.fit(schema, train, 0.25)
    points = near.encoder.points(train).astype(np.float64)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(near.reach, 0.25 * apart.min(axis=1), rtol=1e-5)


def test_categories_are_copied_only_if_they_are_one_of_a_kind() -> None:
    cells = [("a", "x")] * 6 + [("a", "y")] * 6 + [("b", "y")]
    train = pd.DataFrame(cells, columns=["c", "d"], dtype=object)
    schema = Schema(columns=tuple(Column(name=n, kind="categorical") for n in train))
    near = NearCopies.fit(schema, train, 0.5)
    drawn = pd.DataFrame([("a", "x"), ("b", "y"), ("b", "x")], columns=["c", "d"], dtype=object)
    assert near.broken(drawn).tolist() == [False, True, False]


def test_rows_that_the_distance_cannot_tell_apart_are_still_exact_copies() -> None:
    """Categories beyond the most frequent share a level, so their rows lie at distance 0."""
    rare = pd.DataFrame({"c": ["a"] * 120 + ["b", "d"]}, dtype=object)
    schema = Schema(columns=(Column(name="c", kind="categorical"),))
    near = NearCopies.fit(schema, rare, 0.33)
    assert near.reach[-2:].tolist() == [0.0, 0.0]
    assert near.broken(pd.DataFrame({"c": ["a", "b", "e"]}, dtype=object)).tolist() == [
        False,
        True,
        False,
    ]


def test_images_have_no_such_distance() -> None:
    schema = Schema(columns=(Column(name="image", kind="image", shape=(4, 4, 1)),))
    images = np.empty(2, object)
    images[:] = [np.zeros((4, 4, 1), np.uint8)] * 2
    with pytest.raises(NotSupported, match="in tables only, and these are images"):
        NearCopies.fit(schema, pd.DataFrame({"image": images}), 0.33)


def test_copies_are_rejected_and_the_leak_of_the_generator_is_told(
    copier: None, few_checks: None, table: pd.DataFrame, tmp_path: Path
) -> None:
    leaking = sk.generate(job(tmp_path, 600, 0), data=table)
    assert leaking.report["dcr_share"].status == "failed"
    assert copied(leaking.synthetic, table) > 300
    assert leaking.manifest["near_copies"] == {}

    run = sk.generate(job(tmp_path, 600, 0.33), data=table)
    assert copied(run.synthetic, table) == 0
    rows = run.manifest["rows"]
    assert rows["produced"] == 700
    assert rows["drawn"] == 700 + sum(rows["rejected"].values())
    assert rows["rejected"][LABEL] == run.manifest["near_copies"]["rejected"] > 700

    both = run.manifest["near_copies"]["checks"]
    values = [beside["value"] for check in both.values() for beside in check.values()]
    assert [value for value in values if value and value != float(f"{value:.3g}")] == []
    assert set(both) >= set(NEAREST_CHECKS)
    assert both["membership"]["without_rejection"]["status"] == "failed"
    for name in ("dcr_share", "membership_nearest"):
        assert both[name]["without_rejection"]["status"] == "failed"
        assert both[name]["as_released"]["status"] == "passed"
        assert both[name]["as_released"]["value"] == run.report.shareable()[name].value
        assert abs(both[name]["without_rejection"]["value"] - leaking.report[name].value) < 0.06

    hidden = [line for line in summary_lines(run.report) if "Near-copy rejection hides" in line]
    assert len(hidden) == 1
    facts = {fact["label"]: dict(fact["entries"]) for fact in view(run.report)["facts"]}
    told = facts["Near copies rejected"]
    assert told["dcr_share"].startswith("without rejection: ")
    assert "; as released: " in told["dcr_share"]
    assert (
        json.loads((run.path / "report.json").read_text())["facts"]["near_copies"]["factor"] == 0.33
    )


def test_an_honest_generator_is_not_accused(
    copier: None, few_checks: None, table: pd.DataFrame, tmp_path: Path
) -> None:
    run = sk.generate(job(tmp_path, 1, 0.33), data=table)
    assert run.manifest["rows"]["rejected"][LABEL] < 30
    assert not any("hides" in line for line in summary_lines(run.report))


def test_the_same_seed_gives_the_same_bytes_also_in_shards(
    copier: None, few_checks: None, table: pd.DataFrame, tmp_path: Path
) -> None:
    made = []
    for name in "ab":
        recipe = job(tmp_path, 300, 0.33)
        recipe["output"] |= {"path": str(tmp_path / name), "shard_rows": 250}
        run = sk.generate(recipe, data=table)
        made.append([p.read_bytes() for p in sorted((run.path / "data").iterdir())])
        assert run.report["dcr_share"].n == 700
    assert made[0] == made[1]


def test_more_rows_of_a_finished_run_are_not_sifted_and_it_is_said(
    copier: None, few_checks: None, table: pd.DataFrame, tmp_path: Path
) -> None:
    run = sk.generate(job(tmp_path, 900, 0.33), data=table)
    seen: list[Any] = []
    sample_run(run.path, 200, tmp_path / "more.csv", [], None, Run(0, seen.append))
    assert NOT_APPLIED in [event.message for event in seen if isinstance(event, Notice)]
    assert copied(pd.read_csv(tmp_path / "more.csv"), table) > 100
    with pytest.warns(UserWarning, match="not applied to these rows"):
        sk.load(run.path / "model").sample(5)


def test_a_fitted_model_sifts_and_what_it_saves_is_as_without(
    copier: None, table: pd.DataFrame, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    options = {"trees": 500}
    models = {
        near: sk.fit(table, options=options, protect={"near_copies": near, "extremes": 0})
        for near in (0, 0.33)
    }
    for name, model in models.items():
        model.save(tmp_path / str(name))
    arrays = [(tmp_path / str(name) / "arrays.safetensors").read_bytes() for name in models]
    assert arrays[0] == arrays[1]

    assert copied(models[0].sample(400, seed=1), table) > 100
    rows = models[0.33].sample(400, seed=1)
    assert copied(rows, table) == 0
    assert models[0.33].sample(400, seed=1).equals(rows)
    even = models[0.33].sample(90, seed=1, given={"x0": 0.5}, balance={"group": "even"})
    assert copied(even, table) == 0
    assert even["group"].value_counts().tolist() == [30, 30, 30]
    assert not [w for w in recwarn if "near-copy" in str(w.message)]


def test_a_generator_that_only_copies_ends_in_an_error_with_a_remedy(
    copier: None, table: pd.DataFrame, tmp_path: Path
) -> None:
    model = sk.fit(table, options={"trees": 1000}, protect={"near_copies": 0.33, "extremes": 0})
    with pytest.raises(ConstraintError, match=r"near copies of training rows.*copies less"):
        model.sample(400)
    with pytest.raises(RecipeError, match=r"protect\.near_copies: .* lower protect\.near_copies"):
        sk.generate(job(tmp_path, 1000, 0.33), data=table)


def test_the_sieve_keeps_the_first_rows_that_it_was_shown() -> None:
    sieve = Sieve(None, most=3)  # type: ignore[arg-type]
    for start in (0, 2, 4):
        sieve.show(pd.DataFrame({"x": [start, start + 1]}))
    assert sieve.unfiltered["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("protect", "message"),
    [
        ({"near_copies": 0.7}, "is 0.7; expected a number at most 0.5"),
        ({"near_copies": -1}, "is -1; expected a number at least 0"),
        ({"near_copies": "much"}, "is text; expected a number"),
    ],
)
def test_factors_out_of_range_are_refused(
    table: pd.DataFrame, protect: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        sk.fit(table, protect=protect)


def test_a_recipe_for_images_is_refused_before_any_work(tmp_path: Path) -> None:
    recipe = job(tmp_path, 1, 0.33) | {"source": {"kind": "images", "path": "example:digits"}}
    recipe["generator"] = {"backend": "vae"}
    with pytest.raises(RecipeError, match="does not go with kind images"):
        sk.generate(recipe)

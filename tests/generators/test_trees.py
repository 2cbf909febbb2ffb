"""Laws of ``trees``: known joint distributions, conditionals by Bayes, dependencies, likelihoods."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from synthkit.errors import ModelError, NotSupported, TrainingError
from synthkit.generators.base import Given, State
from synthkit.generators.coding import Coding
from synthkit.generators.trees.backend import Trees
from synthkit.generators.trees.relations import Relations, shape
from synthkit.progress import Notice, Step
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Field, Layout, Numeric

Config = Trees.Config
JOINT = np.array(
    [
        [0.20, 0.02, 0.01, 0.02],
        [0.03, 0.15, 0.02, 0.05],
        [0.02, 0.08, 0.10, 0.05],
        [0.05, 0.00, 0.05, 0.15],
    ]
)


def fitted(batch: Batch, *fields: Field, seed: int = 0, **options: object) -> Trees:
    generator = Trees(Config(**options))
    generator.fit(batch, Layout(fields), Run(seed=seed))
    return generator


def drawn(n: int, seed: int = 0) -> Batch:
    """n rows of the joint distribution above."""
    cell = np.random.default_rng(seed).choice(16, n, p=JOINT.ravel())
    return {"a": (cell // 4).astype(np.int32), "b": (cell % 4).astype(np.int32)}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def table(batch: Batch, a: str = "a", b: str = "b", size: int = 4) -> np.ndarray:
    counts = np.bincount(batch[a] * size + batch[b], minlength=size * size)
    return counts.reshape(size, size) / len(batch[a])


AB = (Categorical("a", 4), Categorical("b", 4))


@pytest.fixture(scope="module", params=[200, 0], ids=["boosted", "forest"])
def joint(request: pytest.FixtureRequest) -> Trees:
    return fitted(drawn(20_000), *AB, split_rounds=request.param)


def test_a_known_joint_distribution_is_reproduced(joint: Trees) -> None:
    # standard error of a cell: below sqrt(.2 * .8 / 20000) = .003 in training and again in sampling
    assert np.abs(table(joint.sample(20_000, rng())) - JOINT).max() < 0.013


def test_independent_columns_stay_independent() -> None:
    free = rng(3)
    n = 8000
    batch = {
        "a": free.integers(0, 4, n).astype(np.int32),
        "b": free.integers(0, 4, n).astype(np.int32),
        "x": free.random(n),
    }
    out = fitted(batch, *AB, Numeric("x")).sample(n, rng())
    assert np.abs(table(out) - np.outer(table(out).sum(1), table(out).sum(0))).max() < 0.01
    means = [out["x"][out["a"] == code].mean() for code in range(4)]
    assert np.abs(np.array(means) - 0.5).max() < 0.04


def test_a_functional_dependency_holds_in_every_row() -> None:
    cause = rng(4).integers(0, 30, 3000).astype(np.int32)
    batch = {"cause": cause, "effect": (cause // 3 % 7).astype(np.int32)}
    out = fitted(batch, Categorical("cause", 30), Categorical("effect", 7)).sample(20_000, rng())
    assert np.array_equal(out["effect"], out["cause"] // 3 % 7)


@pytest.mark.parametrize(("known", "axis"), [("a", 0), ("b", 1)])
def test_a_given_cell_leads_to_the_conditional_of_bayes(
    joint: Trees, known: str, axis: int
) -> None:
    free = "b" if known == "a" else "a"
    for code in range(4):
        n = 4000
        values = {"a": np.zeros(n, np.int32), "b": np.zeros(n, np.int32)}
        values[known] = np.full(n, code, np.int32)
        out = joint.sample(n, rng(), Given(values, {known: np.ones(n, bool)}))
        expected = np.take(JOINT, code, axis) / JOINT.sum(1 - axis)[code]
        assert np.all(out[known] == code)
        found = np.bincount(out[free], minlength=4) / n
        assert np.abs(found - expected).max() < 0.045


def test_given_cells_may_be_others_in_every_row(joint: Trees) -> None:
    n = 6000
    values = {name: np.full(n, 2, np.int32) for name in "ab"}
    known = {"a": np.arange(n) % 3 == 0, "b": np.arange(n) % 3 == 1}
    out = joint.sample(n, rng(), Given(values, known))
    assert np.all(out["a"][known["a"]] == 2)
    assert np.all(out["b"][known["b"]] == 2)
    free = np.arange(n) % 3 == 2
    assert np.abs(np.bincount(out["a"][free]) / free.sum() - JOINT.sum(1)).max() < 0.045


@pytest.fixture(scope="module", params=["boosted", "forest", "ordered"])
def gappy(request: pytest.FixtureRequest) -> Trees:
    """The joint distribution with its last codes for missing cells."""
    ordered = request.param == "ordered"
    fields = [Categorical(name, 4, ordered, missing=3) for name in "ab"]
    return fitted(drawn(20_000), *fields, split_rounds=200 * (request.param == "boosted"))


@pytest.mark.parametrize(("known", "axis"), [("a", 0), ("b", 1)])
def test_a_cell_to_be_present_follows_the_conditional_of_its_presence(
    gappy: Trees, known: str, axis: int
) -> None:
    free, n = "b" if known == "a" else "a", 4000
    for code in range(4):
        values = {name: np.full(n, code, np.int32) for name in "ab"}
        asked = {free: np.ones(n, bool)}
        out = gappy.sample(n, rng(), Given(values, {known: np.ones(n, bool)}, asked))
        expected = np.take(JOINT, code, axis)[:3]
        found = np.bincount(out[free], minlength=4) / n
        assert found[3] == 0
        assert np.abs(found[:3] - expected / expected.sum()).max() < 0.05


def test_the_rest_of_the_row_is_drawn_in_the_light_of_a_present_cell(gappy: Trees) -> None:
    n = 8000
    values, every = {name: np.zeros(n, np.int32) for name in "ab"}, np.ones(n, bool)
    for asked in (["a"], ["b"], ["a", "b"]):
        out = gappy.sample(n, rng(), Given(values, {}, dict.fromkeys(asked, every)))
        expected = JOINT.copy()
        expected[3 if "a" in asked else 4 :] = 0
        expected[:, 3 if "b" in asked else 4 :] = 0
        assert np.abs(table(out) - expected / expected.sum()).max() < 0.03


def test_a_number_to_be_present_comes_from_leaves_that_hold_next_to_none() -> None:
    n = 8000
    free = rng(12)
    a = free.integers(0, 2, n).astype(np.int32)
    x = 0.5 * a + 0.5 * free.random(n)
    x[free.random(n) < np.where(a == 1, 0.98, 0.02)] = np.nan
    fields = (Categorical("a", 2), Numeric("x", nullable=True))
    generator = fitted({"a": a, "x": x}, *fields)
    values = {"a": np.arange(2000, dtype=np.int32) % 2, "x": np.zeros(2000)}
    every = np.ones(2000, bool)
    out = generator.sample(2000, rng(), Given(values, {"a": every}, {"x": every}))
    assert not np.isnan(out["x"]).any()
    assert (out["x"][values["a"] == 1] > 0.5).mean() > 0.9
    assert abs(out["x"][values["a"] == 0].mean() - 0.25) < 0.02


def test_a_present_cell_is_found_where_a_lookup_says_missing() -> None:
    cause = rng(13).integers(0, 12, 3000).astype(np.int32)
    effect = np.where(cause < 6, 3, cause % 3).astype(np.int32)
    fields = (Categorical("cause", 12), Categorical("effect", 4, missing=3))
    generator = fitted({"cause": cause, "effect": effect}, *fields)
    n = 600
    values, every = {"cause": cause[:n], "effect": effect[:n]}, np.ones(n, bool)
    out = generator.sample(n, rng(), Given(values, {"cause": every}, {"effect": every}))
    named = cause[:n] >= 6
    assert np.array_equal(out["effect"][named], effect[:n][named])
    assert np.bincount(out["effect"], minlength=4)[3] == 0
    out = generator.sample(n, rng(), Given(values, {}, {"effect": every}))
    assert out["cause"].min() >= 6


def test_a_rare_given_cell_finds_its_determining_one() -> None:
    cause = np.minimum(rng(5).geometric(0.3, 6000) - 1, 11).astype(np.int32)
    fields = (Categorical("cause", 12), Categorical("effect", 12))
    generator = fitted({"cause": cause, "effect": 11 - cause}, *fields)
    for name, code in (("effect", 1), ("cause", 10), ("effect", 11)):
        values = {field.name: np.full(200, code, np.int32) for field in fields}
        out = generator.sample(200, rng(), Given(values, {name: np.ones(200, bool)}))
        assert np.array_equal(out["effect"], 11 - out["cause"])
        assert np.all(out[name] == code)


def test_likelihoods_of_all_rows_add_up_to_one(joint: Trees) -> None:
    cells = np.arange(16)
    batch = {"a": (cells // 4).astype(np.int32), "b": (cells % 4).astype(np.int32)}
    probability = np.exp(joint.log_prob(batch))
    assert probability.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.abs(probability - JOINT.ravel()).max() < 0.013


def test_a_density_over_u_integrates_to_one_beside_the_missing_share() -> None:
    free = rng(6)
    n = 2000
    a = free.integers(0, 2, n).astype(np.int32)
    x = np.clip(0.5 * a + 0.5 * free.random(n), 0, 1)
    x[free.random(n) < 0.1] = np.nan
    generator = fitted({"a": a, "x": x}, Categorical("a", 2), Numeric("x", nullable=True))
    grid = (np.arange(10_000) + 0.5) / 10_000
    total = 0.0
    for code in (0, 1):
        points = np.append(grid, np.nan)
        density = np.exp(
            generator.log_prob({"a": np.full(len(points), code, np.int32), "x": points})
        )
        total += density[:-1].mean() + density[-1]
    assert total == pytest.approx(1.0, abs=0.01)


def test_the_likelihood_given_what_comes_first_is_the_quotient(joint: Trees) -> None:
    batch = drawn(50, seed=9)
    known = {"a": np.ones(50, bool)}, {"b": np.ones(50, bool)}
    answers = []
    for mask in known:
        try:
            answers.append(joint.log_prob(batch, Given(batch, mask)))
        except NotSupported:
            continue
    assert len(answers) == 1
    whole = joint.log_prob(batch)
    first = whole - answers[0]
    name = "ab"[joint.state().meta["order"][0]]
    shares = JOINT.sum(1) if name == "a" else JOINT.sum(0)
    assert np.abs(np.exp(first) - shares[batch[name]]).max() < 0.013


def test_a_dominant_spike_takes_no_part_in_the_places_of_the_other_values() -> None:
    # off the 95 zeros: 1 row, 2 and 2 rows, with their middles at .5, 2 and 4 of 5
    rank, spread, spike = shape(np.array([95, 1, 2, 2]), None).T
    assert rank == pytest.approx([0.0, 0.1, 0.4, 0.8])
    assert spread == pytest.approx([0.5, 0.4, 0.1, 0.3])
    assert spike.tolist() == [0.5, 0.0, 0.0, 0.0]


def test_which_value_stands_beside_many_zeros_goes_with_the_other_field() -> None:
    free = rng(8)
    n = 6000
    a = free.integers(0, 2, n).astype(np.int32)
    x = np.where(free.random(n) < 0.95, 0.0, np.where(a == 0, 0.95, 0.99) + 0.01 * free.random(n))
    fields = (Categorical("a", 2), Numeric("x", spikes=((0.0, 0.94),)))
    out = fitted({"a": a, "x": x}, *fields).sample(4 * n, rng())
    high = out["x"] > 0.95
    assert abs(high.mean() - 0.05) < 0.01
    assert np.mean((out["x"][high] > 0.98) == (out["a"][high] == 1)) > 0.9


def test_repeated_values_are_told_apart_by_what_goes_with_them_not_by_their_place_alone() -> None:
    x = rng(9).integers(0, 20, 6000)
    fields = Categorical("a", 2), Categorical("x", 20, ordered=True)
    codes = np.column_stack([x % 2, x]).astype(np.int32)
    codings = [Coding.of(field) for field in fields]
    *ranks, axis = Relations.of(codings, codes).target(1, codings[1], codes).T
    for column in ranks:
        assert abs(np.corrcoef(column, np.arange(20) % 2)[0, 1]) < 0.3
    assert abs(np.corrcoef(axis, np.arange(20) % 2)[0, 1]) > 0.99
    assert np.ptp(axis) > np.ptp(ranks[0])


def test_values_that_do_not_repeat_have_a_place_only() -> None:
    n = 6000
    batch = {"a": rng(10).integers(0, 2, n).astype(np.int32), "x": rng(11).random(n)}
    codings = [Coding.of(Categorical("a", 2)), Coding.of(Numeric("x"))]
    codes = np.column_stack([coding.codes(batch[coding.field.name]) for coding in codings])
    target = Relations.of(codings, codes).target(1, codings[1], codes)
    own = shape(np.bincount(codes[:, 1], minlength=codings[1].size), None)
    assert np.array_equal(target, own)


def test_missing_share_and_spikes_are_kept_with_what_they_depend_on() -> None:
    free = rng(7)
    n = 6000
    a = free.integers(0, 2, n).astype(np.int32)
    x = free.random(n)
    inside = np.where(a == 0, free.random(n) < 0.7, free.random(n) < 0.1)
    x = np.where(inside, 0.2 + 0.4 * x, np.where(x < 1 / 3, 0.6 * x, 0.6 + 0.6 * (x - 1 / 3)))
    x[(a == 1) & (free.random(n) < 0.3)] = np.nan
    fields = (Categorical("a", 2), Numeric("x", spikes=((0.2, 0.6),), nullable=True))
    out = fitted({"a": a, "x": x}, *fields).sample(n, rng())
    for code in (0, 1):
        real, made = x[a == code], out["x"][out["a"] == code]
        assert abs(np.isnan(real).mean() - np.isnan(made).mean()) < 0.03
        spikes = [np.mean((values >= 0.2) & (values < 0.6)) for values in (real, made)]
        assert abs(spikes[0] - spikes[1]) < 0.04


def test_a_curved_relation_of_numbers_is_learned() -> None:
    free = rng(8)
    n = 4000
    x = free.random(n)
    y = np.abs(2 * x - 1) * 0.9 + 0.1 * free.random(n)
    out = fitted({"x": x, "y": y}, Numeric("x"), Numeric("y")).sample(n, rng())
    error = out["y"] - (np.abs(2 * out["x"] - 1) * 0.9 + 0.05)
    assert np.quantile(np.abs(error), 0.9) < 0.12


def test_noise_is_not_copied() -> None:
    free = rng(10)
    fields = tuple(Categorical(f"c{i}", 6) for i in range(5))
    codes = free.integers(0, 6, (2, 3000, 5)).astype(np.int32)
    train, holdout = ({f.name: part[:, i] for i, f in enumerate(fields)} for part in codes)
    out = fitted(train, *fields).sample(3000, rng())
    rows = [
        sum((batch[f.name].astype(np.int64) * 6**i for i, f in enumerate(fields)), np.zeros(3000))
        for batch in (train, holdout, out)
    ]
    holdout_share, made_share = (np.isin(part, rows[0]).mean() for part in rows[1:])
    # standard error of a difference of two shares near .32: .012
    assert made_share <= holdout_share + 0.035


def test_the_state_holds_no_training_code_in_its_metadata(joint: Trees) -> None:
    assert set(joint.state().meta) == {"order", "kinds"}


def test_steps_are_reported_for_every_field() -> None:
    events: list[object] = []
    Trees(Config()).fit(drawn(100), Layout(AB), Run(seed=0, listener=events.append))
    assert [event for event in events if isinstance(event, Step)] == [
        Step("fit", 1, 2),
        Step("fit", 2, 2),
    ]


def test_a_budget_that_ends_early_leaves_a_model_and_says_so() -> None:
    events: list[object] = []
    generator = Trees(Config())
    run = Run(seed=0, listener=events.append)
    generator.fit(drawn(3000), Layout(AB), run, budget_s=1e-9)
    assert any(isinstance(e, Notice) and "budget" in e.message for e in events)
    assert np.abs(table(generator.sample(5000, rng())) - JOINT).max() < 0.05


def test_rows_left_out_of_trees_are_said() -> None:
    run = Run(seed=0)
    Trees(Config(tree_rows=100)).fit(drawn(500), Layout(AB), run)
    assert "100" in run.notices[0]
    assert "500" in run.notices[0]


def test_too_few_rows_are_refused_with_the_number_that_would_do() -> None:
    with pytest.raises(TrainingError, match="9 training rows are too few; expected at least 10"):
        fitted(drawn(9), *AB)


def test_a_foreign_field_is_declined() -> None:
    class Image:
        name = "picture"

    with pytest.raises(NotSupported, match="picture"):
        Trees(Config()).fit({}, Layout((Image(),)), Run())  # type: ignore[arg-type]


def spoil(name: str, array: np.ndarray) -> np.ndarray:
    if name.endswith("right"):
        return np.zeros_like(array)
    if name.endswith("codes"):
        return np.full_like(array, 200)
    if name.endswith("nodes"):
        return np.zeros_like(array)
    if name.endswith("weight"):
        return -array
    return array[:-1]


@pytest.mark.parametrize(
    "name", ["right", "codes", "start", "scores/0/nodes", "weight", "level/0/nodes"]
)
def test_a_corrupted_state_is_a_model_error(name: str) -> None:
    boosted = name in ("weight", "level/0/nodes")
    state = fitted(drawn(500), *AB, split_rounds=200 if boosted else 0).state()
    key = f"model/1/{name}"
    arrays = state.arrays | {key: spoil(key, state.arrays[key])}
    with pytest.raises(ModelError):
        Trees.from_state(Config(), Layout(AB), State(state.meta, arrays))


def test_a_corrupted_field_is_a_model_error(joint: Trees) -> None:
    state = joint.state()
    arrays = state.arrays | {"field/0/place": state.arrays["field/0/place"][:-1]}
    with pytest.raises(ModelError):
        Trees.from_state(Config(), Layout(AB), State(state.meta, arrays))


def test_a_state_without_an_array_is_a_model_error(joint: Trees) -> None:
    state = joint.state()
    arrays = {name: array for name, array in state.arrays.items() if name != "model/0/codes"}
    with pytest.raises(ModelError):
        Trees.from_state(Config(), Layout(AB), State(state.meta, arrays))


def test_the_sample_does_not_depend_on_blocks_of_other_rows(joint: Trees) -> None:
    n = 20_000  # two blocks
    whole, first = joint.sample(n, rng()), joint.sample(16_384, rng())
    assert table(whole).shape == (4, 4)
    assert not np.array_equal(whole["a"][:100], whole["a"][16_384:16_484])
    assert len(first["a"]) == 16_384


def test_options_are_checked() -> None:
    with pytest.raises(ValidationError):
        Config(trees=0)
    with pytest.raises(ValidationError):
        Config(leaves=3)  # type: ignore[call-arg]


def test_a_field_that_fixes_another_is_visited_first_and_the_other_looked_up() -> None:
    draw = np.random.default_rng(0)
    zone = draw.integers(0, 12, 3000).astype(np.int32)
    borough = zone // 3
    # every other field tells more about the borough than about the zone
    others = {f"x{i}": (borough + (draw.random(3000) < 0.1)) % 4 for i in range(3)}
    batch = {"borough": borough, **others, "zone": zone}
    batch = {name: values.astype(np.int32) for name, values in batch.items()}
    fields = [Categorical(name, 12 if name == "zone" else 4) for name in batch]
    model = fitted(batch, *fields)
    sample = model.sample(2000, rng())
    assert np.array_equal(sample["zone"] // 3, sample["borough"])
    assert model.state().meta["kinds"].count("lookup") == 1


STARTED_IN_THREADS = """
import sys
import subprocess
import sys

import numpy as np
from synthkit.generators.trees import backend
from synthkit.run import Run
from synthkit.transforms.layout import Categorical, Layout

class Pool(backend.ThreadPoolExecutor):
    def __init__(self, *arguments):
        assert {"lightgbm", "sklearn.tree"} <= set(sys.modules)
        super().__init__(*arguments)

assert not {"lightgbm", "sklearn.tree"} & set(sys.modules)
backend.ThreadPoolExecutor = Pool
codes = np.random.default_rng(0).integers(0, 3, (300, 2)).astype(np.int32)
model = backend.Trees(backend.Trees.Config())
fields = tuple(Categorical(name, 3) for name in "ab")
model.fit(dict(zip("ab", codes.T.copy())), Layout(fields), Run(seed=0))
print("fitted")
"""


def test_threads_import_nothing_that_imports_in_a_circle() -> None:
    # two threads of one process deadlocked once in a hundred starts
    found = subprocess.run(
        [sys.executable, "-c", STARTED_IN_THREADS], capture_output=True, text=True, check=False
    )
    assert found.stdout == "fitted\n", found.stderr

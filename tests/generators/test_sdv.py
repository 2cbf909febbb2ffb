"""The SDV backends: what SDV learned is drawn as SDV draws it, and nothing of SDV is left outside."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from synthkit.contracts.generators import CASES, Case
from synthkit.errors import MissingExtra, ModelError, NotSupported, TrainingError
from synthkit.generators import generators
from synthkit.generators.base import Given, State
from synthkit.generators.cards import require_package
from synthkit.generators.sdv import fitting, networks
from synthkit.generators.sdv.columns import Columns
from synthkit.generators.sdv.rejection import complete
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

BACKENDS = ("sdv-gaussian-copula", "sdv-ctgan", "sdv-tvae")
NETWORKS = BACKENDS[1:]
MIXED = next(case for case in CASES if case.name == "mixed, with spikes and missing cells")
with_sdv = pytest.mark.skipif(find_spec("sdv") is None, reason="sdv is not installed")


def small(name: str, **options: Any) -> Any:
    """A backend with options with which it learns in a moment."""
    backend = generators.get(name)
    few = {"epochs": 2, "batch_rows": 100} if name in NETWORKS else {}
    return backend(backend.Config(**(few | options)))


def fitted(name: str, case: Case = MIXED, run: Run | None = None, **options: Any) -> Any:
    generator = small(name, **options)
    generator.fit(case.batch(), case.layout, run or Run(seed=3))
    return generator


# What SDV is given.


def test_columns_give_the_batch_back() -> None:
    batch, rng = MIXED.batch(), np.random.default_rng(0)
    for spikes in (True, False):
        columns = Columns.of(MIXED.layout, spikes)
        back = columns.decode(columns.encode(batch, rng), rng)
        for name in ("level", "kind"):
            assert np.array_equal(back[name], batch[name])
        for name in ("x", "y"):
            field = MIXED.layout[name]
            assert np.array_equal(np.isnan(back[name]), np.isnan(batch[name]))
            inside = np.zeros(len(batch[name]), bool)
            for low, high in field.spikes:
                here = (batch[name] >= low) & (batch[name] < high)
                assert np.all((back[name][here] >= low) & (back[name][here] < high))
                inside |= here
            np.testing.assert_allclose(back[name][~inside], batch[name][~inside], atol=2e-6)


def test_scores_are_standard_normal_and_spikes_are_codes() -> None:
    u = np.linspace(0, 1, 20_001)
    layout = Layout((Numeric("x", spikes=((0.25, 0.75),)),))
    table = Columns.of(layout).encode({"x": u}, np.random.default_rng(0))
    assert (table["f0.code"] == 1).mean() == pytest.approx(0.5, abs=1e-3)
    assert table["f0.score"].mean() == pytest.approx(0.0, abs=0.03)
    assert table["f0.score"].std() == pytest.approx(1.0, abs=0.03)


def test_a_number_that_is_all_spikes_has_no_score() -> None:
    layout = Layout((Numeric("x", spikes=((0.0, 0.4), (0.4, 1.0))),))
    assert [column.name for column in Columns.of(layout).listed()] == ["f0.code"]


# What comes of it.


@with_sdv
@pytest.mark.parametrize("name", BACKENDS)
def test_global_random_numbers_are_as_before(name: str) -> None:
    import torch

    small(name).fit(MIXED.batch(), MIXED.layout, Run(seed=1))  # imports are not what is tested
    numbers, bits = np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    fitted(name).sample(50, np.random.default_rng(1))
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(numbers, after, strict=True))
    assert torch.equal(bits, torch.get_rng_state())


@with_sdv
@pytest.mark.parametrize("name", BACKENDS)
def test_what_was_drawn_before_from_the_global_numbers_changes_nothing(name: str) -> None:
    import torch

    first = fitted(name).sample(50, np.random.default_rng(1))
    np.random.seed(5)  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        again = fitted(name).sample(50, np.random.default_rng(1))
    assert all(first[field].tobytes() == again[field].tobytes() for field in first)


@with_sdv
@pytest.mark.parametrize("name", BACKENDS)
def test_a_model_is_loaded_and_drawn_from_without_sdv(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = fitted(name)
    rows = generator.sample(50, np.random.default_rng(1))
    for module in ("sdv", "sdv.single_table", "ctgan", "rdt", "copulas"):
        monkeypatch.setitem(sys.modules, module, None)
    again = type(generator).from_state(generator.config, MIXED.layout, generator.state())
    loaded = again.sample(50, np.random.default_rng(1))
    assert all(rows[field].tobytes() == loaded[field].tobytes() for field in rows)


@with_sdv
@pytest.mark.parametrize("name", BACKENDS)
def test_a_state_that_lacks_an_array_or_has_another_layout_is_refused(name: str) -> None:
    generator = fitted(name)
    arrays = generator.state().arrays
    other = Layout((Categorical("a", 2),))
    for layout, state in (
        (MIXED.layout, State({}, {})),
        (MIXED.layout, State({}, dict(list(arrays.items())[:-1]))),
        (other, State({}, arrays)),
    ):
        with pytest.raises(ModelError, match="incomplete or does not fit"):
            type(generator).from_state(generator.config, layout, state)


@with_sdv
def test_the_copula_keeps_shares_spikes_and_missing_cells() -> None:
    case = Case(MIXED.name, MIXED.fields, rows=4000)
    batch = case.batch()
    rows = fitted("sdv-gaussian-copula", case).sample(40_000, np.random.default_rng(2))
    for name in ("level", "kind"):
        share, drawn = (np.bincount(b[name], minlength=5) / len(b[name]) for b in (batch, rows))
        assert np.abs(share - drawn).max() < 0.015
    for b in (batch, rows):
        b["gone"], b["low"] = np.isnan(b["x"]), b["x"] < 0.4
    for part in ("gone", "low"):
        assert rows[part].mean() == pytest.approx(batch[part].mean(), abs=0.015)


@with_sdv
def test_the_copula_finds_the_correlation_of_normal_scores() -> None:
    from scipy.special import ndtr, ndtri

    rng = np.random.default_rng(0)
    scores = rng.standard_normal((10_000, 2)) @ np.linalg.cholesky([[1.0, 0.7], [0.7, 1.0]]).T
    layout = Layout((Numeric("x"), Numeric("y", spikes=((0.0, 0.4),))))
    generator = small("sdv-gaussian-copula")
    generator.fit(dict(zip("xy", ndtr(scores).T, strict=True)), layout, Run(seed=0))
    rows = generator.sample(40_000, np.random.default_rng(1))
    assert np.corrcoef(ndtri(rows["x"]), ndtri(rows["y"]))[0, 1] == pytest.approx(0.7, abs=0.02)


@with_sdv
def test_the_copula_is_sdv_s() -> None:
    """The same marginal shares and rank correlations as rows that SDV itself draws."""
    import pandas as pd

    generator, taken = caught(Case("numbers", tuple(Numeric(f"x{i}") for i in range(4)), 1000))
    own = generator.sample(20_000, np.random.default_rng(0))
    theirs = taken.sample(20_000)["table"]
    np.testing.assert_allclose(
        pd.DataFrame(own).corr("spearman").to_numpy(),
        theirs.corr("spearman").to_numpy(),
        atol=0.05,
    )


def caught(case: Case, name: str = "sdv-gaussian-copula", **options: Any) -> tuple[Any, Any]:
    """A fitted backend, and the object of SDV that it was taken from."""
    from synthkit.generators.sdv import copula

    taken: list[Any] = []

    def spy(*args: Any, **kwargs: Any) -> Any:
        taken.append(fitting.fitted(*args, **kwargs))
        return taken[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copula, "fitted", spy)
        patch.setattr(networks, "fitted", spy)
        generator = fitted(name, case, **options)
    return generator, taken[0]


class Replayed:
    """Random numbers that were drawn elsewhere; noise on outputs is zero."""

    def __init__(self, normal: np.ndarray, category: np.ndarray | None = None) -> None:
        self.normal, self.category = [normal], category

    def standard_normal(self, shape):
        return self.normal.pop() if self.normal else np.zeros(shape)

    def choice(self, size, n, p):
        return self.category

    def gumbel(self, size):
        return np.zeros(size)


@with_sdv
@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_noise_gives_the_same_rows_as_in_ctgan(name: str) -> None:
    import torch

    generator, synthesizer = caught(MIXED, name)
    model, n = synthesizer._model, 100
    noise = np.random.default_rng(0).standard_normal((n, 128)).astype(np.float32)
    if name == "sdv-tvae":
        fake = torch.tanh(model.decoder(torch.from_numpy(noise))[0]).detach().numpy()
        expected = model.transformer.inverse_transform(fake)
        rng = Replayed(noise)
    else:
        category = np.arange(n) % model._data_sampler.dim_cond_vec()
        condition = np.eye(model._data_sampler.dim_cond_vec(), dtype=np.float32)[category]
        inputs = torch.from_numpy(np.hstack([noise, condition]))
        fake = model._generator(inputs).detach().numpy()
        place = 0
        for column in model._transformer.output_info_list:
            if len(column) == 2:
                fake[:, place] = np.tanh(fake[:, place])
            place += sum(span.dim for span in column)
        expected = model._transformer.inverse_transform(fake)
        rng = Replayed(noise, category)
    rows = generator._batch(n, rng)
    for column in generator._columns.listed():
        if column.size is None:
            np.testing.assert_allclose(rows[column.name], expected[column.name], atol=1e-4)
        else:
            codes = expected[column.name].map(fitting.code_of).to_numpy()
            assert np.array_equal(rows[column.name], codes)


@with_sdv
def test_ctgan_conditions_on_log_frequencies() -> None:
    case = Case("skewed", (Categorical("a", 3), Categorical("b", 2)))
    batch = {"a": np.repeat([0, 1, 2], [200, 90, 10]), "b": np.repeat([0, 1], [150, 150])}
    generator = small("sdv-ctgan")
    generator.fit({k: v.astype(np.int32) for k, v in batch.items()}, case.layout, Run(seed=0))
    a, b = np.log([201, 91, 11]), np.log([151, 151])
    expected = np.concatenate([a / a.sum(), b / b.sum()]) / 2
    np.testing.assert_allclose(generator.state().arrays["net/condition"], expected)


# What is refused, and when training ends.


@pytest.mark.parametrize("name", BACKENDS)
def test_a_run_is_refused_before_anything_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sdv", None)
    with pytest.raises(MissingExtra, match=r"pip install 'synthkit\[sdv\]'"):
        require_package(name)


@pytest.mark.parametrize("name", BACKENDS)
def test_without_sdv_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sdv", None)
    monkeypatch.setitem(sys.modules, "sdv.single_table", None)
    with pytest.raises(MissingExtra, match=r"pip install 'synthkit\[sdv\]'"):
        fitted(name)


@with_sdv
@pytest.mark.parametrize("name", NETWORKS)
def test_a_column_of_very_many_categories_is_declined(name: str) -> None:
    case = Case("many", (Categorical("a", 1001, column="town"),))
    with pytest.raises(NotSupported, match=r"column town: .* 1,001; expected at most 1,000"):
        fitted(name, case)


@with_sdv
@pytest.mark.parametrize("name", NETWORKS)
def test_training_ends_with_its_budget_and_says_so(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(np.arange(0.0, 1e6))
    monkeypatch.setattr(networks.time, "monotonic", lambda: float(next(now)))
    run = Run(seed=0)
    generator = small(name, epochs=1000)
    generator.fit(MIXED.batch(), MIXED.layout, run, budget_s=10.0)
    assert len(run.notices) == 1
    assert "the budget of 10 s ended training after 0% of the planned steps" in run.notices[0]
    assert MIXED.layout.check(generator.sample(20, np.random.default_rng(0))) == 20


@with_sdv
def test_a_budget_too_short_for_a_step_is_an_error() -> None:
    with pytest.raises(TrainingError, match="the budget was over before training began"):
        small("sdv-tvae").fit(MIXED.batch(), MIXED.layout, Run(), budget_s=1e-9)


@with_sdv
@pytest.mark.parametrize("name", NETWORKS)
def test_every_epoch_is_reported(name: str) -> None:
    events: list[Any] = []
    fitted(name, run=Run(seed=0, listener=events.append), epochs=3)
    steps = [(e.done, e.total) for e in events if isinstance(e, Step)]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_discriminator_s_steps_are_no_updates() -> None:
    events: list[Any] = []
    clock = networks.Clock(updates=2, epochs=2, steps=3, run=Run(listener=events.append))
    for _ in range(12):
        clock.tick()
    assert (clock.done, clock.planned, len(events)) == (4, 4, 2)


# Known categories.


def coins(n: int, rng: np.random.Generator) -> Batch:
    """Two coins that agree in three of four rows; the second may be missing (code 2)."""
    a = rng.integers(2, size=n, dtype=np.int32)
    b = np.where(rng.random(n) < 0.75, a, 1 - a).astype(np.int32)
    b[rng.random(n) < 0.2] = 2
    return {"a": a, "b": b}


COINS = Layout((Categorical("a", 2), Categorical("b", 3, missing=2)))


def test_rejection_draws_from_the_conditional() -> None:
    n = 20_000
    values = {"a": np.arange(n, dtype=np.int32) % 2, "b": np.zeros(n, np.int32)}
    given = Given(values, {"a": np.ones(n, bool)}, {"b": np.ones(n, bool)})
    rows = complete(coins, COINS, n, np.random.default_rng(0), given, "coins")
    assert np.array_equal(rows["a"], values["a"])
    assert not np.any(rows["b"] == 2)
    assert np.mean(rows["b"] == rows["a"]) == pytest.approx(0.75, abs=0.02)


def test_rejection_leaves_free_rows_alone_and_fills_known_ones() -> None:
    n = 2000
    values = {"a": np.ones(n, np.int32), "b": np.zeros(n, np.int32)}
    known = np.arange(n) < 1000
    given = Given(values, {"a": known, "b": known})
    rows = complete(coins, COINS, n, np.random.default_rng(0), given, "coins")
    assert np.all(rows["a"][known] == 1)
    assert np.all(rows["b"][known] == 0)
    assert rows["a"][~known].mean() == pytest.approx(0.5, abs=0.06)


def test_rejection_gives_up() -> None:
    def heads(n: int, rng: np.random.Generator) -> Batch:
        return {"a": np.zeros(n, np.int32), "b": np.zeros(n, np.int32)}

    values = {"a": np.ones(3, np.int32), "b": np.zeros(3, np.int32)}
    given = Given(values, {"a": np.ones(3, bool)})
    with pytest.raises(NotSupported, match=r"3 rows missing\)\. Choose backend trees"):
        complete(heads, COINS, 3, np.random.default_rng(0), given, "coins")


def test_a_known_number_is_declined_with_its_column() -> None:
    layout = Layout((Numeric("x", column="age"), Categorical("a", 2)))
    values = {"x": np.full(2, 0.5), "a": np.zeros(2, np.int32)}
    given = Given(values, {"x": np.ones(2, bool)})
    with pytest.raises(NotSupported, match=r"column age: .* known number.* Choose backend trees"):
        complete(coins, layout, 2, np.random.default_rng(0), given, "sdv-tvae")

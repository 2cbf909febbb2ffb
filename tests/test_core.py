"""Errors, registry, random streams, split: the small laws everything else leans on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.errors import PluginError, SourceError, SynthkitError, together
from synthkit.progress import Event, Notice, StageFinished, StageStarted
from synthkit.registry import Registry
from synthkit.run import Run, stream_key
from synthkit.split import split


def test_an_error_says_what_where_expected_remedy() -> None:
    error = SourceError(
        "no rows", where="a.csv:2", expected="at least one", remedy="check the export"
    )
    assert str(error) == "a.csv:2: no rows; expected at least one. Check the export."
    assert str(SynthkitError("broken")) == "broken."
    assert error.exit_code == 2


def test_several_errors_are_told_as_one() -> None:
    errors = [SourceError("no rows", where="a.csv"), SourceError("no header")]
    error = together(errors)
    assert isinstance(error, SourceError)
    assert str(error) == "a.csv: no rows.\nno header."
    assert error.several == tuple(errors)
    assert together(errors[1:]) is errors[1]


def test_registry_resolves_on_demand_and_suggests_the_nearest() -> None:
    registry = Registry(
        "generator", {"trees": "collections:OrderedDict", "broken": "no.such:Thing"}
    )
    assert registry.names() == ["trees", "broken"]
    assert registry.get("trees").__name__ == "OrderedDict"
    with pytest.raises(PluginError, match=r"no generator named 'tree'.*[Dd]id you mean 'trees'"):
        registry.get("tree")
    with pytest.raises(PluginError, match="'broken' cannot be loaded"):
        registry.get("broken")


def test_registry_refuses_a_taken_name() -> None:
    registry = Registry("check", {"a": "m:A"})
    registry.register("b", "m:B")
    registry.register("a", "m:A")
    with pytest.raises(PluginError, match="two packages register a check named 'a'"):
        registry.register("a", "other:A")
    assert registry.names() == ["a", "b"]


def test_streams_depend_on_seed_and_name_only() -> None:
    draws = Run(7).rng("sample", 3).random(4)
    run = Run(7)
    run.rng("something else").random(1000)
    assert np.array_equal(run.rng("sample", 3).random(4), draws)
    assert not np.array_equal(Run(7).rng("sample", 4).random(4), draws)
    assert not np.array_equal(Run(8).rng("sample", 3).random(4), draws)
    assert stream_key("a", "b") != stream_key("ab")
    # Pinned: a stored seed must mean the same stream in every version.
    assert stream_key("sample", 0) == stream_key("sample", "0")


def test_stages_that_finish_are_timed_and_reported() -> None:
    events: list[Event] = []
    run = Run(0, events.append)
    with pytest.raises(RuntimeError), run.stage("fit", "trees"):
        raise RuntimeError
    with run.stage("fit"):
        run.notice("a column was dropped")
    kinds = [type(event) for event in events]
    assert kinds == [StageStarted, StageStarted, Notice, StageFinished]
    assert list(run.timings_s) == ["fit"]
    assert run.notices == ["a column was dropped"]


@given(n=st.integers(0, 300), holdout=st.floats(0, 0.99), seed=st.integers(0, 5))
def test_split_partitions_the_rows(n: int, holdout: float, seed: int) -> None:
    train, held = split(np.arange(n), holdout, np.random.default_rng(seed))
    assert sorted([*train, *held]) == list(range(n))
    assert len(held) == round(n * holdout)
    assert np.all(np.diff(train) > 0)
    assert np.all(np.diff(held) > 0)


def test_split_gives_every_row_an_even_chance() -> None:
    counts = np.zeros(10)
    for seed in range(2000):
        counts[split(np.arange(10), 0.3, np.random.default_rng(seed))[1]] += 1
    assert np.all(np.abs(counts / 2000 - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 2000))

"""A run with a race: what it leaves, that it repeats, and where it is resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from synthkit.more_rows import sample_run
from synthkit.pipeline import Outcome, generate
from synthkit.progress import Event, StageStarted
from synthkit.recipe_io import parse_recipe
from synthkit.run import Run
from synthkit.workspace import partial_path


@pytest.fixture
def job(homes: pd.DataFrame, tmp_path: Path) -> dict[str, Any]:
    homes.to_csv(tmp_path / "homes.csv", index=False)
    return {
        "version": 1,
        "seed": 3,
        "source": {"path": str(tmp_path / "homes.csv"), "holdout": 0.5},
        "generator": {"backend": "auto", "candidates": ["shuffler", "copier", "stumbler"]},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 100},
    }


def run_job(job: dict[str, Any], *, resume: bool = False, stop: str = "") -> Outcome:
    """Runs it; ends it by hand where a stage begins."""

    def listen(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == stop:
            raise KeyboardInterrupt

    loaded = parse_recipe(job)
    return generate(loaded, Run(loaded.recipe.seed, listen), resume=resume)


def elsewhere(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {**job, "output": {**job["output"], "path": str(folder)}}


def same_bytes(one: Path, other: Path) -> bool:
    names = ("data.csv", "report.json", "report.html", "model/model.json")
    names = (*names, "model/arrays.safetensors")
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_run_tells_of_its_race(job: dict[str, Any], homes: pd.DataFrame) -> None:
    outcome = run_job(job)
    race, path = outcome.manifest["race"], outcome.path
    assert outcome.manifest["backend"] == race["winner"] == "shuffler"
    assert [c["standing"] for c in race["candidates"]] == [
        "won",
        "hands out training rows",
        "dropped out",
    ]
    assert {"race shuffler", "race copier", "fit"} <= set(outcome.manifest["timings_s"])
    assert json.loads((path / "manifest.json").read_text())["race"] == race
    facts = json.loads((path / "report.json").read_text())["facts"]
    assert facts["backend"] == facts["race"]["winner"] == "shuffler"
    page = (path / "report.html").read_text()
    assert "The race of the generators" in page
    assert "hands out training rows" in page
    for text in ((path / "manifest.json").read_text(), (path / "model/race.json").read_text()):
        assert not any(town in text for town in homes["town"].unique())
    more = path.parent / "more.csv"
    assert sample_run(path, 30, more, [], None, Run()) == 30
    assert len(pd.read_csv(more)) == 30


def test_a_run_without_a_race_tells_of_none(job: dict[str, Any]) -> None:
    outcome = run_job({**job, "generator": {"backend": "shuffler"}})
    assert outcome.manifest["race"] is None
    assert "The race" not in (outcome.path / "report.html").read_text()


def test_it_repeats_byte_for_byte_and_is_resumed_before_and_after_the_race(
    job: dict[str, Any], tmp_path: Path, fits: list[dict[str, Any]]
) -> None:
    whole = run_job(elsewhere(job, tmp_path / "whole"))
    assert [fit["checkpoints"] is None for fit in fits] == [True, True, False]

    with pytest.raises(KeyboardInterrupt):
        run_job(job, stop="race copier")  # nothing is kept of half a race
    assert not partial_path(tmp_path / "run").exists()
    fits.clear()
    with pytest.raises(KeyboardInterrupt):
        run_job(job, resume=True, stop="fit")
    assert [fit["backend"] for fit in fits] == ["shuffler", "copier"]

    fits.clear()
    outcome = run_job(job, resume=True)
    assert [fit["backend"] for fit in fits] == ["shuffler"]
    assert "the race of the interrupted run stands: shuffler won" in outcome.manifest["notices"]
    assert same_bytes(outcome.path, whole.path)
    assert {file.name for file in outcome.path.rglob("*")} == {
        file.name for file in whole.path.rglob("*")
    }


def test_without_resume_an_interrupted_race_is_run_again(
    job: dict[str, Any], fits: list[dict[str, Any]]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_job(job, stop="fit")
    fits.clear()
    notices = run_job(job).manifest["notices"]
    assert [fit["backend"] for fit in fits] == ["shuffler", "copier", "shuffler"]
    assert any("--resume goes on with one" in notice for notice in notices)

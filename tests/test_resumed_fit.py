"""A run that is interrupted in the middle of a fit goes on there, and nothing of it is published."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import synthkit as sk
from synthkit import training
from synthkit.computing import computing
from synthkit.errors import TrainingError
from synthkit.generators import generators
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.neural import NeuralConfig, restore, weights
from synthkit.pipeline import generate
from synthkit.progress import Event, Step
from synthkit.recipe_io import parse_recipe
from synthkit.run import Run
from synthkit.training import Plan, descend, train
from synthkit.transforms.layout import Batch, Layout
from synthkit.workspace import partial_path

STEPS = 400


class Shares(nn.Module):
    """One logit per code, after dropout: independent columns, slowly learned."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(width))

    def forward(self) -> Tensor:
        return nn.functional.dropout(self.logits, 0.1, self.training)


class Task:
    def __init__(self, codes: Codes) -> None:
        self.module: nn.Module = Shares(codes.width)
        self.optimizers = [torch.optim.AdamW(self.module.parameters(), 0.05)]
        self.sizes = codes.sizes

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module)
        Toy.steps += 1
        return {"loss": loss * (float("nan") if Toy.steps == Toy.broken else 1.0)}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        parts = module().expand(len(rows), -1).split(self.sizes, dim=1)
        losses = [nn.functional.cross_entropy(part, rows[:, i]) for i, part in enumerate(parts)]
        return torch.stack(losses).sum()


class Toy:
    """A backend as neural ones are."""

    Config = NeuralConfig
    steps = 0
    broken = 0

    def __init__(self, config: NeuralConfig) -> None:
        self.config = config

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        self.codes = Codes.of(layout, 16)
        with computing("cpu", run.rng("toy", "seed")):
            rows = torch.from_numpy(self.codes.encode(batch))
            plan = Plan(STEPS, 32)
            task = Task(self.codes)
            self.module = train(task, rows, plan, run, stream="toy", budget_s=budget_s).module

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        logits = self.module().detach() - 50.0 * torch.from_numpy(self.codes.impossible())
        shares = [part.softmax(0).double().numpy() for part in logits.split(self.codes.sizes)]
        table = [rng.choice(len(share), n, p=share / share.sum()) for share in shares]
        return self.codes.decode(np.column_stack(table), rng)

    def state(self) -> State:
        return State(arrays=weights(self.module))

    @classmethod
    def from_state(cls, config: NeuralConfig, layout: Layout, state: State) -> Toy:
        toy = cls(config)
        toy.codes = Codes.of(layout, 16)
        toy.module = Shares(toy.codes.width).eval()
        restore(toy.module, state)
        return toy


@pytest.fixture
def job(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """A recipe with the toy, a checkpoint after every round and a report after every look."""
    monkeypatch.setitem(generators._targets, "toy", f"{__name__}:Toy")
    monkeypatch.setattr(training, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(training, "REPORT_S", 0.0)
    monkeypatch.setattr(Toy, "steps", 0)
    people.to_csv(tmp_path / "people.csv", index=False)
    return {
        **recipe,
        "source": {"path": str(tmp_path / "people.csv"), "holdout": 0.3},
        "generator": {"backend": "toy"},
    }


def run_job(
    job: dict[str, Any], resume: bool = False, stop: int | None = None
) -> tuple[Path, list[str]]:
    """Runs it; ends it by hand after so many steps of the fit. The folder, and what was said."""

    def listen(event: Event) -> None:
        if stop and isinstance(event, Step) and event.stage == "fit" and event.done >= stop:
            raise KeyboardInterrupt

    loaded = parse_recipe(job)
    outcome = generate(loaded, Run(loaded.recipe.seed, listen), resume=resume)
    return outcome.path, outcome.manifest["notices"]


def elsewhere(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {**job, "output": {**job["output"], "path": str(folder)}}


def files(path: Path) -> dict[str, bytes]:
    names = ("data.csv", "model/model.json", "model/arrays.safetensors", "report.json")
    return {name: (path / name).read_bytes() for name in names}


def checkpoints(job: dict[str, Any]) -> list[str]:
    folder = partial_path(Path(job["output"]["path"])) / ".checkpoints"
    return sorted(os.listdir(folder)) if folder.exists() else []


def test_a_fit_goes_on_in_its_middle_and_ends_with_the_same_bytes(
    job: dict[str, Any], tmp_path: Path
) -> None:
    whole, _ = run_job(elsewhere(job, tmp_path / "whole"))
    Toy.steps = 0
    with pytest.raises(KeyboardInterrupt):
        run_job(job, stop=220)
    assert checkpoints(job) == ["toy.safetensors"]
    path, notices = run_job(job, resume=True)
    assert Toy.steps == 220 + 200
    assert files(path) == files(whole)
    assert any("goes on after step 200" in notice for notice in notices)
    assert not any("no interrupted run" in notice for notice in notices)
    assert {entry.name for entry in path.iterdir()} == {entry.name for entry in whole.iterdir()}
    assert not partial_path(path).exists()


def test_a_fit_may_be_interrupted_again_and_again(job: dict[str, Any], tmp_path: Path) -> None:
    whole, _ = run_job(elsewhere(job, tmp_path / "whole"))
    for stop in (60, 120, 300):
        with pytest.raises(KeyboardInterrupt):
            run_job(job, resume=True, stop=stop)
    assert files(run_job(job, resume=True)[0]) == files(whole)


def test_without_resume_an_interrupted_fit_is_started_over(
    job: dict[str, Any], tmp_path: Path
) -> None:
    whole, _ = run_job(elsewhere(job, tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        run_job(job, stop=220)
    Toy.steps = 0
    path, notices = run_job(job)
    assert Toy.steps == STEPS
    assert any("started over; --resume goes on" in notice for notice in notices)
    assert files(path) == files(whole)


def test_an_interruption_before_the_first_checkpoint_leaves_nothing(
    job: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_job(job, stop=20)
    assert not partial_path(Path(job["output"]["path"])).exists()
    _, notices = run_job(job, resume=True)
    assert any("no interrupted run to resume" in notice for notice in notices)


def test_a_fit_that_failed_leaves_nothing(
    job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toy, "broken", 130)
    with pytest.raises(TrainingError, match="no finite number at step 130"):
        run_job(job)
    assert not partial_path(Path(job["output"]["path"])).exists()


def test_a_withheld_run_leaves_no_checkpoint_either(job: dict[str, Any]) -> None:
    strict = {
        **job,
        "fidelity": {"shapes": {"max": 0.0}},
        "privacy": {"policy": "internal", "on_fail": "withhold"},
    }
    with pytest.raises(KeyboardInterrupt):
        run_job(strict, stop=220)
    path, _ = run_job(strict, resume=True)
    left = {entry.name for entry in path.rglob("*")}
    assert left == {"manifest.json", "recipe.yaml", "report.html", "report.json", "internal"}
    assert not partial_path(path).exists()


def test_a_fit_in_python_keeps_no_checkpoints(
    job: dict[str, Any], people: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    sk.fit(people, backend="toy", seed=1)
    assert os.listdir() == []

"""Laws of every neural backend that the contract of generators does not state."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import BaseModel

from synthkit import training
from synthkit.contracts.generators import CASES, Case
from synthkit.errors import MissingExtra, NotSupported, TrainingError
from synthkit.generators import generators
from synthkit.generators.base import Generator
from synthkit.generators.cards import card
from synthkit.generators.neural import NeuralConfig
from synthkit.progress import Event, Step
from synthkit.run import Run

NEURAL = [name for name in generators.names() if issubclass(card(name).options, NeuralConfig)]
CASE = next(case for case in CASES if case.name == "mixed, with spikes and missing cells")

pytestmark = pytest.mark.parametrize("name", NEURAL)


def fitted(name: str, run: Run, case: Case = CASE, **options: object) -> Generator:
    """The backend after some 180 steps on 300 rows, where the options do not say otherwise."""
    config: BaseModel = card(name).options(**{"epochs": 40, "batch_rows": 64, **options})
    generator: Generator = generators.get(name)(config)
    generator.fit(case.batch(), case.layout, run)
    return generator


def state(generator: Generator) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in generator.state().arrays.items()}


def test_an_interrupted_fit_goes_on_to_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(training, "REPORT_S", 0.0)
    steps: list[Step] = []

    def listen(event: Event) -> None:
        if isinstance(event, Step):
            steps.append(event)
            if len(steps) == 6:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(name, Run(3, listen, tmp_path))
    assert list(tmp_path.iterdir())
    run = Run(3, checkpoints=tmp_path)
    assert state(fitted(name, run)) == state(fitted(name, Run(3)))
    assert any("training goes on after step" in notice for notice in run.notices)


def test_nothing_of_torch_is_touched(name: str) -> None:
    threads, numbers = torch.get_num_threads(), torch.get_rng_state()
    fitted(name, Run(3), epochs=2).sample(5, np.random.default_rng(1))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), numbers)
    assert torch.is_grad_enabled()


def test_a_budget_too_short_is_one_clear_error(name: str) -> None:
    generator: Generator = generators.get(name)(card(name).options())
    with pytest.raises(TrainingError, match="the budget was over") as caught:
        generator.fit(CASE.batch(), CASE.layout, Run(3), budget_s=1e-3)
    assert caught.value.where == "generator.budget"


def test_cuda_that_is_absent_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(NotSupported, match="no CUDA device"):
        fitted(name, Run(3), device="cuda")


def test_ninety_nine_rows_are_too_few(name: str) -> None:
    with pytest.raises(TrainingError, match="99 training rows are too few"):
        fitted(name, Run(3), Case("few rows", CASE.fields, rows=99))


def test_loading_leaves_torch_s_random_numbers_alone(name: str) -> None:
    trained = fitted(name, Run(3), epochs=1)
    before = torch.get_rng_state()
    type(trained).from_state(card(name).options(epochs=1), CASE.layout, trained.state())  # type: ignore[attr-defined]
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_says_what_is_missing_where_torch_is(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fitted(name, Run(1), epochs=1)
    kept = model.state()
    for module in [m for m in sys.modules if m == "torch" or m.startswith("synthkit.nn")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match="neural"):
        type(model).from_state(model.config, CASE.layout, kept)  # type: ignore[attr-defined]

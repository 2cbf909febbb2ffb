"""Laws of the training loop, on regressions whose best weights are known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from synthkit import training
from synthkit.computing import computing
from synthkit.errors import TrainingError
from synthkit.progress import Event, Notice, Step
from synthkit.run import Run
from synthkit.training import Plan, Trained, descend, train


class Line:
    """y = a x + b by least squares; the dropout and the normalisation are there to be kept."""

    def __init__(self, rate: float = 0.05, dropout: float = 0.0) -> None:
        self.module: nn.Module = nn.Linear(1, 1)
        if dropout:
            self.module = nn.Sequential(
                nn.Linear(1, 8), nn.BatchNorm1d(8), nn.Dropout(dropout), nn.Linear(8, 1)
            )
        self.optimizers: Sequence[Optimizer] = [
            AdamW(self.module.parameters(), rate, weight_decay=0.0)
        ]
        self.rates: list[float] = []
        self.seen: list[Tensor] = []

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        self.rates.append(self.optimizers[0].param_groups[0]["lr"])
        self.seen.append(rows)
        loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module)
        return {"loss": loss}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        return (module(rows[:, :1]) - rows[:, 1:]).square().mean()


class Broken(Line):
    """Its loss is no number at one step."""

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        losses = super().step(rows)
        return {
            "fine": losses["loss"],
            "odd": losses["loss"] * (math.nan if len(self.rates) == 33 else 1),
        }


class Forgetful(Line):
    """Judged by how far its weights are from where they were at some step: the sooner, the better."""

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return super().criterion(module, rows)
        return (next(module.parameters()) - self.target).square().sum() + 0 * rows.sum()

    target = 0.0


def line(n: int = 400) -> Tensor:
    """Rows of y = 2 x - 1."""
    x = torch.linspace(-1, 1, n)
    return torch.stack([x, 2 * x - 1], dim=1)


def fit(
    task_of: type[Line] = Line,
    plan: Plan | None = None,
    run: Run | None = None,
    rows: Tensor | None = None,
    budget_s: float | None = None,
    **options: float,
) -> tuple[Line, Trained]:
    run = run or Run(seed=1)
    with computing("cpu", run.rng("line", "seed")):
        task = task_of(**options)
        trained = train(
            task,
            line() if rows is None else rows,
            plan or Plan(600, 40),
            run,
            stream="line",
            budget_s=budget_s,
        )
    return task, trained


def state(module: nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in module.state_dict().values()]


class Clock:
    """A clock that tells a second more each time a step is done."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(training.time, "monotonic", clock)
    plain = Line.step

    def step(self: Line, rows: Tensor) -> Mapping[str, Tensor]:
        clock.seconds += 1.0
        return plain(self, rows)

    monkeypatch.setattr(Line, "step", step)
    return clock


def test_a_budget_holds_where_no_rows_are_held_out(clock: Clock) -> None:
    _, trained = fit(plan=Plan(100_000, 40, validation=0.0), budget_s=200.0)
    assert 150 <= trained.progress.step <= 200


def test_the_optimum_is_found() -> None:
    _, trained = fit(plan=Plan(600, 40, averaging=0.9))
    a, b = (p.item() for p in trained.module.parameters())
    assert (a, b) == pytest.approx((2.0, -1.0), abs=1e-3)
    assert not trained.module.training
    assert not any(p.requires_grad for p in trained.module.parameters())


def test_same_seed_same_weights_and_another_seed_others() -> None:
    first, again, other = (
        state(fit(run=Run(seed), plan=Plan(120, 40), dropout=0.2)[1].module) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_held_out_rows_are_never_in_a_step_and_every_epoch_is_whole() -> None:
    task, trained = fit(plan=Plan(120, 36))
    epoch = torch.cat(task.seen[:8])  # of 320 rows, 8 steps of 36
    assert len(torch.unique(epoch[:, 0])) == 8 * 36
    assert len(torch.unique(torch.cat(task.seen)[:, 0])) == 320
    assert trained.progress.step == 120


@pytest.mark.parametrize("n", [1, 2, 9, 101])
def test_few_rows_and_steps_of_one_row_work(n: int) -> None:
    task, trained = fit(plan=Plan(7, 1), rows=line(400)[:n])
    assert (trained.progress.step, len(trained.progress.curve)) == (7, 1)
    assert all(len(rows) == 1 for rows in task.seen)


def test_the_losses_and_the_criterion_are_reported() -> None:
    events: list[Event] = []
    fit(run=Run(1, events.append))
    last = events[-1]
    assert isinstance(last, Step)
    assert (last.stage, last.done, last.total) == ("fit", 600, 600)
    assert last.losses.keys() == {"loss", "unseen"}


def test_a_loss_that_is_no_number_is_named_with_its_step() -> None:
    with pytest.raises(TrainingError, match="loss 'odd' is no finite number at step 33"):
        fit(Broken)


def test_a_criterion_that_is_no_number_ends_training() -> None:
    rows = line()
    rows[:] = math.inf
    with pytest.raises(TrainingError, match="no finite number at step"):
        fit(rows=rows)


def test_the_result_is_a_round_of_the_fall_even_if_an_earlier_one_was_luckier() -> None:
    """The criterion differs by noise only, and happens to be least in the third round."""

    class Lucky(Line):
        def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
            if torch.is_grad_enabled():
                return super().criterion(module, rows)
            self.calls = getattr(self, "calls", 0) + 1
            return torch.tensor(0.0 if self.calls == 3 else 1.0)

    _, trained = fit(Lucky, plan=Plan(600, 40, patience=99))
    assert trained.progress.best_round == 3
    assert trained.round == len(trained.progress.curve) == 12


def test_a_network_that_learned_by_heart_is_not_the_result() -> None:
    """Unseen rows follow another line, so that every round after the first ones is worse."""
    Forgetful.target = 0.5
    _, trained = fit(Forgetful, plan=Plan(2000, 40, warmup=0.0, patience=3), rate=0.005)
    assert trained.round == trained.progress.best_round
    assert trained.progress.cooled > trained.progress.best


def test_a_criterion_that_gets_no_better_ends_training() -> None:
    class Flat(Line):
        def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
            return super().criterion(module, rows) * (1.0 if torch.is_grad_enabled() else 0.0)

    task, trained = fit(Flat, plan=Plan(10_000, 40, warmup=0.0, patience=6))
    # the first round is the best of 7 rounds of 50 steps; 3 / 7 of them are the fall
    assert (trained.progress.cooling, trained.progress.step) == (350, 500)
    assert trained.round == 10
    assert trained.progress.in_time
    assert task.rates[-1] == pytest.approx(task.rates[0] / 150)


def test_buffers_are_those_of_the_network() -> None:
    class Counted(Line):
        def __init__(self) -> None:
            super().__init__()
            self.module.register_buffer("steps", torch.zeros((), dtype=torch.int64))

        def step(self, rows: Tensor) -> Mapping[str, Tensor]:
            self.module.steps += 1
            return super().step(rows)

    _, trained = fit(Counted, plan=Plan(90, 40))
    assert trained.module.steps == 90


def test_the_weights_are_a_running_average() -> None:
    """One step of plain descent from 0 with rate 1 on x = y = 1, each worked out by hand."""

    class Plain(Line):
        def __init__(self) -> None:
            super().__init__()
            self.module = nn.Linear(1, 1, bias=False)
            nn.init.zeros_(self.module.weight)
            self.optimizers = [SGD(self.module.parameters(), 0.25)]

    plan = Plan(2, 1, warmup=0.0, validation=0.0, averaging=0.5)
    _, trained = fit(Plain, plan=plan, rows=torch.ones(1, 2))
    # the gradient is 2 (w - 1), clipped to 1: w = 0, .25, .5
    # averages: decay 1/10 after the first step, 2/11 after the second
    first = 0.9 * 0.25
    assert float(trained.module.weight) == pytest.approx(2 / 11 * first + 9 / 11 * 0.5)


def test_a_budget_is_kept_and_ends_with_a_rate_that_has_fallen(clock: Clock) -> None:
    events: list[Event] = []
    task, trained = fit(
        plan=Plan(10**5, 40, warmup=0.0, patience=999),
        run=Run(1, events.append),
        budget_s=400,
    )
    assert clock.seconds == pytest.approx(400, abs=1)
    assert trained.progress.step == len(task.rates) == 400
    assert task.rates[-1] == pytest.approx(max(task.rates) / 120)
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert len(notices) == 1
    assert "budget" in notices[0]


def test_an_ample_budget_changes_nothing(clock: Clock) -> None:
    run = Run(1)
    assert state(fit(run=run, budget_s=601)[1].module) == state(fit()[1].module)
    assert run.notices == []


@pytest.mark.parametrize("budget_s", [-1.0, 0.0, 0.5, 30.0])
def test_a_budget_too_short_is_one_clear_error(clock: Clock, budget_s: float) -> None:
    with pytest.raises(TrainingError, match=r"the budget was over after .* step") as caught:
        fit(budget_s=budget_s)
    assert caught.value.where == "generator.budget"
    assert clock.seconds <= max(budget_s, 0.0) + 1


def test_time_before_an_interruption_counts(clock: Clock, tmp_path: Path) -> None:
    plan = Plan(100_000, 40, patience=999)
    with pytest.raises(KeyboardInterrupt):
        fit(plan=plan, run=interrupted(tmp_path, 150), budget_s=400)
    before = clock.seconds
    _, trained = fit(plan=plan, run=Run(1, checkpoints=tmp_path), budget_s=400)
    assert trained.progress.elapsed_s == pytest.approx(400, abs=1)
    assert clock.seconds - before == pytest.approx(400 - 100, abs=1)


def interrupted(folder: Path, step: int) -> Run:
    """A run that is ended by hand once so many steps are done."""

    def listen(event: Event) -> None:
        if isinstance(event, Step) and event.done >= step:
            raise KeyboardInterrupt

    return Run(1, listen, folder)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every round, a report after every look."""
    monkeypatch.setattr(training, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(training, "REPORT_S", 0.0)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("step", [60, 250, 450, 599])
def test_a_resumed_training_ends_with_the_same_bytes(tmp_path: Path, step: int) -> None:
    """Before the fall and in it, by a network with noise, buffers and moments."""
    plan = Plan(600, 40)
    _, whole = fit(plan=plan, dropout=0.2)
    with pytest.raises(KeyboardInterrupt):
        fit(plan=plan, run=interrupted(tmp_path, step), dropout=0.2)
    run = Run(1, checkpoints=tmp_path)
    task, resumed = fit(plan=plan, run=run, dropout=0.2)
    assert len(task.rates) == 600 - (step - 1) // 50 * 50
    assert state(resumed.module) == state(whole.module)
    assert resumed.round == whole.round
    assert resumed.progress.curve == whole.progress.curve
    assert "training goes on after step" in run.notices[0]


@pytest.mark.usefixtures("often")
def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    _, whole = fit(run=Run(1, checkpoints=tmp_path))
    task, again = fit(run=Run(1, checkpoints=tmp_path))
    assert task.rates == []
    assert state(again.module) == state(whole.module)


@pytest.mark.usefixtures("often")
def test_a_damaged_checkpoint_starts_over(tmp_path: Path) -> None:
    _, whole = fit(run=Run(1, checkpoints=tmp_path))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    task, again = fit(run=Run(1, checkpoints=tmp_path))
    assert len(task.rates) == 600
    assert state(again.module) == state(whole.module)


class Lost(Line):
    """Goes away from its goal with every step."""

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        loss = self.criterion(self.module, rows)
        descend(-loss, self.optimizers[0], self.module)
        return {"loss": loss}


@pytest.mark.parametrize(("task", "told"), [(Line(), False), (Lost(), True)])
def test_a_training_that_makes_things_worse_is_told(task: Line, told: bool) -> None:
    run = Run(1)
    train(task, line(), Plan(steps=100, batch_rows=32), run, stream="line")
    assert any("worse than before training" in notice for notice in run.notices) == told

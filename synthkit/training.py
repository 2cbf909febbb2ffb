"""The one training loop. A backend says what a step is; when to stop is decided here.

    with computing(config.device, run.rng("vae", "seed")) as device:
        task = Task(...)                               # networks, optimizers, step, criterion
        trained = train(task, rows.to(device), plan, run, stream="vae", budget_s=60.0)
        trained.module                                 # averaged weights of the best round

**Schedule.** The learning rate warms up, stays, and at last falls linearly to zero. The fall begins
when the planned steps are nearly done, when the criterion on held-out rows no longer falls, or when
the time that is left is just enough for it: whatever ends training, it ends with a cooled-down model
(Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training durations").

**Criterion.** After each *round* (an epoch, but at least 50 and at most 500 steps) the averaged
weights are judged on validation rows that no step sees, with the same random draws every time. The
best round's weights are the result.

**Same seed, same bytes.** The rows of a step follow from its number; noise and dropout start anew
from the seed in every round. A checkpoint after a round is therefore weights, optimizer state and
counters, and a resumed training ends in the same weights as one that was never interrupted. Only a
time limit that ends training early makes it depend on the machine; the run is told so.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit import computing
from synthkit.checkpoints import Checkpoint
from synthkit.errors import TrainingError
from synthkit.progress import Step
from synthkit.run import Run

ROUND_STEPS = (50, 500)
VALIDATION_ROWS = 10_000
VALIDATION_BATCH = 2048
CHECKPOINT_S = 20.0  # between two checkpoints at least
MENDS = "lower generator.learning_rate, or choose backend trees"


@dataclass(frozen=True)
class Plan:
    """How long, in which portions, and when to stop.

    Args:
        steps: optimizer steps at most.
        batch_rows: rows per step.
        warmup: share of the steps in which the learning rate rises.
        cooldown: share of the training, at its end, in which it falls to zero.
        patience: rounds without a better criterion after which the fall begins.
        validation: share of the rows held out for the criterion, of ``VALIDATION_ROWS`` at most.
        averaging: decay per step of the running average of the weights, in [0, 1).
    """

    steps: int
    batch_rows: int
    warmup: float = 0.05
    cooldown: float = 0.3
    patience: int = 8
    validation: float = 0.1
    averaging: float = 0.998


class Task(Protocol):
    """What is trained: everything with weights in one module, and the optimizers that move them."""

    module: nn.Module
    optimizers: Sequence[Optimizer]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update on some rows; returns the losses before it, the one that matters first."""

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean over the rows, for a module in evaluation mode; lower is better."""


@dataclass
class Progress:
    """Where a training is: all that a checkpoint holds beside weights and optimizer state.

    Args:
        last: the step with which training ends.
        step: steps done.
        elapsed_s: seconds spent, those before an interruption included.
        best: the best criterion so far.
        best_round: the number of the round with it, from 1.
        cooling: the step at which the learning rate began to fall, or None.
        cooling_s: ``elapsed_s`` then.
        curve: the criterion after each round.
        in_time: whether no time limit has had a say yet.
    """

    last: int
    step: int = 0
    elapsed_s: float = 0.0
    best: float = math.inf
    best_round: int = 0
    cooling: int | None = None
    cooling_s: float = 0.0
    curve: list[float] = field(default_factory=list)
    in_time: bool = True


@dataclass(frozen=True)
class Trained:
    """The result: averaged weights of the best round in evaluation mode, and how it came about."""

    module: nn.Module
    progress: Progress


def train(
    task: Task,
    rows: Tensor,
    plan: Plan,
    run: Run,
    *,
    stream: str,
    budget_s: float | None = None,
) -> Trained:
    """Trains until the plan, the criterion or the time limit ends it.

    Args:
        task: what a step is.
        rows: (n, …) all training rows, on the device of the task.
        plan: see ``Plan``.
        run: seed, listener, and the folder of checkpoints, if it has one.
        stream: name of the random streams and of the checkpoint.
        budget_s: seconds, from now.

    Raises:
        TrainingError: a loss that is not finite, or a budget too short for one round.
    """
    loop = _Loop(task, rows, plan, run, stream, math.inf if budget_s is None else budget_s)
    trained = loop.run_to_end()
    if not trained.progress.in_time:
        done = trained.progress.step / plan.steps
        run.notice(
            f"the budget of {budget_s:g} s ended training after {done:.0%} of the planned steps, so a"
            " run with the same seed may differ"
        )
    return trained


def descend(loss: Tensor, optimizer: Optimizer, module: nn.Module, most: float = 1.0) -> None:
    """One step of an optimizer down a loss, the gradient's norm clipped to ``most``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), most)
    optimizer.step()


class _Loop:
    def __init__(
        self, task: Task, rows: Tensor, plan: Plan, run: Run, stream: str, budget_s: float
    ) -> None:
        self.started = time.monotonic()
        self.task, self.plan, self.run, self.stream = task, plan, run, stream
        self.budget_s = budget_s
        order = torch.from_numpy(run.rng(stream, "validation").permutation(len(rows)))
        held = min(round(len(rows) * plan.validation), VALIDATION_ROWS)
        order = order.to(rows.device)
        self.held, self.seen = rows[order[:held]], rows[order[held:]]
        self.batch_rows = min(plan.batch_rows, len(self.seen))
        self.epoch_steps = len(self.seen) // self.batch_rows
        self.round_steps = int(np.clip(self.epoch_steps, *ROUND_STEPS))
        self.epoch, self.order = -1, order
        self.progress = Progress(plan.steps)
        self.rates = [[group["lr"] for group in o.param_groups] for o in task.optimizers]
        self.averaged = copy.deepcopy(task.module).eval().requires_grad_(False)
        self.best = copy.deepcopy(self.averaged)
        folder = run.checkpoints
        self.checkpoint = None if folder is None else Checkpoint(folder / f"{stream}.safetensors")
        self.saved_s = 0.0
        self.before_s = 0.0

    def run_to_end(self) -> Trained:
        self._take_up()
        progress = self.progress
        while progress.step < progress.last and not self._out_of_time():
            self._round()
            if self.checkpoint and progress.elapsed_s - self.saved_s >= CHECKPOINT_S:
                self.saved_s = progress.elapsed_s
                self.checkpoint.write(self._modules(), self.task.optimizers, asdict(progress))
        if not progress.step:
            raise TrainingError(
                "the budget was over before training began",
                where="generator.budget",
                remedy="raise the budget, or choose backend trees",
            )
        return Trained(self.best, progress)

    def _take_up(self) -> None:
        """Goes on where a checkpoint ends, if there is one."""
        if self.checkpoint is None:
            return
        counters = self.checkpoint.read(self._modules(), self.task.optimizers)
        if counters is not None:
            self.progress = Progress(**counters)
            self.before_s = self.saved_s = self.progress.elapsed_s

    def _modules(self) -> dict[str, nn.Module]:
        return {"trained": self.task.module, "averaged": self.averaged, "best": self.best}

    def _elapsed_s(self) -> float:
        return self.before_s + time.monotonic() - self.started

    def _out_of_time(self) -> bool:
        over = self._elapsed_s() >= self.budget_s
        self.progress.in_time &= not over
        return over

    def _round(self) -> None:
        """Some steps, and the criterion after them."""
        progress = self.progress
        computing.seed(self.run.rng(self.stream, "round", len(progress.curve)))
        self.task.module.train()
        losses: dict[str, float] = {}
        for _ in range(self.round_steps):
            self._begin_cooling()
            if progress.step >= progress.last or self._out_of_time():
                break
            self._set_rates()
            losses = self._finite(self.task.step(self._rows(progress.step)))
            progress.step += 1
            self._average()
        self._judge()
        progress.elapsed_s = self._elapsed_s()
        self.run.report(Step("fit", progress.step, progress.last, losses))

    def _rows(self, step: int) -> Tensor:
        """The rows of a step: every epoch is a new order, and leaves out what fills no batch."""
        epoch, place = divmod(step, self.epoch_steps)
        if epoch != self.epoch:
            order = self.run.rng(self.stream, "epoch", epoch).permutation(len(self.seen))
            self.epoch, self.order = epoch, torch.from_numpy(order).to(self.seen.device)
        return self.seen[self.order[place * self.batch_rows : (place + 1) * self.batch_rows]]

    def _begin_cooling(self) -> None:
        """Begins the fall of the learning rate if it is time for it."""
        progress, cooldown = self.progress, self.plan.cooldown
        if progress.cooling is not None:
            return
        planned = progress.step >= (1 - cooldown) * self.plan.steps
        late = self._elapsed_s() >= (1 - cooldown) * self.budget_s
        stalled = len(progress.curve) - progress.best_round >= self.plan.patience
        if planned or late or stalled:
            progress.cooling, progress.cooling_s = progress.step, self._elapsed_s()
            progress.in_time &= planned or stalled
            fall = max(round(progress.step * cooldown / (1 - cooldown)), self.round_steps)
            progress.last = min(progress.step + fall, self.plan.steps)

    def _set_rates(self) -> None:
        """Sets the learning rates of the next step."""
        progress = self.progress
        factor = min(1.0, (progress.step + 1) / max(self.plan.warmup * self.plan.steps, 1.0))
        if progress.cooling is not None:
            fallen = (progress.step - progress.cooling) / max(progress.last - progress.cooling, 1)
            if self.budget_s < math.inf:
                left_s = max(self.budget_s - progress.cooling_s, 1e-9)
                fallen = max(fallen, (self._elapsed_s() - progress.cooling_s) / left_s)
            factor *= max(1.0 - fallen, 0.0)
        for optimizer, rates in zip(self.task.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor

    def _finite(self, losses: Mapping[str, Tensor]) -> dict[str, float]:
        values = {name: float(loss) for name, loss in losses.items()}
        for name, value in values.items():
            if not math.isfinite(value):
                raise TrainingError(
                    f"the loss '{name}' is no finite number at step {self.progress.step + 1}",
                    where=f"backend {self.stream}",
                    remedy=MENDS,
                )
        return values

    @torch.no_grad()
    def _average(self) -> None:
        """Moves the running average; early on it forgets faster, as the first weights are noise."""
        step = self.progress.step
        decay = min(self.plan.averaging, step / (step + 9))
        averaged: list[Tensor] = list(self.averaged.parameters())
        current: list[Tensor] = list(self.task.module.parameters())
        torch._foreach_lerp_(averaged, current, 1.0 - decay)
        for kept, now in zip(self.averaged.buffers(), self.task.module.buffers(), strict=True):
            kept.copy_(now)

    @torch.no_grad()
    def _judge(self) -> None:
        """Takes down the criterion of the averaged weights, and keeps them if they are the best.

        Without held-out rows every round counts as better than the one before.
        """
        progress = self.progress
        value = -float(len(progress.curve))
        if len(self.held):
            computing.seed(self.run.rng(self.stream, "criterion"))
            parts = self.held.split(VALIDATION_BATCH)
            sums = [float(self.task.criterion(self.averaged, part)) * len(part) for part in parts]
            value = sum(sums) / len(self.held)
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss of unseen rows is no finite number at step {progress.step}",
                where=f"backend {self.stream}",
                remedy=MENDS,
            )
        progress.curve.append(value)
        if value < progress.best:
            progress.best, progress.best_round = value, len(progress.curve)
            self.best.load_state_dict(self.averaged.state_dict())

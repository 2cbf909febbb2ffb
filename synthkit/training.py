"""The one training loop. A backend says what a step is; when to stop is decided here.

    with computing(config.device, run.rng("vae", "seed")) as device:
        task = Task(...)                               # networks, optimizers, step, criterion
        trained = train(task, rows.to(device), plan, run, stream="vae", budget_s=60.0)
        trained.module                                 # averaged weights of the best round

**When it ends** is the business of ``Schedule``: with a fall of the learning rate, whatever ends it.

**Which weights.** After each *round* (an epoch, but at least 50 and at most 500 steps) the averaged
weights are judged on rows that no step sees, with the same random draws every time. The result is
the best of the rounds since the learning rate began to fall. Only a table that is learned by heart
gets an earlier round: if the best of those is better by more than three standard errors of the
difference.

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
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from synthkit import computing
from synthkit.checkpoints import Checkpoint
from synthkit.counts import counted
from synthkit.errors import TrainingError
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.schedule import Plan, Progress, Schedule
from synthkit.unseen import Unseen, held_out

__all__ = ["Plan", "Progress", "Task", "Trained", "adamw", "descend", "train"]

ROUND_STEPS = (50, 500)
LOOK_STEPS = 20  # steps between two looks at the losses, each of which makes a GPU wait
CHECKPOINT_S = 20.0  # between two checkpoints at least
REPORT_S = 1.0  # between two reports at least
JUDGED_SHARE = 0.2  # of the budget at most, kept for the criterion of the last round
MENDS = "lower generator.learning_rate, or choose another backend"


class Task(Protocol):
    """What is trained: everything with weights in one module, and the optimizers that move them."""

    module: nn.Module
    optimizers: Sequence[Optimizer]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update on some rows; returns the losses before it, the one that matters first."""

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean over the rows, for a module in evaluation mode; lower is better."""


@dataclass(frozen=True)
class Trained:
    """The result: averaged weights of one round in evaluation mode, and how it came about.

    Args:
        module: the weights.
        progress: at the end of training.
        round: the number of the round whose weights they are, from 1.
    """

    module: nn.Module
    progress: Progress
    round: int


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
        TrainingError: a loss that is not finite, or a budget too short for a round.
    """
    limit_s = math.inf if budget_s is None else budget_s
    trained = _Loop(task, rows, plan, run, stream, limit_s).run_to_end()
    if not trained.progress.in_time:
        done = trained.progress.step / plan.steps
        run.notice(
            f"the budget ended training after {done:.0%} of the planned steps, so a run with the same"
            " seed may differ"
        )
    return trained


def descend(loss: Tensor, optimizer: Optimizer, module: nn.Module, most: float = 1.0) -> None:
    """One step of an optimizer down a loss, the gradient's norm clipped to ``most``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), most)
    optimizer.step()


def adamw(module: nn.Module, learning_rate: float, weight_decay: float) -> Optimizer:
    """AdamW whose decay draws matrices to zero, and leaves biases and the like alone."""
    groups = [
        {"params": [p for p in module.parameters() if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in module.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW(groups, learning_rate, betas=(0.9, 0.99), fused=True)


class _Loop:
    def __init__(
        self, task: Task, rows: Tensor, plan: Plan, run: Run, stream: str, budget_s: float
    ) -> None:
        self.started = time.monotonic()
        self.task, self.plan, self.run, self.stream = task, plan, run, stream
        self.budget_s = budget_s
        order = torch.from_numpy(run.rng(stream, "validation").permutation(len(rows)))
        order = order.to(rows.device)
        held = held_out(len(rows), plan.validation)
        self.unseen = Unseen(
            rows[order[:held]], lambda: computing.seed(run.rng(stream, "criterion"))
        )
        self.seen = rows[order[held:]]
        self.batch_rows = min(plan.batch_rows, len(self.seen))
        self.epoch_steps = len(self.seen) // self.batch_rows
        self.round_steps = int(np.clip(self.epoch_steps, *ROUND_STEPS))
        self.epoch, self.order = -1, order
        self.rates = [[group["lr"] for group in o.param_groups] for o in task.optimizers]
        self.averaged = copy.deepcopy(task.module).eval().requires_grad_(False)
        self.untrained = copy.deepcopy(self.averaged)
        self.early, self.cooled = copy.deepcopy(self.averaged), copy.deepcopy(self.averaged)
        folder = run.checkpoints
        self.checkpoint = None if folder is None else Checkpoint(folder / f"{stream}.safetensors")
        self.saved_s = self.reported_s = self.before_s = 0.0
        self.looked: list[Mapping[str, Tensor]] = []
        self.losses: dict[str, list[float]] = {}
        self.progress = Progress(plan.steps)
        self._take_up()
        self.schedule = Schedule(plan, self.progress, self.round_steps, self._limit_s())

    def run_to_end(self) -> Trained:
        progress = self.progress
        while not self.schedule.is_over(self._elapsed_s()):
            self._round()
            if self.checkpoint and progress.elapsed_s - self.saved_s >= CHECKPOINT_S:
                self.saved_s = progress.elapsed_s
                self.checkpoint.write(self._modules(), self.task.optimizers, asdict(progress))
        least = min(ROUND_STEPS[0], self.plan.steps)
        if progress.step < least and not progress.in_time:
            raise TrainingError(
                f"the budget was over after {counted(progress.step, 'step')} of training ({self.stream})",
                where="generator.budget",
                expected=f"time for at least {least}",
                remedy="raise the budget, or choose another backend",
            )
        chosen = self._chosen()
        if self.unseen.prefers(self.task.criterion, self.untrained, chosen.module):
            self.run.notice(f"held-out rows are modelled worse than before training; {MENDS}")
        return chosen

    def _take_up(self) -> None:
        """Goes on where a checkpoint ends, if there is one."""
        if self.checkpoint is None:
            return
        counters = self.checkpoint.read(self._modules(), self.task.optimizers)
        if counters is not None:
            self.progress = Progress(**counters)
            self.before_s = self.saved_s = self.progress.elapsed_s
            self.run.notice(
                f"training goes on after step {self.progress.step:,}, where it was interrupted"
            )

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "trained": self.task.module,
            "averaged": self.averaged,
            "early": self.early,
            "cooled": self.cooled,
        }

    def _elapsed_s(self) -> float:
        return self.before_s + time.monotonic() - self.started

    def _limit_s(self) -> float:
        """Seconds for all steps: the budget but for the criterion of the last round and the choice."""
        if self.budget_s == math.inf or not len(self.unseen.rows):
            return self.budget_s
        started = time.monotonic()
        self.unseen.value(self.task.criterion, self.averaged)
        judging_s = 3 * (time.monotonic() - started)
        return self.budget_s - min(judging_s, JUDGED_SHARE * self.budget_s)

    def _round(self) -> None:
        """Some steps, and the criterion after them."""
        progress = self.progress
        computing.seed(self.run.rng(self.stream, "round", len(progress.curve)))
        self.task.module.train()
        for _ in range(self.round_steps):
            self.schedule.update(self._elapsed_s())
            if self.schedule.is_over(self._elapsed_s()):
                break
            self._set_rates()
            self.looked.append(self.task.step(self._rows(progress.step)))
            progress.step += 1
            self._average()
            if len(self.looked) == LOOK_STEPS:
                self._look()
        self._look()
        self._judge()
        progress.elapsed_s = self._elapsed_s()

    def _rows(self, step: int) -> Tensor:
        """The rows of a step: every epoch is a new order, and leaves out what fills no batch."""
        epoch, place = divmod(step, self.epoch_steps)
        if epoch != self.epoch:
            order = self.run.rng(self.stream, "epoch", epoch).permutation(len(self.seen))
            self.epoch, self.order = epoch, torch.from_numpy(order).to(self.seen.device)
        return self.seen[self.order[place * self.batch_rows : (place + 1) * self.batch_rows]]

    def _set_rates(self) -> None:
        """Sets the learning rates of the next step."""
        factor = self.schedule.factor()
        for optimizer, rates in zip(self.task.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor

    def _look(self) -> None:
        """Refuses losses that are not finite, and reports the others now and then."""
        first = self.progress.step - len(self.looked) + 1
        for step, losses in enumerate(self.looked, start=first):
            for name, loss in losses.items():
                value = loss.item()
                self._require_finite(value, f"loss '{name}'", step)
                self.losses.setdefault(name, []).append(value)
        self.looked.clear()
        elapsed_s = self._elapsed_s()
        if elapsed_s - self.reported_s >= REPORT_S or self.progress.step >= self.progress.last:
            self.reported_s = elapsed_s
            self._report(elapsed_s)

    def _report(self, elapsed_s: float) -> None:
        """Mean losses since the report before, and the last criterion, if there is one."""
        progress = self.progress
        means = {name: sum(values) / len(values) for name, values in self.losses.items()}
        if progress.curve and len(self.unseen.rows):
            means["unseen"] = progress.curve[-1]
        self.losses.clear()
        last = min(progress.last, self.schedule.possible(elapsed_s))
        self.run.report(Step("fit", progress.step, last, means))

    def _require_finite(self, value: float, what: str, step: int) -> None:
        if not math.isfinite(value):
            raise TrainingError(
                f"the {what} is no finite number at step {step}",
                where=f"backend {self.stream}",
                remedy=MENDS,
            )

    @torch.no_grad()
    def _average(self) -> None:
        """Moves the running average; early on it forgets faster, as the first weights are noise."""
        step = self.progress.step
        decay = min(self.plan.averaging, step / (step + 9))
        averaged: list[Tensor] = list(self.averaged.parameters())
        current: list[Tensor] = list(self.task.module.parameters())
        torch._foreach_lerp_(averaged, current, 1.0 - decay)

    @torch.no_grad()
    def _judge(self) -> None:
        """Takes down the criterion of the averaged weights, and keeps them if they are the best.

        Buffers, such as running means, are no weights: they are taken as they are.
        """
        progress = self.progress
        for kept, now in zip(self.averaged.buffers(), self.task.module.buffers(), strict=True):
            kept.copy_(now)
        value = -float(len(progress.curve))  # without held-out rows, the later the better
        if len(self.unseen.rows):
            value = self.unseen.value(self.task.criterion, self.averaged)
        self._require_finite(value, "loss of unseen rows", progress.step)
        if progress.take_down(value):
            best = self.early if progress.cooling is None else self.cooled
            best.load_state_dict(self.averaged.state_dict())

    def _chosen(self) -> Trained:
        """The best cooled-down round, or an earlier one if that is better beyond doubt."""
        progress, criterion = self.progress, self.task.criterion
        if not progress.cooled_round:  # so few steps that the learning rate never fell
            return Trained(self.early, progress, progress.best_round)
        if progress.best_round and self.unseen.prefers(criterion, self.early, self.cooled):
            return Trained(self.early, progress, progress.best_round)
        return Trained(self.cooled, progress, progress.cooled_round)

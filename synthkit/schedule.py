"""``Schedule``: the learning rate warms up, stays, and at last falls linearly to zero.

    schedule = Schedule(plan, progress, round_steps, budget_s)
    schedule.update(elapsed_s)       # before each step: is it time for the fall? when does it end?
    schedule.factor()                # of the learning rate, for the next step

The fall begins when the planned steps are nearly done, when the criterion no longer gets better, or
when the time that is left is just enough for it: whatever ends training, it ends with a cooled-down
model (Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training
durations"). Steps alone set the rate, so that a time limit changes nothing unless it ends training
early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MOST_WARMUP = 300  # steps; a time limit may end a long plan soon


@dataclass(frozen=True)
class Plan:
    """How long, in which portions, and when to stop.

    Args:
        steps: optimizer steps at most.
        batch_rows: rows per step.
        warmup: share of the steps in which the learning rate rises, of ``MOST_WARMUP`` at most.
        cooldown: share of the training, at its end, in which it falls to zero.
        patience: rounds without a better criterion after which the fall begins, at least 1.
        validation: share of the rows held out for the criterion; see ``Unseen``.
        averaging: decay per step of the running average of the weights, in [0, 1).
    """

    steps: int
    batch_rows: int
    warmup: float = 0.05
    cooldown: float = 0.3
    patience: int = 8
    validation: float = 0.1
    averaging: float = 0.998


@dataclass
class Progress:
    """Where a training is: all that a checkpoint holds beside weights and optimizer state.

    Args:
        last: the step with which training ends.
        step: steps done.
        elapsed_s: seconds spent, those before an interruption included.
        best: the best criterion before the learning rate began to fall.
        best_round: the number of the round with it, from 1; 0 for none.
        cooled: the best criterion since.
        cooled_round: the number of the round with it; 0 for none.
        cooling: the step at which the learning rate began to fall, or None.
        curve: the criterion after each round.
        in_time: whether no time limit has had a say yet.
    """

    last: int
    step: int = 0
    elapsed_s: float = 0.0
    best: float = math.inf
    best_round: int = 0
    cooled: float = math.inf
    cooled_round: int = 0
    cooling: int | None = None
    curve: list[float] = field(default_factory=list)
    in_time: bool = True

    def take_down(self, value: float) -> bool:
        """Notes the criterion of a round; whether it is the best of its phase.

        Rounds since the fall began are compared with each other only, since a half-trained round can
        be better by chance; the later one wins a tie.
        """
        self.curve.append(value)
        if self.cooling is not None and value <= self.cooled:
            self.cooled, self.cooled_round = value, len(self.curve)
            return True
        if self.cooling is None and value < self.best:
            self.best, self.best_round = value, len(self.curve)
            return True
        return False


class Schedule:
    """Learning rate and end of one training; writes ``cooling``, ``last`` and ``in_time``.

    Args:
        plan: see ``Plan``.
        progress: see ``Progress``.
        round_steps: steps of a round, and of a fall at least.
        limit_s: seconds for all steps, those before an interruption included.
    """

    def __init__(
        self, plan: Plan, progress: Progress, round_steps: int, limit_s: float = math.inf
    ) -> None:
        self.plan, self.progress, self.round_steps = plan, progress, round_steps
        self.limit_s = limit_s

    def update(self, elapsed_s: float) -> None:
        """Begins the fall of the learning rate if it is time for it, or brings its end forward."""
        progress, cooldown = self.progress, self.plan.cooldown
        if progress.cooling is None:
            planned = progress.step >= (1 - cooldown) * self.plan.steps
            stalled = len(progress.curve) - progress.best_round >= self.plan.patience
            late = elapsed_s >= (1 - cooldown) * self.limit_s
            if not (planned or stalled or late):
                return
            progress.cooling = progress.step
            progress.in_time &= planned or stalled
            fall = max(round(progress.step * cooldown / (1 - cooldown)), self.round_steps)
            progress.last = min(progress.step + fall, self.plan.steps)
        possible = self.possible(elapsed_s)
        if possible < progress.last:
            progress.last, progress.in_time = possible, False

    def possible(self, elapsed_s: float) -> int:
        """The step that training will have come to when its time is over, at the pace so far."""
        step = self.progress.step
        if not step or not elapsed_s or self.limit_s == math.inf:
            return self.plan.steps
        return max(min(int(step * self.limit_s / elapsed_s), self.plan.steps), step)

    def is_over(self, elapsed_s: float) -> bool:
        """Whether no further step is due."""
        if self.progress.step >= self.progress.last:
            return True
        over = elapsed_s >= self.limit_s
        self.progress.in_time &= not over
        return over

    def factor(self) -> float:
        """What the learning rates are multiplied with in the next step, in [0, 1]."""
        progress = self.progress
        warmup = min(self.plan.warmup * self.plan.steps, MOST_WARMUP)
        factor = min(1.0, (progress.step + 1) / max(warmup, 1.0))
        if progress.cooling is not None:
            fall = max(progress.last - progress.cooling, 1)
            factor *= max(1.0 - (progress.step - progress.cooling) / fall, 0.0)
        return factor

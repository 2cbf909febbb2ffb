"""The learning rate as hand-worked numbers, and which rounds are compared with each other."""

from __future__ import annotations

import math

import pytest

from synthkit.schedule import MOST_WARMUP, Plan, Progress, Schedule


def rates(plan: Plan, limit_s: float = math.inf, seconds: float = 1.0) -> list[float]:
    """The factor of each step, if every step takes so many seconds; a round is 10 steps."""
    progress = Progress(plan.steps)
    schedule = Schedule(plan, progress, 10, limit_s)
    factors = []
    while True:
        schedule.update(progress.step * seconds)
        if schedule.is_over(progress.step * seconds):
            return factors
        factors.append(schedule.factor())
        progress.step += 1


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    factors = rates(Plan(steps=100, batch_rows=8, warmup=0.05, cooldown=0.3))
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[5:71] == pytest.approx([1.0] * 66)
    assert factors[70:] == pytest.approx([1 - i / 30 for i in range(30)])
    assert len(factors) == 100


def test_a_long_plan_warms_up_no_longer_than_a_time_limit_may_leave() -> None:
    factors = rates(Plan(steps=100_000, batch_rows=8), limit_s=500)
    assert factors[MOST_WARMUP - 2] < 1.0
    assert factors[MOST_WARMUP - 1] == 1.0


def test_a_plan_of_one_step_takes_it_at_the_full_rate() -> None:
    assert rates(Plan(steps=1, batch_rows=8)) == [1.0]


def test_no_better_criterion_begins_the_fall() -> None:
    plan = Plan(steps=1000, batch_rows=8, warmup=0.0, cooldown=0.5, patience=2)
    progress = Progress(plan.steps, step=40)
    schedule = Schedule(plan, progress, 10)
    progress.take_down(1.0)
    progress.take_down(1.0)  # no better
    schedule.update(0.0)
    assert progress.cooling is None
    progress.take_down(1.5)
    schedule.update(0.0)
    assert (progress.cooling, progress.last) == (40, 80)  # half of the training is the fall
    assert progress.in_time
    assert schedule.factor() == 1.0
    progress.step = 79
    assert schedule.factor() == pytest.approx(1 / 40)


def test_a_time_limit_ends_with_a_rate_that_has_fallen() -> None:
    plan = Plan(steps=10_000, batch_rows=8, warmup=0.0, cooldown=0.3)
    factors = rates(plan, limit_s=200)
    assert len(factors) == 200
    assert factors[:141] == [1.0] * 141
    assert factors[140:] == pytest.approx([1 - i / 60 for i in range(60)])


def test_a_time_limit_that_is_not_reached_changes_nothing() -> None:
    plan = Plan(steps=100, batch_rows=8)
    assert rates(plan, limit_s=101) == rates(plan)
    progress = Progress(100, step=80, cooling=70)
    Schedule(plan, progress, 10, 101).update(80.0)
    assert (progress.last, progress.in_time) == (100, True)


def test_steps_that_get_slower_bring_the_end_forward() -> None:
    progress = Progress(100, step=80, cooling=70)
    Schedule(Plan(100, 8), progress, 10, limit_s=90).update(80.0)
    assert (progress.last, progress.in_time) == (90, False)


def test_cooled_rounds_are_compared_with_each_other_only() -> None:
    progress = Progress(100)
    assert [progress.take_down(value) for value in (3.0, 1.0, 2.0, 1.0)] == [
        True,
        True,
        False,
        False,
    ]
    progress.cooling = 70
    assert [progress.take_down(value) for value in (2.5, 2.0, 2.2, 2.0)] == [
        True,
        True,
        False,
        True,
    ]
    assert (progress.best, progress.best_round) == (1.0, 2)
    assert (progress.cooled, progress.cooled_round) == (2.0, 8)

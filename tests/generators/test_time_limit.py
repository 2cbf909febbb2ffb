"""The time that is left of a budget."""

from __future__ import annotations

import pytest

from synthkit.generators.neural import TimeLimit


def test_a_stage_that_took_too_long_leaves_the_next_one_a_twentieth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("synthkit.generators.neural.time.monotonic", lambda: now[0])
    clock = TimeLimit(60.0)
    assert (clock.left_s(), clock.left_s(0.25)) == (60.0, 45.0)
    now[0] = 150.0
    assert (clock.left_s(), clock.left_s(0.25)) == (10.0, 3.0)
    now[0] = 200.0
    assert (clock.is_over, clock.left_s()) == (True, 3.0)
    assert TimeLimit(None).left_s() is None

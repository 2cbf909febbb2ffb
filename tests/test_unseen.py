"""Rows held out: how many, and when one network is better than another beyond doubt."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from synthkit.unseen import Unseen, held_out


class Offset(nn.Module):
    """Its criterion is the offset plus noise of the rows."""

    def __init__(self, offset: float, noise: float = 0.0) -> None:
        super().__init__()
        self.offset, self.noise = offset, noise


def criterion(module: nn.Module, rows: Tensor) -> Tensor:
    assert isinstance(module, Offset)
    return (module.offset + rows + module.noise * torch.randn(len(rows))).mean()


def unseen(n: int) -> Unseen:
    return Unseen(torch.arange(float(n)), lambda: torch.manual_seed(5) and None)


@pytest.mark.parametrize(
    ("rows", "share", "held"),
    [
        (1, 0.1, 0),
        (100, 0.1, 20),
        (400, 0.1, 80),
        (800, 0.1, 100),
        (5000, 0.1, 500),
        (10**6, 0.1, 10_000),
        (5000, 0.0, 0),
    ],
)
def test_a_share_is_held_out_but_enough_to_judge_by(rows: int, share: float, held: int) -> None:
    assert held_out(rows, share) == held


@pytest.mark.parametrize("n", [1, 9, 37, 5000])
def test_the_value_is_the_mean_over_the_rows(n: int) -> None:
    assert unseen(n).value(criterion, Offset(2.0)) == pytest.approx(2.0 + (n - 1) / 2, rel=1e-3)


def test_the_same_network_gets_the_same_value() -> None:
    rows = unseen(300)
    assert rows.value(criterion, Offset(0.0, 9.0)) == rows.value(criterion, Offset(0.0, 9.0))


def test_the_draws_are_the_same_so_that_a_small_gain_shows_through_much_noise() -> None:
    first, second = Offset(0.0, 9.0), Offset(0.01, 9.0)
    assert unseen(300).prefers(criterion, first, second)
    assert not unseen(300).prefers(criterion, second, first)


def test_a_gain_within_its_noise_is_no_gain() -> None:
    quiet, noisy = Offset(0.0), Offset(0.1, 9.0)
    assert not unseen(300).prefers(criterion, quiet, noisy)
    assert unseen(300).prefers(criterion, quiet, Offset(9.0, 9.0))


def test_a_handful_of_rows_proves_nothing() -> None:
    assert not unseen(9).prefers(criterion, Offset(0.0), Offset(1.0))
    assert not unseen(0).prefers(criterion, Offset(0.0), Offset(1.0))

"""Softmaxes over codes against torch's own, and draws against the probabilities they stand for."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from synthkit.nn.blocks import dropped
from synthkit.nn.likelihood import drawn_codes, weighted_nll

SIZES = [2, 5, 1, 3]
OFFSETS = torch.tensor([0, 2, 7, 8])
MEMBER = torch.repeat_interleave(torch.eye(4), torch.tensor(SIZES), dim=0)


def reference(logits: torch.Tensor, codes: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    parts = [
        functional.cross_entropy(part, codes[:, i], reduction="none")
        for i, part in enumerate(logits.split(SIZES, dim=1))
    ]
    return (weight * torch.stack(parts, 1)).sum()


def test_loss_and_gradient_are_those_of_a_cross_entropy_per_field() -> None:
    torch.manual_seed(0)
    logits = (3 * torch.randn(50, sum(SIZES))).requires_grad_()
    codes = torch.stack([torch.randint(size, (50,)) for size in SIZES], 1)
    weight = torch.rand(50, len(SIZES))
    loss = weighted_nll(logits, codes + OFFSETS, weight, MEMBER)
    (slope,) = torch.autograd.grad(2.0 * loss, logits)
    expected = reference(logits, codes, weight)
    (expected_slope,) = torch.autograd.grad(2.0 * expected, logits)
    assert torch.allclose(loss, expected, rtol=1e-5)
    assert torch.allclose(slope, expected_slope, atol=1e-5)


def test_far_apart_logits_of_two_fields_stay_finite() -> None:
    logits = torch.zeros(1, sum(SIZES))
    logits[0, :2] = 500.0
    weight = torch.ones(1, len(SIZES))
    loss = weighted_nll(logits, torch.zeros(1, 4, dtype=torch.long) + OFFSETS, weight, MEMBER)
    assert torch.allclose(loss, torch.log(torch.tensor(2.0 * 5.0 * 3.0)))


def test_draws_follow_the_softmax() -> None:
    n, probability = 40_000, torch.tensor([0.5, 0.0, 0.3, 0.2, 0.0])
    uniform = 1.0 - torch.rand(n, generator=torch.Generator().manual_seed(1))
    drawn = drawn_codes(probability.log().expand(n, -1), uniform)
    shares = torch.bincount(drawn, minlength=5) / n
    assert (shares[[1, 4]] == 0).all()
    assert (shares - probability).abs().max() < 5 * (0.25 / n) ** 0.5


def test_the_ends_of_the_unit_interval_draw_codes_that_can_be() -> None:
    logits = torch.tensor([[-torch.inf, 0.0, 0.0, -torch.inf]] * 3)
    assert drawn_codes(logits, torch.tensor([1e-30, 0.5, 1.0])).tolist() == [1, 1, 2]


def test_dropout_keeps_the_mean_and_drops_its_share() -> None:
    torch.manual_seed(2)
    x = dropped(torch.ones(400, 251), 0.25)
    n = x.numel()
    assert x.unique().tolist() == pytest.approx([0.0, 256 / 192])
    assert abs(float((x == 0).float().mean()) - 0.25) < 5 * (0.1875 / n) ** 0.5
    assert dropped(x, 0.0) is x

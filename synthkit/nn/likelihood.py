"""Softmaxes over codes: the likelihood of many fields side by side, and draws from one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LEAST = -60.0  # of a logit below the row's largest; its exponential is still far from underflow


class _WeightedNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, places: Tensor, weight: Tensor, member: Tensor) -> Tensor:
        largest = logits.amax(1, keepdim=True)
        odds = (logits - largest).clamp_(min=LEAST).exp_()
        sums = odds @ member
        own = (logits.gather(1, places) - largest).clamp_(min=LEAST)
        loss = (weight * (sums.log() - own)).sum()
        slope = odds.mul_((weight / sums) @ member.T)
        slope.scatter_add_(1, places, -weight)
        ctx.save_for_backward(slope)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (slope,) = ctx.saved_tensors
        return slope * grads[0], None, None, None


def weighted_nll(logits: Tensor, places: Tensor, weight: Tensor, member: Tensor) -> Tensor:
    """Sum over rows and fields of weight times minus the log probability of the field's code.

    Args:
        logits: (n, codes) of all fields side by side.
        places: (n, fields) int64, where each field's code lies among all codes.
        weight: (n, fields) float.
        member: (codes, fields) float, 1 where a code is one of a field's.
    """
    loss: Tensor = _WeightedNLL.apply(logits, places, weight, member)
    return loss


def without(logits: Tensor, codes: Tensor) -> Tensor:
    """Logits (n, size) that give no chance to a code per row, (n,), or -1 for none; in place."""
    rows = (codes >= 0).nonzero()[:, 0]
    logits[rows, codes[rows]] = -torch.inf
    return logits


def drawn_codes(logits: Tensor, uniform: Tensor) -> Tensor:
    """(n,) int64 codes drawn from the softmax of (n, size) logits by (n,) numbers in (0, 1].

    A code with logit -inf is never drawn.
    """
    odds = (logits - logits.amax(1, keepdim=True)).exp_()
    below = odds.cumsum_(1)
    return (below < uniform[:, None] * below[:, -1:]).sum(1)

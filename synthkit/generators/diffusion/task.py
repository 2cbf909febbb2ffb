"""What a training step of ``diffusion`` is: hide and blur some fields of each row, and predict all."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from synthkit.generators.predicting import Predicting
from synthkit.nn.conditionals import ranks, visible_counts
from synthkit.nn.noisy import NoisyNet

PRECISIONS = (0.1, 20.0)  # of numbers seen through noise; as often in each octave
PARTLY = 2  # next fields in an order that may be seen so, each with one chance in two


class NoisyTask(Predicting):
    """A random number of fields is clear, numbers among the next are seen through noise."""

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean over rows of the nats of all fields, each given what is seen of the others.

        Every field counts alike, by its likelihood, so that columns need no weights. What is seen
        follows sampling: a number of fields is clear (see ``visible_counts``), of the next in the
        order the numbers may be seen through noise, and the rest is hidden.
        """
        assert isinstance(module, NoisyNet)
        n, d = rows.shape
        beyond = ranks(n, d, rows.device) - visible_counts(n, d, rows.device)
        low, high = map(math.log, PRECISIONS)
        some = torch.empty(n, d, device=rows.device).uniform_(low, high).exp()
        partly = (beyond < PARTLY) & (torch.rand(n, d, device=rows.device) < 0.5)
        is_noisy = torch.zeros(d, dtype=torch.bool, device=rows.device)
        is_noisy[module.noisy] = True
        precision = torch.where(partly & is_noisy, some, 0.0)
        precision = torch.where(beyond < 0, math.inf, precision)
        return module.nll(module.noisy_states(rows, precision), rows)

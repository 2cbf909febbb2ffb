"""What a training step of ``diffusion`` is: hide and blur some fields of each row, and predict all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit.nn.conditionals import ranks, visible_counts
from synthkit.nn.noisy import NoisyNet
from synthkit.training import adamw, descend

CLIP = 5.0
PRECISIONS = (0.1, 20.0)  # of numbers seen through noise; as often in each octave
PARTLY = 2  # next fields in an order that may be seen so, each with one chance in two


class NoisyTask:
    """One optimizer.

    Args:
        net: the network.
        learning_rate: at its highest.
        weight_decay: of matrices.
    """

    def __init__(self, net: NoisyNet, learning_rate: float, weight_decay: float) -> None:
        self.module: nn.Module = net
        self.optimizers: Sequence[Optimizer] = [adamw(net, learning_rate, weight_decay)]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module, CLIP)
        return {"nll": loss.detach()}

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

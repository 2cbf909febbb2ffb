"""What a training step of ``transformer`` is: hide some fields of each row, and predict them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from synthkit.nn.masked import MaskedNet
from synthkit.training import descend

CLIP = 5.0
WEIGHT_DECAY = 0.1  # of matrices


class MaskedTask:
    """One optimizer.

    Args:
        net: the network.
        learning_rate: at its highest.
    """

    def __init__(self, net: MaskedNet, learning_rate: float) -> None:
        self.module: nn.Module = net
        matrices = [p for p in net.parameters() if p.ndim > 1]
        others = [p for p in net.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": WEIGHT_DECAY},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizers: Sequence[Optimizer] = [
            AdamW(groups, learning_rate, betas=(0.9, 0.99), fused=True)
        ]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module, CLIP)
        return {"nll": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean nats per row along a random order, estimated from one place in it.

        The places are spread evenly over the rows, as the loss differs more between places than
        between rows.
        """
        assert isinstance(module, MaskedNet)
        n, fields = rows.shape
        first = torch.randint(fields, (1,), device=rows.device)
        spread = (torch.arange(n, device=rows.device) + first) % fields
        shown = spread[torch.randperm(n, device=rows.device)][:, None]
        rank = torch.rand(n, fields, device=rows.device).argsort(1).argsort(1)
        hidden = rank >= shown
        weight = hidden * (fields / (fields - shown) / n)
        return module.nll(rows, hidden, weight)

"""What a training step of ``transformer`` is: hide some fields of each row, and predict them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit.nn.conditionals import ranks, visible_counts
from synthkit.nn.masked import MaskedNet
from synthkit.training import adamw, descend

CLIP = 5.0


class MaskedTask:
    """One optimizer.

    Args:
        net: the network.
        learning_rate: at its highest.
        weight_decay: of matrices.
    """

    def __init__(self, net: MaskedNet, learning_rate: float, weight_decay: float) -> None:
        self.module: nn.Module = net
        self.optimizers: Sequence[Optimizer] = [adamw(net, learning_rate, weight_decay)]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module, CLIP)
        return {"nll": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean nats per row along a random order, estimated from one place in it.

        Of a row with v visible fields each hidden one is predicted from v fields and each visible one
        from v - 1. With v even over 0 … d that makes every place in an order equally frequent.
        """
        assert isinstance(module, MaskedNet)
        n, fields = rows.shape
        visible = visible_counts(n, fields, rows.device)
        return module.nll(module.states(rows, ranks(n, fields, rows.device) < visible), rows)

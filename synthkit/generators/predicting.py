"""``Predicting``: a training step of ``Completing`` backends: one optimizer down one criterion."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit.nn.conditionals import Conditionals
from synthkit.training import adamw, descend

CLIP = 5.0


class Predicting(ABC):
    """A ``training.Task``; a subclass says what is hidden of the rows, and predicted.

    Args:
        net: the network.
        learning_rate: at its highest.
        weight_decay: of matrices, per step and unit of the learning rate.
    """

    def __init__(self, net: Conditionals, learning_rate: float, weight_decay: float) -> None:
        self.module: nn.Module = net
        self.optimizers: Sequence[Optimizer] = [adamw(net, learning_rate, weight_decay)]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.criterion(self.module, rows)
        descend(loss, self.optimizers[0], self.module, CLIP)
        return {"nll": loss.detach()}

    @abstractmethod
    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean over rows of the nats of all fields, each given what is seen of the others."""

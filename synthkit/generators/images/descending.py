"""``Descending``: the ``training.Task`` of one optimizer down a loss per image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit.training import adamw, descend

ImageLoss = Callable[[nn.Module, Tensor], Tensor]


class Descending:
    """One module, one loss.

    Args:
        module: what is trained.
        loss: module and (k,) numbers of images to (k,) losses.
        learning_rate: at its highest.
        weight_decay: of matrices, per step and unit of the learning rate.
        batch_rows: images that fit into memory together, with their gradients.
    """

    def __init__(
        self,
        module: nn.Module,
        loss: ImageLoss,
        learning_rate: float,
        weight_decay: float,
        batch_rows: int,
    ) -> None:
        self.module, self.loss, self.batch_rows = module, loss, batch_rows
        self.optimizers: Sequence[Optimizer] = [adamw(module, learning_rate, weight_decay)]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.loss(self.module, rows).mean()
        descend(loss, self.optimizers[0], self.module)
        return {"loss": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """The mean loss; a network takes no more images at a time than in training."""
        losses = [self.loss(module, part).float() for part in rows.split(self.batch_rows)]
        return torch.cat(losses).mean()

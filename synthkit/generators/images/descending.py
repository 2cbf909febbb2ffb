"""One network of images trained by one loss per image.

learn(net, loss, Descent(steps, 128, 2e-3, 0.02), pictures.rows, run, "vae", left_s)    # in place
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit.run import Run
from synthkit.training import Plan, adamw, descend, train

ImageLoss = Callable[[nn.Module, Tensor], Tensor]


VALIDATION = 0.05


@dataclass(frozen=True)
class Descent:
    """How a network is trained.

    Args:
        steps: at most.
        batch_rows: images per step, which fit into memory together, with their gradients.
        learning_rate: at its highest.
        weight_decay: of matrices, per step and unit of the learning rate.
    """

    steps: int
    batch_rows: int
    learning_rate: float
    weight_decay: float


def learn(
    module: nn.Module,
    loss: ImageLoss,
    descent: Descent,
    rows: Tensor,
    run: Run,
    stream: str,
    budget_s: float | None,
) -> None:
    """Trains the module; see ``Descending`` for the loss and ``training.train`` for the rest."""
    task = Descending(module, loss, descent, stream)
    plan = Plan(descent.steps, descent.batch_rows, validation=VALIDATION)
    trained = train(task, rows, plan, run, stream=stream, budget_s=budget_s).module
    module.load_state_dict(trained.state_dict())
    module.eval()


class Descending:
    """A ``training.Task``: one optimizer down a loss per image.

    Args:
        module: what is trained.
        loss: module and (k,) numbers of images to (k,) losses.
        descent: see ``Descent``.
        name: of what is trained, as several networks take turns in one fit.
    """

    def __init__(self, module: nn.Module, loss: ImageLoss, descent: Descent, name: str) -> None:
        self.module, self.loss, self.batch_rows = module, loss, descent.batch_rows
        self.name = name
        optimizer = adamw(module, descent.learning_rate, descent.weight_decay)
        self.optimizers: Sequence[Optimizer] = [optimizer]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=rows.is_cuda):
            loss = self.loss(self.module, rows).mean()
        descend(loss, self.optimizers[0], self.module)
        return {f"{self.name} loss": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """The mean loss; a network takes no more images at a time than in training."""
        losses = [self.loss(module, part).float() for part in rows.split(self.batch_rows)]
        return torch.cat(losses).mean()

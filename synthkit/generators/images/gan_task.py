"""``GanTask``: a step of critic and generator on real grids and as many generated with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from synthkit.generators.images.config import ImageGanConfig
from synthkit.nn.gan import pairing_loss
from synthkit.nn.images.gan import CriticNet, GeneratorNet, steepness
from synthkit.training import descend

BETAS = (0.0, 0.99)
PENALTY_EVERY = 4  # steps, and as much stronger; in every step it would double the time


class Nets(nn.Module):
    """Both networks and the steps done; only the generator is kept after training."""

    def __init__(self, generator: GeneratorNet, critic: CriticNet) -> None:
        super().__init__()
        self.steps: Tensor
        # a checkpoint must hold it, or a resumed training would be another one
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.generator, self.critic = generator, critic


class GanTask:
    """What ``training.train`` trains.

    Args:
        nets: both networks.
        grids: (n, d, h, w) of the training images.
        codes: (n, fields) int64 of what is known of them.
        config: options.
    """

    def __init__(self, nets: Nets, grids: Tensor, codes: Tensor, config: ImageGanConfig) -> None:
        self.module: nn.Module = nets
        self._nets, self._grids, self._codes, self._config = nets, grids, codes, config
        self.optimizers: Sequence[Optimizer] = [
            Adam(net.parameters(), config.learning_rate, BETAS, fused=True)
            for net in (nets.critic, nets.generator)
        ]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """The critic's step, then the generator's on the same labels."""
        critic, generator = self._nets.critic, self._nets.generator
        codes = self._codes[rows]
        noise = torch.randn(len(rows), generator.noise, device=rows.device)
        seen = self._seen(rows.device)
        real, made = self._grids[rows] * seen, generator(noise, codes) * seen

        step = int(self._nets.steps)
        penalised = step % PENALTY_EVERY == 0
        both = torch.cat([real, made.detach()]).requires_grad_(penalised)
        scores = critic(both, codes.repeat(2, 1))
        loss = total = pairing_loss(*scores.chunk(2))
        if penalised:  # the mean over real and generated grids is half of R1 + R2
            total = loss + PENALTY_EVERY * self._config.penalty * steepness(scores, both).mean()
        descend(total, self.optimizers[0], critic)

        critic.requires_grad_(False)
        with torch.no_grad():
            others = critic(real, codes)
        fooled = pairing_loss(critic(made, codes), others)
        descend(fooled, self.optimizers[1], generator)
        critic.requires_grad_(True)
        self._nets.steps += 1
        return {"generator": fooled.detach(), "critic": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """None: no images are held out."""
        return torch.zeros(())

    def _seen(self, device: torch.device) -> Tensor:
        """(1, h, w) which places the critic sees, for all grids of a step: 1, or 0 if hidden."""
        shape = (1, *self._nets.generator.size[1:])
        return (torch.rand(shape, device=device) >= self._config.hidden).float()

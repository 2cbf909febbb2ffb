"""``GanTask``: a step of critic and generator on real images and as many generated with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam, Optimizer

from synthkit.generators.images.config import ImageGanConfig
from synthkit.generators.images.pictures import Pictures
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
        pictures: training images.
        config: options.
    """

    def __init__(self, nets: Nets, pictures: Pictures, config: ImageGanConfig) -> None:
        self.module: nn.Module = nets
        self._nets, self._pictures, self._config = nets, pictures, config
        self.optimizers: Sequence[Optimizer] = [
            Adam(net.parameters(), config.learning_rate, BETAS, fused=True)
            for net in (nets.critic, nets.generator)
        ]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """The critic's step, then the generator's on the same labels."""
        critic, generator = self._nets.critic, self._nets.generator
        images, codes = self._pictures.at(rows)
        real = self._moved(self._nets.generator.grid.fold(images))
        noise = torch.randn(len(rows), generator.noise, device=rows.device)
        made = self._moved(generator(noise, codes))

        step = int(self._nets.steps)
        penalised = step % PENALTY_EVERY == 0
        both = torch.cat([real, made.detach()]).requires_grad_(penalised)
        scores = critic(both, codes.repeat(2, 1))
        loss = total = pairing_loss(*scores.chunk(2))
        if penalised:  # the mean over real and generated images is half of R1 + R2
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

    def _moved(self, folded: Tensor) -> Tensor:
        """All images moved by one random number of folded pixels, what is left free being empty."""
        most = self._config.shift // 2
        if not most:
            return folded
        down, right = (int(torch.randint(-most, most + 1, ())) for _ in range(2))
        height, width = folded.shape[2:]
        padded = functional.pad(folded, (most,) * 4, mode="replicate")
        return padded[:, :, most + down : most + down + height, most + right : most + right + width]

"""What a training step of ``vae`` is: the evidence bound, and posteriors of incomplete rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from synthkit.generators.vae.config import VAEConfig
from synthkit.nn.vae import VAE, gaussian_kl
from synthkit.training import descend

MASKED_SHARE = 4  # every so many-th row of a step is also seen with cells hidden


class VAETask:
    """One optimizer for all parts.

    Args:
        module: the networks.
        config: options.
        steps: planned steps, of which a share warms beta up.
    """

    def __init__(self, module: VAE, config: VAEConfig, steps: int) -> None:
        self.module: nn.Module = module
        self.vae, self.config = module, config
        self.warm_steps = max(config.warmup * steps, 1.0)
        self.optimizers: Sequence[Optimizer] = [
            AdamW(module.parameters(), config.learning_rate, betas=(0.9, 0.99), fused=True)
        ]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """One update."""
        noise = torch.randn(len(rows), self.config.latent, device=rows.device)
        said, kl, mean, spread = self.vae.elbo(rows, noise)
        loss = -said.mean() + self._beta() * (kl.mean() - self.config.free_nats).clamp(min=0.0)
        few = slice(0, max(len(rows) // MASKED_SHARE, 1))
        guess = self.proposal_loss(rows[few], mean[few].detach(), spread[few].detach())
        descend(loss + guess, self.optimizers[0], self.module)
        return {"loss": loss.detach(), "kl": kl.detach().mean(), "guess": guess.detach()}

    def proposal_loss(self, rows: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
        """How far posteriors of rows with hidden cells are from those of the whole rows.

        Least for the Gaussian nearest to the mixture of the posteriors of all rows that share the
        known cells: what ``sample`` proposes latents from when cells are given.
        """
        share = torch.rand(len(rows), 1, device=rows.device)
        known = (torch.rand(rows.shape, device=rows.device) < share).float()
        guessed = self.vae.encoder(rows + self.vae.offsets, known)
        return gaussian_kl(mean, spread, *guessed).mean() / self.config.latent

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """The loss with beta at its end."""
        assert isinstance(module, VAE)
        noise = torch.randn(len(rows), self.config.latent, device=rows.device)
        said, kl, _, _ = module.elbo(rows, noise)
        excess = (kl.mean() - self.config.free_nats).clamp(min=0.0)
        return -said.mean() + self.config.beta * excess

    def _beta(self) -> float:
        """The weight of the KL divergence now; the optimizer counts the steps, and is resumed."""
        states = self.optimizers[0].state.values()
        done = max((float(state["step"]) for state in states), default=0.0)
        return self.config.beta * min(1.0, done / self.warm_steps)

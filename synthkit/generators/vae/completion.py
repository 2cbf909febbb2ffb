"""``Completion``: free cells of rows, drawn in the light of the known ones, by importance sampling."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from synthkit.nn.vae import VAE, gaussian_log_prob, inverse


@dataclass(frozen=True)
class Completion:
    """Of each row some candidates are drawn, and one is kept by its weight.

    Half of the candidates' latents come from the prior, so that none that is likely goes without,
    the others from the encoder's posterior of the known cells. A weight is prior over proposal,
    times the probability of each known cell given the latents and the cells before it.

    Args:
        vae: the networks, in evaluation mode.
        gone: (codes,) bool, the codes of missing cells.
        candidates: per row.
        generator: of all draws.
    """

    vae: VAE
    gone: Tensor
    candidates: int
    generator: torch.Generator

    def draw(self, codes: Tensor, known: Tensor, present: Tensor) -> Tensor:
        """(n, d) codes, the known ones as they are.

        Args:
            codes: (n, d) int64; what is not known is ignored.
            known: (n, d) bool.
            present: (n, d) bool, free cells that must not be missing.
        """
        n, d = codes.shape
        latents, log = self._proposed(codes, known)
        copies = [a.repeat_interleave(self.candidates, 0) for a in (codes, known, present)]
        uniforms = torch.rand(len(latents), d, generator=self.generator, device=codes.device)
        drawn, said = self.vae.decoder.draw(
            latents, uniforms, copies[0], copies[1], self.gone, copies[2]
        )
        odds = (log + said).view(n, self.candidates).softmax(1)
        chosen = inverse(odds, torch.rand(n, generator=self.generator, device=codes.device))
        return drawn.view(n, self.candidates, d)[torch.arange(n, device=codes.device), chosen]

    def _proposed(self, codes: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """Latents, candidates of a row side by side, and their log prior over proposal."""
        n, k = len(codes), self.vae.prior.mean.shape[1]
        plain = self.candidates // 2
        guided = self.candidates - plain
        mean, spread = self.vae.encoder(codes + self.vae.offsets, known.float())
        noise = torch.randn(n, guided, k, generator=self.generator, device=codes.device)
        near = mean[:, None] + (0.5 * spread).exp()[:, None] * noise
        free = self.vae.prior.sample(n * plain, self.generator).view(n, plain, k)
        latents = torch.cat([free, near], 1)
        prior = self.vae.prior(latents.flatten(0, 1)).view(n, -1)
        posterior = gaussian_log_prob(latents, mean[:, None], spread[:, None])
        share = torch.tensor(guided / self.candidates, device=codes.device)
        proposal = torch.logaddexp(posterior + share.log(), prior + (1 - share).log())
        return latents.flatten(0, 1), (prior - proposal).flatten()

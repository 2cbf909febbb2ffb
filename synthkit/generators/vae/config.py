"""Options of ``vae``. The defaults are the setting that was measured."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import NeuralConfig


class VAEConfig(NeuralConfig):
    """Sizes of the networks, and how much the latents may know.

    Args:
        bins: of each number's ranks, about.
        latent: dimensions of the latent space.
        width: units of the encoder's hidden vectors, and of those that the latents are decoded to.
        depth: residual blocks of the encoder.
        decoder_width: units of the hidden vectors of each field in the decoder.
        dropout: share of the decoder's inner units that are dropped in training.
        beta: weight of the KL divergence once it has warmed up; less gives latents that know more
            of a row and are harder to draw.
        free_nats: nats of KL divergence, of all latents together, that cost nothing.
        warmup: share of the steps in which beta rises from 0.
        components: Gaussians of the prior.
        candidates: latents drawn per row with given cells, of which one is chosen.
    """

    bins: int = Field(default=256, ge=2, le=10_000)
    latent: int = Field(default=16, ge=1, le=256)
    width: int = Field(default=128, ge=1, le=8192)
    depth: int = Field(default=2, ge=0, le=64)
    decoder_width: int = Field(default=64, ge=1, le=8192)
    dropout: float = Field(default=0.2, ge=0.0, lt=1.0)
    beta: float = Field(default=1.0, ge=0.0, le=100.0)
    free_nats: float = Field(default=4.0, ge=0.0, le=1e6)
    warmup: float = Field(default=0.2, ge=0.0, le=1.0)
    components: int = Field(default=100, ge=1, le=10_000)
    candidates: int = Field(default=16, ge=1, le=10_000)

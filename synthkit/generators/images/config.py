"""Options of the backends for images. The defaults are the settings that were measured."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import NeuralConfig


class ImageConfig(NeuralConfig):
    """Options of every backend for images."""

    batch_rows: int = Field(default=128, ge=2, le=1_000_000)


class ImageVaeConfig(ImageConfig):
    """Options of ``vae``.

    Args:
        latent: dimensions of the latent space.
        width: channels of the largest grid of the encoder and the decoder.
        beta: weight of the KL divergence; less gives sharper images.
        flow_width: hidden units of the flow that draws latents.
        flow_depth: residual blocks of that flow.
        flow_steps: from noise to latents, of two evaluations each.
    """

    latent: int = Field(default=24, ge=1, le=4096)
    width: int = Field(default=32, ge=1, le=4096)
    beta: float = Field(default=0.2, ge=0.0, le=100.0)
    flow_width: int = Field(default=256, ge=1, le=8192)
    flow_depth: int = Field(default=3, ge=0, le=64)
    flow_steps: int = Field(default=20, ge=1, le=1000)


class ImageDiffusionConfig(ImageConfig):
    """Options of ``diffusion``.

    Args:
        width: channels of the largest grid of the network; a multiple of 8.
        depth: residual blocks of each grid.
        steps: from noise to images, of two evaluations each.
        guidance: how much images follow their labels; 1 as in the data, above it more so and less
            varied, at 0 not at all.
        unlabelled: share of the images that are learned without their labels, which guidance needs.
    """

    learning_rate: float = Field(default=2e-3, gt=0.0, le=1.0)
    width: int = Field(default=32, ge=8, le=4096, multiple_of=8)
    depth: int = Field(default=1, ge=1, le=16)
    steps: int = Field(default=8, ge=1, le=1000)
    guidance: float = Field(default=1.0, ge=0.0, le=100.0)
    unlabelled: float = Field(default=0.1, ge=0.0, le=1.0)

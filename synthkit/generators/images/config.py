"""Options of the backends for images. The defaults are the settings that were measured."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from synthkit.generators.neural import NeuralConfig
from synthkit.schema import Frozen


class ImageConfig(NeuralConfig):
    """Options of every backend for images."""

    batch_rows: int = Field(default=128, ge=2, le=1_000_000)


class CodedConfig(ImageConfig):
    """Options of backends that learn what a coder makes of images.

    Args:
        halvings: times that the sides of an image are halved at most, down to a grid that stands for
            it; there are at least four places to a side.
        coder_width: channels of the largest grid of the coder.
    """

    halvings: int = Field(default=3, ge=1, le=10)
    coder_width: int = Field(default=32, ge=1, le=4096)


class ImageVaeConfig(ImageConfig):
    """Options of ``vae``.

    Args:
        latent: dimensions of the latent space.
        width: channels of the largest grid of the encoder and the decoder.
        beta: weight of the KL divergence; less gives sharper images.
        flow_width: hidden units of the flow that draws latents.
        flow_depth: residual blocks of that flow.
        flow_steps: from noise to latents, of two evaluations each.
        flow_epochs: passes of the flow over the training images at most; by their number when left out.
    """

    latent: int = Field(default=24, ge=1, le=4096)
    width: int = Field(default=32, ge=1, le=4096)
    beta: float = Field(default=0.1, ge=0.0, le=100.0)
    flow_width: int = Field(default=256, ge=1, le=8192)
    flow_depth: int = Field(default=3, ge=0, le=64)
    flow_steps: int = Field(default=20, ge=1, le=1000)
    flow_epochs: int | None = Field(default=None, ge=1, le=100_000)


class FinetuneConfig(Frozen):
    """A checkpoint that ``diffusion`` fine-tunes in place of training a network of its own.

    Args:
        checkpoint: folder that ``save_pretrained`` of diffusers wrote (searched from the recipe's
            folder, then the working one): a DDPMPipeline, DDIMPipeline or StableDiffusionPipeline.
        rank: of the matrices that are added to the weights, which stay as they are.
        prompt: what is said of all images to a text-conditioned checkpoint; nothing when left out.
        learning_rate: of the added weights at its highest.
    """

    checkpoint: str = Field(min_length=1)
    rank: int = Field(default=8, ge=1, le=1024)
    prompt: str | None = None
    learning_rate: float = Field(default=5e-4, gt=0.0, le=1.0)


class ImageDiffusionConfig(CodedConfig):
    """Options of ``diffusion``.

    Args:
        latent: numbers of each place of the grid.
        width: channels of the largest grid of the flow's network; a multiple of 8.
        depth: residual blocks of each grid.
        dropout: share of the inner units of each block that are dropped in training.
        steps: from noise to images, of two evaluations each, or one with ``finetune``.
        guidance: how much images follow their labels; 1 as in the data, above it more so and less
            varied, at 0 not at all.
        unlabelled: share of the images that are learned without their labels, which guidance needs.
        finetune: a checkpoint to start from, which brings its own network; none when left out.
    """

    paths: ClassVar = (("finetune", "checkpoint"),)

    learning_rate: float = Field(default=2e-3, gt=0.0, le=1.0)
    latent: int = Field(default=4, ge=1, le=256)
    width: int = Field(default=64, ge=8, le=4096, multiple_of=8)
    depth: int = Field(default=1, ge=1, le=16)
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    steps: int = Field(default=12, ge=1, le=1000)
    guidance: float = Field(default=1.0, ge=0.0, le=100.0)
    unlabelled: float = Field(default=0.05, ge=0.0, le=1.0)
    finetune: FinetuneConfig | None = None

    @field_validator("finetune")
    @classmethod
    def _stands_alone(
        cls, finetune: FinetuneConfig | None, info: ValidationInfo
    ) -> FinetuneConfig | None:
        """Refuses options of the network that is not trained."""
        own = ("learning_rate", "halvings", "latent", "coder_width", "width", "depth", "dropout")
        for name in own if finetune else ():
            default = cls.model_fields[name].default
            if info.data.get(name, default) != default:
                instead = f"finetune.{name}" if name == "learning_rate" else "the checkpoint's own"
                raise ValueError(f"no {name} beside it, in place of which there is {instead}")
        return finetune


class ImageGanConfig(CodedConfig):
    """Options of ``gan``.

    Args:
        batch_rows: images per step.
        learning_rate: of both networks, at its highest.
        latent: numbers of each place of the grid.
        noise: numbers of noise per image.
        width: hidden units of the generator.
        critic_width: hidden units of the critic.
        depth: residual blocks of both.
        penalty: weight of the critic's squared gradient over grids, real and generated.
        hidden: share of a grid's places that the critic does not see, of real and generated images
            alike, so that it does not learn a small set by heart.
    """

    batch_rows: int = Field(default=256, ge=2, le=1_000_000)
    learning_rate: float = Field(default=5e-4, gt=0.0, le=1.0)
    latent: int = Field(default=4, ge=1, le=256)
    noise: int = Field(default=64, ge=1, le=4096)
    width: int = Field(default=256, ge=1, le=8192)
    critic_width: int = Field(default=384, ge=1, le=8192)
    depth: int = Field(default=3, ge=0, le=64)
    penalty: float = Field(default=0.1, ge=0.0, le=1e6)
    hidden: float = Field(default=0.0, ge=0.0, lt=1.0)


class ImageTransformerConfig(CodedConfig):
    """Options of ``transformer``.

    Args:
        learning_rate: of the transformer at its highest.
        levels: of each number of a token; their product is the number of tokens.
        width: of the transformer's vectors; a multiple of 32.
        depth: layers.
        dropout: share of what each layer adds that is dropped in training.
        temperature: of the softmax at sampling.
    """

    learning_rate: float = Field(default=1e-3, gt=0.0, le=1.0)
    levels: tuple[int, ...] = Field(default=(8, 8, 8), min_length=1, max_length=8)
    width: int = Field(default=128, ge=32, le=8192, multiple_of=32)
    depth: int = Field(default=4, ge=1, le=100)
    dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    temperature: float = Field(default=1.0, gt=0.0, le=100.0)

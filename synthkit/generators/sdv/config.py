"""Options of the SDV backends. The defaults are SDV's own."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from synthkit.schema import Frozen

NEEDS = ("sdv", "sdv")  # package and extra
PACKED = 10  # rows that CTGAN's discriminator judges together
Width = Annotated[int, Field(ge=1, le=65_536)]


class CopulaConfig(Frozen):
    """The Gaussian copula has no options: numbers come as normal scores, which are its margins."""

    needs: ClassVar = NEEDS


class NetworkConfig(Frozen):
    """Options of both networks.

    Args:
        epochs: passes over the training rows; a budget may end training before.
        batch_rows: rows per step.
        embedding: size of the random vector that a row is made from.
        device: ``auto`` takes CUDA where there is one.
    """

    needs: ClassVar = NEEDS

    epochs: int = Field(default=300, ge=1, le=100_000)
    batch_rows: int = Field(default=500, ge=PACKED, le=1_000_000, multiple_of=PACKED)
    embedding: int = Field(default=128, ge=1, le=65_536)
    device: Literal["auto", "cpu", "cuda"] = "auto"


class CtganConfig(NetworkConfig):
    """Options of CTGAN, and of both networks.

    Args:
        generator_layers: units of the generator's hidden layers.
        discriminator_layers: units of the discriminator's hidden layers.
        learning_rate: of both networks.
        discriminator_steps: updates of the discriminator for each one of the generator.
    """

    generator_layers: tuple[Width, ...] = (256, 256)
    discriminator_layers: tuple[Width, ...] = (256, 256)
    learning_rate: float = Field(default=2e-4, gt=0.0, le=1.0)
    discriminator_steps: int = Field(default=1, ge=1, le=1000)


class TvaeConfig(NetworkConfig):
    """Options of TVAE, and of both networks.

    Args:
        encoder_layers: units of the encoder's hidden layers.
        decoder_layers: units of the decoder's hidden layers.
        loss_factor: weight of the reconstruction beside the divergence from the prior.
        weight_decay: of the optimizer.
    """

    encoder_layers: tuple[Width, ...] = (128, 128)
    decoder_layers: tuple[Width, ...] = (128, 128)
    loss_factor: float = Field(default=2.0, gt=0.0, le=1e6)
    weight_decay: float = Field(default=1e-5, ge=0.0, le=1.0)

"""``diffusion`` for images: a network that turns noise into small grids, and a decoder these into images.

Choose it for images of many details, where a GPU is at hand: of all backends it gains most from a long
fit. On a CPU ``vae`` is nearer to real images in the same time, and draws them many times as fast.

Lipman et al. 2023 (flow matching); Rombach et al. 2022 (in the grids of an autoencoder); Ronneberger et
al. 2015 (U-Net, here of ``diffusers``); Ho and Salimans 2022 (guidance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from synthkit.generators.images.config import ImageDiffusionConfig
from synthkit.generators.images.finetuning import FineTuning
from synthkit.generators.images.picturing import Picturing
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.autoencoder import Autoencoder
    from synthkit.nn.images.unet import FlowUNet

SEEN = 600_000  # images that the flow learns from
DECAY = 0.01


class Way(Protocol):
    """How the networks come about, and how images are drawn with them."""

    def require(self) -> None:
        """Refuses what no images can make good."""

    def build(self, shape: tuple[int, int, int], sizes: list[int]) -> nn.Module:
        """Untrained networks, for images of a shape and codes of fields of these sizes."""

    def train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        """Trains the networks."""

    def draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        """(n, height, width, channels) uint8 images of (n, fields) codes."""

    def about(self) -> dict[str, Any]:
        """What a state says of networks that it does not hold."""

    def packages(self) -> tuple[str, ...]:
        """See ``generators.base.StartsFromOthers``."""

    def fine_tuned_from(self) -> dict[str, str]:
        """See ``generators.base.StartsFromOthers``."""

    def check(self, about: dict[str, Any]) -> None:
        """Raises ``ModelError`` if these are not those of the fit."""


class ImageDiffusion(Picturing):
    """Flow matching of images given their labels, or a checkpoint fine-tuned on them.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageDiffusionConfig]] = ImageDiffusionConfig
    name: ClassVar[str] = "diffusion"
    config: ImageDiffusionConfig

    def __init__(self, config: ImageDiffusionConfig) -> None:
        super().__init__(config)
        own = config.finetune
        self._way: Way = FromNothing(config) if own is None else FineTuning(config, own)

    def require(self) -> None:
        """See ``generators.base.HasNeeds``."""
        self._way.require()

    def packages(self) -> tuple[str, ...]:
        """See ``generators.base.StartsFromOthers``."""
        return self._way.packages()

    def fine_tuned_from(self) -> dict[str, str]:
        """See ``generators.base.StartsFromOthers``."""
        return self._way.fine_tuned_from()

    def _build(self) -> nn.Module:
        return self._way.build(self._image.shape, self._codes.sizes)

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        self._way.train(net, pictures, run, clock)

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        return self._way.draw(net, codes, draws)

    def _about(self) -> dict[str, Any]:
        return self._way.about()

    def _check(self, about: dict[str, Any]) -> None:
        self._way.check(about)


class FromNothing:
    """A ``Way``: flow matching in the grids of an autoencoder, both of them new.

    Args:
        config: options.
    """

    def __init__(self, config: ImageDiffusionConfig) -> None:
        self.config = config

    def require(self) -> None:
        """Nothing."""

    def build(self, shape: tuple[int, int, int], sizes: list[int]) -> nn.Module:
        """Untrained networks."""
        from torch import nn

        from synthkit.nn.images.autoencoder import Autoencoder
        from synthkit.nn.images.grid import Grid
        from synthkit.nn.images.unet import FlowUNet

        config, grid = self.config, Grid(shape, self.config.halvings)
        flow = FlowUNet(
            grid.smallest,
            config.latent,
            sizes,
            config.width,
            config.depth,
            config.dropout,
            config.unlabelled,
        )
        autoencoder = Autoencoder(grid, config.coder_width, config.latent)
        return nn.ModuleDict({"autoencoder": autoencoder, "flow": flow})

    def train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        """Trains the autoencoder, then the flow."""
        from synthkit.generators.images.coded import learn_coded

        learn_coded(*_parts(net), self.config, SEEN, DECAY, pictures, run, clock)

    def draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        """(n, height, width, channels) uint8."""
        coder, flow = _parts(net)
        config = self.config
        return coder.decoded(flow.sample(codes, config.steps, config.guidance, draws))

    def about(self) -> dict[str, Any]:
        """Nothing: the state holds both networks."""
        return {}

    def packages(self) -> tuple[str, ...]:
        """That of the U-Net."""
        return ("diffusers",)

    def fine_tuned_from(self) -> dict[str, str]:
        """Nothing."""
        return {}

    def check(self, about: dict[str, Any]) -> None:
        """Nothing."""


def _parts(net: nn.Module) -> tuple[Autoencoder, FlowUNet]:
    """The autoencoder and the flow of ``FromNothing.build``."""
    return net["autoencoder"], net["flow"]  # type: ignore[index]

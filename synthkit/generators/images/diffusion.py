"""``diffusion`` for images: a network that turns noise into small grids, and a decoder these into images.

Choose it for images of many details, where a GPU is at hand: of all backends it gains most from a long
fit. On a CPU ``vae`` is nearer to real images in the same time, and draws them many times as fast.

Lipman et al. 2023 (flow matching); Rombach et al. 2022 (in the grids of an autoencoder); Ronneberger et
al. 2015 (U-Net, here of ``diffusers``); Ho and Salimans 2022 (guidance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from synthkit.generators.images.config import ImageDiffusionConfig
from synthkit.generators.images.picturing import Picturing, planned_steps
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.autoencoder import Autoencoder
    from synthkit.nn.images.unet import FlowUNet

SEEN, MOST_EPOCHS = (250_000, 500_000), 400  # images, by the autoencoder and by the flow
CODER_SHARE = 0.25  # of the budget
DECAY = 0.01


class ImageDiffusion(Picturing):
    """Flow matching of images, given their labels.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageDiffusionConfig]] = ImageDiffusionConfig
    name: ClassVar[str] = "diffusion"
    config: ImageDiffusionConfig

    def _build(self) -> nn.Module:
        from torch import nn

        from synthkit.nn.images.autoencoder import Autoencoder
        from synthkit.nn.images.grid import Grid
        from synthkit.nn.images.unet import FlowUNet

        config = self.config
        grid = Grid(self._image.shape, config.halvings)
        flow = FlowUNet(
            grid.smallest,
            config.latent,
            self._codes.sizes,
            config.width,
            config.depth,
            config.dropout,
            config.unlabelled,
        )
        autoencoder = Autoencoder(grid, config.coder_width, config.latent)
        return nn.ModuleDict({"autoencoder": autoencoder, "flow": flow})

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> nn.Module:
        from synthkit.generators.images.coded import learn_coded
        from synthkit.generators.images.descending import Descent

        config = self.config
        coder, flow = (
            Descent(
                planned_steps(config.epochs, config.batch_rows, len(pictures), seen, MOST_EPOCHS),
                config.batch_rows,
                config.learning_rate,
                DECAY,
            )
            for seen in SEEN
        )
        learn_coded(*_parts(net), (coder, flow), CODER_SHARE, pictures, run, clock)
        return net

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        coder, flow = _parts(net)
        config = self.config
        return coder.decoded(flow.sample(codes, config.steps, config.guidance, draws))


def _parts(net: nn.Module) -> tuple[Autoencoder, FlowUNet]:
    """The autoencoder and the flow of ``_build``."""
    return net["autoencoder"], net["flow"]  # type: ignore[index]

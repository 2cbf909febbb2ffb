"""``diffusion`` for images: a network that turns noise into images, in a few steps, given labels.

Choose it for images of many details, where a GPU is at hand: of all backends it gains most from a long
fit. On a CPU ``vae`` is nearer to real images in the same time, and draws them a hundred times as fast.

Lipman et al. 2023 (flow matching); Ronneberger et al. 2015 (U-Net, here of ``diffusers``); Ho and
Salimans 2022 (guidance).
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
    from synthkit.nn.images.unet import FlowUNet

SEEN, MOST_EPOCHS = 500_000, 400
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
        from synthkit.nn.images.unet import FlowUNet

        config = self.config
        return FlowUNet(self._image.shape, self._codes.sizes, config.width, config.depth)

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> nn.Module:
        from synthkit.generators.images.descending import Descending
        from synthkit.training import Plan, train

        config = self.config

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            return cast("FlowUNet", module).loss(*pictures.at(rows), config.unlabelled)

        task = Descending(net, loss, config.learning_rate, DECAY, config.batch_rows)
        steps = planned_steps(config, len(pictures), SEEN, MOST_EPOCHS)
        plan = Plan(steps, config.batch_rows, validation=0.05)
        left_s = clock.left_s()
        return train(task, pictures.rows, plan, run, stream=self.name, budget_s=left_s).module

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        config = self.config
        return cast("FlowUNet", net).images(codes, config.steps, config.guidance, draws)

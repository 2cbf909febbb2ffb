"""``FlowUNet``: the network of ``diffusion`` for images, diffusers' U-Net on the grids of an autoencoder.

It learns the direction from noise to a grid (see ``nn.flow``) at a place, a time and what is known of the
image; for some images nothing is said, so that it can also be asked without (Ho and Salimans 2022,
"Classifier-free diffusion guidance").

Shapes: (n, d, h, w) for grids, of numbers with about mean 0 and deviation 1.
"""

from __future__ import annotations

import torch
from diffusers.models.unets.unet_2d import UNet2DModel
from torch import Tensor, nn

from synthkit.nn.flow import flow_loss, flow_sample
from synthkit.nn.images.condition import Condition

GROUPS = 8  # channels are normalised in so many groups
CLOCK = 1000.0  # diffusers counts time in thousandths
LARGE = 12  # side from which a grid is halved once more inside the network


class FlowUNet(nn.Module):
    """The options are those of ``ImageDiffusionConfig``.

    Args:
        size: (h, w) of the grids.
        numbers: d.
        sizes: codes of each field that is known of the images.
        width: channels of the largest grid; twice as many on a smaller one.
        depth: residual blocks of each grid.
        dropout: share of the inner units of each block that are dropped.
        unlabelled: share of the images that are learned with nothing said of them.
    """

    def __init__(
        self,
        size: tuple[int, int],
        numbers: int,
        sizes: list[int],
        width: int,
        depth: int,
        dropout: float,
        unlabelled: float,
    ) -> None:
        super().__init__()
        self.shape, self.unlabelled = (numbers, *size), unlabelled
        halved = min(size) >= LARGE and not (size[0] % 2 or size[1] % 2)
        widths = (width, 2 * width) if halved else (width,)
        self.unet = UNet2DModel(
            sample_size=size,
            in_channels=numbers,
            out_channels=numbers,
            block_out_channels=widths,
            down_block_types=("DownBlock2D",) * len(widths),
            up_block_types=("UpBlock2D",) * len(widths),
            layers_per_block=depth,
            norm_num_groups=GROUPS,
            dropout=dropout,
            add_attention=False,
            class_embed_type="identity",
        )
        self.condition = Condition(sizes, 4 * width)

    def velocity(self, x: Tensor, t: Tensor, said: Tensor) -> Tensor:
        """(n, d, h, w) direction at places, (n,) times and (n, 4 width) conditions."""
        out: Tensor = self.unet(x, CLOCK * t, class_labels=said, return_dict=False)[0]
        return out

    def loss(self, grids: Tensor, codes: Tensor) -> Tensor:
        """(n,) of (n, d, h, w) and (n, fields) int64 codes; see ``flow_loss``."""
        known = torch.rand(len(grids), device=grids.device) >= self.unlabelled
        said = self.condition(codes, known)
        return flow_loss(lambda at, t: self.velocity(at, t, said), grids)

    def sample(self, codes: Tensor, steps: int, guidance: float, draws: torch.Generator) -> Tensor:
        """(n, d, h, w) drawn given (n, fields) codes."""
        shape = (len(codes), *self.shape)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        said = self.condition(codes)
        nothing = torch.zeros(len(codes), dtype=torch.bool, device=codes.device)
        unsaid = self.condition(codes, nothing)

        def velocity(x: Tensor, t: Tensor) -> Tensor:
            towards = self.velocity(x, t, said)
            if guidance == 1.0:
                return towards
            return torch.lerp(self.velocity(x, t, unsaid), towards, guidance)

        return flow_sample(velocity, noise, steps)

"""``FlowUNet``: the network of ``diffusion`` for images, diffusers' U-Net on folded images.

It learns the direction from noise to image (see ``nn.flow``) at a place, a time and what is known of the
image; for some images nothing is said, so that it can also be asked without (Ho and Salimans 2022,
"Classifier-free diffusion guidance").
"""

from __future__ import annotations

import torch
from diffusers.models.unets.unet_2d import UNet2DModel
from torch import Tensor, nn

from synthkit.nn.flow import flow_loss, flow_sample
from synthkit.nn.images.condition import Condition
from synthkit.nn.images.grid import Grid

HALVINGS = 4
GROUPS = 8  # channels are normalised in so many groups
CLOCK = 1000.0  # diffusers counts time in thousandths


class FlowUNet(nn.Module):
    """The options are those of ``ImageDiffusionConfig``.

    Args:
        shape: (height, width, channels) of the images.
        sizes: codes of each field that is known of them.
        width: channels of the folded grid; they double with each halving, four times at most.
        depth: residual blocks of each grid.
    """

    def __init__(
        self, shape: tuple[int, int, int], sizes: list[int], width: int, depth: int
    ) -> None:
        super().__init__()
        self.grid = Grid(shape, HALVINGS)
        grids = self.grid.halvings
        height, breadth = (side // 2 for side in self.grid.padded)
        self.unet = UNet2DModel(
            sample_size=(height, breadth),
            in_channels=self.grid.channels,
            out_channels=self.grid.channels,
            block_out_channels=tuple(width * 2 ** min(i, 2) for i in range(grids)),
            down_block_types=("DownBlock2D",) * grids,
            up_block_types=("UpBlock2D",) * grids,
            layers_per_block=depth,
            norm_num_groups=GROUPS,
            add_attention=False,
            class_embed_type="identity",
        )
        self.condition = Condition(sizes, 4 * width)

    def velocity(self, x: Tensor, t: Tensor, said: Tensor) -> Tensor:
        """(n, c, h, w) direction at places of folded images, (n,) times and (n, 4 width) conditions."""
        out: Tensor = self.unet(x, CLOCK * t, class_labels=said, return_dict=False)[0]
        return out

    def loss(self, images: Tensor, codes: Tensor, unlabelled: float) -> Tensor:
        """(n,) see ``flow_loss``.

        Args:
            images: (n, height, width, channels) uint8.
            codes: (n, fields) int64.
            unlabelled: share of the images of which nothing is said.
        """
        known = torch.rand(len(images), device=images.device) >= unlabelled
        said = self.condition(codes, known)
        return flow_loss(lambda x, t: self.velocity(x, t, said), self.grid.fold(images))

    def images(self, codes: Tensor, steps: int, guidance: float, draws: torch.Generator) -> Tensor:
        """(n, height, width, channels) uint8, drawn given (n, fields) codes."""
        height, breadth = (side // 2 for side in self.grid.padded)
        shape = (len(codes), self.grid.channels, height, breadth)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        said = self.condition(codes)
        unsaid = self.condition(codes, torch.zeros_like(codes[:, :1].sum(1), dtype=torch.bool))

        def velocity(x: Tensor, t: Tensor) -> Tensor:
            towards = self.velocity(x, t, said)
            if guidance == 1.0:
                return towards
            return torch.lerp(self.velocity(x, t, unsaid), towards, guidance)

        return self.grid.unfold(flow_sample(velocity, noise, steps))

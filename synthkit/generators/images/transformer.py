"""``transformer`` for images: a tokeniser makes a few tokens of an image, a transformer writes such rows.

Choose it for images that are put together out of parts: every token is drawn with all before it in view.

Mentzer et al. 2024 (tokens by rounding); van den Oord et al. 2017 (VQ-VAE, a model over tokens); Esser et
al. 2021 (a transformer for it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from synthkit.generators.images.config import ImageTransformerConfig
from synthkit.generators.images.picturing import Picturing
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.causal import CausalTransformer
    from synthkit.nn.images.tokens import Tokeniser

SEEN = 600_000  # images that the transformer learns from
DECAY = 0.05


class ImageTransformer(Picturing):
    """Tokens of images, given their labels.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageTransformerConfig]] = ImageTransformerConfig
    name: ClassVar[str] = "transformer"
    config: ImageTransformerConfig

    def _build(self) -> nn.Module:
        from torch import nn

        from synthkit.nn.images.causal import CausalTransformer
        from synthkit.nn.images.tokens import Tokeniser

        config = self.config
        tokeniser = Tokeniser(self._image.shape, config.halvings, config.coder_width, config.levels)
        writer = CausalTransformer(
            tokeniser.tokens,
            tokeniser.vocabulary,
            self._codes.sizes,
            config.width,
            config.depth,
            config.dropout,
        )
        return nn.ModuleDict({"tokeniser": tokeniser, "writer": writer})

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        from synthkit.generators.images.coded import learn_coded

        learn_coded(*_parts(net), self.config, SEEN, DECAY, pictures, run, clock)

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        tokeniser, writer = _parts(net)
        return tokeniser.decoded(writer.sample(codes, self.config.temperature, draws))


def _parts(net: nn.Module) -> tuple[Tokeniser, CausalTransformer]:
    """The tokeniser and the transformer of ``_build``."""
    return net["tokeniser"], net["writer"]  # type: ignore[index]

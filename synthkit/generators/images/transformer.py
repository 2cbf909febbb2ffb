"""``transformer`` for images: an image as a row of tokens, learned by the ``transformer`` of tables.

Choose it to learn images and tables with one model. A tokeniser makes a small grid of tokens out of an
image; the tokens and the labels are then fields of a row like any others, drawn in random orders.

Mentzer et al. 2024 (tokens by rounding); van den Oord et al. 2017 (VQ-VAE, a model over tokens); for the
rest see the package ``generators.transformer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, cast

import numpy as np

from synthkit.generators.base import Given, State
from synthkit.generators.images.config import ImageConfig, ImageTransformerConfig
from synthkit.generators.images.picturing import Picturing, planned_steps
from synthkit.generators.nested import part_of, within
from synthkit.generators.neural import TimeLimit
from synthkit.generators.transformer.backend import Transformer
from synthkit.generators.transformer.config import TransformerConfig
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.tokens import Tokeniser

SEEN, MOST_EPOCHS = 400_000, 400
TOKENISER_SHARE = 0.4  # of the budget
DECAY = 0.02


class ImageTransformer(Picturing):
    """Tokens of images, given their labels.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageTransformerConfig]] = ImageTransformerConfig
    name: ClassVar[str] = "transformer"
    config: ImageTransformerConfig

    def __init__(self, config: ImageTransformerConfig) -> None:
        super().__init__(config)
        self._tokens = Transformer(self._token_config())

    def state(self) -> State:
        """The tokeniser, the tokens' model and the labels' model."""
        own, tokens = super().state(), self._tokens.state()
        return State(own.meta, own.arrays | within("tokens", tokens.arrays))

    @classmethod
    def from_state(cls, config: ImageConfig, layout: Layout, state: State) -> Self:
        """See ``Picturing.from_state``."""
        own = super().from_state(config, layout, state)
        tokens = State({}, part_of(state.arrays, "tokens"))
        own._tokens = Transformer.from_state(own._token_config(), own._token_layout(), tokens)
        return own

    def _build(self) -> nn.Module:
        from synthkit.nn.images.tokens import Tokeniser

        return Tokeniser(self._image.shape, self.config.width, self.config.levels)

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> nn.Module:
        import torch

        tokeniser = cast("Tokeniser", self._trained_tokeniser(net, pictures, run, clock)).eval()
        self._net = tokeniser  # which the layout of the tokens asks
        with torch.no_grad():
            tokens = [tokeniser.encoded(images) for images in pictures.images.split(500)]
        batch = self._batch(torch.cat(tokens).cpu().numpy(), pictures.codes.cpu().numpy())
        self._tokens = Transformer(self._token_config())
        self._tokens.fit(batch, self._token_layout(), run, budget_s=clock.left_s())
        return tokeniser

    def _trained_tokeniser(
        self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit
    ) -> nn.Module:
        from synthkit.generators.images.descending import Descent, descended

        config = self.config

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            return cast("Tokeniser", module).loss(pictures.images[rows])

        steps = planned_steps(config.epochs, config.batch_rows, len(pictures), SEEN, MOST_EPOCHS)
        descent = Descent(steps, config.batch_rows, config.learning_rate, DECAY)
        left_s = clock.left_s(1.0 - TOKENISER_SHARE)
        return descended(net, loss, descent, pictures.rows, run, "tokeniser", left_s)

    def _prepared(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(n, tokens) int64 tokens, drawn given codes."""
        tokens = self._names("token", cast("Tokeniser", self._net).tokens)
        batch = self._batch(np.zeros((len(codes), len(tokens)), np.int64), codes)
        labels = self._names("label", codes.shape[1])
        known = {name: np.ones(len(codes), bool) for name in labels}
        made = self._tokens.sample(len(codes), rng, Given(batch, known))
        return np.column_stack([made[name] for name in tokens]).astype(np.int64)

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        return cast("Tokeniser", net).decoded(codes)

    def _token_config(self) -> TransformerConfig:
        config = self.config
        return TransformerConfig(
            epochs=config.token_epochs,
            device=config.device,
            width=config.token_width,
            head_width=config.token_head_width,
            temperature=config.temperature,
            correction_rounds=0,
        )

    def _token_layout(self) -> Layout:
        """Labels, then tokens, all of them categories."""
        net = cast("Tokeniser", self._net)
        labels = self._names("label", len(self._codes.sizes))
        fields = [Categorical(*field) for field in zip(labels, self._codes.sizes, strict=True)]
        tokens = self._names("token", net.tokens)
        return Layout((*fields, *(Categorical(name, net.vocabulary) for name in tokens)))

    def _batch(self, tokens: np.ndarray, codes: np.ndarray) -> Batch:
        labels, places = self._names("label", codes.shape[1]), self._names("token", tokens.shape[1])
        columns = {name: codes[:, i] for i, name in enumerate(labels)}
        columns |= {name: tokens[:, i] for i, name in enumerate(places)}
        return {name: column.astype(np.int32) for name, column in columns.items()}

    @staticmethod
    def _names(what: str, n: int) -> list[str]:
        return [f"{what} {i}" for i in range(n)]

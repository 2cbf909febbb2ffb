"""Two trainings, one after the other: a coder of images, and a model of what it makes of them.

    learn_coded(coder, model, (of_coder, of_model), 0.25, pictures, run, clock)

What is local about an image, such as the edge of a stroke, is the coder's business; the model is left
with what the image shows (Rombach et al. 2022; van den Oord et al. 2017).
"""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from synthkit.computing import spread
from synthkit.generators.images.descending import Descent, descended
from synthkit.generators.images.pictures import Pictures
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

BLOCK = 500  # images at a time


class Coder(Protocol):
    """Makes something smaller of images."""

    def loss(self, images: Tensor) -> Tensor:
        """(n,) of (n, height, width, channels) uint8."""

    def match(self, images: Tensor) -> None:
        """Has decoded images vary as much as these."""

    def encoded(self, images: Tensor) -> Tensor:
        """(n, …) of them, without gradients."""


class CodedModel(Protocol):
    """Learns what a coder made."""

    def loss(self, encoded: Tensor, codes: Tensor) -> Tensor:
        """(n,) of (n, …) and the (n, fields) codes of what is known of the images."""


def learn_coded(
    coder: nn.Module,
    model: nn.Module,
    descents: tuple[Descent, Descent],
    coder_share: float,
    pictures: Pictures,
    run: Run,
    clock: TimeLimit,
) -> None:
    """Trains both in place.

    Args:
        coder: a ``Coder``.
        model: a ``CodedModel``.
        descents: how the one and how the other is trained.
        coder_share: of the time that is left, for the coder.
        pictures: training images.
        run: seeds, progress and checkpoints.
        clock: the time that is left.
    """

    def coder_loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("Coder", module).loss(pictures.images[rows])

    left_s = clock.left_s(1.0 - coder_share)
    trained = descended(coder, coder_loss, descents[0], pictures.rows, run, "coder", left_s)
    coder.load_state_dict(trained.state_dict())
    coder.eval().requires_grad_(False)
    learned = cast("Coder", coder)
    learned.match(pictures.some()[0])
    parts = spread(learned.encoded, pictures.images.split(BLOCK), pictures.images.device)
    everything = torch.cat(parts).clone()

    def model_loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("CodedModel", module).loss(everything[rows], pictures.codes[rows])

    trained = descended(model, model_loss, descents[1], pictures.rows, run, "model", clock.left_s())
    model.load_state_dict(trained.state_dict())

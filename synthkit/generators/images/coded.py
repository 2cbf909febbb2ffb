"""What backends share that learn small codes of images: the coder comes first, then a model of its codes.

    codes = coded(coder, descent, share, pictures, run, clock)          # (n, …) of the images
    learn(model, codes, descent, pictures, run, clock)

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


def coded(
    coder: nn.Module,
    descent: Descent,
    share: float,
    pictures: Pictures,
    run: Run,
    clock: TimeLimit,
) -> Tensor:
    """Trains a coder in place, and encodes the images with it.

    Args:
        coder: a ``Coder``.
        descent: how it is trained.
        share: of the budget, for the coder.
        pictures: training images.
        run: seeds, progress and checkpoints.
        clock: the time that is left.
    """

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("Coder", module).loss(pictures.images[rows])

    left_s = clock.left_s(1.0 - share)
    trained = descended(coder, loss, descent, pictures.rows, run, "coder", left_s)
    coder.load_state_dict(trained.state_dict())
    coder.eval().requires_grad_(False)
    learned = cast("Coder", coder)
    learned.match(pictures.some()[0])
    parts = spread(learned.encoded, pictures.images.split(BLOCK), pictures.images.device)
    return torch.cat(parts).clone()


def learn(
    model: nn.Module,
    encoded: Tensor,
    descent: Descent,
    pictures: Pictures,
    run: Run,
    clock: TimeLimit,
) -> None:
    """Trains a ``CodedModel`` in place, on (n, …) encoded images; see ``coded`` for the rest."""

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("CodedModel", module).loss(encoded[rows], pictures.codes[rows])

    left_s = clock.left_s()
    trained = descended(model, loss, descent, pictures.rows, run, "model", left_s)
    model.load_state_dict(trained.state_dict())

"""What backends share that learn small codes of images: the coder comes first, then a model of its codes.

    learn_coded(coder, model, config, SEEN, DECAY, pictures, run, clock)   # both, in place
    encoded = learn_coder(coder, config.epochs, pictures, run, clock)      # (n, …) of the images

What is local about an image, such as the edge of a stroke, is the coder's business; the model is left
with what the image shows (Rombach et al. 2022; van den Oord et al. 2017).
"""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from synthkit.computing import spread
from synthkit.generators.images.config import CodedConfig
from synthkit.generators.images.descending import Descent, learn
from synthkit.generators.images.pictures import Pictures
from synthkit.generators.images.picturing import planned_steps
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

SHARE = 0.25  # of the budget, for the coder
SEEN, ROWS = 250_000, 128  # images that it learns from, altogether and per step
MOST_EPOCHS = 100  # of the coder and of the model: more and a thousand images are learned by heart
RATE, DECAY = 2e-3, 0.01
BLOCK = 500  # images encoded at a time


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


def learn_coder(
    coder: nn.Module, epochs: int | None, pictures: Pictures, run: Run, clock: TimeLimit
) -> Tensor:
    """Trains a ``Coder`` in place, and encodes the images with it.

    Args:
        coder: a ``Coder``.
        epochs: passes over the images; by their number if None.
        pictures: training images.
        run: seeds, progress and checkpoints.
        clock: the time that is left, of which a share is the coder's.
    """
    descent = Descent(
        planned_steps(epochs, ROWS, len(pictures), SEEN, MOST_EPOCHS), ROWS, RATE, DECAY
    )

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("Coder", module).loss(pictures.images[rows])

    learn(coder, loss, descent, pictures.rows, run, "coder", clock.left_s(1.0 - SHARE))
    coder.requires_grad_(False)
    learned = cast("Coder", coder)
    learned.match(pictures.some()[0])
    parts = spread(learned.encoded, pictures.images.split(BLOCK), pictures.images.device)
    return torch.cat(parts).clone()


def learn_coded(
    coder: nn.Module,
    model: nn.Module,
    config: CodedConfig,
    seen: int,
    decay: float,
    pictures: Pictures,
    run: Run,
    clock: TimeLimit,
) -> None:
    """Trains a ``Coder`` and a ``CodedModel`` of what it makes, one after the other, in place.

    Args:
        coder: a ``Coder``.
        model: a ``CodedModel``.
        config: options; those of training are the model's, but for the epochs, which are both's.
        seen: images that the model learns from, where epochs are left out.
        decay: the model's weight decay.
        pictures: training images.
        run: seeds, progress and checkpoints.
        clock: the time that is left.
    """
    encoded = learn_coder(coder, config.epochs, pictures, run, clock)

    def loss(module: nn.Module, rows: Tensor) -> Tensor:
        return cast("CodedModel", module).loss(encoded[rows], pictures.codes[rows])

    steps = planned_steps(config.epochs, config.batch_rows, len(pictures), seen, MOST_EPOCHS)
    descent = Descent(steps, config.batch_rows, config.learning_rate, decay)
    learn(model, loss, descent, pictures.rows, run, "model", clock.left_s())

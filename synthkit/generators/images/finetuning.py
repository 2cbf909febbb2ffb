"""``diffusion`` from a checkpoint: the pipeline of a local folder, fine-tuned on the training images.

tuning = FineTuning(config, config.finetune)
tuning.require()                                   # refuses before data is read
net = tuning.train(tuning.build((64, 64, 3), [10]), pictures, run, clock)
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from synthkit.errors import MissingExtra, ModelError, NotSupported
from synthkit.generators.images.config import FinetuneConfig, ImageDiffusionConfig
from synthkit.generators.images.picturing import planned_steps
from synthkit.generators.neural import TimeLimit
from synthkit.nn.images.checkpoint import AT, Checkpoint
from synthkit.run import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.adapted import Adapted

SEEN, MOST_EPOCHS = 50_000, 200
BLOCK = 16  # images at a time that the autoencoder takes
PACKAGES = ("peft", "transformers")


class FineTuning:
    """A ``Way`` of ``diffusion``; see the module.

    Args:
        config: options of the backend.
        own: its ``finetune``.
    """

    def __init__(self, config: ImageDiffusionConfig, own: FinetuneConfig) -> None:
        self.config, self.own = config, own
        self._size = (0, 0)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint. Raises ``ModelError`` or ``NotSupported``; see ``Checkpoint.at``."""
        return Checkpoint.at(Path(self.own.checkpoint).expanduser())

    def require(self) -> None:
        """Refuses what no images can make good.

        Raises:
            MissingExtra: peft or transformers is not installed.
            ModelError: a folder that is missing, damaged or no checkpoint.
            NotSupported: a checkpoint of another kind, or options that it does not have.
        """
        for package in PACKAGES:
            if find_spec(package) is None:
                raise MissingExtra(package, "images", "generator.finetune")
        self.checkpoint.require_steps(self.config.steps)
        if self.own.prompt is not None and not self.checkpoint.has_text:
            raise NotSupported(
                "the checkpoint is told no text",
                where=self.own.checkpoint,
                expected="no prompt",
                remedy="leave generator.finetune.prompt out, or name a StableDiffusionPipeline",
                at=(*AT[:-1], "prompt"),
            )

    def build(self, shape: tuple[int, int, int], sizes: list[int]) -> nn.Module:
        """The checkpoint's networks with untrained adapters. Raises as ``require`` does."""
        self.require()
        self.checkpoint.require_shape(*shape)
        from synthkit.nn.images.adapted import Adapted
        from synthkit.nn.images.pretrained import pretrained

        self._size = shape[:2]
        base = pretrained(self.checkpoint, self.own.prompt or "", shape[2])
        return Adapted(base, self.own.rank, sizes)

    def train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        """Trains the adapters."""
        import torch

        from synthkit.generators.images.descending import Descent, learn

        config, base = self.config, cast("Adapted", net).base
        with torch.no_grad():
            stored = torch.cat([base.stored(part) for part in pictures.images.split(BLOCK)])

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            own = cast("Adapted", module)
            return own.loss(stored[rows], pictures.codes[rows], config.unlabelled)

        steps = planned_steps(config.epochs, config.batch_rows, len(pictures), SEEN, MOST_EPOCHS)
        descent = Descent(steps, config.batch_rows, self.own.learning_rate, weight_decay=0.0)
        learn(net, loss, descent, pictures.rows, run, "diffusion", clock.left_s())

    def draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        """(n, height, width, channels) uint8."""
        own, config = cast("Adapted", net), self.config
        return own.sample(codes, self._size, config.steps, config.guidance, draws)

    def about(self) -> dict[str, Any]:
        """What the state says of the checkpoint, which it does not hold."""
        return {"checkpoint": self.checkpoint.digest}

    def packages(self) -> tuple[str, ...]:
        """Those that hold the networks: transformers has a part where a text is told."""
        told = ("transformers",) if self.checkpoint.has_text else ()
        return ("diffusers", "peft", *told)

    def fine_tuned_from(self) -> dict[str, str]:
        """Class of the checkpoint's pipeline and SHA-256 of its files."""
        return {"pipeline": self.checkpoint.pipeline, "sha256": self.checkpoint.digest}

    def check(self, about: dict[str, Any]) -> None:
        """Raises ``ModelError`` if the checkpoint is not the one that was fine-tuned."""
        if self.checkpoint.digest != about["checkpoint"]:
            raise ModelError(
                "the checkpoint is not the one that the model was fine-tuned from",
                where=self.own.checkpoint,
                expected="the same files",
                remedy="put them back, or fit the model again",
            )

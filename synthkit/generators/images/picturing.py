"""``Picturing``: what backends for images share: the labels' model, blocks, state, and refusals.

A subclass says which networks it has (``_build``), how they are trained (``_train``) and how images
are drawn with them (``_draw``).
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from synthkit.counts import counted_are
from synthkit.errors import ModelError, NotSupported, TrainingError
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.images.config import ImageConfig
from synthkit.generators.nested import part_of, within
from synthkit.generators.neural import TimeLimit, generator, require_torch, restore, weights
from synthkit.generators.trees.backend import Trees
from synthkit.generators.trees.config import TreesConfig
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Image, Layout

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures

BINS = 16  # of a numeric attribute
MIN_IMAGES = 100
BLOCK_PIXELS = 2**20  # drawn at a time
BLOCK_IMAGES = (8, 500)


class Picturing(ABC):
    """A backend for images.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageConfig]]
    name: ClassVar[str]

    def __init__(self, config: ImageConfig) -> None:
        self.config = config
        self._image = Image("", (1, 1, 1))
        self._known, self._codes = Layout(()), Codes(())
        self._labels = Trees(TreesConfig())
        self._net: nn.Module | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all images.

        Raises:
            MissingExtra: torch or diffusers is not installed.
            NotSupported: a layout without exactly one field of images, or CUDA that is absent.
            TrainingError: fewer than 100 images, or a training that came to nothing.
        """
        clock = TimeLimit(budget_s)
        require_torch(self.name)
        self._set_layout(layout)
        n = layout.check(batch)
        if n < MIN_IMAGES:
            raise TrainingError(
                f"{counted_are(n, 'training image')} too few",
                expected=f"at least {MIN_IMAGES}",
                remedy="give more images or a smaller holdout",
            )
        import torch

        from synthkit.computing import computing
        from synthkit.generators.images.pictures import Pictures

        known = {name: batch[name] for name in self._known.names}
        self._labels.fit(known, self._known, Run(run.seed))  # in a moment, and quietly
        with computing(self.config.device, run.rng(self.name, "seed")) as device:
            pictures = Pictures(
                torch.from_numpy(batch[self._image.name]).to(device),
                torch.from_numpy(self._encoded(known, n)).to(device),
            )
            net = self._build().to(device)
            self._train(net, pictures, run, clock)
            self._net = net.eval().requires_grad_(False)

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n images and what is known of them; given labels and attributes are kept."""
        known = (
            self._labels.sample(n, rng, self._without_image(given)) if self._codes.codings else {}
        )
        return {**known, self._image.name: self._drawn(self._encoded(known, n), rng)}

    def state(self) -> State:
        """The weights, and the labels' model."""
        assert self._net is not None
        labels = self._labels.state()
        arrays = within("net", weights(self._net)) | within("labels", labels.arrays)
        return State({"labels": labels.meta, **self._about()}, arrays)

    @classmethod
    def from_state(cls, config: ImageConfig, layout: Layout, state: State) -> Self:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of its own."""
        require_torch(cls.name)
        from synthkit.computing import computing

        own = cls(config)
        own._set_layout(layout)
        try:
            own._check(state.meta)
            labels = State(state.meta["labels"], part_of(state.arrays, "labels"))
            own._labels = Trees.from_state(TreesConfig(), own._known, labels)
            with computing("cpu", np.random.default_rng(0)):  # nothing drawn here counts
                net = own._build()
            restore(net, State({}, part_of(state.arrays, "net")))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        own._net = net.eval().requires_grad_(False)
        return own

    def _about(self) -> dict[str, Any]:
        """What the state says of networks that it does not hold: nothing, by default."""
        return {}

    def _check(self, about: dict[str, Any]) -> None:  # noqa: B027
        """Raises ``ModelError`` if such networks are not those of the fit; see ``_about``."""

    @abstractmethod
    def _build(self) -> nn.Module:
        """Untrained networks."""

    @abstractmethod
    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        """Trains the networks."""

    @abstractmethod
    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        """(n, height, width, channels) uint8 images of (n, fields) codes."""

    def _set_layout(self, layout: Layout) -> None:
        images = [field for field in layout.fields if isinstance(field, Image)]
        if len(images) != 1:
            raise NotSupported(
                f"the backend {self.name} learns images, and the data has {len(images)} fields of them",
                expected="one column of images, and labels or attributes beside it",
                remedy="choose backend trees for a table",
            )
        self._image = images[0]
        self._known = Layout(tuple(f for f in layout.fields if f is not self._image))
        self._codes = Codes.of(self._known, BINS)

    def _encoded(self, known: Batch, n: int) -> np.ndarray:
        """(n, fields) int64 codes of labels and attributes."""
        return self._codes.encode(known) if known else np.zeros((n, 0), np.int64)

    def _without_image(self, given: Given | None) -> Given | None:
        if given is None:
            return None

        def kept(cells: Batch) -> Batch:
            return {name: cells[name] for name in self._known.names if name in cells}

        return replace(
            given,
            values=kept(given.values),
            known=kept(given.known),
            present=kept(given.present),
        )

    def _drawn(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(n, height, width, channels) uint8, in blocks, which cores share."""
        import torch

        from synthkit.computing import spread

        pixels = int(np.prod(self._image.shape))
        size = int(np.clip(BLOCK_PIXELS // pixels, *BLOCK_IMAGES))
        blocks = [slice(i, min(i + size, len(codes))) for i in range(0, len(codes), size)]
        seeds = rng.integers(2**63, size=len(blocks))
        with self._running(rng) as (net, device):

            def drawn(i: int) -> np.ndarray:
                draws = generator(np.random.default_rng(seeds[i]), device)
                own = torch.from_numpy(codes[blocks[i]]).to(device)
                images: np.ndarray = self._draw(net, own, draws).cpu().numpy()
                return images

            parts = spread(drawn, range(len(blocks)), device)
        return np.concatenate([np.zeros((0, *self._image.shape), np.uint8), *parts])

    @contextlib.contextmanager
    def _running(self, rng: np.random.Generator) -> Iterator[tuple[nn.Module, torch.device]]:
        """The networks on their device, where no gradient is kept."""
        import torch

        from synthkit.computing import computing

        assert self._net is not None, "it is fitted"
        with computing(self.config.device, rng) as device, torch.inference_mode():
            yield self._net.to(device), device


def planned_steps(epochs: int | None, batch_rows: int, n: int, seen: int, most_epochs: int) -> int:
    """Training steps for n images: so many passes over them, else about ``seen`` images."""
    passes = epochs or max(min(round(seen / n), most_epochs), 1)
    return max(passes * n // batch_rows, 1)

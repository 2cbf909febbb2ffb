"""One shape for all images: which it is, and how an image gets it.

target = shape_of_all({(28, 28, 1): 100}, spec, place)
pixels, changes = fitted(pixels, target, crop=True)

Where images differ and the recipe is silent, nothing is guessed: ``Unsettled`` is raised, which holds
what ``synthkit init`` proposes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from synthkit.errors import SourceError
from synthkit.pillow import require_pillow
from synthkit.recipe import IMAGE_SIDES, SourceSpec
from synthkit.sources.images.album import Shape

RESIZE = "in a recipe, state source.size in pixels, such as size: 64; without a recipe, resize the images"
PROPOSED_SIDE = 64  # pixels at most: what networks learn in reasonable time without a GPU


class Unsettled(SourceError):
    """Images that differ in what the recipe leaves out.

    Attributes:
        proposal: what could be stated in ``source``.
    """

    proposal: Mapping[str, Any] = MappingProxyType({})

    def proposing(self, **proposal: Any) -> Self:
        """This error with a proposal."""
        self.proposal = proposal
        return self


def shape_of_all(shapes: Mapping[Shape, int], spec: SourceSpec, place: Path) -> Shape:
    """The shape that images are brought to: the recipe's, or the one that they have.

    Args:
        shapes: how many images have a shape, at least one.
        spec: the recipe's source.
        place: what messages name.

    Raises:
        Unsettled: the images differ in what the recipe leaves out, or are too small or too large.
    """
    return (*_size(shapes, spec, place), _channels(shapes, spec, place))


def _size(shapes: Mapping[Shape, int], spec: SourceSpec, place: Path) -> tuple[int, int]:
    if spec.size is not None:
        return spec.size
    sizes = sorted({shape[:2] for shape in shapes}, key=lambda size: (size[0] * size[1], size))
    if len(sizes) > 1:
        raise Unsettled(
            f"the images have {len(sizes):,} sizes, from {_words(sizes[0])} to {_words(sizes[-1])}",
            where=place,
            expected="images of one size, or a size to bring them to",
            remedy=RESIZE,
        ).proposing(size=_proposed_side(shapes))
    height, width = sizes[0]
    low, high = IMAGE_SIDES
    if not (low <= height <= high and low <= width <= high):
        raise Unsettled(
            f"the images have {_words(sizes[0])}",
            where=place,
            expected=f"sides of {low} to {high} pixels",
            remedy=RESIZE,
        ).proposing(size=_proposed_side(shapes))
    return height, width


def _proposed_side(shapes: Mapping[Shape, int]) -> int:
    """The shorter side of the middle image, within what can be learned."""
    sides = sorted((min(shape[:2]), count) for shape, count in shapes.items())
    middle = np.repeat(*np.transpose(sides))[sum(shapes.values()) // 2]
    return int(np.clip(middle, IMAGE_SIDES[0], PROPOSED_SIDE))


def _words(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} pixels"


def _channels(shapes: Mapping[Shape, int], spec: SourceSpec, place: Path) -> int:
    if spec.channels is not None:
        return 1 if spec.channels == "grey" else 3
    counts: Counter[int] = Counter()
    for (_, _, channels), count in shapes.items():
        counts[channels] += count
    if len(counts) > 1:
        raise Unsettled(
            f"only some of the images are grey: {counts[1]:,} of {sum(counts.values()):,}",
            where=place,
            expected="images that are all grey or all RGB, or a word on what to make of them",
            remedy="in a recipe, state source.channels: rgb, or grey; without a recipe, convert the "
            "images",
        ).proposing(channels="rgb")
    return next(iter(counts))


def fitted(pixels: np.ndarray, target: Shape, crop: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """An image in a shape, and what was done to it, after "N images".

    Args:
        pixels: uint8, (height, width, channels).
        target: (height, width, channels) to bring it to.
        crop: scale until the image covers the size and keep its centre; else give up the
            proportions.
    """
    if pixels.shape == target:
        return pixels, ()
    require_pillow("bringing images to one size or colour")
    from PIL import Image, ImageOps

    height, width, channels = target
    changes = []
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if pixels.shape[:2] != (height, width):
        method, size = Image.Resampling.BICUBIC, (width, height)
        image = ImageOps.fit(image, size, method) if crop else image.resize(size, method)
        how = "scaled, and cropped where the proportions differ" if crop else "scaled"
        changes.append(f"brought to {height} x {width} pixels: {how} (source.size, source.fit)")
    if pixels.shape[2] != channels:
        image = image.convert("L" if channels == 1 else "RGB")
        changes.append(f"made {'grey' if channels == 1 else 'RGB'} (source.channels)")
    return np.asarray(image, np.uint8).reshape(target), tuple(changes)

"""``LocalExtractor``: a network from a file, run over images in blocks.

    extractor = LocalExtractor(name, shown, network, preparation)
    extractor.features(images)      # (n, k) float32
    tried(extractor)                # the same, or an error that says what is wrong with it

Features are as the network gives them, neither scaled nor centred, so that a distance is the one
that is reported for this network elsewhere. It runs on the CPU, as does the network that the checks
train, and by itself: an image has the same features whatever images are beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from synthkit.checks.extractors.preparation import Preparation
from synthkit.computing import computing
from synthkit.errors import CheckError, ModelError

BLOCK = 32
MAX_VALUES = 8_000_000  # of one block of prepared images: 32 MB, and some times that in a network
SHARE = 1e-2  # of the features' size, by which they may change with the images beside
DIGITS = 12


@dataclass(frozen=True)
class LocalExtractor:
    """An extractor that a user brought along.

    Args:
        name: what it is, for results; without a path of this machine.
        shown: the path as the user spelled it, for errors of the file.
        network: (n, channels, height, width) float32 -> (n, k) features.
        prepare: what brings images to the network.
        limits: fewest and most images that the network takes at once.
    """

    name: str
    shown: str
    network: Callable[[Tensor], Tensor]
    prepare: Preparation
    limits: tuple[int, int] = (1, BLOCK)

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, k) float32 of (n, height, width, channels) uint8 images.

        Raises:
            CheckError: features that are not finite.
        """
        if not len(images):
            return self.features(np.zeros((1, *images.shape[1:]), np.uint8))[:0]
        with computing("cpu", np.random.default_rng(0)), torch.inference_mode():
            blocks = [self._block(images[i : i + self._size]) for i in self._starts(len(images))]
        return np.concatenate(blocks)

    def _block(self, images: np.ndarray) -> np.ndarray:
        least, n = self.limits[0], len(images)
        rows = np.minimum(np.arange(max(n, least)), n - 1)  # the last stands in for what is lacking
        found = self.network(self.prepare(torch.from_numpy(images[rows])))[:n].float().numpy()
        if not np.isfinite(found).all():
            raise CheckError(
                "the features of some images are not finite",
                where=self.name,
                expected="numbers",
                remedy="name another extractor, or none",
            )
        return found

    def _starts(self, n: int) -> range:
        return range(0, n, self._size)

    @property
    def _size(self) -> int:
        size = self.prepare.crop or self.prepare.size
        height, width = size if isinstance(size, tuple) else (size, size)
        most = MAX_VALUES // (height * width * self.prepare.channels)
        return max(min(BLOCK, most, self.limits[1]), self.limits[0], 1)


def tried(extractor: LocalExtractor) -> LocalExtractor:
    """The extractor with the number of its features in its name, if it works on three images of noise.

    Raises:
        ModelError: it fails, its output is no (n, k), is not finite, or depends on the other images.
    """
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 32, 32, extractor.prepare.channels), np.uint8)
    try:
        with computing("cpu", rng), torch.inference_mode():
            raw = extractor.network(extractor.prepare(torch.from_numpy(images)))
    except Exception as error:  # whatever somebody's network may do
        raise ModelError(
            "the network fails on images",
            where=extractor.shown,
            expected="a network that takes images alone, of the size that its file tells",
        ) from error
    if not isinstance(raw, Tensor) or raw.ndim != 2 or len(raw) != 3 or not raw.is_floating_point():
        raise ModelError(
            f"the network gives {_described(raw)} for 3 images",
            where=extractor.shown,
            expected="one tensor of floats, a row of features per image",
        )
    if not bool(torch.isfinite(raw).all()):
        raise ModelError(
            "the network's features are not finite",
            where=extractor.shown,
            expected="numbers",
            remedy="check its weights",
        )
    found, alone = extractor.features(images), extractor.features(images[2:])
    if np.abs(found[2:] - alone).max() > SHARE * np.abs(found).max():
        raise ModelError(
            "the network gives an image other features beside other images, or by chance",
            where=extractor.shown,
            expected="a network in evaluation mode",
            remedy="call its eval() before it is saved",
        )
    return replace(extractor, name=f"{extractor.name}, {raw.shape[1]} features")


def checkpoint(files: Iterable[Path]) -> str:
    """The beginning of the SHA-256 of files' contents, in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:DIGITS]


def _described(raw: object) -> str:
    if not isinstance(raw, Tensor):
        return f"an object of type {type(raw).__name__}"
    return f"a tensor of shape {tuple(raw.shape)}"

"""Images as coordinates: averaged down to few pixels, and the bits of a difference hash.

shrunk(images, 16, 16)        # (n, 16, 16, c) float32 in [0, 1]
difference_hash(images)       # (n,) uint64
"""

from __future__ import annotations

import hashlib

import numpy as np

BLOCK = 1000
HASH_SIDE = 8
GREY = {1: np.ones(1, np.float32), 3: np.array([0.299, 0.587, 0.114], np.float32)}


def averaging(size: int, parts: int) -> np.ndarray:
    """(parts, size) weights with which equal parts of a line of pixels average them.

    A pixel on the border of two parts counts in each by its length there, so that any number of
    parts is possible, more than there are pixels included.
    """
    edges, pixel = np.linspace(0, size, parts + 1), np.arange(size)
    low = np.maximum(edges[:-1, None], pixel)
    high = np.minimum(edges[1:, None], pixel + 1)
    return (np.clip(high - low, 0, None) * parts / size).astype(np.float32)


def shrunk(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n, height, width, channels) float32 averages of uint8 images, in [0, 1]."""
    down, across = averaging(images.shape[1], height), averaging(images.shape[2], width)
    result = np.empty((len(images), height, width, images.shape[3]), np.float32)
    for i in range(0, len(images), BLOCK):
        block = images[i : i + BLOCK].astype(np.float32) / 255.0
        block = np.einsum("hy,nyxc->nhxc", down, block, optimize=True)
        result[i : i + BLOCK] = np.einsum("wx,nhxc->nhwc", across, block, optimize=True)
    return result


def difference_hash(images: np.ndarray) -> np.ndarray:
    """(n,) uint64: for each of 8 x 8 places, whether the one to its right is brighter.

    It does not change with brightness and contrast, and little with noise or another size.
    """
    small = shrunk(images, HASH_SIDE, HASH_SIDE + 1) @ GREY[images.shape[3]]
    # What differs by less than one of 255 levels is no edge: flat backgrounds stay flat.
    brighter = (small[:, :, 1:] - small[:, :, :-1]) > 1 / 255
    packed = np.packbits(brighter.reshape(len(images), -1), axis=1)
    return packed.view(">u8").ravel().astype(np.uint64)


def hamming_nearest(queries: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(n,) smallest number of bits in which each query differs from a point; both uint64."""
    found = np.empty(len(queries), np.int64)
    for i in range(0, len(queries), 256):
        found[i : i + 256] = np.bitwise_count(queries[i : i + 256, None] ^ points).min(axis=1)
    return found


def image_hashes(images: np.ndarray, salt: str = "") -> np.ndarray:
    """(n,) uint64 of all pixels: equal images have equal hashes, others nearly never."""
    key = salt.encode()
    return np.array(
        [
            int.from_bytes(hashlib.blake2b(i.tobytes(), digest_size=8, key=key).digest(), "little")
            for i in images
        ],
        np.uint64,
    )

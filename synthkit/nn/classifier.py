"""A small convolutional classifier of images, and its short training.

    network = Classifier((28, 28, 1), classes=10)
    learn(network, images, y, rng)                    # images uint8 (n, h, w, c), y class numbers
    features, logits = embed(network, images)

Made for measuring, not for records: two convolutions and one hidden layer, a bounded number of
steps, and so about the same cost for every data set. To be called within ``computing``.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.computing import spread

FEATURES = 128
MAX_SIDE = 64  # larger images are averaged down, so that a step stays affordable
BATCH = 128
STEPS = (100, 600)
PASSES = 40  # over the images, where the bounds of the steps allow
RATE = 3e-3  # with few steps better than 1e-3: 97 % in place of 94 % of unseen digits are right
BLOCK = 500


class Classifier(nn.Module):
    """Two normalised convolutions, a hidden layer whose values are the features, and a linear head.

    Args:
        shape: (height, width, channels) of the images.
        classes: number of classes.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        height, width, channels = shape
        self.size = (min(height, MAX_SIDE), min(width, MAX_SIDE))
        first = 1 if min(height, width) < 16 else 2  # tiny images have no pixel to spare
        self.body = nn.Sequential(
            nn.Conv2d(channels, 32, 3, stride=first, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(64 * 16, FEATURES),
        )
        self.head = nn.Linear(FEATURES, classes)

    def features(self, images: Tensor) -> Tensor:
        """(n, 128) of (n, height, width, channels) uint8 images, before the non-linearity."""
        x = images.permute(0, 3, 1, 2).float() / 127.5 - 1.0
        if tuple(x.shape[2:]) != self.size:
            x = functional.adaptive_avg_pool2d(x, self.size)
        return self.body(x)

    def logits(self, features: Tensor) -> Tensor:
        """(n, classes) of features."""
        return self.head(torch.relu(features))


def planned_steps(n: int) -> int:
    """Steps of a training on n images."""
    return int(np.clip(PASSES * n / BATCH, *STEPS))


def learn(network: Classifier, images: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> None:
    """Trains the network by AdamW with a cosine of the learning rate.

    Args:
        images: (n, height, width, channels) uint8, n >= 1.
        y: (n,) class numbers.
        rng: draws the order of the images.
    """
    x, target = torch.from_numpy(images), torch.from_numpy(y.astype(np.int64))
    n, steps, size = len(images), planned_steps(len(images)), min(BATCH, len(images))
    passes = math.ceil(steps * size / n) + 1
    order = torch.from_numpy(np.concatenate([rng.permutation(n) for _ in range(passes)]))
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    network.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * 0.5 * (1.0 + math.cos(math.pi * step / steps))
        rows = order[step * size : (step + 1) * size]
        loss = functional.cross_entropy(network.logits(network.features(x[rows])), target[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    network.eval()


def embed(network: Classifier, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 128) features and (n, classes) logits, float32."""

    def block(rows: slice) -> tuple[Tensor, Tensor]:
        features = network.features(torch.from_numpy(np.ascontiguousarray(images[rows])))
        return features, network.logits(features)

    blocks = [slice(i, i + BLOCK) for i in range(0, len(images), BLOCK)]
    found = spread(block, blocks, torch.device("cpu"))
    return tuple(np.concatenate([part[k].numpy() for part in found]) for k in (0, 1))  # type: ignore[return-value]

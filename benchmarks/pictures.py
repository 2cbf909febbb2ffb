"""The yardstick for images: how well a fixed small classifier learns from synthetic ones, and more.

The classifier is this file's own, not one of synthkit's checks: two convolutions of 32 and 64 channels,
each with pooling by two, a hidden layer of 128, 600 steps of 128 images. Accuracies are means over two
seeds of it, on the real test part.

TSTR      accuracy when trained on the synthetic images
modes     share of the classes that it, trained on real images, sees at least half as often as asked
spread    standard deviation of pixels within a class, by that of real images; mean over classes
copies    share of images whose nearest training image is less than a third as far as the second nearest
Fréchet   distance of the hidden layer's values from the test part's, by that of as many real images
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import sqrtm
from torch import Tensor, nn
from torch.nn import functional

STEPS, BATCH, RATE = 600, 128, 2e-3
CLASSIFIERS = 2
COPIED, COMPARED = 1 / 3, 1000


@dataclass(frozen=True)
class Images:
    """Images and their classes.

    Args:
        pixels: (n, height, width, channels) uint8.
        labels: (n,) int64.
    """

    pixels: np.ndarray
    labels: np.ndarray

    def some(self, n: int, seed: int = 0) -> Images:
        """n of them at random."""
        rows = np.random.default_rng(seed).permutation(len(self.labels))[:n]
        return Images(self.pixels[rows], self.labels[rows])


def network(shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """The classifier, its hidden layer last but one."""
    height, width, channels = shape
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * (height // 4) * (width // 4), 128),
        nn.ReLU(),
        nn.Linear(128, classes),
    )


def trained(images: Images, classes: int, seed: int) -> nn.Sequential:
    """The classifier, trained."""
    torch.manual_seed(seed)
    net = network(images.pixels.shape[1:], classes)
    optimizer = torch.optim.AdamW(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    x, y = _tensor(images.pixels), torch.from_numpy(images.labels)
    for _ in range(STEPS):
        rows = torch.randint(len(x), (BATCH,))
        loss = functional.cross_entropy(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


@torch.no_grad()
def seen(net: nn.Sequential, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 128) values of the hidden layer, and (n,) classes."""
    parts = [net[:-1](part) for part in _tensor(pixels).split(1000)]
    hidden = torch.cat(parts)
    return hidden.numpy().astype(np.float64), net[-1](hidden).argmax(1).numpy()


def accuracy(train: Images, test: Images, classes: int) -> float:
    """Of classifiers of the first on the second."""
    nets = [trained(train, classes, seed) for seed in range(CLASSIFIERS)]
    return float(np.mean([(seen(net, test.pixels)[1] == test.labels).mean() for net in nets]))


def spread(images: Images, real: Images, classes: int) -> float:
    """See the module."""
    ratios = [
        images.pixels[images.labels == k].std(0).mean()
        / real.pixels[real.labels == k].std(0).mean()
        for k in range(classes)
    ]
    return float(np.mean(ratios))


def modes(predicted: np.ndarray, classes: int) -> float:
    """See the module."""
    counts = np.bincount(predicted, minlength=classes)
    return float((counts >= 0.5 * len(predicted) / classes).mean())


def copies(images: Images, train: Images) -> float:
    """See the module."""
    points = torch.from_numpy(images.some(COMPARED).pixels.reshape(COMPARED, -1)).float()
    others = torch.from_numpy(train.pixels.reshape(len(train.pixels), -1)).float()
    near = torch.cat(
        [torch.cdist(part, others).topk(2, largest=False)[0] for part in points.split(100)]
    )
    return float((near[:, 0] < COPIED * near[:, 1]).float().mean())


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Distance of the normal distributions of two sets of (n, k) values, squared."""
    means = np.square(first.mean(0) - second.mean(0)).sum()
    a, b = np.cov(first.T), np.cov(second.T)
    root = np.real(sqrtm(a @ b))
    return float(means + np.trace(a + b - 2 * root))


def _tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255.0

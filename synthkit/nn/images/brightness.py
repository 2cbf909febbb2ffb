"""``Brightness``: images out of a decoder's logits, and how likely images are by them.

    nats = brightness.nats(logits, folded)       # (n,)
    brightness.match(logits, folded)             # once, after training
    folded = brightness(logits)                  # (n, c, h, w) in [-1, 1]

A decoder learns the mean of all images that are encoded alike, which is greyer than each of them where
they differ: at every edge. Logits are therefore multiplied by one number, the *gain*, with which decoded
training images vary as much as the images themselves.

Shapes: (n, c, h, w) for logits and folded images (see ``grid``).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

MOST_GAIN = 4.0
SEARCHES = 12  # halvings of the interval that the gain is looked for in


class Brightness(nn.Module):
    """The gain, 1 until it is matched."""

    def __init__(self) -> None:
        super().__init__()
        self.gain: Tensor
        self.register_buffer("gain", torch.ones(()))

    def forward(self, logits: Tensor) -> Tensor:
        """Each pixel in [-1, 1], as ``Grid.unfold`` takes it."""
        return 2.0 * (self.gain * logits).sigmoid() - 1.0

    def nats(self, logits: Tensor, folded: Tensor) -> Tensor:
        """(n,) minus the log likelihood of folded images in [-1, 1] whose brightness has these logits.

        A pixel's brightness counts as the share of draws that are white: the likelihood is that of
        so many draws, its maximum the mean (Kingma and Welling 2014, Bernoulli decoder).
        """
        said = functional.binary_cross_entropy_with_logits(
            logits, 0.5 * (folded + 1.0), reduction="none"
        )
        return said.flatten(1).sum(1)

    @torch.no_grad()
    def match(self, logits: Tensor, folded: Tensor) -> None:
        """Finds the gain between 1 and 4 with which pixels vary most nearly as in the images."""
        wanted = folded.std(0).mean()
        low, high = torch.ones_like(self.gain), torch.full_like(self.gain, MOST_GAIN)
        for _ in range(SEARCHES):
            self.gain.copy_((low + high) / 2)
            if self(logits).std(0).mean() < wanted:
                low = self.gain.clone()
            else:
                high = self.gain.clone()
        self.gain.copy_(low)

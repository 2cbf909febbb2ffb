"""Sampling and likelihood along orders of the fields.

The model of a row is the even mixture over ``orders`` of the product of the network's conditionals
along each: a row is sampled along one of them drawn at random, and its likelihood is the mean over
all of them, exactly. One network answers for every order, and what it gets wrong differs from order
to order, so that the mixture is better than any of its parts.

With given cells each row follows the same orders, the given fields first: these are visible from
the start, and no field is drawn without regard to them.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from synthkit.generators.neural import generator
from synthkit.nn.conditionals import Asking
from synthkit.nn.likelihood import drawn_codes, without
from synthkit.nn.masked import MaskedNet

BLOCK_ROWS = 2048  # that stay in a core's cache


class Ordered:
    """A network with its orders.

    Args:
        net: in evaluation mode.
        excluded: (codes,) bool, codes that no row may have.
        temperature: of the softmax at sampling.
    """

    def __init__(self, net: MaskedNet, excluded: Tensor, temperature: float) -> None:
        self.net, self.orders = net, net.orders
        self.asking = Asking(net, excluded, temperature)
        self.nothing = net.hidden.sum(0)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.orders.device

    def completed(
        self, codes: np.ndarray, known: np.ndarray, absent: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """See ``Completer``."""
        route = rng.integers(len(self.orders), size=len(codes))
        draws = generator(rng, self.device)
        filled = codes.copy()
        for i, order in enumerate(self.orders.tolist()):
            rows = np.flatnonzero(route == i)
            if len(rows):
                start, fixed, without = (
                    torch.from_numpy(t[rows]).to(self.device) for t in (codes, known, absent)
                )
                along = self._along(order, start, fixed, without, draws)
                filled[rows] = along.cpu().numpy()
        return filled

    def _along(
        self,
        order: list[int],
        codes: Tensor,
        known: Tensor,
        absent: Tensor,
        draws: torch.Generator,
    ) -> Tensor:
        every, barred = not known.any(), bool((absent >= 0).any())
        x = self.nothing.repeat(len(codes), 1) if every else self.asking.start(codes, known)
        for field in order:
            free = slice(None) if every else (~known[:, field]).nonzero()[:, 0]
            others = x[free].sub_(self.asking.hidden[field])  # a view where all rows are free
            logits = self.asking.logits(others, field)
            if barred:
                logits = without(logits, absent[free, field])
            uniform = torch.rand(len(logits), generator=draws, device=logits.device)
            drawn = drawn_codes(logits, 1.0 - uniform)
            codes[free, field] = drawn
            others.add_(functional.embedding(drawn, self.asking.vectors[field]))
            if not every:
                x[free] = others
        return codes

    def log_prob(self, codes: np.ndarray, known: np.ndarray) -> np.ndarray:
        """(n,) log probability of each row's free codes given its known ones."""
        parts = [np.zeros(0)]
        for i in range(0, len(codes), BLOCK_ROWS):
            own, fixed = (
                torch.from_numpy(t[i : i + BLOCK_ROWS]).to(self.device) for t in (codes, known)
            )
            parts.append(self._log_prob(own, fixed).cpu().numpy())
        return np.concatenate(parts)

    def _log_prob(self, codes: Tensor, known: Tensor) -> Tensor:
        start = self.asking.start(codes, known)
        along = []
        for order in self.orders.tolist():
            x, log = start, torch.zeros(len(codes), dtype=torch.float64, device=codes.device)
            for field in order:
                free = ~known[:, field]
                if not free.any():
                    continue
                others = x - self.asking.hidden[field]
                logits = self.asking.logits(others, field)
                own = logits.log_softmax(1).gather(1, codes[:, field, None])[:, 0]
                log += torch.where(free, own.double(), 0.0)
                shown = others + functional.embedding(codes[:, field], self.asking.vectors[field])
                x = torch.where(free[:, None], shown, x)
            along.append(log)
        return torch.stack(along).logsumexp(0) - math.log(len(self.orders))

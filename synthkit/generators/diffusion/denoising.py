"""``Denoising``: rows out of noise, and rows with given cells; first drawn, then corrected.

Rows are shared out over a few orders of their fields. Along an order a category is drawn in one
*turn*; a number takes several, each of which observes a draw with more precision, and the turns of
neighbours in the order overlap: what is roughly known of a number tells the fields after it, and
they tell what becomes of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from synthkit.generators.neural import generator
from synthkit.nn.conditionals import Asking
from synthkit.nn.likelihood import drawn_codes, without
from synthkit.nn.noisy import NoisyNet

ORDERS, ORDER_ROWS = 16, 256  # of the fields, at most and with so many rows each at least
PRECISIONS = (0.5, 4.0)  # of the first and the last level of noise
CLEAR = math.inf


@dataclass(frozen=True)
class Turn:
    """A field is drawn, and then seen with some precision, without noise in its last turn."""

    field: int
    precision: float


def turns(order: Sequence[int], noisy: Collection[int], levels: int) -> list[Turn]:
    """Turns along an order: each field begins one turn after the one before it.

    Args:
        order: fields.
        noisy: fields that are seen through noise before they are clear.
        levels: how many times each of them is.
    """
    ladder = [*np.geomspace(*PRECISIONS, levels).tolist(), CLEAR]
    taken = [
        (rank + stage, rank, Turn(field, precision))
        for rank, field in enumerate(order)
        for stage, precision in enumerate(ladder if field in noisy else [CLEAR])
    ]
    return [turn for _, _, turn in sorted(taken, key=lambda entry: entry[:2])]


@dataclass
class Seen:
    """A number through noise: its observation, what that says, and its state."""

    u: Tensor
    precision: float
    evidence: Tensor
    state: Tensor


class Denoising:
    """A trained network, and how rows come out of it.

    Args:
        net: in evaluation mode.
        excluded: (codes,) bool, codes that no row may have.
        temperature: of the softmax.
        levels, rounds, redrawn, guidance: see ``DiffusionConfig``.
    """

    def __init__(
        self,
        net: NoisyNet,
        excluded: Tensor,
        temperature: float,
        levels: int,
        rounds: int,
        redrawn: float,
        guidance: float,
    ) -> None:
        self.net, self.asking = net, Asking(net, excluded, temperature)
        self.noisy = frozenset(net.noisy)
        self.levels, self.rounds, self.guidance = levels, rounds, guidance
        self.redrawn = math.ceil(redrawn * len(net.sizes))

    def completed(
        self, codes: np.ndarray, known: np.ndarray, absent: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """See ``Completer``."""
        device = self.net.bias.device
        draws = generator(rng, device)
        made, given, barred = (torch.from_numpy(t).to(device) for t in (codes, known, absent))
        made = made.clone()
        orders = int(np.clip(len(codes) // ORDER_ROWS, 1, ORDERS))
        for turn in range(1 + self.rounds):
            route = rng.integers(orders, size=len(codes))
            for i in range(orders):
                order = rng.permutation(codes.shape[1])
                if turn:
                    order = order[: self.redrawn]
                rows = torch.from_numpy(np.flatnonzero(route == i)).to(device)
                if len(rows):
                    made[rows] = self._along(
                        order.tolist(), made[rows], given[rows], barred[rows], draws
                    )
        return made.cpu().numpy()

    def _along(
        self,
        order: list[int],
        codes: Tensor,
        given: Tensor,
        absent: Tensor,
        draws: torch.Generator,
    ) -> Tensor:
        """The rows (n, d) with the fields of an order drawn anew where they are not given."""
        visible = given.clone()
        visible[:, list({*range(codes.shape[1])} - {*order})] = True
        some, barred = bool(given.any()), bool((absent >= 0).any())
        sums = [self.asking.start(codes, visible)]
        if some and self.guidance != 1.0:
            sums.append(self.asking.start(codes, visible & ~given))
        seen: dict[int, Seen] = {}
        for turn in turns(order, self.noisy, self.levels):
            field = turn.field
            rows = (~given[:, field]).nonzero()[:, 0] if some else slice(None)
            own = seen[field].state if field in seen else self.asking.hidden[field]
            others = [x[rows].sub_(own) for x in sums]  # views where all rows are free
            logits = self._guided([self.asking.logits(x, field) for x in others])
            if field in seen:
                logits += seen[field].evidence
            if barred:
                logits = without(logits, absent[rows, field])
            uniform = torch.rand(len(logits), generator=draws, device=logits.device)
            drawn = drawn_codes(logits, 1.0 - uniform)
            if turn.precision == CLEAR:
                codes[rows, field] = drawn
                state = functional.embedding(drawn, self.asking.vectors[field])
            else:
                seen[field] = self._observed(turn, drawn, seen.get(field), draws)
                state = seen[field].state
            for x, other in zip(sums, others, strict=True):
                other.add_(state)
                if some:
                    x[rows] = other
        return codes

    def _guided(self, logits: list[Tensor]) -> Tensor:
        """What is said in the light of the given cells, and without; the difference weighted."""
        if len(logits) == 1:
            return logits[0]
        mixed = torch.lerp(logits[1], logits[0], self.guidance)
        return torch.where(logits[0].isinf(), logits[0], mixed)  # excluded codes stay so

    def _observed(
        self, turn: Turn, drawn: Tensor, before: Seen | None, draws: torch.Generator
    ) -> Seen:
        """What is seen of a number once a draw of it is observed, more precisely than before."""
        net, field = self.net, turn.field
        gain = turn.precision - (before.precision if before else 0.0)
        shape = (len(drawn), net.place(field).shape[1])
        noise = torch.randn(shape, generator=draws, device=drawn.device)
        u = net.observed(field, drawn, noise.new_tensor(gain), noise)
        if before:
            u += before.u
        precision = noise.new_tensor(turn.precision)
        evidence = net.evidence(field, u, precision)
        state = net.blurred(field, self.asking.vectors[field], evidence, precision)
        return Seen(u, turn.precision, evidence, state)

"""Rows of a trained generator: free ones, and ones with given cells."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from synthkit.nn.gan import NEVER, GeneratorNet
from synthkit.nn.likelihood import drawn_codes


@dataclass(frozen=True)
class Draws:
    """Draws of a generator from one source of random numbers.

    Args:
        net: in evaluation mode.
        sizes: codes of each field.
        source: of all random numbers.
    """

    net: GeneratorNet
    sizes: list[int]
    source: torch.Generator

    @torch.inference_mode()
    def free(self, n: int) -> Tensor:
        """(n, fields) codes; a row's condition is a field at random with a code as often as it is."""
        return self._drawn(self._logits(self._conditions(n)))

    @torch.inference_mode()
    def completed(
        self, table: Tensor, known: Tensor, banned: Tensor, k: int
    ) -> tuple[Tensor, Tensor]:
        """Every row ``k`` times, side by side, with its free cells drawn.

        A known cell chosen at random is the condition. The fields of a row are independent given its
        noise, so the other known cells weigh each draw of noise by the probability that it gives
        them: importance sampling from the conditional, exact as k grows but for what the generator
        has learned.

        Args:
            table: (n, fields) codes, those of known cells filled in.
            known: (n, fields) bool.
            banned: (n, codes) bool, codes that a row must not have.

        Returns:
            (n * k, fields) codes, and (n * k,) log weights.
        """
        offsets = torch.tensor([0, *self.sizes[:-1]], device=table.device).cumsum(0)
        table, known = table.repeat_interleave(k, 0), known.repeat_interleave(k, 0)
        banned = banned.repeat_interleave(k, 0)
        condition, field = self._conditions(len(table)), torch.full_like(table[:, 0], -1)
        some = known.any(1)
        if some.any():
            chosen = torch.multinomial(known[some].float(), 1, generator=self.source)[:, 0]
            field[some] = chosen
            condition[some] = table[some].gather(1, chosen[:, None])[:, 0] + offsets[chosen]
        logits = self._logits(condition)
        allowed = logits.masked_fill(banned, NEVER)
        log = torch.zeros(len(table), device=table.device)
        parts = zip(logits.split(self.sizes, 1), allowed.split(self.sizes, 1), strict=True)
        for i, (part, own) in enumerate(parts):
            total = part.logsumexp(1)
            of_code = part.gather(1, table[:, i : i + 1])[:, 0]
            weight = torch.where(known[:, i], of_code, own.logsumexp(1)) - total
            # the condition is forced upon the logits and says nothing of the noise
            log += torch.where(field == i, 0.0, weight)
        codes = self._drawn(allowed)
        return torch.where(known, table, codes), log

    def _drawn(self, logits: Tensor) -> Tensor:
        """(n, fields) codes, one uniform number for each, which takes half the time of Gumbel's."""
        shape = (len(self.sizes), len(logits))
        even = 1.0 - torch.rand(shape, generator=self.source, device=logits.device)
        parts = zip(logits.split(self.sizes, 1), even, strict=True)
        return torch.stack([drawn_codes(part, own) for part, own in parts], dim=1)

    def _conditions(self, n: int) -> Tensor:
        """(n,) places of codes."""
        if n == 0:
            return torch.zeros(0, dtype=torch.int64, device=self.net.shares.device)
        return torch.multinomial(self.net.shares, n, replacement=True, generator=self.source)

    def _logits(self, condition: Tensor) -> Tensor:
        shape = (len(condition), self.net.noise)
        noise = torch.randn(shape, generator=self.source, device=condition.device)
        logits: Tensor = self.net(noise, condition)
        return logits

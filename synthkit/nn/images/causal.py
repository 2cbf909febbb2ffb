"""``CausalTransformer``: the tokens of an image one after the other, given what is known of the image.

    nats = net.loss(tokens, codes)                   # (n,)
    tokens = net.sample(codes, temperature, draws)   # (n, places)

Each place asks all places before it, and none after, for what they hold (Vaswani et al. 2017, "Attention
is all you need"; with norms first, Radford et al. 2019). Drawing keeps the keys and values of places that
are done.

Shapes: n images, t places, w the width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import ResidualBlock
from synthkit.nn.images.condition import Condition

HEAD = 32  # numbers of a query, a key or a value
EXPANSION = 4.0
START = 0.02  # standard deviation of embeddings

Seen = tuple[Tensor, Tensor]  # keys and values of the places so far, each (n, heads, t, w / heads)


class CausalAttention(nn.Module):
    """``x + attention(norm(x))``, which at the start is the identity.

    Args:
        width: w, a multiple of 32.
        dropout: share of what is added that is dropped.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.heads = width // HEAD
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.dropout = dropout
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, seen: Seen | None = None) -> tuple[Tensor, Seen]:
        """(n, t, w) of as many, and what is seen with them.

        Args:
            x: whole rows, or the next place alone.
            seen: of the places before it; None for whole rows, and for the first place.
        """
        parts = self.into(self.norm(x)).unflatten(2, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        if seen is not None:
            key, value = torch.cat([seen[0], key], 2), torch.cat([seen[1], value], 2)
        found = functional.scaled_dot_product_attention(query, key, value, is_causal=seen is None)
        inner = self.out(found.transpose(1, 2).flatten(2))
        return x + functional.dropout(inner, self.dropout, self.training), (key, value)


class CausalTransformer(nn.Module):
    """The options are those of ``ImageTransformerConfig``.

    Args:
        places: tokens of an image.
        vocabulary: number of different tokens.
        sizes: codes of each field that is known of the images.
        width: of the hidden vectors.
        depth: layers.
        dropout: share of what each layer adds that is dropped.
    """

    def __init__(
        self,
        places: int,
        vocabulary: int,
        sizes: list[int],
        width: int,
        depth: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.condition = Condition(sizes, width, START)
        self.tokens = nn.Parameter(torch.randn(vocabulary, width) * START)
        self.places = nn.Parameter(torch.randn(places, width) * START)
        self.attend = nn.ModuleList(CausalAttention(width, dropout) for _ in range(depth))
        self.think = nn.ModuleList(ResidualBlock(width, dropout, EXPANSION) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, vocabulary)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def loss(self, tokens: Tensor, codes: Tensor) -> Tensor:
        """(n,) minus the log likelihood of (n, places) int64 tokens given (n, fields) codes."""
        logits = self.logits(tokens, codes).transpose(1, 2).float()
        return functional.cross_entropy(logits, tokens, reduction="none").sum(1)

    def logits(self, tokens: Tensor, codes: Tensor) -> Tensor:
        """(n, places, vocabulary) of each token given those before it."""
        before = functional.pad(self.tokens[tokens[:, :-1]], (0, 0, 1, 0))
        x = before + self.places + self.condition(codes)[:, None]
        for attend, think in zip(self.attend, self.think, strict=True):
            x = think(attend(x)[0])
        out: Tensor = self.out(self.norm(x))
        return out

    def sample(self, codes: Tensor, temperature: float, draws: torch.Generator) -> Tensor:
        """(n, places) int64 tokens, drawn given (n, fields) codes."""
        said = self.condition(codes)[:, None]
        seen: list[Seen | None] = [None] * len(self.attend)
        drawn = torch.zeros(len(codes), len(self.places), dtype=torch.int64, device=codes.device)
        before = torch.zeros_like(said)
        for place, own in enumerate(self.places):
            x = before + own + said
            for i, (attend, think) in enumerate(zip(self.attend, self.think, strict=True)):
                x, seen[i] = attend(x, seen[i])
                x = think(x)
            shares = (self.out(self.norm(x))[:, 0].float() / temperature).softmax(1)
            drawn[:, place] = torch.multinomial(shares, 1, generator=draws)[:, 0]
            before = self.tokens[drawn[:, place]][:, None]
        return drawn

"""``Conditionals``: the distribution of every field, given what is seen of all the others.

A field's *state* is a vector that says what is seen of it: its code, nothing (then it is the
field's ``hidden``), or something in between. What a network says of a field depends on the sum of the
other fields' states alone, so every row teaches it all of its fields at once, the visible ones too;
and what is seen of the field itself can be added to its logits afterwards, in closed form.

    logits = net(states)                   # (d, n, width) -> (n, codes), all fields side by side
    asking = Asking(net)                   # the same for one field at a time, as sampling wants it
    asking.logits(others, field)           # (n, width) sum of the others' states -> (n, size)

    Uria, Murray, Larochelle 2014, "A deep and tractable density estimator" (one hidden layer for
    each conditional, shared weights over the codes).

NOTE[DIFF]: each field has hidden units of its own, over a sum of vectors that all share. What is
asked of one field differs from what is asked of another.

Shapes: n rows, d fields; ``width`` of the states, ``codes`` of all fields together.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import CodeWeights, dropped, member_matrix
from synthkit.nn.likelihood import weighted_nll

SCALE = 0.05  # standard deviation of the first layer's weights at the start


class Conditionals(nn.Module):
    """A sum of states, hidden units of each field, and its logits.

    Args:
        sizes: codes of each field.
        basis: (codes, k), see ``Codes.basis``.
        log_shares: (codes,) what the logits are at the start.
        width: of the states.
        head_width: hidden units of each field.
        dropout: share of the hidden units that are dropped.
    """

    def __init__(
        self,
        sizes: list[int],
        basis: Tensor,
        log_shares: Tensor,
        width: int,
        head_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.sizes, self.dropout = sizes, dropout
        self.offsets: Tensor
        self.member: Tensor
        self.register_buffer("offsets", torch.tensor([0, *sizes[:-1]]).cumsum(0), persistent=False)
        self.register_buffer("member", member_matrix(sizes), persistent=False)
        self.codes_in = CodeWeights(basis, width, SCALE)
        self.hidden = nn.Parameter(torch.randn(len(sizes), width) * SCALE)
        self.into = nn.Parameter(torch.randn(len(sizes), width, head_width) * width**-0.5)
        self.bend = nn.Parameter(torch.zeros(len(sizes), 1, head_width))
        self.codes_out = CodeWeights(basis, head_width, 0.0)
        self.bias = nn.Parameter(log_shares.clone())

    def forward(self, states: Tensor) -> Tensor:
        """(n, codes) logits of every field given the (d, n, width) states of the others."""
        others = states.sum(0, keepdim=True) - states
        units = torch.baddbmm(self.bend, _normed(others), self.into).relu()
        if self.training:
            units = dropped(units, self.dropout)
        parts = zip(
            units, self.codes_out().split(self.sizes), self.bias.split(self.sizes), strict=True
        )
        return torch.cat([torch.addmm(bias, own, out.T) for own, out, bias in parts], dim=1)

    def states(self, codes: Tensor, visible: Tensor) -> Tensor:
        """(d, n, width), for (n, d) int64 codes of which (n, d) bool are visible, the others hidden."""
        seen = functional.embedding((codes + self.offsets).T, self.codes_in())
        return torch.where(visible.T[:, :, None], seen, self.hidden[:, None])

    def nll(self, states: Tensor, codes: Tensor) -> Tensor:
        """Mean over rows of the summed negative log-likelihoods of their (n, d) int64 codes."""
        logits = self(states).float()
        weight = torch.full(codes.shape, 1 / max(len(codes), 1), device=codes.device)
        return weighted_nll(logits, codes + self.offsets, weight, self.member)


class Asking:
    """``Conditionals`` asked for one field at a time; the weights are put together only once.

    Args:
        net: in evaluation mode, where no gradient is kept.
        excluded: (codes,) bool, codes that no row may have.
        temperature: of the softmax.

    Attributes:
        vectors: per field (size, width) the states of its visible codes.
        hidden: per field (width,) its state when nothing is seen of it.
    """

    def __init__(self, net: Conditionals, excluded: Tensor, temperature: float = 1.0) -> None:
        self.vectors, self.hidden = net.codes_in().split(net.sizes), net.hidden.unbind()
        self.into, self.bend = net.into.unbind(), net.bend[:, 0].unbind()
        out, bias = net.codes_out() / temperature, net.bias / temperature
        self.out = [part.T for part in out.split(net.sizes)]
        self.bias = bias.masked_fill(excluded.to(bias.device), -torch.inf).split(net.sizes)

    def start(self, codes: Tensor, visible: Tensor) -> Tensor:
        """(n, width) sum of all states; see ``Conditionals.states``, which takes more memory."""
        x = torch.zeros(len(codes), self.hidden[0].shape[0], device=codes.device)
        for field, (vectors, hidden) in enumerate(zip(self.vectors, self.hidden, strict=True)):
            seen = functional.embedding(codes[:, field], vectors)
            x += torch.where(visible[:, field, None], seen, hidden)
        return x

    def logits(self, others: Tensor, field: int) -> Tensor:
        """(n, size) of a field, for the (n, width) sum of all other fields' states."""
        units = torch.addmm(self.bend[field], _normed(others), self.into[field]).relu_()
        return torch.addmm(self.bias[field], units, self.out[field])


def _normed(x: Tensor) -> Tensor:
    """Layer normalisation without weights: those that follow do as well."""
    return functional.layer_norm(x, x.shape[-1:])


def ranks(n: int, fields: int, device: torch.device) -> Tensor:
    """(n, fields) int64 place of every field in an order that is drawn for each row."""
    return torch.rand(n, fields, device=device).argsort(1).argsort(1)


def visible_counts(n: int, fields: int, device: torch.device) -> Tensor:
    """(n, 1) int64 how many fields of each row are visible: 0 … fields, equally often.

    They are spread evenly over the rows, as a loss differs more between them than between rows.
    """
    first = torch.randint(fields + 1, (1,), device=device)
    spread = (torch.arange(n, device=device) + first) % (fields + 1)
    return spread[torch.randperm(n, device=device)][:, None]

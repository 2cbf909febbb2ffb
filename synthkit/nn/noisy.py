"""``NoisyNet``: ``Conditionals`` where a number can be seen through noise.

A field's *precision* says how well it is seen: 0 not at all, infinite without noise. In between, for
a field whose codes have places ``a`` in a space of few dimensions, a Gaussian of that precision p
around the code's place was observed. All that counts of the observation is

    u = p a + sqrt(p) e,  e standard normal       log-likelihood of a code: u·a - p |a|²/2 + const

and an observation of more precision is this one plus an independent one: u and p add up. What is
said of the field by the others is multiplied with this likelihood in closed form, so the network need
not learn to denoise what it is shown of the field itself.

    Kingma, Salimans, Poole, Ho 2021, "Variational diffusion models" (precision as signal-to-noise
    ratio); Montanari 2023, "Sampling, diffusions, and stochastic localization" (the process in u);
    Dieleman et al. 2022, "Continuous diffusion for categorical data" (a softmax in place of a
    regression); Austin et al. 2021, "Structured denoising diffusion models in discrete state-spaces"
    (absorbing states: the fields that are either hidden or visible).

NOTE[DIFF]: every field of a row has a precision of its own, as tokens have in Chen et al. 2024,
"Diffusion forcing"; given cells are just seen without noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from synthkit.nn.conditionals import SCALE, Conditionals


class NoisyNet(Conditionals):
    """The network of ``diffusion``.

    Args:
        sizes, basis, log_shares, width, head_width, dropout: see ``Conditionals``.
        places: per field (size, m) the places of its codes; None if it is never seen through noise.
    """

    def __init__(
        self,
        sizes: list[int],
        basis: Tensor,
        log_shares: Tensor,
        width: int,
        head_width: int,
        dropout: float,
        places: Sequence[Tensor | None],
    ) -> None:
        super().__init__(sizes, basis, log_shares, width, head_width, dropout)
        self.shares: Tensor
        self.register_buffer("shares", log_shares.clone())
        self.blur = nn.Parameter(torch.randn(len(sizes), width) * SCALE)
        self.noisy = [field for field, place in enumerate(places) if place is not None]
        for field in self.noisy:
            self.register_buffer(f"place{field}", places[field], persistent=False)

    def place(self, field: int) -> Tensor:
        """(size, m) the places of a field's codes."""
        found: Tensor = self.get_buffer(f"place{field}")
        return found

    def observed(self, field: int, codes: Tensor, precision: Tensor, noise: Tensor) -> Tensor:
        """(n, m) u, for (n,) codes, (n, 1) precisions and (n, m) standard normal noise."""
        return precision * self.place(field)[codes] + precision.sqrt() * noise

    def evidence(self, field: int, u: Tensor, precision: Tensor) -> Tensor:
        """(n, size) log-likelihood of every code, that of the likeliest being 0."""
        place = self.place(field)
        log = u @ place.T - 0.5 * precision * place.square().sum(1)
        return log - log.amax(1, keepdim=True)

    def blurred(self, field: int, vectors: Tensor, evidence: Tensor, precision: Tensor) -> Tensor:
        """(n, width) state of a field that is seen through noise.

        The mean of its codes' ``vectors`` by what is believed after the observation; and a part that
        says how little that is. In the limits it is the state of a hidden and of a visible field.

        Args:
            field: which.
            vectors: (size, width) states of its visible codes.
            evidence: (n, size), see there.
            precision: (n, 1).
        """
        prior = self.shares.split(self.sizes)[field]
        unseen = 1.0 / (1.0 + precision)
        belief = (evidence + prior).softmax(1) - unseen * prior.softmax(0)
        return belief @ vectors + unseen * (self.hidden[field] + (1 - unseen) * self.blur[field])

    def noisy_states(self, codes: Tensor, precision: Tensor) -> Tensor:
        """(d, n, width) states of (n, d) codes, each observed anew with its (n, d) precision."""
        states = self.states(codes, precision.isinf())
        partly = (precision > 0) & ~precision.isinf()
        vectors = self.codes_in().split(self.sizes)
        places, blurred = [], []
        for field in self.noisy:
            rows = partly[:, field].nonzero()[:, 0]
            own = precision[rows, field, None]
            noise = torch.randn(len(rows), self.place(field).shape[1], device=codes.device)
            u = self.observed(field, codes[rows, field], own, noise)
            evidence = self.evidence(field, u, own)
            places.append(torch.stack([torch.full_like(rows, field), rows]))
            blurred.append(self.blurred(field, vectors[field], evidence, own))
        if not places:
            return states
        where = torch.cat(places, dim=1)  # put in at once, as each time copies all states
        return states.index_put((where[0], where[1]), torch.cat(blurred).to(states.dtype))

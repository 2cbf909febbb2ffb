"""Flow matching: a network that turns noise into data along nearly straight lines.

A point x of the data and a draw e of standard normal noise are joined by ``x_t = (1 - t) x + t e``.
The network learns the direction ``v = e - x`` at places and times on these lines; from noise at t = 1
its directions are followed back to t = 0.

    loss = flow_loss(lambda x_t, t: net(x_t, t, labels), x)
    x = flow_sample(lambda x_t, t: net(x_t, t, labels), noise, steps=10)

    Lipman et al. 2023, "Flow matching for generative modeling"; Liu, Gong, Liu 2023, "Flow straight
    and fast" (straight lines); Esser et al. 2024, "Scaling rectified flow transformers" (times by a
    logistic-normal distribution); Karras et al. 2022 (Heun's method in few steps).

Shapes: (n, …) for points, (n,) for times.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]


def flow_loss(velocity: Velocity, x: Tensor) -> Tensor:
    """(n,) mean squared error of each point's direction, at one time and with one noise each.

    Args:
        velocity: (n, …) points and (n,) times in (0, 1) to (n, …) directions.
        x: (n, …) data of about unit variance.
    """
    t = torch.randn(len(x), device=x.device).sigmoid()
    noise = torch.randn_like(x)
    at = t.view(-1, *(1,) * (x.ndim - 1))
    error = velocity(torch.lerp(x, noise, at), t) - (noise - x)
    return error.square().flatten(1).mean(1)


def flow_sample(velocity: Velocity, noise: Tensor, steps: int) -> Tensor:
    """(n, …) data from as much standard normal noise, by Heun's method.

    Args:
        velocity: as for ``flow_loss``.
        noise: (n, …).
        steps: each but the last of which asks for two directions; at least 1.
    """
    times = torch.linspace(1.0, 0.0, steps + 1).tolist()
    x = noise
    for now, then in itertools.pairwise(times):
        first = velocity(x, x.new_full((len(x),), now))
        ahead = x + (then - now) * first
        if then > 0.0:
            second = velocity(ahead, x.new_full((len(x),), then))
            ahead = x + (then - now) * 0.5 * (first + second)
        x = ahead
    return x

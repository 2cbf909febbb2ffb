"""Flow matching, against a case that is known in closed form."""

from __future__ import annotations

import torch

from synthkit.nn.flow import flow_loss, flow_sample

MEAN, DEVIATION = 3.0, 0.5


def exact(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The best direction where the data are normal: E[e - x | x_t] of two normal variables."""
    t = t[:, None]
    variance = ((1 - t) * DEVIATION) ** 2 + t**2
    slope = (t - (1 - t) * DEVIATION**2) / variance
    return slope * (x - (1 - t) * MEAN) - MEAN


def test_noise_becomes_the_data() -> None:
    noise = torch.randn(20_000, 1, generator=torch.Generator().manual_seed(0))
    x = flow_sample(exact, noise, steps=50)
    assert abs(float(x.mean()) - MEAN) < 0.02
    assert abs(float(x.std()) - DEVIATION) < 0.02


def test_heun_is_nearer_with_more_steps() -> None:
    noise = torch.randn(1000, 1, generator=torch.Generator().manual_seed(0))
    best = flow_sample(exact, noise, steps=500)
    errors = [float((flow_sample(exact, noise, steps=n) - best).abs().mean()) for n in (4, 8, 16)]
    assert errors[0] > errors[1] > errors[2]


def test_the_loss_is_least_at_the_best_direction() -> None:
    torch.manual_seed(0)
    x = MEAN + DEVIATION * torch.randn(20_000, 1)
    losses = []
    for shift in (0.0, 0.3, -0.3):
        torch.manual_seed(1)
        losses.append(float(flow_loss(lambda at, t: exact(at, t) + shift, x).mean()))  # noqa: B023
    assert losses[0] < min(losses[1:])
    assert flow_loss(exact, x).shape == (20_000,)

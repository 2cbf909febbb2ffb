"""Observations through noise: likelihoods by hand, precisions that add up, states in the limits."""

from __future__ import annotations

import math

import pytest
import torch

from synthkit.nn.noisy import NoisyNet

SIZES = [3, 4]
PLACES = torch.tensor([[-1.0, 1.0], [0.0, 1.0], [2.0, 1.0], [0.0, 0.0]])


def net(seed: int = 0) -> NoisyNet:
    torch.manual_seed(seed)
    shares = torch.tensor([0.2, 0.3, 0.5, 0.1, 0.2, 0.3, 0.4]).log()
    made = NoisyNet(SIZES, torch.zeros(7, 1), shares, 8, 4, 0.0, [None, PLACES])
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made.eval().requires_grad_(False)


def test_evidence_is_the_log_likelihood_of_a_gaussian() -> None:
    precision, codes = torch.full((5, 1), 0.7), torch.tensor([0, 1, 2, 3, 3])
    noise = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))
    u = net().observed(1, codes, precision, noise)
    # u / p is the code's place plus noise of variance 1 / p
    density = torch.distributions.Normal(PLACES, 0.7**-0.5)
    log = density.log_prob((u / 0.7)[:, None, :]).sum(2)
    expected = log - log.amax(1, keepdim=True)
    assert torch.allclose(net().evidence(1, u, precision), expected, atol=1e-5)


def test_an_observation_may_come_in_two_parts() -> None:
    noise = torch.randn(2, 6, 2, generator=torch.Generator().manual_seed(2))
    codes, parts = torch.tensor([0, 1, 2, 3, 0, 2]), (0.4, 1.6)
    u = [net().observed(1, codes, torch.tensor(p), e) for p, e in zip(parts, noise, strict=True)]
    both = sum(net().evidence(1, part, torch.tensor(p)) for part, p in zip(u, parts, strict=True))
    whole = net().evidence(1, u[0] + u[1], torch.tensor(2.0))
    assert torch.allclose(both - both.amax(1, keepdim=True), whole, atol=1e-5)


@pytest.mark.parametrize(("precision", "limit"), [(1e-9, "hidden"), (1e9, "visible")])
def test_states_through_noise_have_those_of_hidden_and_visible_fields_as_limits(
    precision: float, limit: str
) -> None:
    model, codes = net(), torch.tensor([0, 1, 2, 3])
    own = torch.full((4, 1), precision)
    evidence = model.evidence(1, model.observed(1, codes, own, torch.zeros(4, 2)), own)
    vectors = model.codes_in().split(SIZES)[1]
    expected = {"hidden": model.hidden[1].expand(4, -1), "visible": vectors[codes]}[limit]
    assert torch.allclose(model.blurred(1, vectors, evidence, own), expected, atol=1e-4)


def test_clear_and_hidden_fields_are_as_without_noise() -> None:
    model, codes = net(), torch.tensor([[0, 1], [1, 3], [2, 2]])
    precision = torch.tensor([[math.inf, 0.0], [0.0, math.inf], [math.inf, 2.0]])
    states = model.noisy_states(codes, precision)
    plain = model.states(codes, precision.isinf())
    assert torch.equal(states[:, :2], plain[:, :2])
    assert torch.equal(states[0, 2], plain[0, 2])
    assert not torch.allclose(states[1, 2], plain[1, 2])


def test_what_is_said_of_a_field_does_not_depend_on_its_own_observation() -> None:
    model, codes = net(), torch.tensor([[1, 0], [1, 2], [1, 3]])
    seen = torch.tensor([[math.inf, 3.0]]).expand(3, -1)
    own = model(model.noisy_states(codes, seen)).split(SIZES, 1)
    assert torch.allclose(own[1], own[1][:1].expand(3, -1), atol=1e-5)
    assert not torch.allclose(own[0][0], own[0][1], atol=1e-3)

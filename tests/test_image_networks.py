"""What the networks for images share: grids, conditions, tokens."""

from __future__ import annotations

import pytest
import torch

from synthkit.nn.images.brightness import Brightness
from synthkit.nn.images.causal import CausalTransformer
from synthkit.nn.images.condition import Condition
from synthkit.nn.images.grid import Grid
from synthkit.nn.images.tokens import Tokeniser


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (9, 13, 3), (4, 4, 1), (33, 64, 3)])
def test_unfolding_undoes_folding(shape: tuple[int, int, int]) -> None:
    images = torch.randint(256, (5, *shape), dtype=torch.uint8)
    grid = Grid(shape, most=6)
    folded = grid.fold(images)
    height, width = grid.padded
    assert folded.shape == (5, 4 * shape[2], height // 2, width // 2)
    assert -1.0 <= float(folded.min()) <= float(folded.max()) <= 1.0
    assert torch.equal(grid.unfold(folded), images)


@pytest.mark.parametrize(
    ("side", "most", "halvings", "smallest"),
    [(28, 6, 3, 4), (28, 2, 2, 7), (8, 6, 1, 4), (32, 6, 3, 4), (64, 3, 3, 8), (4, 6, 1, 2)],
)
def test_sides_are_halved_down_to_four(side: int, most: int, halvings: int, smallest: int) -> None:
    grid = Grid((side, side, 1), most)
    assert (grid.halvings, grid.smallest) == (halvings, (smallest, smallest))


def test_a_condition_tells_codes_of_different_fields_apart() -> None:
    condition = Condition([3, 2], 16)
    codes = torch.tensor([[0, 0], [1, 0], [0, 1], [0, 0]])
    said = condition(codes)
    assert torch.equal(said[0], said[3])
    assert not torch.allclose(said[0], said[1])
    assert not torch.allclose(said[1], said[2])
    unknown = condition(codes, torch.tensor([True, False, False, True]))
    assert torch.equal(unknown[1], unknown[2])
    assert torch.equal(unknown[0], said[0])


def test_a_condition_without_fields_says_nothing() -> None:
    said = Condition([], 8)(torch.zeros(4, 0, dtype=torch.int64))
    assert said.shape == (4, 8)
    assert torch.equal(said[0], said[3])


def test_tokens_are_all_combinations_of_levels() -> None:
    torch.manual_seed(0)
    tokeniser = Tokeniser((8, 8, 1), 3, 8, (4, 3))
    images = torch.randint(256, (6, 8, 8, 1), dtype=torch.uint8)
    tokens = tokeniser.encoded(images)
    assert tokens.shape == (6, tokeniser.tokens)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < tokeniser.vocabulary == 12
    assert tokeniser.decoded(tokens).shape == images.shape


def test_decoding_a_token_gives_the_decoder_what_the_loss_gave_it() -> None:
    torch.manual_seed(0)
    tokeniser = Tokeniser((8, 8, 1), 3, 8, (4, 3)).eval()
    images = torch.randint(256, (6, 8, 8, 1), dtype=torch.uint8)
    handed = []
    tokeniser.decoder.register_forward_hook(lambda _, inputs, __: handed.append(inputs[0]))
    tokeniser.loss(images)
    tokeniser.decoded(tokeniser.encoded(images))
    assert torch.allclose(*handed)
    # four levels lie in the middles of quarters, three in the middles of thirds
    assert set(handed[0][:, 0].mul(4).round().unique().tolist()) <= {-3.0, -1.0, 1.0, 3.0}
    assert set(handed[0][:, 1].mul(3).round().unique().tolist()) <= {-2.0, 0.0, 2.0}


def test_all_levels_are_used_before_anything_is_learned() -> None:
    torch.manual_seed(0)
    tokeniser = Tokeniser((16, 16, 1), 3, 8, (4, 4))
    images = torch.randint(256, (200, 16, 16, 1), dtype=torch.uint8)
    tokens = tokeniser.encoded(images)  # by the statistics of this batch, as it is in training
    shares = torch.bincount(tokens.flatten(), minlength=16) / tokens.numel()
    assert float(shares.min()) > 0.01


def causal(places: int = 5, vocabulary: int = 6) -> CausalTransformer:
    torch.manual_seed(0)
    net = CausalTransformer(places, vocabulary, [3], 32, 2, 0.0).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net


@torch.no_grad()
def test_a_token_is_told_of_those_before_it_alone() -> None:
    net, codes = causal(), torch.tensor([[1]])
    tokens = torch.tensor([[0, 1, 2, 3, 4]])
    logits = net.logits(tokens, codes)
    for place in range(5):
        other = tokens.clone()
        other[0, place] = 5
        changed = (net.logits(other, codes) - logits).abs().amax(2)[0]
        assert float(changed[: place + 1].max()) < 1e-5
        assert float(changed[place + 1 :].min() if place < 4 else 1.0) > 1e-3
    assert float((net.logits(tokens, torch.tensor([[2]])) - logits).abs().amax(2).min()) > 1e-3


@torch.no_grad()
def test_tokens_are_drawn_as_often_as_their_likelihood_says() -> None:
    net = causal(places=3, vocabulary=2)
    codes = torch.ones(20_000, 1, dtype=torch.int64)
    drawn = net.sample(codes, 1.0, torch.Generator().manual_seed(0))
    rows = torch.cartesian_prod(*[torch.arange(2)] * 3)
    expected = (-net.loss(rows, codes[:8])).exp()
    assert float(expected.sum()) == pytest.approx(1.0, abs=1e-4)
    counts = torch.bincount((drawn * torch.tensor([4, 2, 1])).sum(1), minlength=8)
    assert torch.allclose(counts / len(drawn), expected, atol=0.015)


def test_the_gain_is_what_pixels_were_greyed_by() -> None:
    torch.manual_seed(0)
    logits = 3.0 * torch.randn(200, 4, 5, 5)
    brightness = Brightness()
    brightness.match(0.5 * logits, 2.0 * logits.sigmoid() - 1.0)
    assert float(brightness.gain) == pytest.approx(2.0, abs=0.01)
    assert torch.allclose(brightness(0.5 * logits), 2.0 * logits.sigmoid() - 1.0, atol=0.01)
    brightness.match(2.0 * logits, 2.0 * logits.sigmoid() - 1.0)  # they vary too much already
    assert float(brightness.gain) == pytest.approx(1.0, abs=0.01)


def test_nats_of_black_and_white_are_those_of_coins() -> None:
    logits = torch.tensor([0.0, 2.0]).view(2, 1, 1, 1)
    folded = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
    nats = Brightness().nats(logits, folded)
    assert nats.tolist() == pytest.approx([0.6931, 2.1269], abs=1e-4)

"""What the networks for images share: grids, conditions, tokens."""

from __future__ import annotations

import pytest
import torch

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
    [(28, 6, 2, 7), (8, 6, 1, 4), (32, 6, 3, 4), (64, 3, 3, 8), (4, 6, 1, 2)],
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
    tokeniser = Tokeniser((8, 8, 1), 8, (4, 3))
    images = torch.randint(256, (6, 8, 8, 1), dtype=torch.uint8)
    tokens = tokeniser.encoded(images)
    assert tokens.shape == (6, tokeniser.tokens)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < tokeniser.vocabulary == 12
    assert tokeniser.decoded(tokens).shape == images.shape


def test_decoding_a_token_gives_the_decoder_what_the_loss_gave_it() -> None:
    torch.manual_seed(0)
    tokeniser = Tokeniser((8, 8, 1), 8, (4, 3)).eval()
    images = torch.randint(256, (6, 8, 8, 1), dtype=torch.uint8)
    levels = tokeniser._levels(tokeniser.encoder(tokeniser.grid.fold(images))).round()
    direct = tokeniser.decoder(levels / tokeniser.steps[:, None, None] * 2.0 - 1.0)
    expected = tokeniser.grid.unfold(2.0 * direct.sigmoid() - 1.0)
    assert torch.equal(tokeniser.decoded(tokeniser.encoded(images)), expected)

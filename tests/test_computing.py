"""What ``computing`` sets is as before when the block ends, and CUDA is never made up."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch

from synthkit.computing import computing, find_device, seed
from synthkit.errors import NotSupported


def flushes() -> bool:
    return float(torch.full((1,), 1e-310, dtype=torch.float64) * 1.0) == 0.0


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_leaks_out_of_the_block(fails: bool) -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    with contextlib.suppress(ArithmeticError), computing("cpu", np.random.default_rng(1)):
        torch.randn(5)
        torch.set_num_threads(threads + 1)
        if fails:
            raise ArithmeticError
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    assert not flushes()


def test_denormal_numbers_are_zero_inside_and_stay_so_where_they_were() -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush them")
    try:
        with computing("cpu", np.random.default_rng(1)):
            assert flushes()
        assert flushes()
    finally:
        torch.set_flush_denormal(False)
    with computing("cpu", np.random.default_rng(1)):
        assert flushes()
    assert not flushes()


def test_the_seed_is_the_streams() -> None:
    drawn = []
    for number in (1, 1, 2):
        with computing("cpu", np.random.default_rng(number)):
            drawn.append(torch.randn(3))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_a_seed_starts_the_numbers_anew() -> None:
    with computing("cpu", np.random.default_rng(1)):
        seed(np.random.default_rng(5))
        first = torch.randn(3)
        seed(np.random.default_rng(5))
        assert torch.equal(first, torch.randn(3))


def test_cuda_that_is_absent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("auto") == find_device("cpu") == torch.device("cpu")
    with pytest.raises(NotSupported, match="no CUDA device") as caught:
        find_device("cuda")
    assert caught.value.where == "generator.device"


def test_cuda_is_taken_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto") == find_device("cuda") == torch.device("cuda")
    assert find_device("cpu") == torch.device("cpu")

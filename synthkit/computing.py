"""``computing``: torch with a device, a seed, and the settings that make it fast, for one block.

    with computing(config.device, run.rng("vae", "seed")) as device:
        ...

Nothing outside the block is touched: torch's random state, its thread count and its treatment of
denormal numbers (which slow a CPU down a hundredfold) are as before when it ends.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch

from synthkit.errors import NotSupported

B = TypeVar("B")
T = TypeVar("T")

MOST_THREADS = 8  # small networks gain nothing from more


@contextlib.contextmanager
def computing(device: str, rng: np.random.Generator) -> Iterator[torch.device]:
    """Seeds torch and sets it up, and leaves it as it was.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        rng: the seed is drawn from it.

    Raises:
        NotSupported: CUDA is asked for and absent.
    """
    chosen = find_device(device)
    if chosen.type == "cuda":
        torch.cuda.init()
    threads, flushes = torch.get_num_threads(), _flushes_denormal()
    state = torch.get_rng_state()
    cuda_state = torch.cuda.get_rng_state() if torch.cuda.is_initialized() else None
    torch.set_num_threads(min(free_cores(), MOST_THREADS))
    torch.set_flush_denormal(True)
    seed(rng)
    try:
        yield chosen
    finally:
        torch.set_rng_state(state)
        if cuda_state is not None:
            torch.cuda.set_rng_state(cuda_state)
        torch.set_flush_denormal(flushes)
        torch.set_num_threads(threads)


def spread(work: Callable[[B], T], blocks: Sequence[B], device: torch.device) -> list[T]:
    """``work(block)`` for every block, without gradients; the results in order.

    On a CPU each core works on a block of its own, which takes half the time of all cores working on
    one: the operations on a block are small. To be called within ``computing``.
    """

    def alone(block: B) -> T:
        torch.set_num_threads(1)  # of this worker
        torch.set_flush_denormal(True)
        with torch.inference_mode():
            return work(block)

    with ThreadPoolExecutor(torch.get_num_threads() if device.type == "cpu" else 1) as pool:
        return list(pool.map(alone, blocks))


def seed(rng: np.random.Generator) -> None:
    """Starts torch's random numbers anew, on the CPU and on the CUDA device in use."""
    number = int(rng.integers(2**63))
    torch.default_generator.manual_seed(number)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed(number)


def _flushes_denormal() -> bool:
    """Whether denormal numbers count as zero, which torch does not tell."""
    return not bool(torch.full((1,), 1e-310, dtype=torch.float64) * 1.0)


def free_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def find_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is CUDA where there is one. Raises ``NotSupported``."""
    present = torch.cuda.is_available()
    if name == "cuda" and not present:
        raise NotSupported(
            "this machine has no CUDA device that torch can use",
            where="generator.device",
            expected="auto or cpu",
            remedy="leave device out, or install a build of torch for CUDA",
        )
    return torch.device("cpu" if name == "cpu" or not present else "cuda")

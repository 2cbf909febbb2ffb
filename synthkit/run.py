"""``Run``: what one run shares between its stages: the seed's random streams, the clock, events.

    run = Run(seed=7)
    rng = run.rng("sample", shard)          # a stream of its own for every purpose and shard
    with run.stage("fit", "trees"):         # timed, reported to the listener
        ...

Named streams mean that adding a check or a column never shifts the draws of another part. There
is no global seeding anywhere in synthkit: streams are passed as arguments.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.progress import Event, Listener, Notice, StageFinished, StageStarted, silent

if TYPE_CHECKING:
    import numpy as np


def stream_key(*name: str | int) -> list[int]:
    """A stable spawn key (four 32-bit words) of a stream's name; equal on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, name)).encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]


def peak_memory_bytes() -> int:
    """Peak resident memory of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Run:
    """One run's seed, listener and clock.

    Args:
        seed: non-negative integer; the only source of randomness.
        listener: receives the events; silent by default.
        checkpoints: folder in which a training may keep what it needs to go on after an interruption.

    Attributes:
        timings_s: seconds spent in each finished stage, in order.
        notices: everything said with ``notice``, for the manifest.
    """

    def __init__(
        self, seed: int = 0, listener: Listener = silent, checkpoints: Path | None = None
    ) -> None:
        self.seed = int(seed)
        self.checkpoints = checkpoints
        self.timings_s: dict[str, float] = {}
        self.notices: list[str] = []
        self._listener = listener

    def rng(self, *name: str | int) -> np.random.Generator:
        """The random stream of that name: same seed and name, same draws."""
        import numpy as np

        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=stream_key(*name)))
        )

    def report(self, event: Event) -> None:
        """Hands an event to the listener."""
        self._listener(event)

    def notice(self, message: str, said_of: tuple[str, ...] = ()) -> None:
        """Says something a user should know, now and in the manifest. Holds no cell value.

        Args:
            message: what is said.
            said_of: names of files, which are said now and kept nowhere.
        """
        self.notices.append(message)
        self.report(Notice(message, said_of))

    @contextmanager
    def stage(self, name: str, detail: str = "") -> Iterator[None]:
        """Times and reports one stage; the times of a stage entered twice add up.

        A stage that ends in an error is not reported as finished.
        """
        self.report(StageStarted(name, detail))
        t0 = time.perf_counter()
        yield
        elapsed_s = time.perf_counter() - t0
        self.timings_s[name] = self.timings_s.get(name, 0.0) + elapsed_s
        self.report(StageFinished(name, elapsed_s))

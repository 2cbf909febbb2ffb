"""Progress as small typed events; what becomes of them is the listener's choice.

Library code calls ``run.report(event)`` and prints nothing. The command line installs a listener
that draws a bar or writes plain lines or JSON lines; the Python API is silent by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synthkit.counts import few


@dataclass(frozen=True)
class StageStarted:
    """A stage of the story begins: ``read``, ``schema``, ``race NAME``, ``fit``, ``sample``, ``checks``, ``report``."""

    stage: str
    detail: str = ""


@dataclass(frozen=True)
class Step:
    """``done`` of ``total`` units of the current stage (columns, steps, rows, checks)."""

    stage: str
    done: int
    total: int
    losses: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class StageFinished:
    """A stage ended after ``seconds`` of wall-clock time."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class Notice:
    """Something a user should know although the run goes on: a dropped column, a repaired value.

    Args:
        message: a sentence without a full stop.
        said_of: names of the files that it is said of, where these are for the user's eyes alone.
    """

    message: str
    said_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message}: {few(self.said_of)}" if self.said_of else self.message


Event = StageStarted | Step | StageFinished | Notice
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """The listener that ignores everything."""

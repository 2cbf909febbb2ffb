"""What becomes of progress events: a bar on a terminal, plain lines in a pipe, or JSON lines.

with listening(quiet=False, json=False) as listener:
    pipeline.generate(loaded, Run(seed, listener))
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from synthkit.cli.application import print_json
from synthkit.progress import Event, Listener, Notice, StageFinished, StageStarted, Step, silent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES = 5.0
BAR_WIDTH = 24
WIDTH_BEFORE_NOTE = 8 + BAR_WIDTH + 7 + 7 + 4  # name, bar, times and the spaces between them


@contextmanager
def listening(*, quiet: bool, json: bool) -> Iterator[Listener]:
    """The listener that fits the options and the terminal."""
    if json:
        yield json_line
    elif quiet:
        yield silent
    elif sys.stderr.isatty():
        with _progress() as progress:
            yield Bar(progress)
    else:
        yield Lines()


def json_line(event: Event) -> None:
    """``{"event": "stage_started", "stage": "fit", ...}`` on standard output."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    print_json({"event": name, **asdict(event)})


class Lines:
    """Plain lines on standard error: stages, notices, and a step every few seconds."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Writes the event if it is due."""
        now_s = time.monotonic()
        if isinstance(event, Step):
            if now_s - self._last_s < SECONDS_BETWEEN_LINES:
                return
            counts = f"{event.stage}: {event.done:,} of {event.total:,}"
            text = "  ".join([counts, *_losses(event)])
        elif isinstance(event, StageStarted):
            text = f"{event.stage}: {event.detail}" if event.detail else f"{event.stage} ..."
        elif isinstance(event, StageFinished):
            text = f"{event.stage}: done in {event.seconds:.1f} s"
        else:
            text = f"note: {event}"
        self._last_s = now_s
        print(text, file=sys.stderr, flush=True)


class Bar:
    """One bar per stage, with rate, losses and the time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._first: dict[TaskID, tuple[int, float]] = {}

    def __call__(self, event: Event) -> None:
        """Draws the event."""
        if isinstance(event, Notice):
            self._progress.console.print(f"note: {event}", markup=False, highlight=False)
        elif isinstance(event, StageStarted):
            self._tasks[event.stage] = self._progress.add_task(
                event.stage, total=None, note=self._fitting([event.detail])
            )
        elif (task := self._tasks.get(event.stage)) is None:
            return
        elif isinstance(event, Step):
            note = self._fitting([self._rate(task, event), *_losses(event)])
            self._progress.update(task, completed=event.done, total=event.total, note=note)
        else:
            total = self._progress.tasks[task].total or 1
            self._progress.update(task, completed=total, total=total)
            self._progress.stop_task(task)

    def _fitting(self, parts: list[str]) -> str:
        """As much as the terminal has room for beside bar and times: the middle is left out first."""
        room = max(self._progress.console.width - WIDTH_BEFORE_NOTE, 0)
        parts = [part for part in parts if part]
        while len(parts) > 2 and len("  ".join(parts)) > room:
            parts = [*parts[:-2], parts[-1]]
        note = "  ".join(parts)
        return note if len(note) <= room else note[: max(room - 1, 0)] + "…"

    def _rate(self, task: TaskID, event: Step) -> str:
        """Units per second since the first step, before which a fit prepares or goes on from another."""
        seconds = self._progress.tasks[task].elapsed or 0.0
        done, since_s = self._first.setdefault(task, (event.done, seconds))
        if event.done == event.total:
            done, since_s = 0, 0.0
        passed_s = seconds - since_s
        return f"{(event.done - done) / passed_s:,.0f}/s" if passed_s > 0 else ""


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as TimeLeftColumn

    return Progress(
        TextColumn("{task.description:<8}", markup=False),
        BarColumn(bar_width=BAR_WIDTH),
        TimeElapsedColumn(),
        TimeLeftColumn(compact=True),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
    )


def _losses(event: Step) -> list[str]:
    return [f"{name} {value:.4g}" for name, value in event.losses.items()]

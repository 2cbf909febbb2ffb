"""Progress: JSON lines, plain lines in their rhythm, and the bar on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from synthkit.cli import listeners
from synthkit.cli.listeners import Bar, Lines, listening
from synthkit.progress import Notice, StageFinished, StageStarted, Step, silent


def test_steps_are_written_every_few_seconds_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.0, 1.0, 5.5, 6.0, 10.6])
    monkeypatch.setattr(listeners.time, "monotonic", lambda: next(clock))
    lines = Lines()
    lines(StageStarted("sample"))
    for done in (1000, 2000, 3000, 4000):
        lines(Step("sample", done, 10_000, {"loss": 0.12345}))
    assert capsys.readouterr().err.splitlines() == [
        "sample ...",
        "sample: 2,000 of 10,000  loss 0.1235",
        "sample: 4,000 of 10,000  loss 0.1235",
    ]


def test_the_bar_shows_stage_counts_losses_and_notices() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=False)
    columns = (TextColumn("{task.description} {task.completed}/{task.total} {task.fields[note]}"),)
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        bar = Bar(progress)
        bar(StageStarted("fit", "trees"))
        bar(Step("fit", 3, 10, {"loss": 0.5}))
        bar(Notice("[a] column was dropped"))
        bar(Notice("5 images are left out", tuple("abcde")))
        progress.refresh()
        assert progress.tasks[0].completed == 3
        assert "loss 0.5" in progress.tasks[0].fields["note"]
        bar(StageFinished("fit", 1.0))
        assert progress.tasks[0].finished
        bar(Step("never started", 1, 2))
    assert "note: [a] column was dropped\n" in out.getvalue()
    assert "note: 5 images are left out: a, b, c and 2 more" in out.getvalue()


@pytest.mark.parametrize(
    ("width", "note"),
    [
        (120, "100/s  loss 3.25  kl 0.5  unseen 12.9"),
        (80, "100/s  loss 3.25  unseen 12.9"),
        (70, "100/s  unseen 12.9"),
        (60, "100/s  un…"),
        (40, "…"),
    ],
)
def test_a_narrow_terminal_shows_bar_and_times_and_what_else_fits(width: int, note: str) -> None:
    seconds = 0.0
    console = Console(file=io.StringIO(), width=width)
    with Progress(console=console, auto_refresh=False, get_time=lambda: seconds) as progress:
        bar = Bar(progress)
        bar(StageStarted("fit"))
        losses = {"loss": 3.25, "kl": 0.5, "unseen": 12.9}
        seconds = 40.0  # of preparation, or a fit that goes on from step 2,000
        bar(Step("fit", 2000, 9000, losses))
        assert "/s" not in progress.tasks[0].fields["note"]
        seconds = 43.0
        bar(Step("fit", 2300, 9000, losses))
        assert progress.tasks[0].fields["note"] == note


def test_a_stage_of_one_step_has_a_rate() -> None:
    seconds = 0.0
    with Progress(auto_refresh=False, disable=True, get_time=lambda: seconds) as progress:
        bar = Bar(progress)
        bar(StageStarted("sample", "500 rows to make"))
        seconds = 2.0
        bar(Step("sample", 500, 500))
        assert progress.tasks[0].fields["note"] == "250/s"


def test_the_terminal_decides_between_bar_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(quiet=False, json=False) as listener:
        assert isinstance(listener, Lines)
    with listening(quiet=True, json=False) as listener:
        assert listener is silent
    with listening(quiet=True, json=True) as listener:
        assert listener is listeners.json_line
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with listening(quiet=False, json=False) as listener:
        assert isinstance(listener, Bar)

"""The command line as a function of its arguments: exit code, standard output, standard error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from synthkit.cli import app


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit_code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _empty_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands run in a folder without the outputs of earlier ones."""
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture
def synthkit() -> Callable[..., Answer]:
    """Runs a command in this process; an exception that no command expects is raised."""

    def run(*arguments: str) -> Answer:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run

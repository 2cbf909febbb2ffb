"""A reader that goes away, a full disk behind a stream: ends of a command, and no bugs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LONG = ["schema"]
COMMANDS = [LONG, ["--help"], ["--version"], ["list"], ["validate", "nope.yaml", "--json"]]


def run(*arguments: str, unbuffered: str, out: int, err: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "synthkit", *arguments],
        stdout=out,
        stderr=err,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_pipe_that_is_closed_ends_it_without_a_word(
    arguments: list[str], unbuffered: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run(*arguments, unbuffered=unbuffered, out=writer, err=subprocess.PIPE)
    os.close(writer)
    assert done.returncode == 141
    assert "bug" not in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_behind_standard_output_is_one_message(
    arguments: list[str], unbuffered: str
) -> None:
    with open("/dev/full", "w") as full:
        done = run(*arguments, unbuffered=unbuffered, out=full.fileno(), err=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.endswith("the output cannot be written: no space left on device\n")
    assert "bug" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["validate", "nope.yaml"], ["validate", "a", "--nope"]])
def test_a_full_disk_behind_standard_error_leaves_the_code(
    arguments: list[str], unbuffered: str
) -> None:
    with open("/dev/full", "w") as full:
        done = run(*arguments, unbuffered=unbuffered, out=subprocess.PIPE, err=full.fileno())
    assert done.returncode == 2
    assert done.stdout == ""

"""A reader that goes away, a full disk behind a stream: ends of a command, and no bugs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

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


def shell(command: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m synthkit {command}"],
        capture_output=True,
        cwd=folder,
        env={**os.environ, **environ},
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "code"), [("list", 0), ("validate nope.yaml", 2)])
def test_a_closed_stream_is_like_the_null_device(
    command: str, code: int, closed: str, tmp_path: Path
) -> None:
    as_null = shell(f"{command} {closed.replace('&-', '/dev/null')}", tmp_path)
    done = shell(f"{command} {closed}", tmp_path)
    assert done.returncode == as_null.returncode == code
    assert (done.stdout, done.stderr) == (as_null.stdout, as_null.stderr)


def test_what_stands_in_for_a_closed_stream_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "read").touch()
    assert shell("list 1<read", tmp_path).returncode == 0


@pytest.mark.parametrize("closed", ["", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_run_ends_well_whatever_its_streams_take(
    people: pd.DataFrame, recipe: dict[str, Any], closed: str, tmp_path: Path
) -> None:
    people.to_csv(tmp_path / "städte.csv", index=False)
    content = {**recipe, "source": {"path": "städte.csv"}, "output": {"path": "städte"}}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(content))
    done = shell(f"generate r.yaml {closed}", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode in (0, 3), done.stderr
    assert (tmp_path / "städte" / "manifest.json").exists()
    if not closed:
        assert done.stdout.endswith(b"st?dte/report.html\n")
        assert b"\nbug" not in done.stderr


def test_json_keeps_every_character_whatever_the_encoding(tmp_path: Path) -> None:
    done = shell("validate ü.yaml --json", tmp_path, PYTHONIOENCODING="ascii")
    assert b'"where": "\\u00fc.yaml"' in done.stdout

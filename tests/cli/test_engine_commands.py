"""generate, sample, audit, report: what they hand to the engine and what they say about it.

The engine is replaced, so that each outcome can be had at will.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from synthkit.cli import app
from synthkit.cli.application import report_bug
from synthkit.errors import SourceError
from synthkit.progress import Notice, StageFinished, StageStarted, Step
from synthkit.results import CheckResult, Report, Verdict

CHECK = CheckResult("c2st", "fidelity", 0.54, "lower", reference=0.5, n=10, status="passed")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Replaces pipeline and api; returns what the command passed to them."""
    calls: dict[str, Any] = {}

    def replace(
        word: str = "passed", withheld: bool = False, error: BaseException | None = None
    ) -> dict[str, Any]:
        report = Report(Verdict(word, "internal", ("a reason.",)), (CHECK,))  # type: ignore[arg-type]

        def answer(result: Any) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                calls.update(arguments=arguments, options=options)
                if error is not None:
                    raise error
                return result

            return call

        outcome = SimpleNamespace(
            verdict=report.verdict,
            report=report,
            path=tmp_path / "run",
            manifest={"rows": {"produced": 5}},
            withheld=withheld,
        )
        for name, functions in {
            "pipeline": {"generate": generating(answer(outcome))},
            "more_rows": {"sample_run": answer(5)},
            "api": {"audit": answer(report)},
        }.items():
            module = ModuleType(f"synthkit.{name}")
            vars(module).update(functions)
            monkeypatch.setitem(sys.modules, f"synthkit.{name}", module)
            monkeypatch.setattr(f"synthkit.{name}", module, raising=False)
        return calls

    return replace


def generating(answer: Callable[..., Any]) -> Callable[..., Any]:
    """An engine that reports a few events before it answers."""

    def generate(loaded: Any, run: Any, **options: Any) -> Any:
        run.report(StageStarted("fit", "trees"))
        run.report(Step("fit", 3, 10, {"loss": 0.5}))
        run.report(Notice("a column was dropped"))
        run.report(StageFinished("fit", 1.25))
        return answer(loaded, run, **options)

    return generate


def test_shortcuts_become_overrides_and_win(synthkit, engine) -> None:
    calls = engine()
    answer = synthkit(
        *("generate", "table/adult", "--rows", "9", "--seed", "3", "-o", "some where: else"),
        *("--set", "output.rows=4", "--resume"),
    )
    assert answer.exit_code == 0, answer.err
    loaded, run = calls["arguments"]
    assert loaded.recipe.output.rows == 9
    assert loaded.recipe.output.path == "some where: else"
    assert loaded.recipe.seed == run.seed == 3
    assert calls["options"] == {"resume": True, "overwrite": False}


def test_result_on_standard_output_progress_on_standard_error(synthkit, engine) -> None:
    engine()
    answer = synthkit("generate", "table/adult")
    assert answer.out.startswith("PASSED under the policy 'internal'")
    assert answer.out.splitlines()[-1].endswith("report.html")
    assert answer.err.splitlines() == [
        "fit: trees",
        "note: a column was dropped",
        "fit: done in 1.2 s",
    ]


def test_quiet_says_the_verdict_and_where_the_report_is(synthkit, engine) -> None:
    engine()
    answer = synthkit("generate", "table/adult", "--quiet")
    assert answer.err == ""
    assert answer.out.splitlines()[0] == "passed"
    assert len(answer.out.splitlines()) == 2


def test_quiet_and_json_may_stand_before_the_command(synthkit, engine) -> None:
    engine()
    behind = synthkit("generate", "table/adult", "--quiet")
    for option in ("--quiet", "-q"):
        assert synthkit(option, "generate", "table/adult") == behind
    behind = synthkit("generate", "table/adult", "--json")
    assert synthkit("--json", "generate", "table/adult") == behind
    assert synthkit("--quiet", "--debug", "--json", "generate", "table/adult") == behind


def test_an_option_before_a_command_that_lacks_it_names_the_command(synthkit) -> None:
    for option, command in (("--quiet", "init"), ("-q", "list"), ("--json", "schema")):
        answer = synthkit(option, command, "--debug")
        assert answer.exit_code == 2
        assert f"The command '{command}' has no option {option}." in answer.err
    assert "No such command 'nosuch'" in synthkit("--quiet", "nosuch").err


def test_quiet_says_in_one_line_why_the_policy_did_not_pass(
    synthkit, engine, tmp_path: Path
) -> None:
    engine("failed", withheld=True)
    answer = synthkit("generate", "table/adult", "--quiet")
    page = tmp_path / "run" / "report.html"
    assert answer.exit_code == 3
    assert answer.err == f"failed under the policy 'internal': a reason. See {page}\n"
    assert answer.out == f"failed\n{page}\n"
    engine("failed")  # the recipe says on_fail: warn
    warned = synthkit("generate", "table/adult", "--quiet")
    assert (warned.exit_code, warned.err, warned.out) == (0, answer.err, answer.out)
    assert "is written all the same" in synthkit("generate", "table/adult").out


def test_a_quiet_audit_says_in_one_line_why_it_did_not_pass(
    synthkit, engine, tmp_path: Path
) -> None:
    engine("not_assessed")
    audit = ["audit", "--real", "r", "--synthetic", "s", "--quiet"]
    assert synthkit(*audit).err == "not assessed under the policy 'internal': a reason.\n"
    answer = synthkit(*audit, "-o", str(tmp_path))
    assert answer.err.endswith(f"a reason. See {tmp_path / 'report.html'}\n")
    assert answer.out == f"not_assessed\n{tmp_path / 'report.html'}\n"
    engine("passed")
    assert synthkit(*audit).err == ""


def test_json_lines_end_with_the_result(synthkit, engine, tmp_path: Path) -> None:
    engine("failed", withheld=True)
    answer = synthkit("generate", "table/adult", "--json")
    events = [json.loads(line) for line in answer.out.splitlines()]
    assert [e["event"] for e in events] == [
        "stage_started",
        "step",
        "notice",
        "stage_finished",
        "result",
    ]
    assert events[1] == {
        "event": "step",
        "stage": "fit",
        "done": 3,
        "total": 10,
        "losses": {"loss": 0.5},
    }
    result = events[-1]
    assert result["verdict"] == "failed"
    assert result["reasons"] == ["a reason."]
    assert result["path"] == str(tmp_path / "run")
    assert result["exit_code"] == answer.exit_code == 3


@pytest.mark.parametrize(
    ("word", "withheld", "exit_code"),
    [
        ("passed", False, 0),
        ("failed", True, 3),
        ("not_assessed", True, 3),
        ("failed", False, 0),  # the recipe says on_fail: warn
    ],
)
def test_the_exit_code_follows_the_policy(
    synthkit, engine, word: str, withheld: bool, exit_code: int
) -> None:
    engine(word, withheld)
    answer = synthkit("generate", "table/adult")
    assert answer.exit_code == exit_code
    assert ("withheld" in answer.out) is withheld


def test_an_error_of_the_source_is_one_message(synthkit, engine) -> None:
    engine(error=SourceError("the file has no rows", where="a.csv", remedy="check the export"))
    answer = synthkit("generate", "table/adult", "--quiet")
    assert answer.exit_code == 2
    assert answer.err == "a.csv: the file has no rows. Check the export.\n"


@pytest.mark.parametrize("saved", [True, False])
def test_interruption_has_its_own_code(synthkit, engine, tmp_path: Path, saved: bool) -> None:
    engine(error=KeyboardInterrupt())
    if saved:
        (tmp_path / ".run.partial").mkdir()
    answer = synthkit("generate", "table/adult", "-o", str(tmp_path / "run"), "--json")
    assert answer.exit_code == 130
    assert "interrupted" in answer.err
    assert ("--resume" in answer.err) is saved
    event = json.loads(answer.out.splitlines()[-1])
    assert (event["event"], event["kind"], event["exit_code"]) == ("error", "Interrupted", 130)


def test_lack_of_memory_is_no_bug(synthkit, engine) -> None:
    engine(error=MemoryError())
    answer = synthkit("generate", "table/adult", "--json")
    assert answer.exit_code == 2
    assert "source.max_rows" in answer.err
    assert json.loads(answer.out.splitlines()[-1])["kind"] == "OutOfMemory"


def test_sample_passes_its_cells_on(synthkit, engine, tmp_path: Path) -> None:
    calls = engine()
    answer = synthkit(
        *("sample", "out/x", "--rows", "5", "-o", "more.csv", "--seed", "4", "--quiet"),
        *("--given", "income=>50K", "--given", "note=a=b", "--given", "age="),
        *("--balance", "city=Graz:0.5", "--balance", "city=Linz:0.2"),
    )
    assert answer.exit_code == 0
    assert answer.out == "more.csv\n"
    run_path, rows, output, given, seed, _, balance = calls["arguments"]
    assert (run_path, rows, output, seed) == (Path("out/x"), 5, Path("more.csv"), 4)
    assert given == ["income=>50K", "note=a=b", "age="]
    assert balance == ["city=Graz:0.5", "city=Linz:0.2"]


def test_sample_refuses_standard_output(synthkit, engine) -> None:
    engine()
    answer = synthkit("sample", "out/x", "--rows", "5", "-o", "-")
    assert answer.exit_code == 2
    assert "rows cannot be written to standard output" in answer.err
    assert not Path("-").exists()


def test_a_file_is_no_run(synthkit, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("version: 1\n")
    answer = synthkit("sample", str(recipe), "--rows", "5", "-o", str(tmp_path / "more.csv"))
    assert answer.exit_code == 2
    assert "this is not a finished run" in answer.err
    assert "Name the output.path of a finished run" in answer.err


def test_audit_passes_its_options_on_and_writes_the_report(
    synthkit, engine, tmp_path: Path
) -> None:
    calls = engine()
    answer = synthkit(
        *("audit", "--real", "r.csv", "--synthetic", "s.csv", "--holdout", "h.csv"),
        *("--target", "income", "--sensitive", "sex, race", "--policy", "release"),
        *("--person", "customer"),
        *("--fidelity", "c2st.max=0.75", "--fidelity", "utility.target.min=.8"),
        *("--fidelity", "c2st.min=0.4"),
        *("-o", str(tmp_path / "evidence"), "--quiet"),
    )
    assert answer.exit_code == 0, answer.err
    assert calls["arguments"] == ("r.csv", "s.csv")
    options = calls["options"]
    assert options["holdout"] == "h.csv"
    assert options["sensitive"] == ["sex", "race"]
    assert options["person"] == "customer"
    assert options["policy"] == "release"
    assert options["fidelity"] == {
        "c2st": {"max": 0.75, "min": 0.4},
        "utility.target": {"min": 0.8},
    }
    written = json.loads((tmp_path / "evidence" / "report.json").read_text())
    assert written["verdict"] == "passed"
    assert (tmp_path / "evidence" / "report.html").exists()


def test_audit_refuses_a_folder_it_cannot_write_before_it_checks(
    synthkit, engine, tmp_path: Path
) -> None:
    calls = engine()
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "evidence"
    answer = synthkit("audit", "--real", "r", "--synthetic", "s", "-o", str(place))
    assert answer.exit_code == 2
    assert f"{place}: cannot write here: not a directory" in answer.err
    assert calls == {}


@pytest.mark.parametrize("text", ["c2st", "c2st=0.7", "c2st.max=much", "c2st.max=nan", "=1"])
def test_audit_refuses_what_is_no_threshold(synthkit, engine, text: str) -> None:
    engine()
    answer = synthkit("audit", "--real", "r", "--synthetic", "s", "--fidelity", text)
    assert answer.exit_code == 2
    assert "such as c2st.max=0.75" in answer.err


@pytest.mark.parametrize("word", ["failed", "not_assessed"])
def test_an_audit_that_does_not_pass_has_code_3(synthkit, engine, word: str) -> None:
    engine(word)
    answer = synthkit("audit", "--real", "r", "--synthetic", "s", "--json")
    assert answer.exit_code == 3
    assert json.loads(answer.out.splitlines()[-1])["verdict"] == word


def test_report_prints_the_path_where_there_is_no_desktop(synthkit, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("<html></html>")
    assert synthkit("report", str(tmp_path)).out == f"{tmp_path / 'report.html'}\n"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_report_of_a_folder_that_is_no_run(synthkit, tmp_path: Path, options: list[str]) -> None:
    answer = synthkit("report", str(tmp_path / "none"), *options)
    assert answer.exit_code == 2
    assert "run" in answer.err


def test_a_bug_is_admitted_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("cell value 42")
    except ValueError as error:
        report_bug(ValueError, error, error.__traceback__)
    said = capsys.readouterr().err
    assert "bug in synthkit (ValueError)" in said
    assert "--debug" in said
    assert "42" not in said


BROKEN = (
    "import sys, types, synthkit\n"
    "module = types.ModuleType('synthkit.pipeline')\n"
    "def generate(*arguments, **options): {action}\n"
    "module.generate = generate\n"
    "sys.modules['synthkit.pipeline'] = synthkit.pipeline = module\n"
    "from synthkit.cli import main\n"
    "main()\n"
)


def test_a_bug_ends_the_process_with_code_1() -> None:
    script = BROKEN.format(action="raise ValueError('cell value 42')")
    for debug in ([], ["--debug"]):
        done = subprocess.run(
            [sys.executable, "-c", script, "generate", "table/adult", "--quiet", *debug],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert ("Traceback" in done.stderr) is bool(debug)
        assert ("cell value 42" in done.stderr) is bool(debug)


def test_a_bug_is_an_event_too() -> None:
    script = BROKEN.format(action="raise ValueError('cell value 42')")
    done = subprocess.run(
        [sys.executable, "-c", script, "generate", "table/adult", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    event = json.loads(done.stdout.splitlines()[-1])
    assert (event["event"], event["kind"], event["exit_code"]) == ("error", "Bug", 1)
    assert "42" not in done.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_process_with_its_code_and_no_traceback(
    tmp_path: Path, number: int, code: int
) -> None:
    script = BROKEN.format(action="print('ready', flush=True); __import__('time').sleep(60)")
    process = subprocess.Popen(
        [sys.executable, "-c", script, "generate", "table/adult", "--quiet"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts its background jobs, and so the tests among them, deaf to Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert said == "\ninterrupted\n"


def test_the_installed_command_is_this_one() -> None:
    from importlib.metadata import entry_points

    (point,) = entry_points(group="console_scripts", name="synthkit")
    assert point.value == "synthkit.cli:main"
    assert app.info.name == "synthkit"

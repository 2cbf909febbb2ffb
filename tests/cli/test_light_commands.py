"""Help, version, validate, list, schema, doctor: right answers without the engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit import __version__, resources
from synthkit.checks import known_checks
from synthkit.cli import COMMANDS
from synthkit.generators.cards import choices
from synthkit.registry import Registry
from synthkit.sources import sources

HEAVY = ["torch", "faker", "pandas", "sklearn", "lightgbm", "sdv", "pyarrow", "scipy", "rich"]
BAD = "version: 1\nsource: {path: nothing.csv}\noutput: {path: out}\nsede: 1\nseed: x\n"


def modules_after(*arguments: str) -> tuple[int, set[str]]:
    """Exit code of a command in a fresh interpreter, and the heavy modules it loaded."""
    script = (
        "import sys\nfrom synthkit.cli import app\n"
        f"try: app({list(arguments)!r})\n"
        "except SystemExit as stop: code = stop.code\n"
        f"print(code, *[m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, *loaded = out.stdout.splitlines()[-1].split()
    return int(code), set(loaded)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["generate", "--help"],
        ["validate", "table/adult"],
        ["list", "recipes"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_light_commands_load_nothing_heavy(arguments: list[str]) -> None:
    assert modules_after(*arguments) == (0, set())


def test_help_names_every_command(synthkit) -> None:
    answer = synthkit("--help")
    assert answer.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in answer.out
    assert "--install-completion" in answer.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_examples_that_name_it(synthkit, name: str) -> None:
    answer = synthkit(name, "--help")
    assert answer.exit_code == 0
    examples = answer.out.partition("Examples:")[2].strip().splitlines()
    assert examples
    for example in examples:
        assert example.strip().startswith(f"synthkit {name}")


def test_version(synthkit) -> None:
    assert synthkit("--version").out == f"synthkit {__version__}\n"


@pytest.mark.parametrize("options", [["--quiet"], ["--json", "-q"]])
def test_options_of_commands_need_a_command(synthkit, options: list[str]) -> None:
    answer = synthkit(*options)
    assert answer.exit_code == 2
    assert answer.err.startswith("Usage: synthkit [OPTIONS] COMMAND")
    assert synthkit(*options, "--version").out == synthkit("--version").out


def test_an_option_that_a_command_has_not_is_refused_in_its_name(synthkit) -> None:
    answer = synthkit("--quiet", "doctor")
    assert answer.exit_code == 2
    assert "Usage: synthkit doctor" in answer.err


def test_a_valid_recipe(synthkit) -> None:
    answer = synthkit("validate", "table/adult")
    assert answer.exit_code == 0
    assert answer.out.startswith("table/adult: valid (source example:adult, 15 columns")
    assert answer.err == ""


def test_all_problems_go_to_standard_error_with_code_2(synthkit, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(BAD)
    answer = synthkit("validate", str(path))
    assert answer.exit_code == 2
    assert answer.out == ""
    assert f"{path}:4:1: sede: there is no such key" in answer.err
    assert f"{path}:5:7: seed: is text; expected a whole number" in answer.err
    assert f"{path}:2:16: source.path: nothing.csv: there is no such file" in answer.err
    assert answer.err.endswith("3 problems\n")
    assert "Traceback" not in answer.err


def test_json_ends_with_the_problems_for_a_program(synthkit, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(BAD)
    answer = synthkit("validate", str(path), "--json")
    event = json.loads(answer.out)  # nothing else is printed there
    assert event["event"] == "error"
    assert event["exit_code"] == answer.exit_code == 2
    places = ["2:16", "4:1", "5:7"]
    assert [p["where"] for p in event["problems"]] == [f"{path}:{place}" for place in places]
    good = json.loads(synthkit("validate", "table/adult", "--json").out)
    assert good["event"] == "result"
    assert good["columns"] == 15


@pytest.mark.parametrize("arguments", [["--debug", "validate"], ["validate", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(synthkit, arguments: list[str]) -> None:
    answer = synthkit(*arguments, "nope.yaml")
    assert answer.exit_code == 2
    assert "Traceback" in answer.err
    assert "there is no such file" in answer.err


def test_a_missing_source_and_a_missing_column_are_found(synthkit, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "version: 1\nsource: {path: d.csv}\nschema: {target: incom}\noutput: {path: o}\n"
    )
    missing = synthkit("validate", str(path))
    assert missing.exit_code == 2
    assert "d.csv" in missing.err
    (tmp_path / "d.csv").write_text("income,sex\n1,f\n")
    answer = synthkit("validate", str(path))
    assert answer.exit_code == 2
    assert f"{path}:3:18: schema.target: the data has no column 'incom'" in answer.err
    assert synthkit("validate", str(path), "--set", "schema.target=income").exit_code == 0


def test_an_output_folder_that_no_run_could_take_is_a_problem(synthkit, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("income,sex\n1,f\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("")
    (tmp_path / "empty").mkdir()
    path = tmp_path / "r.yaml"
    before = sorted(tmp_path.rglob("*"))

    def validate(output: str, seed: int = 1) -> tuple[int, str]:
        path.write_text(
            f"version: 1\nsource: {{path: d.csv}}\nseed: {seed}\noutput: {{path: '{output}'}}\n"
        )
        answer = synthkit("validate", str(path))
        return answer.exit_code, answer.err

    for folder in ("full", "d.csv", "full/.."):
        code, said = validate(f"{tmp_path}/{folder}", seed=-1)
        assert code == 2
        assert f"{path}:3:7: seed: is -1" in said  # beside every other problem
        assert f"{path}:4:16: output.path: " in said
        assert "the output path exists and is not a run of synthkit" in said
    code, said = validate(f"{tmp_path}/d.csv/out")
    assert (code, "cannot write here: not a directory" in said) == (2, True)
    url = f"sqlite:///{tmp_path}/o.db', table: t, artifacts: '{tmp_path}/full"
    assert "output.artifacts: " in validate(url)[1]
    for folder in ("empty", "new/deep"):
        assert validate(f"{tmp_path}/{folder}") == (0, "")
    assert sorted(p for p in tmp_path.rglob("*") if p != path) == before


def test_an_output_inside_the_folder_of_images_is_a_problem(synthkit, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        (tmp_path / "pets" / name / "1.png").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "pets")
    path = tmp_path / "r.yaml"
    before = sorted(tmp_path.rglob("*"))

    def answers(source: str, output: str) -> list[tuple[int, str]]:
        content = f"source: {{kind: images, path: {source}}}\noutput: {{path: {output}}}\n"
        path.write_text(f"version: 1\n{content}")
        return [(a.exit_code, a.err) for a in (synthkit(c, path) for c in ("validate", "generate"))]

    inside = "lies in the folder of the source"
    for source, output in (
        ("pets", tmp_path / "pets" / "result"),
        ("link", tmp_path / "pets" / "deep" / "result"),
        (tmp_path / "pets", tmp_path / "link" / ".result"),
        ("./pets", tmp_path / "pets"),
    ):
        for code, said in answers(str(source), str(output)):
            assert (code, f"{path}:3:16: output.path: {inside}" in said) == (2, True)
            assert "expected a folder outside of source.path" in said
    assert synthkit("validate", path, "--set", f"output.path={tmp_path}/pets-made").exit_code == 0
    assert synthkit("validate", path, "--set", "output.path=made").exit_code == 0
    assert sorted(p for p in tmp_path.rglob("*") if p != path) == before


def test_columns_are_checked_beside_every_other_problem(synthkit, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("income,sex,age\n1,f,3\n")
    path = tmp_path / "r.yaml"
    path.write_text(
        "version: 1\n"
        "sede: 1\n"
        "source: {path: d.csv, holdout: 2}\n"
        "schema:\n"
        "  target: incom\n"
        "  sensitive: [sxe, 3]\n"
        "  columns: {agee: {kind: reel}}\n"
        "  constraints:\n"
        "    - {kind: rnge, column: hight}\n"
        "    - {kind: unique, columns: [age, idd]}\n"
        "privacy: {policy: relase}\n"
        "output: {path: o}\n"
    )
    answer = synthkit("validate", str(path))
    assert answer.exit_code == 2
    places = [line.split(": ")[0].removeprefix(f"{path}:") for line in answer.err.splitlines()]
    unknown = ["5:11", "6:15", "7:13", "9:28", "10:37"]
    for place in unknown:
        assert f"{path}:{place}: schema." in answer.err
        assert places.count(place) == 1
    others = ["2:1", "3:32", "6:20", "7:26", "9:7", "11:19"]
    assert sorted(places[:-1]) == sorted(unknown + others)


@pytest.mark.parametrize("arguments", [["nonsense"], ["generate"], ["validate", "a", "--nope"]])
def test_wrong_usage_has_code_2(synthkit, arguments: list[str]) -> None:
    answer = synthkit(*arguments)
    assert answer.exit_code == 2
    assert answer.err.count("Error:") == 1
    assert answer.out == ""


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["generate"], ["validate", "a", "--nope"], ["--nope"]]
)
def test_wrong_usage_is_an_event_too(synthkit, arguments: list[str]) -> None:
    answer = synthkit(*arguments, "--json")
    event = json.loads(answer.out)
    assert (event["event"], event["kind"]) == ("error", "UsageError")
    assert event["exit_code"] == answer.exit_code == 2
    assert event["message"] in answer.err


def test_list_shows_every_name_with_a_description(synthkit) -> None:
    listing = json.loads(synthkit("list", "--json").out)
    names = {kind: [entry["name"] for entry in entries] for kind, entries in listing.items()}
    assert names == {
        "backends": [*choices(), *(f"{name} (images)" for name in choices("images"))],
        "recipes": resources.names("recipes"),
        "policies": resources.names("privacy"),
        "checks": known_checks(),
        "sources": sources.names(),
    }
    for entries in listing.values():
        for entry in entries:
            assert not entry["broken"], entry
            assert len(entry["description"]) > 10, entry
            assert "``" not in entry["description"], entry
    assert not [e for e in listing["sources"] if e["description"].lower().endswith("source.")]
    text = synthkit("list").out
    assert all(f"  {name} " in text for found in names.values() for name in found)


def test_a_broken_plugin_is_listed_as_broken(synthkit, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Registry("generator", {"lost": "no_such_package.module:Thing"})
    monkeypatch.setattr("synthkit.generators.generators", broken)
    answer = synthkit("list", "backends")
    assert answer.exit_code == 0
    assert re.search(r"lost +broken: ", answer.out)


def test_list_refuses_an_unknown_kind(synthkit) -> None:
    assert synthkit("list", "backend").exit_code == 2


def test_schema_is_json(synthkit) -> None:
    assert json.loads(synthkit("schema").out)["title"] == "synthkit recipe"


def test_doctor_names_versions_extras_and_how_to_install_them(synthkit) -> None:
    found = json.loads(synthkit("doctor", "--json").out)
    assert found["synthkit"] == __version__
    assert found["cores"] >= 1
    assert {"numpy", "pydantic", "typer"} <= set(found["packages"])
    assert all(found["packages"].values())
    assert set(found["extras"]) >= {"sql"}
    text = synthkit("doctor")
    assert text.exit_code == 0
    for extra, packages in found["extras"].items():
        state = "installed" if all(packages.values()) else f"pip install 'synthkit[{extra}]'"
        line = next(line for line in text.out.splitlines() if line.startswith(f"extra {extra} "))
        assert state in line

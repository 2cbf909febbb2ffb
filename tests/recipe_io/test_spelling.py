"""``${NAME}`` in the paths and URLs of a recipe: used with its value, shown by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import RecipeError, SinkError, SourceError, SynthkitError
from synthkit.progress import Notice
from synthkit.recipe_io import load_recipe, parse_recipe, placed
from synthkit.recipe_io.spelling import Spelling
from synthkit.sources import read_header

CANARY = "CANARY-7391"
TABLE = {"version": 1, "source": {"path": "x.csv"}, "output": {"path": "out"}}


def messages(
    tmp_path: Path, environ: dict[str, str], *overrides: str, text: str = ""
) -> RecipeError:
    file = tmp_path / "r.yaml"
    file.write_text(text or "version: 1\nsource: {path: example:adult}\noutput: {path: out}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(file, overrides, environ, read_header)
    return caught.value


@pytest.mark.parametrize(
    ("overrides", "shown"),
    [
        (["source.path=${X}/g.csv.gz"], "${X}/g.csv.gz: there is no such file"),
        (["source.path=sqlite:///${X}.db", "source.table=t"], "sqlite:///${X}.db: there is no"),
        (["privacy.policy=${X}/p.yaml"], "there is no such policy file"),
        (["privacy.policy=${X}"], "'${X}'"),
        (
            ["source.kind=images", "source.path=example:digits", "checks.extractor=${X}"],
            "checks.extractor: there is no such file or folder",
        ),
    ],
)
def test_a_problem_shows_the_name_and_not_the_value(
    tmp_path: Path, overrides: list[str], shown: str
) -> None:
    said = str(messages(tmp_path, {"X": CANARY}, *overrides))
    assert shown in said
    assert CANARY not in said


def test_a_whole_address_in_a_variable_is_a_database_and_is_not_shown(tmp_path: Path) -> None:
    environ = {"X": f"sqlite:///{CANARY}.db"}
    said = str(messages(tmp_path, environ, "source.path=${X}", "source.table=t"))
    assert "${X}: there is no such SQLite file" in said
    assert CANARY not in said


def test_a_bad_policy_file_is_shown_as_the_recipe_spells_it(tmp_path: Path) -> None:
    (tmp_path / CANARY).mkdir()
    (tmp_path / CANARY / "p.yaml").write_text("nme: mine\n")
    said = str(messages(tmp_path, {"X": str(tmp_path / CANARY)}, "privacy.policy=${X}/p.yaml"))
    assert "${X}/p.yaml:1:1: nme" in said
    assert CANARY not in said


def test_the_place_in_the_recipe_itself_stays(tmp_path: Path) -> None:
    error = messages(tmp_path, {"X": str(tmp_path)}, text="version: 1\nsource: {path: '${X}/n'}\n")
    assert {problem.where.rpartition("r.yaml:")[0] for problem in error.problems} == {
        f"{tmp_path}/"
    }


@pytest.mark.parametrize(
    "key",
    ["source.path", "output.path", "output.artifacts", "privacy.policy", "checks.extractor"],
)
def test_a_name_that_is_not_set_is_the_only_problem_of_its_path(tmp_path: Path, key: str) -> None:
    others = ("output.path=sqlite:///o.db", "output.table=t", "output.artifacts=a")
    images = ("source.kind=images", "source.path=example:digits")
    overrides = {"output.artifacts": others, "checks.extractor": images}.get(key, ())
    (problem,) = messages(tmp_path, {}, *overrides, f"{key}=${{NOT_SET_X}}/p.yaml").problems
    assert (problem.key, problem.what) == (
        key,
        "the environment variable NOT_SET_X is not set",
    )


def test_a_variable_without_text_leaves_an_empty_path(tmp_path: Path) -> None:
    (problem,) = messages(tmp_path, {"X": ""}, "output.path=${X}").problems
    assert (problem.key, problem.what) == ("output.path", "is empty")


def test_a_run_uses_the_values_and_keeps_the_names(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / CANARY
    data.mkdir()
    people.assign(city="Krems é").to_csv(data / f"{CANARY}.csv", index=False, encoding="latin-1")
    (data / "mine.yaml").write_text("name: mine\nrequired: [shapes]\n")
    monkeypatch.setenv("SYNTHKIT_TEST_X", str(data))
    monkeypatch.setenv("SYNTHKIT_TEST_Y", CANARY)
    said: list[str] = []
    run = sk.generate(
        {
            **recipe,
            "source": {
                **recipe.get("source", {}),
                "path": "${SYNTHKIT_TEST_X}/${SYNTHKIT_TEST_Y}.csv",
            },
            "privacy": {"policy": "${SYNTHKIT_TEST_X}/mine.yaml", "on_fail": "warn"},
            "output": {"path": "${SYNTHKIT_TEST_X}/out/run", "rows": 50},
        },
        listener=lambda event: said.append(event.message) if isinstance(event, Notice) else None,
    )
    assert run.path == data / "out" / "run"
    assert run.verdict.word == "passed"
    assert run.manifest["source"]["files"] == ["${SYNTHKIT_TEST_Y}.csv"]
    assert any("${SYNTHKIT_TEST_Y}.csv is not UTF-8" in line for line in said)
    for file in run.path.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file.name


def test_errors_of_a_run_show_the_names() -> None:
    environ = {"X": f"/tmp/{CANARY}", "SHORT": "a"}
    content = {**TABLE, "output": {"path": "${X}/${SHORT}"}}
    loaded = parse_recipe(content, environ=environ)
    with pytest.raises(SinkError) as caught, placed(loaded):
        raise SinkError("cannot write here", where=f"/tmp/{CANARY}/a/.b.partial")
    assert str(caught.value) == "${X}/${SHORT}/.b.partial: cannot write here."
    with pytest.raises(SourceError) as other, placed(loaded):
        raise SourceError("is empty", where="column 'a'")
    assert str(other.value) == "column 'a': is empty."


def test_the_longest_value_is_named_first_and_short_ones_stay() -> None:
    spelling = Spelling(
        ["${A}/${B}", "${C}"], {"A": "/data", "B": "/data/set", "C": "abc", "D": "unused"}
    )
    assert spelling.of("/data/set/x") == "${B}/x"
    assert spelling.of("/data/abc/unused") == "${A}/abc/unused"


def test_an_address_is_named_however_it_is_written() -> None:
    pytest.importorskip("sqlalchemy")
    spelling = Spelling(
        ["postgresql://me:${PW}@${HOST}/db"], {"PW": "p@ss word", "HOST": "db.example.org"}
    )
    assert spelling.of("postgresql+psycopg://me@db.example.org/x") == (
        "postgresql+psycopg://me@${HOST}/x"
    )
    assert spelling.of("p%40ss%20word p%40ss+word p@ss word") == "${PW} ${PW} ${PW}"


def test_errors_without_a_place_pass_as_they_are() -> None:
    loaded = parse_recipe({**TABLE, "output": {"path": "${X}"}}, environ={"X": "rows"})
    with pytest.raises(SynthkitError, match="too few rows"), placed(loaded):
        raise SynthkitError("too few rows")

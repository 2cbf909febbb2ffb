"""The whole story on small tables: what a run leaves, withholds, repeats and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit import artifacts
from synthkit.errors import (
    ConstraintError,
    ModelError,
    RecipeError,
    SchemaError,
    SinkError,
    SynthkitError,
)
from synthkit.more_rows import sample_run
from synthkit.progress import Notice
from synthkit.report.summary import summary_lines
from synthkit.results import Verdict
from synthkit.run import Run
from synthkit.schema import Column, Schema, Unique
from synthkit.shards import shards
from synthkit.workspace import partial_path


def files(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def set_in(recipe: dict[str, Any], section: str, **values: Any) -> dict[str, Any]:
    return {**recipe, section: {**recipe.get(section, {}), **values}}


def test_a_run_leaves_what_it_promises(people: pd.DataFrame, recipe: dict[str, Any]) -> None:
    run = sk.generate(recipe, data=people)
    assert set(files(run.path)) == {
        "data.csv",
        "internal/report.html",
        "internal/report.json",
        "manifest.json",
        "model/arrays.safetensors",
        "model/model.json",
        "recipe.yaml",
        "report.html",
        "report.json",
    }
    assert not partial_path(run.path).exists()
    assert list(run.synthetic.columns) == list(people.columns)
    assert len(run.synthetic) == 150
    rows = run.manifest["rows"]
    assert rows["drawn"] == rows["produced"] + sum(rows["rejected"].values())
    assert rows["requested"] == rows["produced"] == 150
    assert run.manifest["balanced"] == {}
    report = json.loads((run.path / "report.json").read_text())
    assert report["verdict"] == run.verdict.word
    assert {check["family"] for check in report["checks"]} == {
        "validity",
        "fidelity",
        "privacy",
        "bias",
    }
    again = artifacts.read(run.path)[1]
    assert again.shareable().to_json() == report


def test_same_seed_same_bytes_and_another_seed_other_rows(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    first = files(sk.generate(recipe, data=people).path)
    again = files(
        sk.generate(set_in(recipe, "output", path=str(tmp_path / "again")), data=people).path
    )
    for name in ("data.csv", "model/model.json", "model/arrays.safetensors", "report.json"):
        assert first[name] == again[name], name
    other = {**set_in(recipe, "output", path=str(tmp_path / "other")), "seed": 4}
    assert files(sk.generate(other, data=people).path)["data.csv"] != first["data.csv"]


def test_identifiers_are_new_unique_and_in_form(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    ids = sk.generate(recipe, data=people).synthetic["id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"C-\d{5}").all()
    assert not set(ids) & set(people["id"])


@pytest.mark.parametrize("seed", [None, 5])
def test_more_rows_have_other_identifiers_than_the_run(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, seed: int | None
) -> None:
    run = sk.generate(recipe, data=people)
    sample_run(run.path, 100, tmp_path / "more.csv", [], seed, Run())
    more = pd.read_csv(tmp_path / "more.csv", dtype=str)
    assert more["id"].nunique() == 100
    assert not set(more["id"]) & set(run.synthetic["id"].astype(str))


def test_more_rows_than_a_format_has_identifiers_are_said(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    zips = [f"{number:05d}" for number in rng.permutation(100_000)[: len(people)]]
    run = sk.generate(recipe, data=people.assign(zip=zips))
    made = len(run.synthetic)
    seen: list[Any] = []
    sample_run(run.path, 6250 - made, tmp_path / "few.csv", {}, None, Run(0, seen.append))
    assert not [event for event in seen if isinstance(event, Notice)]
    sample_run(run.path, 6251 - made, tmp_path / "more.csv", {}, None, Run(0, seen.append))
    assert [event.message for event in seen if isinstance(event, Notice)] == [
        f"column '{name}': real identifiers may recur beyond 6,250 rows: the format is too small "
        "to avoid them"
        for name in ("id", "zip")
    ]


def test_every_file_of_a_run_may_be_read_by_the_same_people(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    run = sk.generate(recipe, data=people)
    modes = {path.stat().st_mode for path in run.path.rglob("*") if path.is_file()}
    assert modes == {(run.path / "manifest.json").stat().st_mode}


def test_no_rare_value_reaches_any_file(people: pd.DataFrame, recipe: dict[str, Any]) -> None:
    planted = people.copy()
    planted.loc[7, "city"] = "Zwettlzwettl"
    planted.loc[11, "height"] = 987.6
    planted.loc[13, "id"] = "Q-77777"
    run = sk.generate(recipe, data=planted)
    for name, content in files(run.path).items():
        for canary in (b"Zwettlzwettl", b"987.6", b"Q-77777"):
            assert canary not in content, (name, canary)


def test_a_failed_policy_withholds_rows_and_model_but_not_the_report(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    strict = set_in(set_in(recipe, "fidelity", c2st={"max": 0.0}), "privacy", on_fail="withhold")
    run = sk.generate(strict, data=people)
    assert run.verdict.word == "failed"
    assert any("c2st" in reason for reason in run.verdict.reasons)
    reports = {"report.html", "report.json"}
    internal = {f"internal/{name}" for name in reports}
    assert set(files(run.path)) == {"manifest.json", "recipe.yaml", *reports, *internal}
    with pytest.raises(SynthkitError, match="withheld"):
        _ = run.synthetic
    with pytest.raises(ModelError, match="kept neither"):
        artifacts.load_model(run.path)
    warned = sk.generate(set_in(strict, "privacy", on_fail="warn"), data=people, overwrite=True)
    assert warned.verdict.word == "failed"
    assert len(warned.synthetic) == 150


def test_too_small_a_holdout_is_not_assessed_and_withheld(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    run = sk.generate(
        set_in(set_in(recipe, "source", holdout=0.02), "privacy", on_fail="withhold"), data=people
    )
    assert run.verdict.word == "not_assessed"
    assert "data.csv" not in files(run.path)
    assert run.report["dcr_share"].status == "not_assessed"


def test_shards_hold_the_rows_of_the_seed_and_resume_makes_only_missing_ones(
    people: pd.DataFrame,
    recipe: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sharded = set_in(recipe, "output", shard_rows=40, format="parquet")
    whole = files(sk.generate(sharded, data=people).path)
    parts = sorted(name for name in whole if name.startswith("data/"))
    assert parts == [f"data/part-{i:05d}.parquet" for i in range(4)]

    interrupted = set_in(sharded, "output", path=str(tmp_path / "interrupted"))
    monkeypatch.setattr("synthkit.assessment.run_checks", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        sk.generate(interrupted, data=people)
    monkeypatch.undo()
    assert not (tmp_path / "interrupted").exists()
    assert partial_path(tmp_path / "interrupted").exists()
    monkeypatch.setattr("synthkit.model.Model.fit", _interrupt)
    resumed = files(sk.generate(interrupted, data=people, resume=True).path)
    for name in [*parts, "model/arrays.safetensors", "report.json"]:
        assert resumed[name] == whole[name], name


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_resume_leaves_a_finished_run_alone(people: pd.DataFrame, recipe: dict[str, Any]) -> None:
    run = sk.generate(recipe, data=people)
    before = files(run.path)
    again = sk.generate(recipe, data=people, resume=True)
    assert files(again.path) == before
    assert again.verdict == run.verdict


def test_changed_data_makes_the_rows_anew_if_told(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    run = sk.generate(recipe, data=people)
    before = files(run.path)
    changed = people.assign(age=people["age"] + 1)
    for resume in (False, True):
        with pytest.raises(SinkError, match="on other data"):
            sk.generate(recipe, data=changed, resume=resume)
    assert files(run.path) == before
    after = sk.generate(recipe, data=changed, resume=True, overwrite=True)
    assert after.manifest["source"]["sha256"] not in before["manifest.json"].decode()
    assert files(after.path)["data.csv"] != before["data.csv"]


def test_a_rerun_that_does_not_pass_leaves_the_run_that_did(
    people: pd.DataFrame, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = set_in(recipe, "privacy", on_fail="withhold")

    def judged(word: str) -> None:
        verdict = Verdict(word, "internal")  # type: ignore[arg-type]
        monkeypatch.setattr("synthkit.assessment.judge", lambda results, *_: (results, verdict))

    judged("passed")
    run = sk.generate(job, data=people)
    before = files(run.path)
    judged("failed")
    rerun = sk.generate(job, data=people)
    assert files(run.path) == before
    assert rerun.path == run.path.with_name("run.not-passed")
    assert rerun.outcome.withheld
    assert "data.csv" not in files(rerun.path)
    assert "holds a run that passed and stays" in str(rerun.manifest["notices"])


def test_a_withheld_run_that_could_not_be_published_can_be_resumed(
    people: pd.DataFrame, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = set_in(set_in(recipe, "fidelity", shapes={"max": 0.0}), "privacy", on_fail="withhold")
    monkeypatch.setattr("synthkit.workspace.Workspace.publish", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        sk.generate(strict, data=people)
    monkeypatch.undo()
    run = sk.generate(strict, data=people, resume=True)
    assert run.outcome.withheld
    assert "data.csv" not in files(run.path)


@pytest.mark.parametrize("name", ["model.json", "arrays.safetensors"])
def test_an_interrupted_run_with_a_damaged_model_is_started_over(
    people: pd.DataFrame, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("synthkit.assessment.run_checks", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        sk.generate(recipe, data=people)
    monkeypatch.undo()
    partial = partial_path(Path(recipe["output"]["path"]))
    (partial / "model" / name).write_bytes(b"{")
    with pytest.raises(ModelError, match="cannot be resumed: the model is damaged") as caught:
        sk.generate(recipe, data=people, resume=True)
    assert str(partial / "model") in str(caught.value)
    assert caught.value.remedy == "start over without --resume"
    assert sk.generate(recipe, data=people).path.is_dir()  # the remedy works


def test_starting_over_an_unfinished_run_says_so(
    people: pd.DataFrame, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthkit.assessment.run_checks", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        sk.generate(recipe, data=people)
    monkeypatch.undo()
    assert "--resume goes on" in str(sk.generate(recipe, data=people).manifest["notices"])
    assert "--resume" not in str(sk.generate(recipe, data=people).manifest["notices"])


def test_a_resume_without_anything_to_resume_says_so(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    run = sk.generate(recipe, data=people, resume=True)
    assert "no interrupted run to resume" in str(run.manifest["notices"])


def test_a_database_that_cannot_take_the_rows_is_refused_before_the_fit(
    people: pd.DataFrame,
    recipe: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("sqlalchemy")
    url, artifacts_path = f"sqlite:///{tmp_path}/out.db", tmp_path / "evidence"
    output = {"path": url, "table": "t", "artifacts": str(artifacts_path), "rows": 150}
    job = {**recipe, "output": output}
    sk.generate(job, data=people)
    monkeypatch.setattr("synthkit.model.Model.fit", _interrupt)
    with pytest.raises(SinkError, match="has rows already"):
        sk.generate({**job, "seed": 4}, data=people, overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evidence", "out.db"]


def test_more_rows_go_only_into_a_file_whose_ending_names_a_format(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    run = sk.generate(recipe, data=people)
    for name in ("more", "more.", "more.xls"):
        with pytest.raises(SinkError, match=r"no ending .* \.csv or \.parquet or \.jsonl"):
            sample_run(run.path, 10, tmp_path / name, [], None, Run())
        assert not (tmp_path / name).exists()


def test_more_rows_for_a_place_that_cannot_be_written_are_refused_at_once(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setattr("synthkit.model.Model.load", _interrupt)
    for name in ("file/more.csv", "file/deep/more.csv", "folder.csv"):
        with pytest.raises(SinkError, match=r"not a directory|this is a folder"):
            sample_run(tmp_path / "run", 10, tmp_path / name, [], None, Run())
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder.csv"]


def test_more_rows_have_the_cells_that_are_given(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    job = set_in(recipe, "schema", sensitive=["=city"])
    run = sk.generate(job, data=people.rename(columns={"city": "=city"}))
    more = tmp_path / "more.csv"
    sample_run(run.path, 20, more, ["=city=Linz", "note=", "income=low"], None, Run())
    rows = pd.read_csv(more)
    assert set(rows["=city"]) == {"Linz"}
    assert set(rows["income"]) == {"low"}
    assert rows["note"].isna().all()


@pytest.mark.parametrize("given", [["nope=1"], ["city=Atlantis"]])
def test_no_stage_begins_for_given_values_that_are_refused(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, given: list[str]
) -> None:
    run = sk.generate(recipe, data=people)
    events: list[object] = []
    with pytest.raises(SchemaError):
        sample_run(run.path, 5, tmp_path / "more.csv", given, None, Run(0, events.append))
    assert events == []


def test_missing_folders_of_an_output_are_made(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    run = sk.generate(recipe, data=people)
    sample_run(run.path, 5, tmp_path / "new" / "folder" / "more.csv", [], None, Run())
    assert len(pd.read_csv(tmp_path / "new" / "folder" / "more.csv")) == 5


def test_more_rows_than_one_file_takes_become_parts_of_a_folder(
    people: pd.DataFrame,
    recipe: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = sk.generate(recipe, data=people)
    monkeypatch.setattr("synthkit.more_rows.MORE_ROWS", 8)
    with pytest.raises(SinkError, match=r"[Nn]ame a folder"):
        sample_run(run.path, 20, tmp_path / "more.csv", [], None, Run())
    sample_run(run.path, 20, tmp_path / "more", [], None, Run())
    parts = sorted((tmp_path / "more").rglob("*.parquet"))
    assert [len(pd.read_parquet(part)) for part in parts] == [8, 8, 4]


def test_identifiers_go_on_from_shard_to_shard_where_rows_are_rejected(
    people: pd.DataFrame,
    recipe: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tall = [{"kind": "range", "column": "height", "min": 170}]  # half of the rows
    sharded = set_in(recipe, "output", shard_rows=40, format="parquet")
    run = sk.generate(set_in(sharded, "schema", constraints=tall), data=people)
    monkeypatch.setattr("synthkit.more_rows.MORE_ROWS", 8)
    sample_run(run.path, 40, tmp_path / "more", [], None, Run())
    ids = pd.concat([run.synthetic["id"], pd.read_parquet(tmp_path / "more")["id"]])
    assert len(ids) == 190
    assert ids.is_unique


def test_another_recipe_may_not_take_the_folder(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    sk.generate(recipe, data=people)
    with pytest.raises(SinkError, match="another recipe"):
        sk.generate({**recipe, "seed": 99}, data=people)


def test_constraints_hold_and_rejections_are_counted(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    table = people.assign(limit=people["age"] + np.arange(len(people)) % 7)
    ruled = set_in(
        recipe,
        "schema",
        constraints=[
            {"kind": "inequality", "low": "age", "high": "limit"},
            {"kind": "range", "column": "height", "min": 165},
            {"kind": "fixed_combinations", "columns": ["city", "income"]},
        ],
    )
    run = sk.generate(ruled, data=table)
    rows = run.synthetic
    assert (rows["age"] <= rows["limit"]).all()
    assert (rows["height"] >= 165).all()
    rejected = run.manifest["rows"]["rejected"]
    assert rejected["range of height"] > 0
    assert run.manifest["rows"]["drawn"] == 150 + sum(rejected.values())


def test_sums_and_dependencies_are_built_in_and_shown(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    tall = people["height"] + people["visits"]
    table = people.assign(
        tall=tall.round(1), state=people["city"].map({"Graz": "S", "Linz": "O", "Wien": "W"})
    )
    ruled = set_in(
        recipe,
        "schema",
        constraints=[
            {"kind": "sum", "total": "tall", "parts": ["height", "visits"]},
            {"kind": "dependency", "from": "city", "to": "state"},
        ],
    )
    run = sk.generate(ruled, data=table)
    rows = run.synthetic
    assert (rows["tall"] == (rows["height"] + rows["visits"]).round(1)).all()
    assert set(zip(rows["city"], rows["state"], strict=True)) <= {
        ("Graz", "S"),
        ("Linz", "O"),
        ("Wien", "W"),
    }
    assert run.manifest["rows"]["drawn"] == 150
    assert run.manifest["not_learned"]["tall"] == "it is computed as the sum of 'height', 'visits'"
    assert run.report["validity.constraints"].value == 0.0
    assert run.report["dependencies"].value == 1.0
    assert sk.load(run.path / "model").sample(20, {"visits": 7})["visits"].eq(7).all()


def test_a_sum_that_the_source_breaks_is_one_clear_error(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    rule = {"kind": "sum", "total": "age", "parts": ["height", "visits"]}
    with pytest.raises(RecipeError, match="200 of 200 training rows do not keep this rule"):
        sk.generate(set_in(recipe, "schema", constraints=[rule]), data=people)
    assert not (tmp_path / "run").exists()


def test_all_computed_columns_that_the_source_contradicts_are_told(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    rules = [
        {"kind": "dependency", "from": "member", "to": "city"},
        {"kind": "range", "column": "height", "min": 0},
        {"kind": "sum", "total": "age", "parts": ["height", "visits"]},
    ]
    with pytest.raises(RecipeError) as caught:
        sk.generate(set_in(recipe, "schema", constraints=rules), data=people)
    assert {p.key for p in caught.value.problems} == {
        "schema.constraints[0]",
        "schema.constraints[2]",
    }
    with pytest.raises(ConstraintError) as refused:
        sk.fit(people, schema={"constraints": rules})
    assert {e.where for e in refused.value.several} == {
        "dependency member -> city",
        "sum age = height + visits",
    }


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{"kind": "sum", "total": "age", "parts": ["city"]}], "cannot be added up"),
        ([{"kind": "dependency", "from": "id", "to": "city"}], "being made anew"),
        ([{"kind": "dependency", "from": "town", "to": "city"}], "no column 'town'"),
    ],
)
def test_constraints_of_the_wrong_columns_are_refused(
    people: pd.DataFrame, recipe: dict[str, Any], rules: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(SynthkitError, match=message):
        sk.generate(set_in(recipe, "schema", constraints=rules), data=people)


def written(people: pd.DataFrame, folder: Path, schema: str) -> Path:
    """A recipe file over the people beside it; the lines of its schema begin with the fifth."""
    people.to_csv(folder / "people.csv", index=False)
    path = folder / "recipe.yaml"
    head = "version: 1\nsource: {path: people.csv}\noutput: {path: run}\nschema:\n"
    path.write_text(head + schema)
    return path


def test_constraints_over_columns_of_wrong_kinds_are_told_at_once_by_line(
    people: pd.DataFrame, tmp_path: Path
) -> None:
    path = written(
        people,
        tmp_path,
        "  constraints:\n"
        "    - {kind: inequality, low: city, high: income}\n"
        "    - {kind: range, column: age, min: 0}\n"
        "    - {kind: range, column: city, min: 0}\n"
        "    - {kind: dependency, from: id, to: city}\n",
    )
    with pytest.raises(RecipeError) as caught:
        sk.generate(path)
    assert [p.where for p in caught.value.problems] == [f"{path}:{n}:7" for n in (6, 8, 9)]


def test_kinds_and_roles_that_the_data_contradicts_are_told_at_once_by_line(
    people: pd.DataFrame, tmp_path: Path
) -> None:
    path = written(
        people,
        tmp_path,
        "  target: id\n"
        "  sensitive: [member, id, sx]\n"
        "  columns:\n"
        "    city: {kind: integer}\n"
        "    member:\n"
        "      kind: datetime\n"
        "    since: {kind: datetime}\n"
        "  constraints:\n"
        "    - {kind: range, column: income, min: 0}\n",
    )
    with pytest.raises(RecipeError) as caught:
        sk.generate(path, overrides=["schema.sensitive=[member, sx, city]"])
    assert [(p.where.removeprefix(f"{path}:"), p.key) for p in caught.value.problems] == [
        ("5:11", "schema.target"),
        ("8:18", "schema.columns.city.kind"),
        ("10:13", "schema.columns.member.kind"),
        ("13:7", "schema.constraints[0]"),
        ("--set schema.sensitive", "schema.sensitive[1]"),
    ]


def test_a_constraint_that_nothing_meets_is_one_clear_error(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    ruled = set_in(
        recipe, "schema", constraints=[{"kind": "range", "column": "height", "min": 5000}]
    )
    with pytest.raises(RecipeError, match=r"only 0 of [\d,]+ drawn rows.*[Ll]oosen") as caught:
        sk.generate(ruled, data=people)
    (problem,) = caught.value.problems
    assert problem.key == "schema.constraints[0]"
    assert list(tmp_path.iterdir()) == []


def test_the_constraint_that_nothing_meets_is_named_beside_others(people: pd.DataFrame) -> None:
    rules = [
        {"kind": "unique", "columns": ["city"]},
        {"kind": "range", "column": "height", "min": 5000},
        {"kind": "range", "column": "height", "max": 9000},
    ]
    model = sk.fit(people, schema={"constraints": rules}, options={"trees": 2})
    with pytest.raises(ConstraintError, match="100% break this one") as caught:
        model.sample(20)
    assert caught.value.at == ("schema", "constraints", 1)


def test_unique_needs_one_shard() -> None:
    schema = Schema(
        columns=(Column(name="a", kind="integer"),),
        constraints=(Unique(kind="unique", columns=("a",)),),
    )
    with pytest.raises(ConstraintError, match="shard_rows"):
        shards(100, 40, schema)
    assert shards(100, 40, Schema(columns=())) == [(0, 40), (40, 40), (80, 20)]


@pytest.mark.parametrize(
    ("section", "values", "error", "message"),
    [
        ("schema", {"target": "wage"}, RecipeError, "no column 'wage'"),
        ("schema", {"sensitive": ["gendre"]}, RecipeError, "no column 'gendre'"),
        ("generator", {"backend": "tree"}, RecipeError, "Did you mean 'trees'"),
        ("generator", {"leafs": 3}, RecipeError, "leafs"),
    ],
)
def test_bad_recipes_name_their_place(
    people: pd.DataFrame,
    recipe: dict[str, Any],
    section: str,
    values: dict[str, Any],
    error: type[SynthkitError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        sk.generate(set_in(recipe, section, **values), data=people)


def test_constant_target_is_refused(people: pd.DataFrame, recipe: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=r"schema\.target: column income is of kind constant"):
        sk.generate(recipe, data=people.assign(income="same"))


def test_three_rows_are_too_few(people: pd.DataFrame, recipe: dict[str, Any]) -> None:
    with pytest.raises(SynthkitError, match="rows"):
        sk.generate(recipe, data=people.head(3))


def test_all_null_and_constant_columns_come_through(
    people: pd.DataFrame, recipe: dict[str, Any]
) -> None:
    table = people.assign(empty=None, same="x")
    rows = sk.generate(recipe, data=table).synthetic
    assert rows["empty"].isna().all()
    assert set(rows["same"]) == {"x"}
    assert list(rows.columns) == list(table.columns)


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_typed_formats_get_types_where_the_source_is_text(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, kind: str
) -> None:
    people.to_csv(tmp_path / "people.csv", index=False)
    job = set_in(recipe, "source", path=str(tmp_path / "people.csv"))
    run = sk.generate(set_in(job, "output", format=kind))
    rows = run.synthetic
    assert pd.api.types.is_integer_dtype(rows["age"])
    assert pd.api.types.is_float_dtype(rows["height"])
    assert pd.api.types.is_bool_dtype(rows["member"])
    if kind == "parquet":
        assert pd.api.types.is_datetime64_dtype(rows["since"])


@pytest.mark.parametrize("zones", [("+01:00", "+02:00"), ("+05:30",), ("Z",)])
def test_zoned_text_keeps_its_zone_in_typed_formats(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path, zones: tuple[str, ...]
) -> None:
    at = [f"2024-0{1 + 6 * (i % len(zones))}-{1 + i % 28:02d}T10:11" for i in range(len(people))]
    at = [cell + zones[i % len(zones)] for i, cell in enumerate(at)]
    people.assign(at=at).to_csv(tmp_path / "people.csv", index=False)
    job = set_in(recipe, "source", path=str(tmp_path / "people.csv"))
    rows = sk.generate(set_in(job, "output", format="parquet")).synthetic
    assert {cell.isoformat()[19:].replace("+00:00", "Z") for cell in rows["at"]} == set(zones)


def test_csv_out_is_spelled_as_csv_in(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    people.to_csv(tmp_path / "people.csv", index=False, sep=";", na_rep="n/a")
    run = sk.generate(set_in(recipe, "source", path=str(tmp_path / "people.csv")))
    lines = (run.path / "data.csv").read_text().splitlines()
    assert lines[0] == (tmp_path / "people.csv").read_text().splitlines()[0]
    assert any(";n/a;" in line for line in lines)
    assert (
        pd.read_csv(run.path / "data.csv", sep=";")["since"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    )


def test_a_balanced_run_says_so_and_each_shard_has_the_shares(
    people: pd.DataFrame, recipe: dict[str, Any], tmp_path: Path
) -> None:
    tall = [{"kind": "range", "column": "height", "min": 165}]
    ruled = set_in(recipe, "schema", constraints=tall)
    wanted = {"income": {"high": 0.25}}
    run = sk.generate(
        set_in(ruled, "output", shard_rows=60, format="parquet", balance=wanted), data=people
    )
    parts = [pd.read_parquet(file) for file in artifacts.data_files(run.path)]
    assert [(part["income"] == "high").sum() for part in parts] == [15, 15, 7]
    assert run.synthetic["id"].is_unique
    rows = run.manifest["rows"]
    assert rows["drawn"] == rows["produced"] + sum(rows["rejected"].values()) > 150
    said = {"column": "income", "categories": 2, "shares": "as the recipe names them"}
    assert run.manifest["balanced"] == run.report.facts["balanced"] == said
    line = (
        "Column 'income' was balanced on purpose (2 values, as the recipe names them): "
        "the checks compare with the real shares and see the shift"
    )
    assert f"  {line}" in summary_lines(run.report)
    assert "balanced on purpose (2 values" in (run.path / "report.html").read_text()
    more = tmp_path / "more.csv"
    options = ["city=Graz:0.5", "city=Linz:0.5"]
    sample_run(run.path, 40, more, ["income=low"], None, Run(), options)
    assert pd.read_csv(more)["city"].value_counts().to_dict() == {"Graz": 20, "Linz": 20}


@pytest.mark.parametrize(
    ("balance", "place", "message"),
    [
        ("{income: {hihg: 0.5}}", "6:28", "income.hihg: the given value is not a category learned"),
        ("{height: even}", "6:21", "height: column 'height' is of kind real"),
        ("{id: even}", "6:17", "id: column 'id' is of kind identifier, which is made anew"),
        ("{city: {Graz: 0.5, Linz: 0.6}}", "6:19", "city: has shares that add up to 1.1"),
    ],
)
def test_what_cannot_be_balanced_is_told_by_line_before_the_fit(
    people: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    balance: str,
    place: str,
    message: str,
) -> None:
    people.to_csv(tmp_path / "people.csv", index=False)
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"version: 1\nsource: {{path: people.csv}}\nschema: {{target: income}}\n"
        f"output:\n  path: {tmp_path / 'run'}\n  balance: {balance}\n"
    )
    monkeypatch.setattr("synthkit.pipeline.fit", None)  # never called
    with pytest.raises(RecipeError) as caught:
        sk.generate(path)
    assert str(caught.value).startswith(f"{path}:{place}: output.balance.{message}")

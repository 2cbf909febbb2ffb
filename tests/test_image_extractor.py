"""``checks.extractor`` from recipe, command line and Python to the report, and refused before any work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from typer.testing import CliRunner

import synthkit as sk
from synthkit import pipeline
from synthkit.cli import app
from synthkit.contracts.checks import image_release
from synthkit.errors import ModelError, RecipeError, SchemaError
from synthkit.policy import load_policy
from synthkit.recipe_io import fingerprint, json_schema, parse_recipe

pytest.importorskip("diffusers")


class Halves(torch.nn.Module):
    """(n, 8) means of the rows of images."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(1, 3))


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("extractor") / "features.pt2"
    shapes = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(Halves(), (torch.zeros(2, 1, 8, 8),), dynamic_shapes=shapes)
    torch.export.save(program, file)
    return file


@pytest.fixture
def recipe(tmp_path: Path) -> dict[str, Any]:
    return {
        "version": 1,
        "source": {"kind": "images", "path": "example:digits", "holdout": 0.5, "max_rows": 300},
        "generator": {"backend": "vae", "epochs": 1, "width": 8, "flow_width": 32},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 120},
    }


def problems(recipe: dict[str, Any], **checks: object) -> str:
    with pytest.raises(RecipeError) as caught:
        parse_recipe({**recipe, "checks": checks})
    return str(caught.value)


def test_a_run_says_whose_features_its_numbers_are_of(
    recipe: dict[str, Any], features: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.pt2").write_bytes(features.read_bytes())
    recipe["checks"] = {"extractor": "./mine.pt2"}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(recipe))
    run = sk.generate(tmp_path / "r.yaml")
    checks = {check.name: check for check in run.report.checks}
    name = checks["frechet"].detail["extractor"]
    assert name.startswith("exported program (checkpoint ")
    assert name.endswith("), 8 features")
    assert checks["label_match"].detail.get("extractor") != name
    assert name in (run.path / "report.json").read_text()
    assert str(tmp_path) not in (run.path / "report.json").read_text()
    assert "extractor: ./mine.pt2" in (run.path / "recipe.yaml").read_text()


def test_another_checkpoint_under_the_same_name_is_another_job(
    recipe: dict[str, Any], features: Path, tmp_path: Path
) -> None:
    file, policy = tmp_path / "mine.pt2", load_policy("internal")

    def job() -> str:
        loaded = parse_recipe({**recipe, "checks": {"extractor": "mine.pt2"}}, base=tmp_path)
        return pipeline.identity(loaded.recipe, policy, pipeline.extractor_of(loaded))

    file.write_bytes(features.read_bytes())
    first = job()
    assert job() == first
    shapes = ({0: torch.export.Dim("batch")},)
    other = torch.nn.Sequential(Halves(), torch.nn.ReLU())
    program = torch.export.export(other, (torch.zeros(2, 1, 8, 8),), dynamic_shapes=shapes)
    torch.export.save(program, file)
    assert job() != first


def test_it_enters_the_fingerprint_only_where_it_is_named(
    recipe: dict[str, Any], features: Path
) -> None:
    plain = parse_recipe(recipe).recipe
    assert fingerprint(plain) == fingerprint(parse_recipe({**recipe, "checks": {}}).recipe)
    named = parse_recipe({**recipe, "checks": {"extractor": str(features)}}).recipe
    assert fingerprint(named) != fingerprint(plain)
    properties = json_schema()["$defs"]["ChecksSpec"]["properties"]
    assert "save_pretrained" in properties["extractor"]["description"]


def test_a_recipe_with_an_extractor_that_is_none_is_refused(
    recipe: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("x")
    gone, text = problems(recipe, extractor="gone"), problems(recipe, extractor="notes.txt")
    assert "checks.extractor: there is no such file or folder; expected a folder that" in gone
    assert "there is no such file" in text
    for path, said in (
        (tmp_path, "the folder has no config.json"),
        (tmp_path / "notes.txt", "the file is no exported program"),
    ):
        assert said in problems(recipe, extractor=str(path))
    assert "checks.extractor: is empty; expected a path" in problems(recipe, extractor="")
    assert "expected text" in problems(recipe, extractor=3)
    assert "there is no such key; expected one of extractor, controls" in problems(
        recipe, extractr="x"
    )
    table = {**recipe, "source": {"path": "example:adult"}, "generator": {}}
    assert "checks.extractor: does not go with kind table" in problems(table, extractor="gone")


def test_damaged_weights_are_found_before_any_work(
    recipe: dict[str, Any], features: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = features.read_bytes()
    damaged = whole.replace(b"torch.ops.aten.mean.dim", b"torch.ops.aten.maen.dim")
    assert damaged != whole
    (tmp_path / "mine.pt2").write_bytes(damaged)
    monkeypatch.setenv("SYNTHKIT_TEST_X", str(tmp_path))
    recipe["checks"] = {"extractor": "${SYNTHKIT_TEST_X}/mine.pt2"}
    with pytest.raises(ModelError, match="the file is damaged") as caught:
        sk.generate(recipe)
    assert str(caught.value).startswith("${SYNTHKIT_TEST_X}/mine.pt2: ")
    assert not (tmp_path / "run").exists()
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(recipe))
    code, said = command("validate", str(tmp_path / "r.yaml"))
    assert code == 2
    assert "checks.extractor: ${SYNTHKIT_TEST_X}/mine.pt2: the file is damaged" in said
    assert f"{tmp_path}/mine" not in said


def command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_an_audit_takes_one_too(features: Path, tmp_path: Path) -> None:
    evidence = image_release(150)
    frames = {
        "real": evidence.train,
        "holdout": evidence.holdout,
        "synthetic": evidence.synthetic,
    }
    report = sk.audit(**frames, target="label", extractor=features)  # type: ignore[arg-type]
    detail = {check.name: check.detail for check in report.checks}["frechet"]
    for name, frame in frames.items():
        assert frame is not None
        np.savez(tmp_path / f"{name}.npz", images=np.stack([*frame["picture"]])[..., 0])
    paths = [word for n in frames for word in (f"--{n}", str(tmp_path / f"{n}.npz"))]
    code, said = command("audit", *paths, "--extractor", str(features), "--json")
    checks = json.loads(said.splitlines()[-1])["checks"]
    assert code in (0, 3)
    found = {check["name"]: check["detail"] for check in checks}["frechet"]
    assert found["extractor"] == detail["extractor"]
    code, said = command("audit", *paths, "--extractor", "gone")
    assert code == 2
    assert said.strip().endswith("a .pt2 file that torch.export.save wrote.")


def test_an_audit_of_a_table_takes_none(features: Path) -> None:
    table = pd.DataFrame({"a": range(50)})
    with pytest.raises(SchemaError, match="there is no column of images"):
        sk.audit(table, table, extractor=features)

"""A recipe with pseudonyms: neither real values nor the key are in anything that a run leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit import pipeline
from synthkit.errors import RecipeError, SynthkitError
from synthkit.generated import GeneratedRun
from synthkit.recipe_io import load_recipe, parse_recipe
from synthkit.run import Run
from synthkit.transforms.made_up import parts

SECRET = "correct-horse-battery-staple"
WORDS = {"doctor": "person names", "sent_by": "person names", "account": "format"}
DOCTORS = [f"Xaver{chr(97 + i)} Quirlenberg{chr(97 + i)}" for i in range(12)]
ACCOUNTS = [f"KX-{700001 + 3331 * i}" for i in range(20)]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHKIT_KEY", SECRET)
        yield patch


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """600 rows; doctors and accounts recur, a tenth of the doctors' cells is missing."""
    rng = np.random.default_rng(11)
    doctor, other = rng.integers(0, 12, (2, 600))
    return pd.DataFrame(
        {
            "doctor": np.where(rng.random(600) < 0.1, "", np.array(DOCTORS)[doctor]),
            "sent_by": np.array(DOCTORS)[other],
            "account": np.array(ACCOUNTS)[rng.integers(0, 20, 600)],
            "cost": np.round(rng.gamma(2, 40, 600) + 5 * doctor, 2),
        }
    )


@pytest.fixture(scope="module")
def recipe(visits: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("visits")
    visits.to_csv(folder / "visits.csv", index=False)
    return {
        "version": 1,
        "source": {"path": str(folder / "visits.csv")},
        "protect": {"pseudonyms": {"key": "${SYNTHKIT_KEY}", "columns": WORDS}},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(folder / "run"), "rows": 300},
    }


@pytest.fixture(scope="module")
def events() -> list[str]:
    return []


@pytest.fixture(scope="module")
def run(recipe: dict[str, Any], events: list[str]) -> GeneratedRun:
    return sk.generate(recipe, listener=lambda event: events.append(str(event)))


def test_nothing_that_a_run_leaves_or_says_holds_a_real_value_or_the_key(
    run: GeneratedRun, events: list[str]
) -> None:
    files = [path for path in run.path.rglob("*") if path.is_file()]
    assert {"manifest.json", "report.html", "recipe.yaml", "data.csv"} <= {f.name for f in files}
    assert len(events) > 5
    content = b"\n".join(path.read_bytes() for path in files) + "\n".join(events).encode()
    for secret in (*DOCTORS, *ACCOUNTS, *(name.split()[1] for name in DOCTORS), SECRET):
        assert secret.encode() not in content
    assert "key: ${SYNTHKIT_KEY}" in (run.path / "recipe.yaml").read_text()


def test_synthetic_rows_have_the_pseudonyms_that_the_api_gives(
    run: GeneratedRun, visits: pd.DataFrame
) -> None:
    table = sk.pseudonymise(visits, WORDS, SECRET)
    assert set(table["doctor"]) - {""} == set(table["sent_by"])
    for name in WORDS:
        made, real = set(run.synthetic[name].dropna()), set(table[name]) - {""}
        assert made <= real
        assert len(made) > 0.9 * len(real)
    assert run.synthetic["doctor"].isna().mean() == pytest.approx(0.1, abs=0.06)


def test_manifest_and_report_count_them(run: GeneratedRun) -> None:
    manifest = json.loads((run.path / "manifest.json").read_text())
    counts = {"values": 12, "shared": 0, "few": 0, "kept": 0}
    assert manifest["pseudonyms"] == {
        "doctor": {"word": "person names", **counts},
        "sent_by": {"word": "person names", **counts},
        "account": {"word": "format", **counts, "values": 20},
    }
    assert "faker" in manifest["versions"]
    assert run.report.facts["pseudonyms"] == WORDS
    assert "Columns with pseudonyms" in (run.path / "report.html").read_text()
    assert not [said for said in manifest["notices"] if "personal" in said or "seems" in said]


def test_more_rows_are_asked_for_by_pseudonym(run: GeneratedRun, visits: pd.DataFrame) -> None:
    model = sk.load(run.path / "model")
    name = sk.pseudonymise(visits, WORDS, SECRET)["sent_by"].iloc[0]
    assert set(model.sample(20, given={"sent_by": name})["sent_by"]) == {name}
    with pytest.raises(SynthkitError, match="sent_by"):
        model.sample(20, given={"sent_by": DOCTORS[0]})


def test_whole_numbers_with_pseudonyms_are_categories(
    recipe: dict[str, Any], visits: pd.DataFrame
) -> None:
    data = visits.assign(account=visits["account"].str[3:].astype("int32"))
    loaded = parse_recipe(recipe)
    tables = pipeline.read(loaded, Run(), data)
    assert tables.schema["account"].kind == "categorical"
    assert tables.raw.frame["account"].dtype == "int32"
    pd.testing.assert_frame_equal(tables.raw.frame, sk.pseudonymise(data, WORDS, SECRET))
    assert not set(tables.train["account"]) & set(data["account"])


def test_names_that_all_differ_are_made_up_as_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "name": [f"Mr {chr(65 + i % 26)}nton B{i}er" for i in range(300)],
            "cost": rng.gamma(2, 40, 300).round(2),
        }
    )
    recipe = {
        "version": 1,
        "protect": {"pseudonyms": {"key": "${SYNTHKIT_KEY}", "columns": {"name": "person names"}}},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run")},
    }
    names = sk.generate(recipe, data=frame).synthetic["name"]
    listed = {word for part in parts("person names") for word in part}
    assert all(set(name.split()) & {word.strip() for word in listed} for name in names)
    assert not names.str.contains(r"\d").any()


def test_another_key_is_another_run(
    run: GeneratedRun, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = parse_recipe(recipe)
    ours = pipeline.read(loaded, Run())
    assert sk.generate(recipe, resume=True).manifest == run.manifest
    monkeypatch.setenv("SYNTHKIT_KEY", SECRET + "!")
    with pytest.raises(SynthkitError, match="--overwrite"):
        sk.generate(recipe, resume=True)
    theirs = pipeline.read(loaded, Run())
    for name in WORDS:
        assert not set(ours.train[name].dropna()) & set(theirs.train[name].dropna())


def test_problems_that_only_the_data_show_have_a_place(
    tmp_path: Path, visits: pd.DataFrame
) -> None:
    path = tmp_path / "recipe.yaml"
    visits.to_csv(tmp_path / "visits.csv", index=False)
    path.write_text(
        f"version: 1\nsource: {{path: visits.csv}}\noutput: {{path: {tmp_path / 'out'}}}\n"
        "protect:\n  pseudonyms:\n    key: ${SYNTHKIT_KEY}\n    columns:\n"
        "      cost: format\n      dcotor: person names\n"
    )
    with pytest.raises(RecipeError) as caught:
        pipeline.generate(load_recipe(path), Run())
    places = [problem.where.rpartition("yaml:")[2] for problem in caught.value.problems]
    assert places == ["8:13", "9:15"]
    assert "cost: is real, and pseudonyms" in str(caught.value)
    assert "Did you mean 'doctor'?" in str(caught.value)

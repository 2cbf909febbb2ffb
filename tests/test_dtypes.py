"""The dtypes that the Python API gives back: pandas' own for delimited text, the frame's for a frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import synthkit as sk

ROWS = 300


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "age": rng.integers(18, 80, ROWS),
            "kids": pd.array([None if i % 7 == 0 else i % 4 for i in range(ROWS)], "Int64"),
            "height": np.round(rng.normal(170, 9, ROWS), 1),
            "since": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 300, ROWS), unit="D"),
            "member": rng.random(ROWS) < 0.5,
            "paid": rng.choice(["yes", "no"], ROWS),
            "city": rng.choice(["Graz", "Linz"], ROWS),
            "zip": rng.choice(["01234", "04567"], ROWS),
        }
    )


@pytest.fixture(scope="module")
def path(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dtypes") / "table.csv.gz"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(path: Path) -> sk.FittedModel:
    return sk.fit(path, seed=1)


EXPECTED = {
    "id": "int64",
    "age": "int64",
    "kids": "Int64",
    "height": "float64",
    "since": "datetime64[us]",
    "member": "bool",
    "paid": "object",
    "city": "object",
    "zip": "object",
}


def test_rows_of_a_model_of_a_csv_have_types(model: sk.FittedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    for fitted in (model, sk.load(tmp_path / "m")):
        rows = fitted.sample(50, seed=1)
        assert rows.dtypes.astype(str).to_dict() == EXPECTED
        assert rows["zip"].str.startswith("0").all()
        assert np.isfinite(fitted.log_prob(rows)).all()


def test_a_run_writes_the_spelling_of_its_source(path: Path, tmp_path: Path) -> None:
    job = {
        "version": 1,
        "source": {"path": path, "holdout": 0},
        "privacy": {"on_fail": "warn"},
        "output": {"path": tmp_path / "run"},
    }
    run = sk.generate(job)
    lines = (run.path / "data.csv").read_text().splitlines()
    assert lines[0] == ",".join(EXPECTED)
    assert {line.split(",")[5] for line in lines[1:]} == {"True", "False"}
    rows = sk.load(run.path / "model").sample(20)
    assert rows.dtypes.astype(str).to_dict() == EXPECTED


def test_imputation_keeps_the_dtypes_of_the_frame(model: sk.FittedModel, path: Path) -> None:
    read = pd.read_csv(path, dtype={"zip": str})
    holes = read.copy()
    holes.loc[:9, ["age", "height", "city", "zip", "since"]] = None
    filled = model.impute(holes, seed=1)
    assert filled.dtypes.equals(holes.dtypes)
    learned = ["age", "kids", "height", "city", "zip", "since"]
    assert filled[learned].notna().all().all()
    assert (filled["age"] % 1 == 0).all()
    assert filled.loc[10:, "height"].equals(read.loc[10:, "height"])
    assert filled["since"].str.fullmatch(r"2024-\d\d-\d\d").all()

    spelled = pd.read_csv(path, dtype=str)
    spelled.loc[:9, "age"] = None
    texts = model.impute(spelled, seed=1)
    assert texts.dtypes.equals(spelled.dtypes)
    assert texts["age"].str.fullmatch("[0-9]+").all()


def test_a_column_without_any_cell_gets_the_dtype_of_the_training(
    model: sk.FittedModel, path: Path
) -> None:
    holes = pd.read_csv(path, dtype={"zip": str}).head(40).assign(age=np.nan, city=np.nan)
    filled = model.impute(holes, seed=1)
    assert filled["age"].dtype == "int64"
    assert set(filled["city"]) <= {"Graz", "Linz"}


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_text_of_any_dtype_is_filled(table: pd.DataFrame, dtype: str) -> None:
    fitted = sk.fit(table[["city", "age"]], seed=1)
    holes = table[["city", "age"]].astype({"city": dtype})
    holes.loc[:9, "city"] = None
    only_graz = holes.assign(city=holes["city"].where(holes["city"] == "Graz"))
    if dtype == "category":
        only_graz["city"] = only_graz["city"].cat.remove_unused_categories()
    for frame in (holes, only_graz):
        filled = fitted.impute(frame, seed=1)
        assert filled["city"].isin(["Graz", "Linz"]).all()
        if frame is holes:
            assert filled.dtypes.equals(frame.dtypes)


@pytest.mark.parametrize("dtype", ["float64", "Int64"])
def test_a_missing_integer_identifier_stays_missing(table: pd.DataFrame, dtype: str) -> None:
    fitted = sk.fit(table[["id", "age", "city"]], seed=1)
    holes = table[["id", "age", "city"]].astype({"id": dtype})
    holes.loc[3, "id"] = None
    holes.loc[5, "city"] = None
    with pytest.warns(UserWarning, match="column id: 1 of 300 cells stay missing"):
        filled = fitted.impute(holes, seed=1)
    assert filled["id"].equals(holes["id"])
    assert filled["city"].notna().all()

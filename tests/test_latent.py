"""``encode``, ``interpolate`` and ``reconstruction_score`` on DataFrames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import NotSupported, SchemaError, SynthkitError

pytest.importorskip("torch")

OPTIONS = {
    "bins": 32,
    "epochs": 100,
    "width": 32,
    "decoder_width": 16,
    "dropout": 0.05,
    "latent": 3,
    "components": 8,
    "free_nats": 1.0,
}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Warm cities sell ice, cold ones tea, and more of it the further they are from mild."""
    rng = np.random.default_rng(0)
    warmth = rng.random(1500)
    sold = np.round(1000 * (warmth + 0.05 * rng.random(1500)))
    return pd.DataFrame(
        {
            "ware": np.where(warmth > 0.5, "ice", "tea"),
            "sold": sold.astype("int32"),
            "warmth": warmth,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 1500), "D"),
        }
    )


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(table, backend="vae", seed=1, protect={"extremes": 0}, options=OPTIONS)


def test_similar_rows_lie_near_each_other(model: sk.FittedModel, table: pd.DataFrame) -> None:
    table = table.sort_values("warmth")
    places = model.encode(table)
    assert places.shape == (1500, 3)
    near = np.linalg.norm(np.diff(places, axis=0), axis=1).mean()
    far = np.linalg.norm(places[:750] - places[750:], axis=1).mean()
    assert near < 0.7 * far
    assert model.encode(table.head(0)).shape == (0, 3)


def test_a_path_has_the_columns_and_dtypes_of_the_table(
    model: sk.FittedModel, table: pd.DataFrame
) -> None:
    path = model.interpolate(table[:4], table[4:8], steps=6, seed=2)
    assert len(path) == 24
    assert path.dtypes.equals(table.dtypes)
    assert path.equals(model.interpolate(table[:4], table[4:8], steps=6, seed=2))
    assert len(model.interpolate(table[:0], table[:0], steps=6)) == 0


def test_a_row_against_the_rule_has_the_worst_score(
    model: sk.FittedModel, table: pd.DataFrame
) -> None:
    some = table.head(300).reset_index(drop=True)
    some.loc[7, ["ware", "sold", "warmth"]] = ["tea", 60, 0.97]
    assert int(model.reconstruction_score(some).argmax()) == 7


def test_what_is_never_made_has_an_infinite_score(
    model: sk.FittedModel, table: pd.DataFrame
) -> None:
    odd = table.head(3).copy()
    odd.loc[1, "ware"] = "Zanzibar"
    odd.loc[2, "warmth"] = np.nan
    assert np.isinf(model.reconstruction_score(odd)).tolist() == [False, True, True]


def test_a_stored_model_has_the_same_space(
    model: sk.FittedModel, table: pd.DataFrame, tmp_path: Path
) -> None:
    model.save(tmp_path)
    assert np.array_equal(sk.load(tmp_path).encode(table), model.encode(table))


def test_wrong_arguments_are_told(model: sk.FittedModel, table: pd.DataFrame) -> None:
    one, two = table[:1], table[:2]
    with pytest.raises(SynthkitError, match="b: has 2 rows; expected 1, as many as a has"):
        model.interpolate(one, two, steps=5)
    with pytest.raises(SynthkitError, match="steps: is 1; expected a whole number of at least 2"):
        model.interpolate(one, one, steps=1)
    with pytest.raises(SynthkitError, match="a: is of type list; expected a DataFrame"):
        model.interpolate([1], one, steps=5)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="b: "):
        model.interpolate(one, one[["ware"]], steps=5)


def test_a_backend_without_latents_names_one_with(table: pd.DataFrame) -> None:
    trees = sk.fit(table.head(200), seed=1)
    for call in (
        lambda: trees.encode(table),
        lambda: trees.interpolate(table, table, 3),
        lambda: trees.reconstruction_score(table),
    ):
        with pytest.raises(NotSupported, match=r"trees has no latent space.*backend vae"):
            call()

"""Identifiers and text: the values are made anew, but whether a cell is missing is learned."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.errors import SchemaError
from synthkit.model import Model
from synthkit.recipe import ProtectSpec
from synthkit.run import Run
from synthkit.schema import Column, Schema
from synthkit.transforms.layout import Categorical
from synthkit.transforms.table import TableEncoder

N = 400
CELLS = st.lists(st.none() | st.just("K123"), min_size=1, max_size=30)


def tickets() -> tuple[pd.DataFrame, Schema]:
    """A resolution and a receipt where the ticket is closed, and only there."""
    closed = np.random.default_rng(0).random(N) < 0.4
    typed = pd.DataFrame(
        {
            "status": np.where(closed, "closed", "open").astype(object),
            "ticket": pd.Series([f"T{i:05d}" for i in range(N)], dtype=object),
            "resolution": np.where(closed, "some free words", None),
            "receipt": np.where(closed, [f"R{i:05d}" for i in range(N)], None),
        }
    )
    schema = Schema(
        columns=(
            Column(name="status", kind="categorical"),
            Column(name="ticket", kind="identifier", pattern="T9{5}", unique=True),
            Column(name="resolution", kind="text", nullable=True),
            Column(name="receipt", kind="identifier", pattern="R9{5}", unique=True, nullable=True),
        )
    )
    return typed, schema


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.fit(*tickets(), "trees", {}, ProtectSpec(), Run(seed=1))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@given(CELLS, st.sampled_from(["identifier", "text"]))
def test_missing_cells_come_back_where_they_were(cells: list, kind: str) -> None:
    typed = pd.DataFrame({"c": pd.Series(cells, dtype=object)})
    schema = Schema(columns=(Column(name="c", kind=kind, pattern="A9{3}"),))
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), rng())
    for coder in (encoder, TableEncoder.from_state(schema, encoder.state())):
        batch = coder.transform(typed, rng())
        back = coder.inverse_transform(batch, rng(), n=len(typed))["c"]
        assert back.isna().tolist() == typed["c"].isna().tolist()


def test_only_a_column_with_missing_cells_has_a_field() -> None:
    encoder = TableEncoder.fit(*tickets(), ProtectSpec(), rng())
    assert encoder.layout.names == ("status", "resolution", "receipt")
    assert encoder.layout["resolution"] == Categorical(
        "resolution", 2, missing=1, column="resolution"
    )
    assert set(encoder.unmodelled) == {"ticket", "resolution", "receipt"}


def test_a_backend_learns_when_a_cell_is_missing(model: Model) -> None:
    made = model.sample(2000, rng())
    closed = made["status"] == "closed"
    assert 0.3 < closed.mean() < 0.5
    assert (made["resolution"].notna() == closed).mean() > 0.99
    assert (made["receipt"].notna() == closed).mean() > 0.99
    assert made["receipt"].dropna().is_unique


def test_a_missing_cell_can_be_given_but_no_value(model: Model) -> None:
    made = model.sample(200, rng(), given={"resolution": None})
    assert made["resolution"].isna().all()
    assert (made["status"] == "open").mean() > 0.99
    for values, words in (
        ({"resolution": "solved"}, "free text is not learned"),
        ({"ticket": None}, "identifiers are not learned"),
    ):
        with pytest.raises(SchemaError, match=words):
            model.sample(5, rng(), given=values)


def test_imputation_leaves_the_cell_and_goes_by_it(model: Model) -> None:
    typed, _ = tickets()
    filled = model.impute(typed.assign(status=None), rng())
    pd.testing.assert_frame_equal(filled.drop(columns="status"), typed.drop(columns="status"))
    assert (filled["status"] == typed["status"]).mean() > 0.99

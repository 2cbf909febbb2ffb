"""Validity counts what was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.validity.table import Validity
from synthkit.contracts import checks as contract
from synthkit.errors import CheckError
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Inequality, Range, Schema


def validity(evidence: Evidence) -> dict[str, CheckResult]:
    return {r.name.removeprefix("validity."): r for r in Validity().run(evidence, Run(0))}


def test_planted_faults_are_counted() -> None:
    release = contract.release(200)
    rows = release.synthetic.copy()
    rows.loc[:2, "income"] = [-1.0, -2.0, 1e12]
    rows.loc[:4, "group"] = "Z"
    rows.loc[:9, "id"] = "P000000"
    rows["member"] = pd.array([pd.NA] * 200, dtype="boolean")
    given = contract.with_synthetic(release, rows)
    given.invalid["income"] = 4
    found = validity(given)
    assert found["cells"].detail["columns"] == {"income": 4}
    assert found["cells"].value == 4 / (200 * 8)
    assert found["ranges"].detail["columns"]["income"] >= 3
    assert found["categories"].detail["columns"]["group"] == 5
    assert found["nulls"].value == 1.0
    assert "'member'" in found["nulls"].summary
    assert found["keys"].detail["columns"] == {"id": 9}


def test_an_honest_release_stands_beside_the_holdout() -> None:
    found = validity(contract.release(2000))
    for name in ("ranges", "categories", "nulls"):
        assert found[name].reference is not None
        assert found[name].value == pytest.approx(found[name].reference, abs=0.02)
    assert found["constraints"].status == "not_applicable"


def test_no_column_is_blamed_where_missing_cells_are_as_frequent() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0], "b": [1.0, 2.0, 3.0, 4.0]})
    schema = Schema(columns=(Column(name="a", kind="real"), Column(name="b", kind="real")))
    result = validity(Evidence(frame, None, frame[::-1], schema))["nulls"]
    assert result.value == 0.0
    assert (
        result.summary == "In every column the share of missing cells is that of the training rows."
    )


def test_constraints_are_counted_by_rule() -> None:
    frame = pd.DataFrame({"a": np.arange(10.0), "b": np.full(10, 7.0)})
    schema = Schema(
        columns=(Column(name="a", kind="real"), Column(name="b", kind="real")),
        constraints=(
            Inequality(kind="inequality", low="a", high="b"),
            Range(kind="range", column="a", min=1.0),
        ),
    )
    result = validity(Evidence(frame, None, frame, schema))["constraints"]
    assert result.detail["rules"] == {"inequality a <= b": 2, "range of a": 1}
    assert result.value == 0.3


def test_no_cell_value_is_told() -> None:
    release = contract.release(100)
    rows = release.synthetic.copy()
    rows.loc[0, "income"] = -123456.75
    rows.loc[0, "city"] = "Atlantis"
    told = repr(validity(contract.with_synthetic(release, rows)))
    assert "123456" not in told
    assert "Atlantis" not in told


def test_a_missing_column_is_an_error() -> None:
    release = contract.release(100)
    with pytest.raises(CheckError, match=r"synthetic table lacks the columns \['city'\]"):
        validity(contract.with_synthetic(release, release.synthetic.drop(columns="city")))


def test_a_wrong_dtype_is_an_error() -> None:
    release = contract.release(100)
    rows = release.synthetic.astype({"income": object})
    with pytest.raises(CheckError, match="column 'income' of the synthetic table has dtype object"):
        validity(contract.with_synthetic(release, rows))

"""Only combinations of quasi-identifiers that k training rows share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.constraints.quasi_identifiers import Levels, QuasiIdentifiers
from synthkit.errors import ConstraintError, SchemaError
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="sex", kind="categorical"),
        Column(name="town", kind="categorical"),
        Column(name="age", kind="integer"),
        Column(name="name", kind="text"),
        Column(name="code", kind="mixed"),
    )
)


def rows(*cells: tuple[str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(cells), columns=["sex", "town"], dtype=object)
    return frame.where(frame.notna(), None)


TRAIN = rows(
    *[("m", "Graz")] * 5,
    *[("f", "Graz")] * 4,
    *[("f", "Linz")] * 7,
    *[(None, "Linz")] * 5,
    *[("m", "Ried")] * 2,
    *[("m", "Wels")] * 3,
)


def fitted(k: int = 5, rare: int = 0, names: tuple[str, ...] = ("sex", "town")) -> QuasiIdentifiers:
    protect = ProtectSpec(quasi_identifiers=names, k=k, rare=rare)
    return QuasiIdentifiers.fit(SCHEMA, TRAIN, protect)


def test_combinations_of_fewer_rows_are_broken_and_a_missing_cell_is_a_value() -> None:
    drawn = rows(("m", "Graz"), ("f", "Graz"), ("f", "Linz"), (None, "Linz"), ("m", "Linz"))
    assert fitted(k=5).broken(drawn).tolist() == [False, True, False, False, True]
    assert fitted(k=4).broken(drawn).tolist() == [False, False, False, False, True]


def test_what_falls_below_k_is_counted() -> None:
    facts = fitted(k=5).facts
    assert facts["combinations"] == 3
    assert facts["combinations_below_k"] == 3
    assert facts["training_rows_below_k"] == 4 + 2 + 3


def test_protected_categories_and_their_stand_ins_count_as_one() -> None:
    """Ried and Wels are in fewer than four rows, together in five."""
    drawn = rows(("m", "Ried"), ("m", "Wels"), ("m", "Bonn"), ("f", "Bonn"))
    assert fitted(rare=4).broken(drawn).tolist() == [False, False, False, True]
    assert fitted(rare=0).broken(drawn).all()


def test_nothing_rarer_is_stored() -> None:
    common = fitted()
    assert len(common.state().arrays["combinations"]) == 3
    assert len(fitted(rare=4).state().arrays["levels/1"]) == 2  # Graz and Linz


def test_it_is_the_same_after_it_was_stored() -> None:
    common = QuasiIdentifiers.from_state(fitted().state())
    assert (common.broken(TRAIN) == fitted().broken(TRAIN)).all()
    assert common.facts == fitted().facts


def test_given_cells_are_allowed_if_a_kept_combination_has_them() -> None:
    common = fitted()
    assert common.allows(rows(("m", "Graz"))[["sex"]])
    assert common.allows(rows((None, "Linz")))
    for refused in (("f", "Graz"), ("m", "Ried"), ("x", "Linz")):
        assert not common.allows(rows(refused))


def test_numbers_count_by_deciles_and_no_cut_is_one_of_them() -> None:
    ages = pd.Series(np.arange(100.0))
    levels = Levels.fit(Column(name="age", kind="real"), ages, ProtectSpec(extremes=5))
    assert levels.known.tolist() == [9.5 + 10 * i for i in range(9)]
    assert levels.of(pd.Series([-5.0, 9.0, 10.0, 99.0, 500.0, np.nan])).tolist() == [
        *(1, 1, 2, 10, 10),
        0,
    ]
    assert not set(levels.known) & set(ages)


def test_no_cut_tells_the_extremes() -> None:
    ages = pd.Series(np.arange(20.0))
    known = Levels.fit(Column(name="age", kind="real"), ages, ProtectSpec(extremes=5)).known
    assert known.min() > 5
    assert known.max() < 14


def test_dates_count_by_deciles_too() -> None:
    days = pd.Series(pd.date_range("2020-01-01", periods=100, freq="D").astype("datetime64[us]"))
    levels = Levels.fit(Column(name="since", kind="datetime"), days, ProtectSpec())
    assert np.bincount(levels.of(days)).tolist() == [0] + [10] * 10
    assert levels.of(pd.Series([pd.NaT], dtype="datetime64[us]")).tolist() == [0]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("sex", "twon"), "no column 'twon'.*did you mean 'town'"),
        (("sex", "sex"), "twice"),
        (("name",), "of kind text, which has no values that are learned.*leave it out"),
        (("code",), r"of kind mixed.*declare code: \{kind: categorical\}"),
    ],
)
def test_columns_that_cannot_be_are_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(SchemaError, match=f"(?i){message}") as caught:
        fitted(names=names)
    assert caught.value.at == ("protect", "quasi_identifiers", len(names) - 1)


def test_without_a_frequent_combination_there_is_nothing_to_draw() -> None:
    with pytest.raises(ConstraintError, match=r"shared by 50 training rows.*lower protect\.k"):
        fitted(k=50)

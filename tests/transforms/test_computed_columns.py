"""Totals and lookups: no field, right after decoding, protected, refused where the rows disagree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import ConstraintError, SchemaError
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Constraint, Dependency, Inequality, Schema, Sum
from synthkit.transforms.table import TableEncoder

TOTAL = Sum(kind="sum", total="total", parts=("a", "b"))
TOWN = Dependency.model_validate({"kind": "dependency", "from": "zone", "to": "town"})


def schema(**kinds: Any) -> Schema:
    columns = [
        Column(name=n, kind="real", decimals=k) if isinstance(k, int) else Column(name=n, kind=k)
        for n, k in kinds.items()
    ]
    return Schema(columns=tuple(columns))


def ruled(base: Schema, *rules: Constraint) -> Schema:
    return base.model_copy(update={"constraints": rules})


def fitted(typed: pd.DataFrame, given: Schema, protect: ProtectSpec | None = None) -> TableEncoder:
    return TableEncoder.fit(typed, given, protect or ProtectSpec(), np.random.default_rng(0))


def again(encoder: TableEncoder, typed: pd.DataFrame) -> pd.DataFrame:
    """Encoded and decoded, by an encoder that was stored in between."""
    stored = TableEncoder.from_state(encoder.schema, encoder.state())
    batch = stored.transform(typed, np.random.default_rng(1))
    return stored.inverse_transform(batch, np.random.default_rng(2), n=len(typed))


def amounts(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    a, b = np.round(rng.gamma(2, 6, n), 2), np.round(rng.gamma(2, 1, n), 2)
    return pd.DataFrame({"total": np.round(a + b, 2), "a": a, "b": b})


def zones(n: int = 600) -> pd.DataFrame:
    zone = np.random.default_rng(0).integers(0, 12, n)
    return pd.DataFrame(
        {
            "town": np.array([f"town-{z // 4}" for z in zone], dtype=object),
            "zone": np.array([f"zone-{z}" for z in zone], dtype=object),
        }
    )


def test_a_total_is_not_learned_and_exact_to_the_last_digit() -> None:
    typed = amounts()
    encoder = fitted(typed, ruled(schema(total=2, a=2, b=2), TOTAL))
    assert encoder.layout.names == ("a", "b")
    assert encoder.unmodelled == {"total": "it is computed as the sum of 'a', 'b'"}
    made = again(encoder, typed)
    assert (made["total"] == (made["a"] + made["b"]).round(2)).all()
    assert list(made.columns) == ["total", "a", "b"]


def test_a_total_is_missing_where_a_part_is_and_differences_are_counted() -> None:
    typed = amounts()
    typed.loc[:19, "b"] = np.nan
    typed.loc[:15, "total"] = np.nan
    typed.loc[100:101, "total"] += 1.0
    encoder = fitted(typed, ruled(schema(total=2, a=2, b=2), TOTAL))
    assert encoder.unmodelled["total"].endswith("; 6 training rows differ from it")
    made = again(encoder, typed)
    assert made["total"].isna().equals(made["b"].isna())
    assert made["total"].isna().sum() == 20


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("integer", lambda n: pd.array(n, dtype="Int64")),
        ("duration", lambda n: pd.to_timedelta(n, unit="s").astype("timedelta64[us]")),
    ],
)
def test_totals_of_whole_numbers_and_durations_keep_their_dtype(kind: str, make: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 500, 200), rng.integers(0, 90, 200)
    typed = pd.DataFrame({"a": make(a), "total": make(a + b), "b": make(b)})
    made = again(fitted(typed, ruled(schema(a=kind, total=kind, b=kind), TOTAL)), typed)
    assert made.dtypes.equals(typed.dtypes)
    assert (made["total"] == made["a"] + made["b"]).all()


def test_equal_datetimes_are_a_sum_of_one() -> None:
    days = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(100), unit="D"))
    typed = pd.DataFrame({"day": days, "copy": days}).astype("datetime64[us]")
    rule = Sum(kind="sum", total="copy", parts=("day",))
    made = again(fitted(typed, ruled(schema(day="datetime", copy="datetime"), rule)), typed)
    assert made["copy"].equals(made["day"].rename("copy"))


def test_a_total_that_another_column_follows_is_decoded_before_it() -> None:
    typed = amounts()
    typed.insert(0, "paid", typed["total"] + np.arange(300) % 3)
    order = Inequality(kind="inequality", low="total", high="paid")
    circle = Inequality(kind="inequality", low="total", high="a")
    made = again(
        fitted(typed, ruled(schema(paid=2, total=2, a=2, b=2), TOTAL, order, circle)), typed
    )
    assert (made["paid"] >= made["total"]).all()
    assert (made["total"] == (made["a"] + made["b"]).round(2)).all()


def test_rows_that_do_not_add_up_are_refused() -> None:
    typed = amounts()
    typed.loc[:29, "total"] += 1.0
    with pytest.raises(ConstraintError, match=r"sum total = a \+ b: 30 of 300 training rows.*drop"):
        fitted(typed, ruled(schema(total=2, a=2, b=2), TOTAL))


def test_a_lookup_is_not_learned_and_exact() -> None:
    typed = zones()
    encoder = fitted(typed, ruled(schema(town="categorical", zone="categorical"), TOWN))
    assert encoder.layout.names == ("zone",)
    assert encoder.unmodelled == {"town": "it is computed as what goes with 'zone'"}
    pd.testing.assert_frame_equal(again(encoder, typed), typed)


def test_the_usual_cell_is_taken_and_exceptions_are_counted() -> None:
    typed = zones()
    typed.loc[:2, "town"] = "elsewhere"
    typed.loc[3:5, "zone"] = None
    typed.loc[3:5, "town"] = ["town-0", "town-1", "town-2"]
    encoder = fitted(typed, ruled(schema(town="categorical", zone="categorical"), TOWN))
    assert encoder.unmodelled["town"].endswith("; 5 training rows differ from it")
    made = again(encoder, typed)
    assert made["zone"].isna().sum() == 3
    assert made.loc[made["zone"].isna(), "town"].isna().all()  # three rows are too few to tell
    assert "elsewhere" not in set(made["town"])


def test_rare_pairs_are_not_stored() -> None:
    typed = zones()
    typed.loc[:3, ["zone", "town"]] = ["zone-rare", "town-rare"]
    typed.loc[4:6, "zone"] = "zone-hidden"
    typed.loc[4:6, "town"] = "town-0"
    encoder = fitted(typed, ruled(schema(town="categorical", zone="categorical"), TOWN))
    assert encoder.protected["town"] == {"rare_pairs": 2, "rare_rows": 7}
    stored = b"".join(np.ascontiguousarray(a).tobytes() for a in encoder.state().arrays.values())
    assert b"town-0" in stored
    for hidden in (b"town-rare", b"zone-rare", b"zone-hidden"):
        assert hidden not in stored
        assert hidden.decode() not in repr(encoder.state().meta)
    assert set(again(encoder, typed)["town"]) == {"town-0", "town-1", "town-2"}


def test_rare_values_are_learned_as_others_of_the_same_cell() -> None:
    typed = zones(1200)
    rare = np.arange(0, 180)
    typed.loc[rare, "zone"] = np.char.add("rare-", (rare // 3).astype(str)).astype(object)
    typed.loc[rare, "town"] = "town-2"
    encoder = fitted(typed, ruled(schema(town="categorical", zone="categorical"), TOWN))
    made = again(encoder, typed)
    assert (made["town"] == typed["town"]).all()
    assert made.loc[rare, "zone"].nunique() == 4
    assert not made["zone"].str.startswith("rare").any()


def test_the_metadata_and_the_schema_name_no_value_of_a_lookup() -> None:
    typed = zones()
    typed.loc[:3, ["zone", "town"]] = ["zone-rare", "town-rare"]
    labels = {name: tuple(sorted(set(typed[name]))) for name in typed}
    columns = (
        Column(name="town", kind="categorical", dtype="category", categories=labels["town"]),
        Column(name="zone", kind="ordinal", order=labels["zone"]),
    )
    encoder = fitted(typed, Schema(columns=columns, constraints=(TOWN,)))
    assert encoder.schema["town"].categories == ("town-0", "town-1", "town-2")
    assert "town-" not in repr(encoder.state().meta)
    assert "zone-" not in repr(encoder.state().meta)


def test_made_up_values_have_one_cell_each() -> None:
    rng = np.random.default_rng(0)
    zone = np.repeat(rng.permutation(400), 3)
    typed = pd.DataFrame(
        {
            "zone": np.array([f"zone-{z:03}" for z in zone], dtype=object),
            "town": np.array([f"town-{z % 3}" for z in zone], dtype=object),
        }
    )
    encoder = fitted(typed, ruled(schema(zone="categorical", town="categorical"), TOWN))
    made = again(encoder, typed)
    assert made["zone"].nunique() > 20
    assert not set(made["zone"]) & set(typed["zone"])
    assert (made.groupby("zone")["town"].nunique() == 1).all()
    assert made["town"].value_counts(normalize=True).min() > 0.1


def test_numbers_between_known_ones_take_the_nearest_cell() -> None:
    age = np.random.default_rng(0).integers(18, 80, 4000)
    typed = pd.DataFrame(
        {
            "age": pd.array(age, dtype="Int64"),
            "grown": pd.array(age >= 40, dtype="boolean"),
            "band": pd.array(age // 20 * 20, dtype="Int64"),
        }
    )
    rules = [
        Dependency.model_validate({"kind": "dependency", "from": "age", "to": to})
        for to in ("grown", "band")
    ]
    given = ruled(schema(age="integer", grown="boolean", band="integer"), *rules)
    sparse = typed[typed["age"] != 50].reset_index(drop=True)
    made = again(fitted(sparse, given), typed)
    assert made.dtypes.equals(typed.dtypes)
    assert (made["grown"] == (made["age"] >= 40)).all()
    assert (made["band"] == made["age"] // 20 * 20).all()


def test_a_dependency_that_the_rows_do_not_have_is_refused() -> None:
    typed = zones()
    typed.loc[:99, "town"] = "elsewhere"
    with pytest.raises(ConstraintError, match="training rows do not keep this rule"):
        fitted(typed, ruled(schema(town="categorical", zone="categorical"), TOWN))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"total": 3.0}, "computed from 'a', 'b'. Give values of 'a', 'b' instead"),
        ({"town": "town-1"}, "computed from 'zone'. Give a value of 'zone' instead"),
        ({"town": None}, "computed from 'zone'"),
    ],
)
def test_a_computed_column_cannot_be_given(given: dict[str, Any], words: str) -> None:
    typed = pd.concat([amounts(), zones(300)], axis=1)
    kinds = {"total": 2, "a": 2, "b": 2, "town": "categorical", "zone": "categorical"}
    encoder = fitted(typed, ruled(schema(**kinds), TOTAL, TOWN))
    with pytest.raises(SchemaError, match=words):
        encoder.given_cells(given, 5)

"""Mixed columns keep spelling; free text becomes placeholder text of the same length."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SchemaError
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Schema
from synthkit.transforms.base import Rows
from synthkit.transforms.layout import Categorical, Numeric
from synthkit.transforms.mixed import NUMBER
from synthkit.transforms.table import TableEncoder
from synthkit.transforms.text import TextCodec
from synthkit.transforms.values import TYPES, pack, unpack

OFF = ProtectSpec(rare=0, extremes=0)


def mixed(cells: list, protect: ProtectSpec = OFF) -> tuple[TableEncoder, pd.DataFrame]:
    typed = pd.DataFrame({"m": pd.Series(cells, dtype=object)})
    schema = Schema(columns=(Column(name="m", kind="mixed"),))
    return TableEncoder.fit(typed, schema, protect, np.random.default_rng(0)), typed


def test_labels_and_numbers_are_two_fields() -> None:
    rng = np.random.default_rng(0)
    cells = [f"{x:.2f}" for x in rng.normal(50, 9, 300)] + ["low"] * 60 + [None] * 40
    encoder, typed = mixed(cells)
    label, number = encoder.layout.fields
    assert label == Categorical("m.label", 3, missing=2, column="m")
    assert isinstance(number, Numeric)
    assert number.nullable
    batch = encoder.transform(typed, rng)
    assert np.array_equal(np.isnan(batch["m.number"]), batch["m.label"] != 0)
    back = encoder.inverse_transform(batch, rng)
    pd.testing.assert_frame_equal(back, typed)


def test_a_number_state_without_a_rank_is_drawn() -> None:
    encoder, _ = mixed(["10", "20", "30", "x"] * 25)
    batch = {"m.label": np.zeros(50, np.int32), "m.number": np.full(50, 3, np.int32)}
    made = encoder.inverse_transform(batch, np.random.default_rng(0))["m"]
    assert set(made) == {"10", "20", "30"}


def test_spellings_that_do_not_print_back_are_labels() -> None:
    cells = ["007", "1e5", "-0", "3.10", "12", "13", "14", "99999999999999999999"]
    encoder, typed = mixed(cells)
    assert encoder.layout["m.label"].size == 6  # five of these, and "a number"
    rng = np.random.default_rng(0)
    back = encoder.inverse_transform(encoder.transform(typed, rng), rng)
    assert back["m"].tolist() == cells


def test_native_numbers_stay_numbers() -> None:
    encoder, typed = mixed([1, 2, 3, "n/a", 2.5] * 4)
    rng = np.random.default_rng(0)
    back = encoder.inverse_transform(encoder.transform(typed, rng), rng)["m"]
    assert back.tolist() == typed["m"].tolist()
    assert [isinstance(cell, str) for cell in back[:5]] == [False, False, False, True, False]


def test_a_rare_label_is_hidden_and_the_marker_never_shows() -> None:
    rng = np.random.default_rng(0)
    encoder, typed = mixed(["5", "6", "7", "x"] * 50 + ["canary"], ProtectSpec())
    made = encoder.inverse_transform(encoder.transform(typed, rng), rng)["m"]
    assert set(made) == {"5", "6", "7", "x"}
    few, typed = mixed(["5", "6"] + [f"label {i}" for i in range(40)], ProtectSpec())
    made = few.inverse_transform(few.transform(typed, rng), rng)["m"]
    assert not made.str.contains(NUMBER).any()
    assert not made.isin(["5", "6"]).any()


def text(cells: list) -> TextCodec:
    typed = pd.DataFrame({"t": pd.Series(cells, dtype=object)})
    return TextCodec.fit(typed, Column(name="t", kind="text"), ProtectSpec())


def test_placeholder_text_has_the_lengths_of_the_real_text() -> None:
    rng = np.random.default_rng(0)
    sizes = rng.integers(3, 40, 1000)
    codec = text([" ".join(["wort"] * n) for n in sizes])
    made = codec.inverse_transform({}, Rows(4000), rng)
    words = made.str.split().str.len()
    assert words.mean() == pytest.approx(sizes.mean(), abs=1)
    assert words.std() == pytest.approx(sizes.std(), rel=0.1)
    assert not made.str.contains("wort").any()


def test_placeholder_text_follows_the_seed() -> None:
    codec = text(["a few words", "more", ""] * 30)
    assert codec.fields == ()
    one, two, three = (
        codec.inverse_transform({}, Rows(400), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert one.tolist() == two.tolist() != three.tolist()
    assert one.notna().all()


def test_every_type_of_value_comes_back() -> None:
    examples = {
        "str": ["", "ä\x00b", "\ud800"],
        "bool": [True, False],
        "int": [0, -(10**40)],
        "float": [0.1, -0.0, 5e-324],
    }
    values = [value for group in examples.values() for value in group]
    back = unpack(pack(values))
    assert back == values
    assert [type(v) for v in back] == [type(v) for v in values]
    assert len(TYPES) == len({kind for kind, _, _ in TYPES})


def test_other_scalars_are_learned_as_categories() -> None:
    import datetime
    from decimal import Decimal

    cells = [
        datetime.date(2020, 1, 2),
        datetime.datetime(2020, 1, 2, 3, 4),
        datetime.time(3, 4),
        Decimal("1.50"),
        np.float32(0.5),
        np.str_("x"),
    ]
    typed = pd.DataFrame({"a": pd.Series(cells * 3, dtype=object)})
    schema = Schema(columns=(Column(name="a", kind="categorical"),))
    encoder = TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))
    again = TableEncoder.from_state(schema, encoder.state())
    rng = np.random.default_rng(0)
    assert again.inverse_transform(encoder.transform(typed, rng), rng)["a"].tolist() == cells * 3
    with pytest.raises(SchemaError, match="Period"):
        TableEncoder.fit(
            pd.DataFrame({"a": pd.Series([pd.Period("2020")], dtype=object)}), schema, OFF, rng
        )

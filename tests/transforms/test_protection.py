"""What is hidden stays hidden: planted values are searched in states and in decoded rows."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address

import numpy as np
import pandas as pd
import pytest

from synthkit.columns import detect, to_raw, to_typed
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.layout import Categorical
from synthkit.transforms.placeholder import placeholders, shape
from synthkit.transforms.table import TableEncoder

N = 2000
CANARY = "Xanthippe-41237"
NUMBER = 7_654_321
REAL = 31_415.926
MOMENT = pd.Timestamp("1931-07-19 03:41:27")


def planted() -> tuple[pd.DataFrame, Schema]:
    """A table whose row 0 has a value of its own in every column."""
    rng = np.random.default_rng(0)
    low, high = rng.integers(0, 900, N // 2), rng.integers(9_000_000, 9_000_900, N // 2)
    typed = pd.DataFrame(
        {
            "category": rng.choice(["red", "green", "blue"], N).astype(object),
            "name": np.array([f"person {i}" for i in range(N)], object),
            "extreme": pd.array(rng.integers(0, 300, N), dtype="Int64"),
            "between": pd.array(np.concatenate([low, high]), dtype="Int64"),
            "atoms": pd.array(rng.integers(0, 30, N) * 1000, dtype="Int64"),
            "real": np.round(rng.normal(100, 15, N), 3),
            "float": rng.normal(0, 1, N),
            "since": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 10**8, N), "s"),
            "mixed": rng.choice(["12", "13", "14", "unknown"], N).astype(object),
            "code": np.array([f"ID-{i:06d}" for i in rng.permutation(10**6)[:N]], object),
            "text": np.array(["some free words"] * N, object),
        }
    )
    typed["since"] = typed["since"].astype("datetime64[us]")
    typed.loc[0, ["category", "name", "mixed", "text"]] = CANARY
    typed.loc[0, ["extreme", "between", "atoms"]] = NUMBER
    typed.loc[0, ["real", "float"]] = REAL
    typed.loc[0, "since"] = MOMENT
    kinds = {
        "category": "categorical",
        "name": "categorical",
        "extreme": "integer",
        "between": "integer",
        "atoms": "integer",
        "real": "real",
        "float": "real",
        "since": "datetime",
        "mixed": "mixed",
        "code": "identifier",
        "text": "text",
    }
    extra = {"real": {"decimals": 3}, "code": {"pattern": "ID-9{6}", "unique": True}}
    columns = tuple(Column(name=n, kind=k, **extra.get(n, {})) for n, k in kinds.items())
    return typed, Schema(columns=columns)


@pytest.fixture(scope="module")
def fitted() -> tuple[pd.DataFrame, Schema, TableEncoder]:
    typed, schema = planted()
    return typed, schema, TableEncoder.fit(typed, schema, ProtectSpec(), np.random.default_rng(0))


def needles() -> list[bytes]:
    """Every form in which a planted value could be stored."""
    moment = MOMENT.value // 1000
    day = moment // 86_400_000_000
    integers = [NUMBER, round(REAL * 1000), moment, day]
    return [
        CANARY.encode(),
        b"Xanthippe",
        *(np.int64(i).tobytes() for i in integers),
        *(np.float64(x).tobytes() for x in (REAL, NUMBER, REAL * 1000)),
    ]


def test_a_planted_value_is_nowhere_in_the_state(fitted: tuple) -> None:
    encoder = fitted[2]
    state = encoder.state()
    meta = json.dumps(state.meta)
    for text in (CANARY, "Xanthippe", str(NUMBER), str(REAL), "red", "person 7"):
        assert text not in meta
    for name, array in state.arrays.items():
        data = array.tobytes()
        for needle in needles():
            assert needle not in data, name


def test_the_search_finds_values_that_are_stored() -> None:
    typed, schema = planted()
    off = ProtectSpec(rare=0, extremes=0)
    arrays = TableEncoder.fit(typed[:900], schema, off, np.random.default_rng(0)).state().arrays
    data = b"".join(array.tobytes() for array in arrays.values())
    assert sum(needle in data for needle in needles()) >= 6


def test_a_planted_value_is_never_decoded(fitted: tuple) -> None:
    typed, schema, encoder = fitted
    rng = np.random.default_rng(1)
    batch = {
        f.name: rng.integers(f.size, size=60_000)
        if isinstance(f, Categorical)
        else np.concatenate([rng.random(59_998), [0.0, 1.0]])
        for f in encoder.layout.fields
    }
    made = encoder.inverse_transform(batch, rng)
    for name in schema.names:
        assert not (made[name] == typed.loc[0, name]).any(), name
    assert not made["code"].isin(typed["code"]).any()
    assert not made["name"].isin(typed["name"]).any()
    again = encoder.inverse_transform(encoder.transform(typed, rng), rng)
    for name in set(schema.names) - {"between"}:  # its rank lies in a piece with four other rows
        assert again.loc[0, name] != typed.loc[0, name], name


def test_what_was_hidden_is_counted(fitted: tuple) -> None:
    protected = fitted[2].protected
    assert protected["category"] == {"rare_categories": 1, "rare_rows": 1}
    assert protected["extreme"]["extreme_rows"] >= 1
    assert protected["name"]["rare_categories"] == N
    assert protected["name"]["rare_rows"] == N
    assert protected["name"]["placeholders"] > 100
    assert set(fitted[2].unmodelled) == {"code", "text"}
    assert fitted[2].placeholders == ("text",)


def test_extremes_of_two_sides_are_hidden(fitted: tuple) -> None:
    typed, _, encoder = fitted
    rng = np.random.default_rng(2)
    batch = encoder.transform(typed, rng)
    made = encoder.inverse_transform(batch, rng)
    for name in ("float", "real"):
        inner = np.sort(typed[name].to_numpy())[5:-5]
        reach = (inner[-1] - inner[0]) / 100
        assert made[name].min() > inner[0] - reach
        assert made[name].max() < inner[-1] + reach


# rare categories


def categorical(
    cells: list, protect: ProtectSpec, **column: object
) -> tuple[TableEncoder, pd.DataFrame]:
    schema = Schema(columns=(Column(name="a", **{"kind": "categorical", **column}),))
    typed = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    return TableEncoder.fit(typed, schema, protect, np.random.default_rng(0)), typed


def test_rare_rows_are_drawn_from_the_kept_categories_by_frequency() -> None:
    cells = ["a"] * 6000 + ["b"] * 2000 + [f"r{i}" for i in range(2000)]
    encoder, typed = categorical(cells, ProtectSpec())
    assert encoder.layout["a"].size == 2
    codes = encoder.transform(typed, np.random.default_rng(0))["a"]
    assert codes[:8000].tolist() == [0] * 6000 + [1] * 2000
    assert np.mean(codes[8000:] == 1) == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize(
    ("rows", "rare", "named"),
    [
        ({"a": 50, "b": 5}, 5, ("b", "spare", "a")),  # every used category is kept
        ({"a": 50, "b": 4}, 5, ("a",)),  # one is hidden, and so is what nobody has
        ({"a": 50, "b": 0}, 5, ("a",)),  # b has rows in the holdout only
        ({"a": 50, "b": 0}, 0, ("b", "spare", "a")),
    ],
)
def test_a_hidden_category_is_not_in_the_list_of_the_dtype(
    rows: dict[str, int], rare: int, named: tuple[str, ...]
) -> None:
    cells = [value for value, count in rows.items() for _ in range(count)]
    listed = ("b", "spare", "a")
    encoder, _ = categorical(cells, ProtectSpec(rare=rare), categories=listed, unused=(1,))
    assert encoder.schema["a"].categories == named
    hidden = encoder.protected.get("a", {})
    assert hidden.get("unlisted_categories", 0) == len(listed) - len(named)


def test_a_rare_ordinal_goes_to_the_nearest_kept_value() -> None:
    order = ("none", "low", "mid", "high", "top")
    cells = ["low"] * 50 + ["high"] * 50 + ["none", "top", "mid"]
    encoder, typed = categorical(cells, ProtectSpec(), kind="ordinal", order=order)
    back = encoder.inverse_transform(
        encoder.transform(typed, np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert back["a"].tolist()[100:] == ["low", "high", "low"]
    assert encoder.layout["a"].ordered


def test_a_boolean_keeps_its_rare_value() -> None:
    schema = Schema(columns=(Column(name="a", kind="boolean"),))
    typed = pd.DataFrame({"a": pd.array([False] * 99 + [True], dtype="boolean")})
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), np.random.default_rng(0))
    assert encoder.layout["a"].size == 2
    assert encoder.protected == {}


def test_a_column_of_rare_categories_becomes_placeholders_of_the_same_shape() -> None:
    cells = [f"AB-{i:04d}" for i in range(1500)] * 2
    encoder, typed = categorical(cells, ProtectSpec())
    batch = encoder.transform(typed, np.random.default_rng(0))
    made = encoder.inverse_transform(batch, np.random.default_rng(0))["a"]
    assert made.str.fullmatch("[A-Z]{2}-[0-9]{4}").all()
    assert not made.isin(cells).any()
    assert made.value_counts().min() >= 5
    assert made.nunique() > 50
    assert made[:1500].tolist() == made[1500:].tolist()  # equal cells stay equal


def test_a_shape_of_few_rows_is_not_used() -> None:
    values = [f"name{chr(97 + i)}" for i in range(20)] + ["O'Brien-Smith 3rd"]
    made = placeholders(values, np.ones(21), set(values), 30, 5, np.random.default_rng(0))
    assert len(set(made)) == 30
    assert {shape(str(value)) for value in made} == {"aaaaa"}


def test_placeholders_keep_the_type_and_grow_when_their_shape_is_full() -> None:
    rng = np.random.default_rng(0)
    made = placeholders(list(range(10)), np.full(10, 9), set(range(10)), 40, 5, rng)
    assert all(type(value) is int and value >= 10 for value in made)
    assert len(set(made)) == 40
    small = placeholders(list(range(99)), np.full(99, 9), {*range(99)}, 100, 5, rng, (-128, 127))
    assert len(set(small)) == 100
    assert all(-128 <= value <= 127 and value not in range(99) for value in small)
    floats = placeholders([1.5, 2.5], np.full(2, 9), {1.5, 2.5}, 3, 5, rng)
    assert all(type(value) is float for value in floats)


@pytest.mark.parametrize("cells", [["only"], ["x", "y", None], [3.5, None], [None, "z"]])
def test_tiny_columns_tell_no_category(cells: list) -> None:
    encoder, typed = categorical(cells, ProtectSpec())
    rng = np.random.default_rng(0)
    made = encoder.inverse_transform(encoder.transform(typed, rng), rng)["a"]
    assert made.isna().tolist() == typed["a"].isna().tolist()
    assert not made.dropna().isin(cells).any()


def test_high_cardinality_is_kept_where_shared() -> None:
    cells = [f"c{i}" for i in range(3000) for _ in range(6)]
    encoder, _ = categorical(cells, ProtectSpec())
    assert encoder.layout["a"].size == 3000
    assert encoder.protected == {}


def test_the_grid_of_few_values_does_not_tell_them() -> None:
    rule = Inequality(kind="inequality", low="low", high="high")
    columns = tuple(Column(name=name, kind="integer") for name in ("low", "high", "other"))
    schema = Schema(columns=columns, constraints=(rule,))
    typed = pd.DataFrame(
        {"low": [0] * 6, "high": [41_237] * 6, "other": [0, 0, 0, 52_391, 52_391, 52_391]}
    ).astype("Int64")
    protect = ProtectSpec(rare=5, extremes=0)
    meta = TableEncoder.fit(typed, schema, protect, np.random.default_rng(0)).state().meta
    assert "41237" not in json.dumps(meta)
    assert "52391" not in json.dumps(meta)


# the form of codes


def stand_ins(values: list[str], k: int, counts: int = 3) -> list[str]:
    rows = np.full(len(values), counts)
    made = placeholders(values, rows, set(values), k, 5, np.random.default_rng(0))
    assert len(set(made)) == len(made) == k
    assert not set(made) & set(values)
    return [str(value) for value in made]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("B-1042", "A-9999"),
        ("0042", "0099"),
        ("SKU-0042-007", "AAA-0099-009"),
        ("10.0.0.200", "99.9.9.999"),
        ("000", "009"),
        ("   42", "   99"),
        ("Ünï½", "Aaa½"),
    ],
)
def test_shapes_by_hand(text: str, form: str) -> None:
    assert shape(text) == form


def test_a_beginning_that_all_codes_share_stays() -> None:
    codes = [f"SKU-{i:04d}" for i in range(1000, 1400)] + [f"SKU-{i}-b" for i in range(50)]
    made = stand_ins(codes, 200)
    assert all(re.fullmatch(r"SKU-(\d{4}|\d{1,2}-[a-z])", text) for text in made)
    assert any(text[-1].isalpha() for text in made)


def test_only_whole_runs_shared_by_five_values_stay() -> None:
    made = stand_ins([f"AB{i}" for i in range(100, 200)], 100)
    assert {text[:2] for text in made} == {"AB"}
    assert len({text[2] for text in made}) > 5  # that all numbers begin with 1 is not a form
    few = stand_ins(["Xanthippe-41", "Xanthippe-42", "Xanthippe-43", "Xanthippe-44"], 20)
    assert not any("Xanthippe" in text for text in few)
    codes = [f"Xanthippe-{i}" for i in range(9)]
    rare = placeholders(codes, np.ones(9), set(codes), 20, 10, np.random.default_rng(0))
    assert not any("Xanthippe" in str(text) for text in rare)
    mixed = stand_ins([*codes, "other-7"], 20)
    assert not any("Xanthippe" in text for text in mixed)


def test_the_beginning_stays_where_no_shape_is_shared() -> None:
    codes = [f"K-{'x' * i}" for i in range(1, 9)]
    assert all(re.fullmatch("K-[a-z]{6}", text) for text in stand_ins(codes, 20))


def test_left_padding_stays() -> None:
    rng = np.random.default_rng(0)
    numbers = [*rng.choice(1000, 300, replace=False), *rng.choice(range(1000, 9999), 300, False)]
    for width, pad in ((4, "0"), (6, "0"), (6, " ")):
        codes = [str(number).rjust(width, pad) for number in numbers]
        made = stand_ins(codes, 200)
        assert {len(text) for text in made} == {width}
        real, found = (np.mean([t[width - 4] == pad for t in x]) for x in (codes, made))
        assert found == pytest.approx(real, abs=0.1)


def test_shapes_that_are_full_lose_their_padding_before_they_grow() -> None:
    codes = [f"{i:05d}" for i in range(1000)]  # every number with two zeros in front
    made = stand_ins(codes, 100)
    assert all(re.fullmatch("[0-9]{5}", text) for text in made)


@pytest.mark.parametrize(
    "addresses",
    [
        [f"10.0.{i % 7}.{i % 250}" for i in range(500)],
        [f"{i % 256}.{i * 7 % 256}.{i * 31 % 256}.{i * 13 % 256}" for i in range(300)],
        [f"192.168.1.{i}" for i in range(256)],  # no other address has this beginning
        ["1.22.3.44", "111.2.3.4", "5.6.7.88"],  # no shape is shared
    ],
)
def test_ipv4_addresses_become_ipv4_addresses(addresses: list[str]) -> None:
    made = stand_ins([*dict.fromkeys(addresses)], 150, counts=1)
    for text in made:
        assert IPv4Address(text)
    if addresses[0].startswith("10.0."):
        assert all(text.startswith("10.0.") for text in made)


def test_versions_are_no_addresses() -> None:
    made = stand_ins([f"{i % 9}.{i % 4}.{i % 10}.{300 + i}" for i in range(200)], 100)
    assert any(int(text.split(".")[-1]) > 255 for text in made)


@pytest.mark.parametrize(
    "codes",
    [
        [f"{v * 37 % 6845:04d}" for v in range(200)],  # an identifier
        [f"{v:04d}" for v in range(960, 2960)] * 2,  # a category, all values of which are rare
    ],
)
def test_postcodes_keep_their_length_and_zeros(codes: list[str]) -> None:
    raw = pd.DataFrame({"postcode": codes})
    schema = detect(raw)
    typed = to_typed(raw, schema)[0]
    rng = np.random.default_rng(0)
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), rng)
    batch = encoder.transform(typed, rng)
    made = to_raw(encoder.inverse_transform(batch, rng, n=len(codes)), schema)["postcode"]
    assert made.str.fullmatch("[0-9]{4}").all()
    assert made.str.startswith("0").any()

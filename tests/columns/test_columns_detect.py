"""Hand-written columns and what they must be detected as, memory included."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthkit.columns import detect, to_raw, to_typed
from synthkit.recipe import SchemaSpec
from synthkit.schema import Column

NAMES = "Ada Bo Cy Di Eve Flo Gus Hal Ivy Jo".split()


def column(cells: Any, name: str = "x") -> Column:
    """The detected column of these cells."""
    return detect(pd.DataFrame({name: cells})).columns[0]


def uuids(count: int) -> list[str]:
    rng = np.random.default_rng(1)
    hexes = [rng.bytes(16).hex() for _ in range(count)]
    return [f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}" for h in hexes]


def arrow(cells: list[Any], kind: pa.DataType) -> pd.Series:
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(cells, kind)])))


def shuffled(count: int, start: int = 1) -> list[int]:
    return [int(v) + start for v in np.random.default_rng(2).permutation(count)]


# name of the case, cells, kind, further fields that must be so
CASES: list[tuple[str, Any, str, dict[str, Any]]] = [
    # numbers
    ("integers", ["3", "1", "2", "3"], "integer", {"format": None, "missing": ()}),
    ("negative integers", ["-3", "1", "0", "7"], "integer", {}),
    ("leading plus", ["+3", "1", "0", "7"], "integer", {}),
    ("blanks around numbers", [" 3", " 1", " 0"], "integer", {}),
    ("zero and one", ["0", "1", "1"], "integer", {}),
    ("integers spelled as floats", ["39.0", "40.0", "7.0"], "integer", {"format": "0.0"}),
    ("integers with two zeros", ["39.00", "40.00"], "integer", {"format": "0.00"}),
    ("prices", ["1.50", "2.25", "10.00"], "real", {"decimals": 2, "format": "0.00"}),
    ("free decimals", ["1.5", "2.25", "10"], "real", {"decimals": 2, "format": "0.#"}),
    ("floats as Python prints", ["1.5", "2.25", "10.0"], "real", {"decimals": 2, "format": "0.0#"}),
    ("full precision", ["0.12345678901234", "1.5", "0.98765432109876"], "real", {"decimals": None}),
    ("floating noise", ["0.1", "0.2", "0.4", "0.30000000000000004"], "real", {"decimals": 1}),
    ("sometimes an exponent", ["0.5", "1e-07", "3.0"], "real", {"format": "0.0#e0"}),
    ("always an exponent", ["1.50e+03", "2.25e-01"], "real", {"format": "0.00e+00"}),
    ("spreadsheet exponent", ["5.5E+15", "2.25E+15"], "real", {"format": "0.#E+00"}),
    ("thousands", ["1,234", "999", "12,345,678"], "integer", {"format": "#,##0"}),
    ("thousands and cents", ["1,234.50", "999.00"], "real", {"format": "#,##0.00", "decimals": 2}),
    ("German numbers", ["1.234,50", "999,25"], "real", {"format": "#.##0,00", "decimals": 2}),
    ("German thousands", ["1.234.567", "999"], "integer", {"format": "#.##0"}),
    ("decimal comma", ["0,5", "12,25"], "real", {"format": "0,0#", "decimals": 2}),
    ("Swiss thousands", ["1'234.5", "999.1"], "real", {"format": "#'##0.0"}),
    ("no-break space", ["1\u00a0234,5", "999,1"], "real", {"format": "#\u00a0##0,0"}),
    ("infinities among reals", ["0.5", "inf", "-Infinity", "1.25"], "real", {}),
    ("numbers and blanks", ["1", "", "3", "  "], "integer", {"nullable": True}),
    ("numbers and NA", ["1", "NA", "3"], "integer", {"missing": ("NA",)}),
    ("numbers and None", ["1.5", "None", "3.5"], "real", {"missing": ("None",)}),
    ("numbers and dashes", ["1.5", "-", "3.5", "--", "--"], "real", {"missing": ("--", "-")}),
    ("numbers and points", ["1", ".", "3", "."], "integer", {"missing": (".",)}),
    ("leading zeros are codes", ["007", "012", "007", "100"], "categorical", {}),
    ("few leading zeros are codes too", [f"{v:04d}" for v in range(960, 2960)] * 2, "categorical", {}),
    ("postcodes that seldom repeat", [f"{v * 37 % 6845:04d}" for v in range(200)], "identifier", {"pattern": "9{4}", "unique": False}),
    ("beyond 64 bits", [str(10**20 + 7 * i) for i in range(9)], "identifier", {"unique": True}),
    ("beyond 64 bits, repeated", [str(10**20), str(10**21)] * 3, "categorical", {}),
    ("sentinel", [str(v) for v in range(20, 90)] + ["-999"] * 12, "integer", {"sentinels": ("-999",), "nullable": True}),
    ("real sentinel", [f"{v}.5" for v in range(70)] + ["9999.0"] * 12, "real", {"sentinels": ("9999",)}),
    ("-1 beside small numbers", ["-1"] * 20 + [str(v) for v in range(40)], "integer", {"sentinels": ()}),
    ("top code of a column of zeros", ["0"] * 900 + ["7298"] * 50 + ["99999"] * 50, "integer", {"sentinels": ()}),
    ("a rare 999", [str(v) for v in range(70)] + ["999"] * 3, "integer", {"sentinels": ()}),
    # booleans
    ("True False", ["True", "False", "True"], "boolean", {"true": "True", "false": "False"}),
    ("TRUE FALSE and blank", ["TRUE", "FALSE", ""], "boolean", {"true": "TRUE", "missing": ("",)}),
    ("yes no", ["yes", "no", "no"], "boolean", {"true": "yes", "false": "no"}),
    ("Y N", ["Y", "N", "Y"], "boolean", {"true": "Y", "false": "N"}),
    ("t f and NA", ["t", "f", "NA"], "boolean", {"missing": ("NA",)}),
    ("M F", ["M", "F", "M"], "categorical", {}),
    ("yes with another word", ["yes", "no", "maybe"], "categorical", {}),
    # dates and times
    ("ISO date", ["2024-03-20", "2023-12-31"], "datetime", {"format": "%Y-%m-%d", "zone": None}),
    ("ISO datetime", ["2024-03-20T10:11:12", "2023-12-31T00:00:00"], "datetime", {"format": "%Y-%m-%dT%H:%M:%S"}),
    ("milliseconds", ["2024-03-20 10:11:12.125", "2023-12-31 00:00:00.500"], "datetime", {"format": "%Y-%m-%d %H:%M:%S.%3f"}),
    ("isoformat drops zero fractions", ["2024-03-20T10:11:12.000125", "2023-12-31T00:00:00"], "datetime", {"format": "%Y-%m-%dT%H:%M:%S%.f"}),
    ("Zulu", ["2024-03-20T10:11:12Z", "2023-12-31T00:00:00Z"], "datetime", {"format": "%Y-%m-%dT%H:%M:%S%Z", "zone": "UTC"}),
    ("offset", ["2024-03-20T10:11+01:00", "2023-12-31T00:00+01:00"], "datetime", {"format": "%Y-%m-%dT%H:%M%:z", "zone": "+01:00"}),
    ("day first by evidence", ["03/04/2021", "25/12/2021"], "datetime", {"format": "%d/%m/%Y"}),
    ("month first by evidence", ["03/04/2021", "12/25/2021"], "datetime", {"format": "%m/%d/%Y"}),
    ("monthly data", [f"01/{m:02d}/2021" for m in range(1, 13)], "datetime", {"format": "%d/%m/%Y"}),
    ("unpadded", ["3/4/2021", "12/25/2021"], "datetime", {"format": "%-m/%-d/%Y"}),
    ("German date", ["20.03.2024", "01.02.2024"], "datetime", {"format": "%d.%m.%Y"}),
    ("month names", ["20 Mar 2024", "01 Feb 2024"], "datetime", {"format": "%d %b %Y"}),
    ("American long date", ["March 20, 2024", "May 1, 2024"], "datetime", {"format": "%B %-d, %Y"}),
    ("twelve hours", ["03/20/2024 01:05 PM", "12/31/2023 12:00 AM"], "datetime", {"format": "%m/%d/%Y %I:%M %p"}),
    ("months", ["2024-03", "2023-12", "2024-01"], "datetime", {"format": "%Y-%m"}),
    ("beyond nanoseconds", ["9999-12-31", "0001-01-01", "2024-02-29"], "datetime", {"format": "%Y-%m-%d"}),
    ("compact dates", ["20240320", "20231231", "20240229"], "datetime", {"format": "%Y%m%d"}),
    ("not all compact dates", ["20240320", "20231231", "20240230"], "integer", {}),
    ("years", ["1999", "2001", "2020"], "integer", {}),
    ("Unix epochs", ["1710929472", "1710929999", "1710930000"], "integer", {}),
    ("dates and NA", ["2024-03-20", "NA", "2023-12-31"], "datetime", {"missing": ("NA",)}),
    ("an impossible day", ["2024-02-30", "2023-12-31", "2023-12-30"], "categorical", {}),
    ("clock durations", ["00:05:09", "36:00:00"], "duration", {"format": "HH:MM:SS"}),
    ("unpadded hours", ["0:05:09", "36:00:00"], "duration", {"format": "H:MM:SS"}),
    ("hours and minutes", ["07:30", "12:00"], "duration", {"format": "HH:MM"}),
    ("ISO durations", ["PT1H30M", "P2DT5S"], "duration", {"format": "ISO"}),
    ("pandas durations", ["1 days 02:00:00", "0 days 00:00:01"], "duration", {"format": "days"}),
    # labels
    ("labels", ["red", "green", "red"], "categorical", {}),
    ("placeholder among labels", ["red", "?", "red", "blue"], "categorical", {"missing": ("?",)}),
    ("None is a label", ["None", "brick", "stone"], "categorical", {"missing": ()}),
    ("NA among words", ["NA", "brick", "stone"], "categorical", {"missing": ("NA",)}),
    ("Namibia", ["NA", "DE", "AT", "FR"], "categorical", {"missing": ()}),
    ("symbols among symbols", ["+", "-", "?"], "categorical", {"missing": ()}),
    ("weekdays", ["Tue", "Mon", "Sun"], "ordinal", {"order": ("Mon", "Tue", "Sun")}),
    ("months by name", ["June", "Feb", "Mar"], "ordinal", {"order": ("Feb", "Mar", "June")}),
    ("a scale", ["high", "low", "medium"], "ordinal", {"order": ("low", "medium", "high")}),
    ("sizes", ["XL", "S", "M"], "ordinal", {"order": ("S", "M", "XL")}),
    ("two of a scale", ["high", "low"], "categorical", {}),
    ("mostly numbers", [str(v) for v in range(12, 30)] + ["unknown"], "mixed", {}),
    ("money", ["$12", "-$15", "$12"], "integer", {"format": "$0"}),
    ("money of many digits", [f"${v * 7919:,}.50" for v in range(1, 9)], "real", {"format": "$#,##0.00"}),
    ("euros", ["12,50 €", "0,99 €"], "real", {"format": "0,00 €", "decimals": 2}),
    ("percent", ["12%", "15.5%", "12%"], "real", {"format": "0.#%", "decimals": 1}),
    ("weights", ["80 kg", "75 kg"], "integer", {"format": "0 kg"}),
    ("two currencies", ["$12", "€15", "$12"], "categorical", {}),
    ("constant", ["same"] * 4, "constant", {"nullable": False}),
    ("constant with gaps", ["same", "", "same"], "categorical", {"missing": ("",)}),
    ("all missing", ["", "NA", ""], "constant", {"nullable": True, "missing": ("", "NA")}),
    # identifiers and text
    ("shuffled counter", [str(v) for v in shuffled(80)], "identifier", {"pattern": "sequence"}),
    ("counter", [str(v) for v in range(1, 31)], "identifier", {"pattern": "sequence", "unique": True}),
    ("few consecutive numbers", ["1", "2", "3", "4"], "integer", {}),
    ("unique but no counter", [str(v * v) for v in range(300)], "integer", {}),
    ("UUIDs", uuids(20), "identifier", {"pattern": "uuid4"}),
    ("codes", [f"CUST-{v:05d}" for v in shuffled(60, 40_000)], "identifier", {"pattern": "CUST-49{4}"}),
    ("few codes", [f"CUST-{v:05d}" for v in shuffled(9)], "categorical", {}),
    ("e-mail", [f"{NAMES[v % 10].lower()}{v}@example.org" for v in range(30)], "identifier", {}),
    ("phones", [f"+43 1 {v * 791_919 % 10**7:07d}" for v in range(60)], "identifier", {"pattern": "+43 1 9{7}"}),
    ("names", [f"{a} {b}son{c}" for a in NAMES for b in NAMES for c in "aei"], "text", {}),
    ("sentences", [f"the parcel {a} sent to {b} has not arrived yet" for a in NAMES for b in NAMES], "text", {}),
    ("high-cardinality labels", [f"N{v % 400}AA" for v in range(1000)], "categorical", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "kind", "fields"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_text_columns(cells: list[str], kind: str, fields: dict[str, Any]) -> None:
    found = column(cells)
    assert found.kind == kind, found.reason
    assert {key: getattr(found, key) for key in fields} == fields
    assert found.dtype == "str"
    assert found.reason


NATIVE: list[tuple[str, Any, str, dict[str, Any]]] = [
    ("int64", [5, 7, 5], "integer", {"dtype": "int64"}),
    ("int8", np.array([5, 7, 5], np.int8), "integer", {"dtype": "int8"}),
    ("Int64", pd.array([5, None, 7], dtype="Int64"), "integer", {"dtype": "Int64", "nullable": True}),
    ("whole floats", [5.0, np.nan, 7.0], "integer", {"dtype": "float64", "nullable": True}),
    ("floats", [5.25, np.nan, 7.0], "real", {"decimals": 2, "nullable": True}),
    ("float32", np.array([0.1, 0.25, 7], np.float32), "real", {"decimals": 2, "dtype": "float32"}),
    ("irrational floats", np.sqrt(np.arange(2.0, 9.0)), "real", {"decimals": None}),
    ("unique floats are no key", np.arange(100) + 0.5, "real", {}),
    ("bool", [True, False, True], "boolean", {"dtype": "bool"}),
    ("boolean", pd.array([True, None, False], dtype="boolean"), "boolean", {"nullable": True}),
    ("object booleans", pd.Series([True, None, False], dtype=object), "boolean", {"dtype": "object:bool"}),
    ("counter", range(30), "identifier", {"pattern": "sequence", "dtype": "int64"}),
    ("compact dates", [20240320, 20231231, 20240229], "datetime", {"format": "%Y%m%d", "dtype": "int64"}),
    ("datetimes", pd.to_datetime(["2024-01-01", None, "2024-01-03"]), "datetime", {"nullable": True, "zone": None}),
    ("zoned", pd.to_datetime(["2024-01-01", "2024-01-03"]).tz_localize("Europe/Vienna"), "datetime", {"zone": "Europe/Vienna"}),
    ("dates", [dt.date(2024, 1, 1), None, dt.date(2024, 1, 3)], "datetime", {"dtype": "object:date"}),
    ("timedelta", pd.to_timedelta(["1h", "2h"]), "duration", {"dtype": "timedelta64[ns]"}),
    ("times of day", [dt.time(7, 30), dt.time(8, 0), None], "duration", {"dtype": "object:time"}),
    ("Decimals", [Decimal("1.50"), Decimal("2.25")], "real", {"decimals": 2, "dtype": "object:decimal"}),
    ("category", pd.Categorical(["a", "b", "a"]), "categorical", {"dtype": "category"}),
    ("category of numbers", pd.Categorical([3, 1, 3]), "categorical", {"dtype": "category:int64"}),
    ("ordered category", pd.Categorical(["lo", "hi"], ["lo", "hi", "top"], ordered=True), "ordinal", {"order": ("lo", "hi"), "categories": ("lo", "hi", "top"), "unused": (2,)}),
    ("ordered category of dates", pd.Categorical(pd.to_datetime(["2024-01-03", "2024-01-01"]), ordered=True), "ordinal", {"order": ("2024-01-01T00:00:00", "2024-01-03T00:00:00")}),
    ("ordered category of one value", pd.Categorical(["a", "a"], ["b", "a"], ordered=True), "constant", {"ordered": True}),
    ("category without a cell", pd.Categorical([None, None], ["b", "a"]), "constant", {"unused": (0, 1)}),
    ("mixed objects", pd.Series([1, "a", 2.5, None], dtype=object), "mixed", {"dtype": "object"}),
    ("huge integers", pd.Series([2**70, 2**71, 5], dtype=object), "identifier", {"dtype": "object:int"}),
    ("uint64", np.array([2**63, 1, 2**63], np.uint64), "categorical", {"dtype": "uint64"}),
    ("text with nulls", pd.Series(["a", None, "b"]), "categorical", {"missing": (None,), "nullable": True}),
    ("numbers spelled, with nulls", pd.Series(["1", None, "2"]), "integer", {"missing": (None,)}),
    ("string dtype", pd.array(["1.5", None, "2.25"], dtype="string[pyarrow]"), "real", {"dtype": "string[pyarrow]"}),
    ("Arrow integers", pd.array([1, None, 7], dtype="int64[pyarrow]"), "integer", {"dtype": "arrow:int64"}),
    ("far dates", [dt.date(9999, 12, 31), dt.date(1, 1, 1)], "datetime", {"dtype": "object:date"}),
    ("Python datetimes", pd.Series([dt.datetime(9999, 1, 1), None, dt.datetime(2024, 1, 1, 5)], dtype=object), "datetime", {"dtype": "object:datetime"}),
    ("zoned Python datetimes", pd.Series([dt.datetime(2024, 1, 1, h, tzinfo=dt.UTC) for h in (1, 2)], dtype=object), "datetime", {"zone": "UTC"}),
    ("Python timedeltas", pd.Series([dt.timedelta(1), None, dt.timedelta(2)], dtype=object), "duration", {"dtype": "object:timedelta"}),
    ("Python integers", pd.Series([1, None, 7], dtype=object), "integer", {"dtype": "object:int"}),
    ("Arrow decimals", arrow([Decimal("1.50"), None, Decimal("2.25")], pa.decimal128(10, 2)), "real", {"decimals": 2}),
    ("Arrow dates", arrow([dt.date(2024, 1, 1), None], pa.date32()), "datetime", {"nullable": True}),
    ("Arrow times", arrow([dt.time(1, 2, 3), None], pa.time64("us")), "duration", {"nullable": True}),
    ("Arrow zoned", arrow([dt.datetime(2024, 1, 1), dt.datetime(2024, 7, 1)], pa.timestamp("ns", "Europe/Vienna")), "datetime", {"zone": "Europe/Vienna"}),
    ("Arrow durations", arrow([dt.timedelta(1), None], pa.duration("ms")), "duration", {}),
    ("Arrow text", arrow(["1.5", "2.25", "", None, ""], pa.large_string()), "real", {"missing": ("", None)}),
    ("Arrow nulls", arrow([None, None], pa.null()), "constant", {"dtype": "arrow:null"}),
    ("category of dates", pd.Categorical(pd.to_datetime(["2024-01-01", None, "2024-01-03"])), "categorical", {"dtype": "category:datetime64[ns]"}),
    ("category of mixed values", pd.Categorical([3, "a", 1, None]), "categorical", {"dtype": "category:object"}),
    ("long Python timedeltas", pd.Series([dt.timedelta(200_000), dt.timedelta(5)], dtype=object), "duration", {}),
    ("constant dates", [dt.date(2024, 1, 1)] * 3, "constant", {}),
    ("constant zoned", pd.to_datetime(["2024-07-01"] * 3).tz_localize("Europe/Vienna"), "constant", {}),
    ("constant Decimals", [Decimal("1.50")] * 3, "constant", {}),
    ("constant booleans", [True] * 3, "constant", {"dtype": "bool"}),
    ("all null", pd.Series([None, None], dtype=object), "constant", {"nullable": True}),
    ("all NaN", [np.nan, np.nan], "constant", {"nullable": True, "dtype": "float64"}),
    ("one row", [5], "constant", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "kind", "fields"), [c[1:] for c in NATIVE], ids=[c[0] for c in NATIVE]
)
def test_native_columns_and_their_round_trip(cells: Any, kind: str, fields: dict[str, Any]) -> None:
    frame = pd.DataFrame({"x": cells})
    schema = detect(frame)
    found = schema.columns[0]
    assert found.kind == kind, found.reason
    assert {key: getattr(found, key) for key in fields} == fields
    typed, invalid = to_typed(frame, schema)
    assert invalid == {}
    back = to_raw(typed, schema)
    if found.nullable and "" in found.missing:
        frame["x"] = frame["x"].fillna("")  # one of the two spellings is chosen
    pd.testing.assert_frame_equal(back, frame)


PEOPLE = [
    f"{first} {last}" for first in ("Ann", "Bob", "Čeněk") for last in ("O'Hara", "Li", "Roe")
]
STREETS = [f"{i} Main St" for i in range(40)] + [f"Obere Str. {i}" for i in range(20)]


@pytest.mark.parametrize(
    ("name", "cells", "content"),
    [
        ("Customer Name", PEOPLE * 6, "person names"),
        ("fullName", PEOPLE, "person names"),
        ("product_name", PEOPLE, None),
        ("customer_name", [f"cust {i}" for i in range(60)], None),
        ("name", PEOPLE, None),
        ("username", [f"Ann{i}" for i in range(60)], None),
        ("GivenName", ["Ann", "Jean Luc", "Bob"] * 5, "first names"),
        ("surname", ["Roe", "Li"] * 5, "last names"),
        ("anything", [f"a{i}@host.org" for i in range(60)], "e-mail addresses"),
        ("company", [f"Acme {i} Ltd" for i in range(60)], "company names"),
        ("ShipAddress", STREETS, "street addresses"),
        ("ip_address", [f"10.0.{i}.1" for i in range(60)], None),
        ("address", [f"0x{i:08x}" for i in range(60)], None),
        ("first_name", list(range(60)), None),
    ],
)
def test_what_text_is_about(name: str, cells: list, content: str | None) -> None:
    column = detect(pd.DataFrame({name: cells})).columns[0]
    assert column.content == content, column.reason
    assert content is None or content in column.reason


MANY = [f"{first} {last}" for first in ("Ann", "Bob", "Eve", "Č.") for last in ("Li", "Roe", "Ek")]


@pytest.mark.parametrize(
    ("name", "cells", "what"),
    [
        ("name", MANY, "person names"),
        ("Contact", MANY, "person names"),
        ("sales_manager", MANY, "person names"),
        ("full_name", MANY[:3], "person names"),
        ("first_name", ["Ann", "Bob"], "first names"),
        ("anything", [f"p{i}@host.org" for i in range(20)], "e-mail addresses"),
        ("home_address", STREETS[:20], "street addresses"),
        ("company", [f"Acme {i} Ltd" for i in range(20)], None),
        ("station_name", MANY, None),
        ("name", [f"item {i}" for i in range(20)], None),
        ("contact", ["Cell Phone", "Land Line"], None),
    ],
)
def test_categories_that_seem_to_be_people_are_said(
    name: str, cells: list, what: str | None
) -> None:
    found = detect(pd.DataFrame({name: cells * 20})).columns[0]
    assert found.kind == "categorical"
    assert found.personal is (what is not None)
    said = (
        f"it seems to hold {what}, and frequent values are kept as categories: give it pseudonyms"
    )
    assert (said in found.reason) is found.personal
    assert not any(cell in found.reason for cell in cells)
    assert not detect(pd.DataFrame({name: cells})).columns[0].personal  # none is frequent
    declared = SchemaSpec(columns={name: {"kind": "categorical"}})
    assert not detect(pd.DataFrame({name: cells * 20}), declared).columns[0].personal
    assert not detect(pd.DataFrame({name: pd.Series(cells * 20).str.len()})).columns[0].personal


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("customer_id", "identifier"),
        ("Ticket ID", "identifier"),
        ("No", "identifier"),
        ("weight", "integer"),
    ],
)
def test_a_name_that_says_key_decides_for_unique_numbers(name: str, kind: str) -> None:
    assert column([str(v * v + 100) for v in range(40)], name).kind == kind


def test_years_are_no_counter() -> None:
    assert column([str(v) for v in range(1990, 2021)], "year").kind == "integer"


def test_an_ambiguous_date_says_so() -> None:
    assert "other way round" in column(["03/04/2021", "05/06/2021"]).reason
    assert "other way round" not in column(["03/04/2021", "25/06/2021"]).reason


def test_reasons_count() -> None:
    assert column(["a", "b", "", "a"]).reason == (
        "labels, 2 distinct values in 3 cells; 1 cell is missing"
    )


def test_reasons_call_codes_codes() -> None:
    often = [f"{v:04d}" for v in range(960, 2960)] * 2
    assert column(often).reason == (
        "codes of digits, some with leading zeros, 2,000 distinct values in 4,000 cells"
    )
    seldom = [f"{v * 37 % 6845:04d}" for v in range(200)]
    assert column(seldom).reason == (
        "codes that hardly ever repeat, 185 distinct values in 200 cells"
    )


def test_names_that_seldom_repeat_are_no_codes() -> None:
    names = [f"{a}{b}son" for a in NAMES for b in "abcdefghij"]
    assert column(names + names[:8]).kind == "text"


def test_column_order_is_kept() -> None:
    frame = pd.DataFrame({"b": ["1", "2"], "a": ["x", "y"]})
    assert detect(frame).names == ("b", "a")

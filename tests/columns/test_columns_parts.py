"""The languages of formats and patterns, each with worked examples."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit import patterns
from synthkit.columns import dates, numbers
from synthkit.columns.missing import sentinels


@pytest.mark.parametrize(
    ("format", "spelled"),
    [
        ("0.#", "1234.5"),
        ("0.0#", "1234.5"),
        ("0.00", "1234.50"),
        ("#,##0.00", "1,234.50"),
        ("#.##0,00", "1.234,50"),
        ("# ##0,#", "1 234,5"),
        ("0.#e0", "1234.5"),
        ("0.00e+00", "1.23e+03"),
        ("0.#E+00", "1.2345E+03"),
        ("$#,##0.00", "$1,234.50"),
        ("0,# €", "1234,5 €"),
        ("CHF #'##0.00", "CHF 1'234.50"),
        ("0.0%", "1234.5%"),
    ],
)
def test_number_formats(format: str, spelled: str) -> None:
    style = numbers.Style.of(format)
    assert str(style) == format
    assert numbers.spell_reals(np.array([1234.5]), style, 2) == [spelled]
    if format != "0.00e+00":
        assert numbers.parse_reals(pa.array([spelled]), style).tolist() == [1234.5]


def test_the_sign_stands_before_the_currency() -> None:
    style = numbers.Style.of("$0.00")
    assert numbers.spell_reals(np.array([-5.0]), style, 2) == ["-$5.00"]
    assert numbers.parse_reals(pa.array(["-$5.00", "5", "5 $"]), style).tolist()[:2] == [-5.0, 5.0]


def test_negative_zero_is_written_as_zero() -> None:
    assert numbers.spell_reals(np.array([-0.001]), numbers.Style(least=2), 2) == ["0.00"]


@pytest.mark.parametrize("format", ["", "1.00", "#,##0,00", "0.0.0", "%Y"])
def test_bad_number_formats(format: str) -> None:
    with pytest.raises(ValueError, match="a number format such as"):
        numbers.Style.of(format)


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["AB-12", "CD-7"], "AA-9{1,2}"),
        ([f"CUST-{v}" for v in range(10_001, 10_006)], "CUST-9{5}"),
        ([f"CUST-{v}" for v in range(10_001, 10_005)], "A{4}-9{5}"),
        (["7590-VHVEG", "4315-MURBD"], "9{4}-A{5}"),
        (["a1b2", "cd34"], "x{4}"),
        (["A1b2", "cD34"], "*{4}"),
        ([f"X-{v}" for v in range(6)], "\\X-9"),
        (["12", "345"], "9{2,3}"),
        (["one"], "a{3}"),
        (["fg@h.at", "bc@x.de", "a.b@c.de"], "aa@a.aa"),
    ],
)
def test_inferred_patterns(values: list[str], pattern: str) -> None:
    assert patterns.infer(values) == pattern
    assert patterns.matches(pattern, values[0])


HEX = [f"{1103515245 * i % 2**32:08x}" for i in range(1, 101)]
KEYS = [7919 * i % 10**6 for i in range(1, 101)]


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (HEX, "h{8}"),
        ([code.upper() for code in HEX], "H{8}"),
        ([f"0x{code}" for code in HEX], "0\\xh{8}"),
        ([f"00:1a:{code[:2]}:{code[2:4]}" for code in HEX[:3]], "99:xx:xx:xx"),  # too few to tell
        ([f"{code[:7]}g" for code in HEX], "h{7}g"),
        ([*HEX[:-1], HEX[-1][:7] + "g"], "x{8}"),
        ([*HEX[:-1], HEX[-1][:7] + "A"], "*{8}"),
        ([f"{10**30 + key}" for key in KEYS], "1" + "0" * 24 + "9{6}"),
        ([f"AT0{key:06d}{key:06d}" for key in KEYS], "\\AT09{12}"),
        ([f"AT{key}0" for key in KEYS], "\\AT9{4,6}0"),
        ([f"AT{key:06d}0" for key in KEYS[:19]], "AT9{7}".replace("A", "\\A")),
        # 64 texts for each of the 100 values take four digits
        ([f"C{i:06d}" for i in range(100)], "C009{4}"),
        ([f"C{i:02d}" for i in range(100)], "C99"),
    ],
)
def test_what_all_values_share_stays(values: list[str], pattern: str) -> None:
    assert patterns.infer(values) == pattern


def test_a_character_stays_only_where_many_share_it_and_room_is_left() -> None:
    for n in (20, 200, 2000):
        values = [f"{7919 * i % 10**6:06d}" for i in range(n)]
        for prefix in ("1", "12", "1234567"):
            pattern = patterns.infer([prefix + value for value in values])
            free = sum(item.high for item in patterns.items(pattern) if not item.literal)
            assert 10**free >= 64 * n or free == len(prefix) + 6
            assert patterns.matches(pattern, prefix + values[0])


@given(st.lists(st.from_regex(r"[A-Z]{2,4}-[0-9]{1,6}(/[a-z])?", fullmatch=True), min_size=2))
def test_a_pattern_fits_most_of_its_values(values: list[str]) -> None:
    pattern = patterns.infer(values)
    assert sum(patterns.matches(pattern, value) for value in values) * 2 >= len(values)


def test_items_of_a_pattern() -> None:
    assert patterns.items("\\A-A{2}9{1,3}") == [
        patterns.Item("A", literal=True),
        patterns.Item("-", literal=True),
        patterns.Item("A", 2, 2),
        patterns.Item("9", 1, 3),
    ]
    assert patterns.matches("\\A-A{2}9{1,3}", "A-ZZ42")
    assert not patterns.matches("\\A-A{2}9{1,3}", "B-ZZ42")


@pytest.mark.parametrize(
    ("format", "spelled", "moment"),
    [
        ("%Y-%m-%d", "2024-02-29", "2024-02-29"),
        ("%Y-%m-%d", "2023-02-29", None),
        ("%d/%m/%y", "31/12/68", "2068-12-31"),
        ("%d/%m/%y", "31/12/69", "1969-12-31"),
        ("%I:%M %p %d %b %Y", "12:30 AM 01 Jan 2024", "2024-01-01T00:30"),
        ("%Y-%m-%dT%H:%M%:z", "2024-01-01T00:30+01:00", "2023-12-31T23:30"),
        ("%Y-%m-%d %H:%M:%S.%3f", "2024-01-01 00:00:00.125", "2024-01-01T00:00:00.125"),
        ("%Y-%m-%d %H:%M:%S", "2024-01-01 24:00:00", None),
        ("%a, %d %b %Y", "Mon, 01 Jan 2024", "2024-01-01"),
        ("%Y-%m-%d", "0000-01-01", None),
        ("%d100%%%Y", "01100%2024", "2024-01-01"),
    ],
)
def test_datetime_formats(format: str, spelled: str, moment: str | None) -> None:
    moments, valid = dates.parse(pa.array([spelled]), format)
    assert valid.tolist() == [moment is not None]
    if moment is not None:
        assert moments[0] == np.datetime64(moment)
        assert dates.spell(moments, format, "+01:00").tolist() == [spelled]


def test_spelling_before_1970() -> None:
    moments = np.array(["1901-02-03T04:05:06.000007"], "M8[us]")
    assert dates.spell(moments, "%A %d %B %Y %H:%M:%S%.f").tolist() == [
        "Sunday 03 February 1901 04:05:06.000007"
    ]


def test_a_sentinel_at_either_end() -> None:
    values = np.array([-999.0, *range(50), 9999.0])
    counts = np.array([20, *[3] * 50, 20])
    assert sentinels(values, counts).tolist() == [True, *[False] * 50, True]
    assert not sentinels(values[1:-1], counts[1:-1]).any()

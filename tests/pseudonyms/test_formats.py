"""Pseudonyms in a format: what stays, that no two values meet, and that they are always the same."""

from __future__ import annotations

import random
import re
import string
import subprocess
import sys
from itertools import product
from unicodedata import ucd_3_2_0 as unicode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.pseudonyms import Key
from synthkit.pseudonyms.formats import Formats, size, stays

SECRET = "a secret for tests only"
KEY = Key.of(SECRET)
# Fixed once and for all: who changes them breaks the link to everybody's earlier tables.
GOLDEN = {
    "1234": "2666",
    "AB-1234.x": "RH-6809.z",
    "+43 664 1234567": "+17 727 0348946",
    "Müller": "Tçzkgd",
}


def texts(*alphabets: str) -> list[str]:
    return ["".join(parts) for parts in product(*alphabets)]


@pytest.mark.parametrize(
    "format",
    [
        texts(string.digits),
        texts(string.digits[1:], string.digits, string.digits),
        texts("0", string.digits, string.digits),
        texts("-", string.digits[1:]),
        texts(string.ascii_uppercase, "-", string.digits),
        texts(string.ascii_lowercase, string.ascii_lowercase),
        texts("=", string.digits, ".", string.digits),
        texts(string.digits, ".", string.digits),
    ],
    ids=lambda format: format[-1],
)
def test_values_of_a_format_change_places_and_none_stays(format: list[str]) -> None:
    formats = Formats(KEY)
    hidden = [text for text in format if not stays(text)]
    made = [formats(text) for text in format]
    assert sorted(made) == sorted(format)
    assert all(formats(text) != text for text in hidden)
    assert len(hidden) > 0.99 * len(format)


def hexadecimal(n: int, rng: random.Random) -> list[str]:
    return ["".join(rng.choices("0123456789abcdef", k=32)) for _ in range(n)]


def test_a_digest_stays_hexadecimal_and_hides_where_its_letters_are() -> None:
    formats, rng = Formats(KEY), random.Random(0)
    digests = hexadecimal(200, rng)
    made = [formats(digest) for digest in digests]
    assert all(re.fullmatch("[0-9a-f]{32}", text) for text in made)
    assert len({*made, *digests}) == 400
    kept = [
        a.isdigit() == b.isdigit()
        for x, y in zip(digests, made, strict=True)
        for a, b in zip(x, y, strict=True)
    ]
    share = (10 / 16) ** 2 + (6 / 16) ** 2
    assert sum(kept) / len(kept) == pytest.approx(share, abs=0.02)
    assert formats(digests[0].upper()) == formats(digests[0].upper()).upper()


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", r"[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}"),
        ("3C:22:FB:00:10:A1", r"([\dA-F]{2}:){5}[\dA-F]{2}"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", r"[\da-f]{40}"),
        ("3C:22:fb:00:10:A1", r"\d[A-Z]:\d\d:[a-z]{2}:\d\d:\d\d:[A-Z]\d"),  # of two cases
        ("00:00:00:00:00:01", r"(\d\d:){5}\d\d"),  # without a letter
        ("DE89370400440532013000", r"[A-Z]{2}\d{20}"),  # an account
    ],
)
def test_what_counts_as_hexadecimal(text: str, shape: str) -> None:
    assert re.fullmatch(shape, Formats(KEY)(text))


def test_what_is_not_hexadecimal_does_not_become_it() -> None:
    formats = Formats(KEY)
    near = [f"g{i:01d}:00:00:00:00:0{j}" for i in range(10) for j in range(10)]
    made = [formats(text) for text in near]
    assert all(text[0] in string.ascii_lowercase[6:] for text in made)
    assert len(set(made)) == len(near)


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_digits_letters_and_case_stay_what_they_are(text: str) -> None:
    made = Formats(KEY)(text)
    assert len(made) == len(text)
    for before, after in zip(text, made, strict=True):
        if before.isascii():
            same = ("isdigit", "isupper", "islower")
            assert [getattr(before, ask)() for ask in same] == [
                getattr(after, ask)() for ask in same
            ]
            assert before.isalnum() or before == after
        else:
            assert unicode.category(before) == unicode.category(after)
            assert ord(before) // 256 == ord(after) // 256
    assert made != text or stays(text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("12345", "[1-9][0-9]{4}"),
        ("01234", "0[0-9]{4}"),
        ("-77", "-[1-9][0-9]"),
        ("12.0", r"[1-9][0-9]\.0"),
        ("12.5", r"[1-9][0-9]\.[1-9]"),
        (" A1 ", " [A-Z][0-9] "),
        ("Zoë", "[A-Z][a-z][ª-ÿ]"),
        ("Жук-7", "[\u0400-\u04ff]{3}-[0-9]"),
    ],
)
def test_forms(text: str, form: str) -> None:
    assert re.fullmatch(form, Formats(KEY)(text))


def test_a_number_has_one_pseudonym_in_all_its_spellings() -> None:
    formats = Formats(KEY)
    made = formats("1234")
    assert formats("1234.0") == f"{made}.0"
    assert formats("  1234 ") == f"  {made} "


@pytest.mark.parametrize("text", ["", "  ", "?", "--", "NA", "null", "none", "N/A", "€"])
def test_what_cannot_be_hidden_stays(text: str) -> None:
    assert stays(text)
    assert Formats(KEY)(text) == text


def test_no_pseudonym_is_a_word_for_a_missing_cell() -> None:
    formats = Formats(KEY)
    made = {formats(text) for text in texts(*[string.ascii_uppercase] * 2)}
    assert len(made) == 26**2
    before = [text for text in made if formats(text) == "NA"]
    assert before == ["NA"]


def test_sizes() -> None:
    assert size("AB-12") == 26**2 * 100
    assert size("1234") == 9000
    assert size("01234") == 10_000
    assert size("--") == 1


@pytest.mark.parametrize(("text", "made"), GOLDEN.items())
def test_golden(text: str, made: str) -> None:
    assert Formats(KEY)(text) == made


def test_another_process_makes_the_same() -> None:
    script = (
        "from synthkit.pseudonyms import Key; from synthkit.pseudonyms.formats import Formats;"
        f"formats = Formats(Key.of({SECRET!r})); print([formats(t) for t in {list(GOLDEN)!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(list(GOLDEN.values()))


def test_another_key_makes_others() -> None:
    ours, theirs = Formats(KEY), Formats(Key.of(SECRET + "!"))
    values = [f"C-{i:06d}" for i in range(200)]
    assert sum(ours(value) == theirs(value) for value in values) == 0

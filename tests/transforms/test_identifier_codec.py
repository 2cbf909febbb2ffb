"""Identifiers: format, uniqueness over shards, and none of the training rows."""

from __future__ import annotations

import re
import uuid

import numpy as np
import pandas as pd
import pytest

from synthkit.schema import Column
from synthkit.transforms.base import Rows
from synthkit.transforms.identifier import IdentifierCodec
from synthkit.transforms.numbering import Numbering


def fit(cells: list, seed: int = 0, **column: object) -> IdentifierCodec:
    typed = pd.DataFrame({"id": pd.Series(cells, dtype=object)})
    meta = Column(name="id", kind="identifier", **column)
    return IdentifierCodec.fit(typed, meta, np.random.default_rng(seed))


def make(codec: IdentifierCodec, n: int, start: int = 0, seed: int = 1) -> pd.Series:
    batch = {field.name: np.zeros(n, np.int32) for field in codec.fields}
    return codec.inverse_transform(batch, Rows(n, start), np.random.default_rng(seed))


def test_a_sequence_counts_from_one_and_goes_on() -> None:
    codec = fit([str(i) for i in range(700, 800)], pattern="sequence", unique=True)
    assert make(codec, 3).tolist() == ["1", "2", "3"]
    assert make(codec, 2, start=3).tolist() == ["4", "5"]
    whole = fit(list(range(700, 800)), pattern="sequence", unique=True)
    assert make(whole, 3).tolist() == [1, 2, 3]


def test_uuids_are_random_and_of_version_4() -> None:
    codec = fit([str(uuid.UUID(int=i)) for i in range(50)], pattern="uuid4", unique=True)
    made = make(codec, 2000)
    assert made.nunique() == 2000
    assert all(uuid.UUID(text).version == 4 for text in made)
    assert all(uuid.UUID(text).variant == uuid.RFC_4122 for text in made)
    assert make(codec, 5).tolist() != make(codec, 5, seed=2).tolist()


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("CUST-9{6}", r"CUST-\d{6}"),
        ("A{2}9{5,7}", r"[A-Z]{2}[1-9]?\d{4,7}"),
        ("X{4}-a{3}", r"[A-Z0-9]{4}-[a-z]{3}"),
        ("9{6,7}", r"[1-9]\d{5,6}"),
        ("a{3,12}@x{3,9}.com", r"[a-z]{3,12}@[a-z0-9]{3,9}\.com"),
        (r"\A\9*{8}", r"A9[A-Za-z0-9]{8}"),
        ("h{8}", "[0-9a-f]{8}"),
        (r"\H-H{5,6}0", "H-[0-9A-F]{5,6}0"),
    ],
)
def test_patterned_identifiers_match_and_differ_over_shards(pattern: str, expression: str) -> None:
    codec = fit(["whatever", None] * 100, pattern=pattern, unique=True)
    shards = [make(codec, 1500, start=1500 * i, seed=i) for i in range(3)]
    made = pd.concat(shards)
    assert made.str.fullmatch(expression).all()
    assert made.is_unique


def test_no_training_identifier_comes_out() -> None:
    rng = np.random.default_rng(0)
    cells = [f"K{i:05d}" for i in rng.permutation(100_000)[:1500]]
    codec = fit(cells, pattern="K9{5}", unique=True)
    assert codec.reserved == 16
    made = make(codec, 6000)
    assert made.is_unique
    assert not made.isin(cells).any()
    assert codec.reason.endswith(
        "lasts for 100,000 different rows; beyond 6,250 rows real ones may recur"
    )


def test_every_text_of_a_format_is_used_once_before_any_repeats() -> None:
    rng = np.random.default_rng(0)
    cells = [f"{i:05d}" for i in rng.permutation(100_000)[:1000]]
    codec = fit(cells, pattern="9{5}", unique=True)
    shards = [make(codec, 25_000, start=25_000 * i) for i in range(4)]
    assert pd.concat(shards).nunique() == 100_000
    assert not shards[0][:6250].isin(cells).any()
    assert shards[0].isin(cells).sum() <= 10  # a quarter of all texts; 250 by chance
    assert make(codec, 10, start=100_000).tolist() == shards[0][:10].tolist()


def test_what_is_short_is_said_from_the_first_row_on_that_it_touches() -> None:
    cells = [f"{i:05d}" for i in range(1000)]
    codec = fit(cells, pattern="9{5}", unique=True)
    assert codec.shortage(6250) is None
    assert codec.shortage(6251) == (
        "real identifiers may recur beyond 6,250 rows: the format is too small to avoid them"
    )
    assert codec.shortage(100_000) == codec.shortage(6251)
    assert codec.shortage(100_001) == (
        "identifiers repeat: the format lasts for 100,000 different rows"
    )
    halves = fit([*cells, *cells], pattern="9{5}")
    assert halves.shortage(12_500) is None
    assert halves.shortage(12_502) is not None
    small = fit([f"K{i}" for i in range(10)], pattern="K9", unique=True)
    assert small.shortage(1) == (
        "real identifiers may recur: the format is too small to avoid them"
    )
    assert fit([str(uuid.uuid4())], pattern="uuid4", unique=True).shortage(10**12) is None


def test_a_counter_stays_within_its_dtype() -> None:
    codec = fit(list(range(1, 101)), pattern="sequence", unique=True, dtype="int8")
    assert make(codec, 127).tolist() == list(range(1, 128))
    assert codec.shortage(127) is None
    assert make(codec, 1, start=127).tolist() == [1]
    assert codec.shortage(128) == "identifiers repeat: the format lasts for 127 different rows"
    assert fit(["1", "2"], pattern="sequence", unique=True).shortage(10**12) is None


@pytest.mark.parametrize(
    ("pattern", "ends", "size"),
    [
        ("9{1,3}", (0, 255), 9 + 90 + 156),
        ("9{1,3}", (-128, 127), 9 + 90 + 28),
        ("9{5}", (-(2**15), 2**15 - 1), 32_767 - 9_999),
        ("29{2}", (0, 255), 56),
        ("9{2}5", (0, 255), 16),
        ("9{19,20}", (0, 2**64 - 1), 2**64 - 10**18),
        ("9{2}", (0, 255), 90),
    ],
)
def test_whole_numbers_stay_within_their_dtype(
    pattern: str, ends: tuple[int, int], size: int
) -> None:
    numbering = Numbering.of(pattern, whole=True, ends=ends)
    assert numbering.size == size
    drawn = [int(text) for text in numbering.draw(3000, np.random.default_rng(0))]
    assert max(drawn) <= ends[1]
    if size < 10**6:
        made = [int(t) for t in numbering.texts(np.arange(size, dtype=np.uint64))]
        assert len(set(made)) == size
        assert max(made) <= ends[1]
        assert set(drawn) <= set(made)


def test_large_and_small_numbers_of_one_length_are_drawn_in_equal_shares() -> None:
    numbering = Numbering.of("9{20}", whole=True, ends=(0, 2**64 - 1))
    drawn = np.array([int(t) for t in numbering.draw(20_000, np.random.default_rng(0))], float)
    middle = (10.0**19 + 2.0**64) / 2
    assert abs((drawn < middle).mean() - 0.5) < 0.02


def test_a_single_identifier_does_not_come_out() -> None:
    for seed in range(20):
        cells = make(fit(["K0"], seed=seed, pattern="K9{3}", unique=True), 1).tolist()
        codec = fit(cells, seed=seed, pattern="K9{3}", unique=True)
        assert not make(codec, 60).isin(cells).any()


def test_a_filter_says_little_of_who_is_in_it() -> None:
    cells = [f"K{i:06d}" for i in range(1500)]
    codec = fit(cells, pattern="K9{6}", unique=True)
    assert 0.2 < np.unpackbits(codec.taken).mean() < 0.45  # so many strangers hit too
    assert len(codec.taken) * 8 <= 4 * len(cells)
    assert all(text.encode() not in codec.taken.tobytes() for text in cells)


def test_a_format_that_is_too_small_is_used_and_said() -> None:
    codec = fit([f"K{i}" for i in range(10)], pattern="K9", unique=True)
    made = make(codec, 10)
    assert made.is_unique
    assert codec.reason.endswith("10 different rows and so small that real ones may recur")
    assert make(codec, 30).str.fullmatch("K[0-9]").all()


def test_repeated_identifiers_repeat() -> None:
    cells = [f"K{i % 250:06d}" for i in range(1000)]
    made = make(fit(cells, pattern="K9{6}"), 1000)
    assert 150 < made.nunique() <= 250


def test_whole_numbers_have_no_leading_zero() -> None:
    codec = fit(list(range(10_000, 10_200)), pattern="9{5}", unique=True)
    made = make(codec, 3000)
    assert all(type(cell) is int and 10_000 <= cell <= 99_999 for cell in made)
    assert made.is_unique


def test_the_numbering_is_a_bijection() -> None:
    numbering = Numbering.of("A{1,2}-9", whole=False)
    assert numbering.size == (26 + 26**2) * 10
    texts = numbering.texts(np.arange(numbering.size, dtype=np.uint64))
    assert len(set(texts)) == numbering.size
    assert all(re.fullmatch("[A-Z]{1,2}-[0-9]", text) for text in texts)
    assert texts[0] == "A-0"
    assert texts[-1] == "ZZ-9"


def test_another_model_makes_other_identifiers() -> None:
    first, second = (fit(["K000001"], seed=s, pattern="K9{6}", unique=True) for s in (0, 1))
    assert make(first, 20).tolist() == make(first, 20, seed=5).tolist()
    assert make(first, 20).tolist() != make(second, 20).tolist()


@pytest.mark.parametrize(("rows", "repeats"), [(1000, 1), (1000, 60), (1000, 900)])
def test_as_many_identifiers_repeat_as_in_the_training_rows(rows: int, repeats: int) -> None:
    cells = [f"K-{i:06}" for i in range(rows - repeats)] + ["K-000000"] * repeats
    codec = fit(cells, pattern="K-9{6}")
    made = [make(codec, rows, start=rows * i, seed=i) for i in range(3)]
    assert [part.nunique() for part in made] == [rows - repeats] * 3
    assert pd.concat(made).nunique() == 3 * (rows - repeats)
    assert len(make(codec, 0)) == 0
    assert len(make(codec, 1)) == 1

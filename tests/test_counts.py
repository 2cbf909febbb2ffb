"""Counts in words: one is singular, none and several are plural."""

from __future__ import annotations

from synthkit.counts import counted, counted_are, few


def test_only_one_is_singular() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 2799)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "2,799 rows",
    ]
    assert [counted_are(n, "cell") for n in (0, 1, 2)] == [
        "0 cells are",
        "1 cell is",
        "2 cells are",
    ]


def test_of_many_names_the_first_are_told() -> None:
    assert [few(list("abcde"[:n])) for n in (0, 1, 3, 5)] == [
        "",
        "a",
        "a, b, c",
        "a, b, c and 2 more",
    ]

"""Given values: text in the column's own spelling is read as its cells are."""

from __future__ import annotations

import pandas as pd
import pytest

from synthkit.columns import detect, read_given, to_raw, to_typed
from synthkit.recipe import SchemaSpec

SPELLED = {
    "comma": ["12,50", "3,75", "100,00", "7,25"],
    "grouped": ["1.200,50", "12,25", "3.000.000,00", "7,75"],
    "money": ["$1,200.50", "$12.25", "-$3,000.00", "$7.75"],
    "whole": ["$1,200.00", "$12.00", "$3,000.00", "$7.00"],
    "behind": ["1 200 €", "12 €", "3 000 €", "7 €"],
    "share": ["50%", "7%", "12%", "100%"],
    "weight": ["1.5 kg", "12.25 kg", "3.0 kg", "0.5 kg"],
    "power": ["1.20e+03", "1.25e-02", "3.00e+00", "7.75e+00"],
    "clock": ["36:05", "1:30", "0:07", "12:00"],
    "iso": ["PT1H30M", "PT7M", "P1DT2H", "PT12S"],
}
FRAME = pd.DataFrame(SPELLED)
SCHEMA = detect(FRAME, SchemaSpec())


@pytest.mark.parametrize("name", SPELLED)
def test_every_cell_can_be_given_as_it_stands(name: str) -> None:
    assert SCHEMA[name].kind in ("integer", "real", "duration")
    typed = to_typed(FRAME, SCHEMA)[0]
    assert to_raw(typed, SCHEMA)[name].tolist() == SPELLED[name]
    for text, cell in zip(SPELLED[name], typed[name], strict=True):
        assert read_given({name: text}, SCHEMA) == {name: cell}


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("comma", "12.5", 12.5),  # a plain number, where the format leaves no doubt
        ("grouped", "1.200", 1200.0),  # the format decides, as it does for the cells
        ("money", "1200", 1200.0),
        ("whole", "1200", 1200),
        ("share", "50", 50),
    ],
)
def test_plain_numbers_stay_readable(name: str, text: str, number: float) -> None:
    assert read_given({name: text}, SCHEMA) == {name: number}


@pytest.mark.parametrize("value", ["twelve", "12,5,0", "", "\udc80", 12.5, None])
def test_what_is_not_spelled_like_the_column_stays_as_it_is(value: object) -> None:
    given = {"comma": value, "nowhere": value}
    assert read_given(given, SCHEMA) == given

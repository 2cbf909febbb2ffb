"""Arguments of the Python API: each is what it should be, or one clear error.

    n = whole_number(n, "n")                     # "n: is a float; expected a whole number …"
    cells = given_cells(given)

A message says of what type an argument is and never what is in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from synthkit.errors import SynthkitError


def wrong(value: object, where: str, expected: str) -> SynthkitError:
    """The error for an argument of a wrong type."""
    found = "None" if value is None else f"of type {type(value).__name__}"
    return SynthkitError(f"is {found}", where=where, expected=expected)


def whole_number(value: object, where: str) -> int:
    """An integer of at least 0, of any library; no boolean."""
    expected = "a whole number of at least 0"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise wrong(value, where, expected)
    number = operator.index(value)  # type: ignore[arg-type]
    if number < 0:
        raise SynthkitError(f"is {number}", where=where, expected=expected)
    return number


def seconds(value: object, where: str) -> float | None:
    """A number above 0, or None."""
    expected = "a number of seconds above 0"
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(value, where, expected)
    if not value > 0:
        raise SynthkitError(f"is {value}", where=where, expected=expected)
    return float(value)


def text(value: object, where: str, expected: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise wrong(value, where, expected)
    return value


def path(value: object, where: str) -> Path:
    """A path of the file system."""
    if not isinstance(value, str | Path):
        raise wrong(value, where, "a path")
    if "\0" in str(value):
        raise SynthkitError("holds the character NUL", where=where, expected="a path")
    return Path(value)


def texts(value: object, where: str, example: str) -> tuple[str, ...]:
    """A list of texts; a single text counts as a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence) or not all(isinstance(entry, str) for entry in value):
        raise wrong(value, where, f"a list of text such as {example}")
    return tuple(value)


def mapping(value: object, where: str, example: str) -> dict[str, Any]:
    """A mapping by text; empty for None."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise wrong(value, where, f"a mapping such as {example}")
    return dict(value)


def frame(value: object, where: str) -> pd.DataFrame:
    """A DataFrame."""
    if not isinstance(value, pd.DataFrame):
        raise wrong(value, where, "a DataFrame")
    return value


def function(value: object, where: str) -> Callable[..., Any]:
    """Something that can be called."""
    if not callable(value):
        raise wrong(value, where, "a function of one event")
    return value


def given_cells(value: object) -> dict[str, Any]:
    """By column, the single value that every row shall have; None for a missing cell."""
    cells = mapping(value, "given", "{'city': 'Graz'}")
    for name, cell in cells.items():
        if cell is not None and not pd.api.types.is_scalar(cell):
            raise wrong(cell, f"given['{name}']", "a single value")
        if cell is not None and pd.isna(cell):
            cells[name] = None
    return cells

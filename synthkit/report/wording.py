"""The report's own words for whatever a row is: the words are written for rows, and read for images.

    in_units("Is a row nearer to training rows?", "image")     # "Is an image nearer to training images?"

For text of ours alone: a name or a value of the data that happens to be "row" is not to be changed.
"""

from __future__ import annotations

import re

ROW = re.compile(r"\b([Aa] )?row(s?)\b")


def in_units(text: str, unit: str) -> str:
    """The text with "image" for "row", where that is the unit; plural and article follow.

    Args:
        text: words of the report, without any of the data.
        unit: what a row is called, see ``synthkit.schema.UNITS``.
    """
    article = "n " if unit[0] in "aeiou" else " "
    return ROW.sub(lambda m: f"{m[1][0] + article if m[1] else ''}{unit}{m[2]}", text)

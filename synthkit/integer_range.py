"""The smallest and the largest whole number that a dtype holds.

integer_range("arrow:uint8")                    # (0, 255)
integer_range("str")                            # None: any number
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"(?:category:)?(?:arrow:)?(u?)int(8|16|32|64)", re.IGNORECASE)


def integer_range(dtype: str) -> tuple[int, int] | None:
    """Both ends, of a dtype by its name (see ``columns.dtypes``); None if it has none."""
    match = _INTEGER.fullmatch(dtype)
    if match is None:
        return None
    bits = int(match[2])
    return (0, 2**bits - 1) if match[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

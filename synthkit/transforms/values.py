"""The distinct values of a column, as plain Python and as arrays without pickle.

In arrays they are UTF-8 text, offsets and a type tag each.

The types are those a table's cells can have and that read back exactly; anything else is a
``SchemaError`` that names the type.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.schema import Column

# the tag is the position: append only, stored models depend on it
TYPES: tuple[tuple[type, Callable[[Any], str], Callable[[str], Any]], ...] = (
    (str, str, str),
    (bool, str, lambda text: text == "True"),
    (int, str, int),
    (float, float.hex, float.fromhex),
    (Decimal, str, Decimal),
    (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
)
NO_CELL = np.array([None], object)
TAGS = {kind: tag for tag, (kind, _, _) in enumerate(TYPES)}


def plain(value: Any, where: str) -> Any:
    """The value as one of the known Python types. Raises ``SchemaError`` for any other type."""
    if type(value) in TAGS:
        return value
    if isinstance(value, np.generic):
        return plain(value.item(), where)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime.datetime):  # pd.Timestamp is one
        return datetime.datetime.fromisoformat(value.isoformat())
    raise SchemaError(
        f"cells of type {type(value).__name__} cannot be learned",
        where=where,
        expected="text, booleans, numbers or dates",
        remedy="convert the column to text first",
    )


def factorize(cells: pd.Series, column: Column) -> tuple[np.ndarray, list[Any]]:
    """The distinct values of a column and each cell's position in them, -1 for missing cells.

    Raises:
        SchemaError: cells that cannot be compared, or are of an unknown type.
    """
    try:
        # The added None keeps pandas from its fast path for text, which cuts text at a NUL.
        codes, values = pd.factorize(np.append(cells.to_numpy(object, na_value=None), NO_CELL))
    except TypeError as error:
        raise SchemaError(
            "holds lists or other cells that cannot be compared",
            where=column.name,
            remedy="convert the column to text first",
        ) from error
    return codes[:-1], [plain(value, column.name) for value in values]


def pack(values: Sequence[Any]) -> dict[str, np.ndarray]:
    """Values of the known types as three arrays: ``tags``, ``text`` and ``offsets``."""
    tags = np.array([TAGS[type(value)] for value in values], np.uint8)
    # lone surrogates occur in badly decoded files and must survive
    encoded = [
        TYPES[tag][1](v).encode("utf-8", "surrogatepass")
        for tag, v in zip(tags, values, strict=True)
    ]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in encoded])]).astype(np.int64)
    return {"tags": tags, "text": np.frombuffer(b"".join(encoded), np.uint8), "offsets": offsets}


def unpack(arrays: dict[str, np.ndarray]) -> list[Any]:
    """Inverse of ``pack``."""
    text, offsets = arrays["text"].tobytes(), arrays["offsets"].tolist()
    return [
        TYPES[tag][2](text[low:high].decode("utf-8", "surrogatepass"))
        for tag, low, high in zip(arrays["tags"].tolist(), offsets, offsets[1:], strict=False)
    ]

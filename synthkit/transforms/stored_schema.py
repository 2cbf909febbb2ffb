"""A schema as a ``State``: values that it names lie in the arrays, never in the metadata."""

from __future__ import annotations

import numpy as np

from synthkit.generators.base import State
from synthkit.schema import Schema
from synthkit.transforms.base import nested, part
from synthkit.transforms.values import pack, plain, unpack

VALUES = ("order", "categories")


def schema_state(schema: Schema) -> State:
    """All columns and roles."""
    arrays: dict[str, np.ndarray] = {}
    for i, column in enumerate(schema.columns):
        for name in VALUES:
            values = [plain(value, column.name) for value in getattr(column, name)]
            arrays |= nested(f"{i}/{name}", State({}, pack(values))).arrays if values else {}
    return State(
        schema.model_dump(mode="json", exclude={"columns": {"__all__": {*VALUES}}}), arrays
    )


def schema_from_state(state: State) -> Schema:
    """Inverse of ``schema_state``."""
    columns = [dict(entry) for entry in state.meta["columns"]]
    for i, column in enumerate(columns):
        for name in VALUES:
            packed = part(f"{i}/{name}", {}, state.arrays).arrays
            column[name] = tuple(unpack(packed)) if packed else ()
    return Schema.model_validate({**state.meta, "columns": columns})

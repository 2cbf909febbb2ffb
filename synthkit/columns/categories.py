"""pandas' categorical dtype: the kind of its columns, and the list that the output gets again."""

from __future__ import annotations

import pandas as pd

from synthkit.columns.evidence import Evidence, Fields
from synthkit.columns.parsing import label

LISTED = ("categorical", "ordinal", "constant")  # kinds whose cells are the dtype's categories


def recognise(evidence: Evidence, dtype: pd.CategoricalDtype) -> Fields:
    """A column of a categorical dtype; ordered ones are ordinal."""
    if not dtype.ordered:
        return {"kind": "categorical", "reason": f"categories by dtype, {evidence.spread}"}
    present = set(evidence.column.values)
    order = [label(value, evidence.dtype) for value in dtype.categories if value in present]
    return {
        "kind": "ordinal",
        "order": tuple(order),
        "reason": f"ordered categories by dtype, {evidence.spread}",
    }


def memory(evidence: Evidence, dtype: object, kind: str) -> Fields:
    """What ``to_raw`` needs to make the dtype again; nothing for a column of another dtype."""
    if not isinstance(dtype, pd.CategoricalDtype):
        return {}
    fields: Fields = {"ordered": bool(dtype.ordered)}
    if kind in LISTED:
        present = set(evidence.column.values)
        values = dtype.categories.tolist()
        fields["categories"] = tuple(label(value, evidence.dtype) for value in values)
        fields["unused"] = tuple(i for i, value in enumerate(values) if value not in present)
    return fields

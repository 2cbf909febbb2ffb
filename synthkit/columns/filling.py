"""Cells that were filled, put into the raw table they were missing in.

    filled_in(raw, filled, added, schema)

Every other cell and the dtypes stay as they are: text remains text, numbers with gaps remain what pandas
made of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from synthkit.columns import spelling
from synthkit.columns.dtypes import dtype_name
from synthkit.schema import Column, Schema


def filled_in(
    raw: pd.DataFrame,
    filled: pd.DataFrame,
    added: pd.DataFrame,
    schema: Schema,
    dtypes: Mapping[str, str],
) -> pd.DataFrame:
    """The raw table with the added cells.

    Args:
        raw: with missing cells; its columns are the schema's.
        filled: the typed table without them, row by row.
        added: bool, the cells to take from it; all of them present.
        schema: of the typed table.
        dtypes: of columns without any cell, which have no dtype to keep, where not the schema's.
    """
    columns = {}
    for column in schema.columns:
        own, new = raw[column.name], added[column.name].to_numpy(bool)
        if own.isna().all():
            dtype = dtypes.get(column.name, column.dtype)
        else:
            dtype = dtype_name(own)
        wanted = column.model_copy(update={"dtype": dtype})
        columns[column.name] = _column(own, filled[column.name], new, wanted) if new.any() else own
    return pd.DataFrame(columns, raw.index)


def _column(raw: pd.Series, filled: pd.Series, new: np.ndarray, column: Column) -> pd.Series:
    try:
        values = spelling.raw_values(filled[new], column)
    except (ValueError, TypeError):  # text among numbers
        raw, values = raw.astype(object), filled[new].to_numpy(object)
    if raw.isna().all():
        return pd.Series(values, raw.index[new]).reindex(raw.index)
    if isinstance(raw.dtype, pd.CategoricalDtype):
        values = np.asarray(values)
        known = set(raw.cat.categories)
        raw = raw.cat.add_categories([v for v in dict.fromkeys(values) if v not in known])
    cells = raw.array.copy()
    cells[new] = values
    return pd.Series(cells, raw.index, raw.dtype)

"""A pandas DataFrame in memory as a source: checked, not copied, not interpreted."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.pictures import hashable, holds_images
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.names import refuse_repeated

UNREADABLE_DTYPES = (pd.IntervalDtype, pd.SparseDtype, pd.PeriodDtype)
UNREADABLE_OBJECTS = (
    list, tuple, dict, set, frozenset, bytes, bytearray, complex, np.ndarray, pd.Series,
)  # fmt: skip


def from_frame(frame: pd.DataFrame, *, empty: bool = False) -> RawTable:
    """The frame's columns as they are; its index is left out.

    Args:
        empty: a frame without rows will do.

    Raises:
        SourceError: no rows or columns, names that are not unique strings, or cells that are not
            single values.
    """
    _check_names(frame)
    if not len(frame) and not empty:
        raise SourceError("the frame has columns but no rows")
    for name in frame.columns:
        _check_cells(name, frame[name])
    notices = []
    if not isinstance(frame.index, pd.RangeIndex):
        notices.append("the frame's index is left out; use reset_index() to keep it as a column")
    plain = frame.reset_index(drop=True)
    try:
        sha256 = content_hash(plain)
    except UnicodeEncodeError:
        # The cause is left out: it holds the text.
        raise SourceError(
            "a text holds half of a surrogate pair, which is no character",
            remedy="repair it, for example with text.encode('utf-8', 'replace').decode()",
        ) from None
    origin = Origin(
        dialect=Dialect(format="frame"),
        rows_total=len(plain),
        rows_read=len(plain),
        sha256=sha256,
        notices=tuple(notices),
    )
    return RawTable(plain, origin)


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 over names, dtypes and cells of a frame; its index does not count."""
    digest = hashlib.sha256(repr([(name, str(d)) for name, d in frame.dtypes.items()]).encode())
    digest.update(pd.util.hash_pandas_object(hashable(frame), index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _check_names(frame: pd.DataFrame) -> None:
    if isinstance(frame.columns, pd.MultiIndex):
        raise SourceError(
            f"the columns have {frame.columns.nlevels} levels",
            expected="one name per column",
            remedy="join the levels to one name",
        )
    others = [
        f"{i + 1} ({type(n).__name__})" for i, n in enumerate(frame.columns) if type(n) is not str
    ]
    if others:
        raise SourceError(
            f"names of these columns are not text: {', '.join(others)}",
            remedy="rename them, for example with frame.columns = frame.columns.astype(str)",
        )
    refuse_repeated(list(frame.columns))
    if not len(frame.columns):
        raise SourceError("the frame has no columns")


def _check_cells(name: str, series: pd.Series) -> None:
    if holds_images(series):
        return  # their shapes are the schema's business
    found = ""
    if isinstance(series.dtype, UNREADABLE_DTYPES) or series.dtype.kind == "c":
        found = str(series.dtype)
    elif series.dtype == object and pd.api.types.infer_dtype(series) != "string":
        kinds = {type(cell) for cell in series}
        found = ", ".join(sorted(k.__name__ for k in kinds if issubclass(k, UNREADABLE_OBJECTS)))
    if found:
        raise SourceError(
            f"column '{name}' holds {found}",
            expected="numbers, text, booleans, dates, times, or images (height, width, channels)",
            remedy="convert or remove the column",
        )

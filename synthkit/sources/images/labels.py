"""Labels that are stored as numbers or text, as a column of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthkit.counts import counted
from synthkit.errors import SourceError
from synthkit.recipe import LABEL

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def text_column(labels: list[str]) -> pd.DataFrame:
    """A frame of the one column ``label``, spelled as delimited text is."""
    import pandas as pd

    return pd.DataFrame({LABEL: pd.array(labels, dtype=pd.StringDtype("pyarrow"))})


def without_columns(images: int) -> pd.DataFrame:
    """A frame of so many rows that holds nothing."""
    import pandas as pd

    return pd.DataFrame(index=pd.RangeIndex(images))


def label_column(labels: np.ndarray, images: int) -> pd.DataFrame:
    """Labels of an array as a column of text: a whole number by its digits.

    Args:
        labels: (n,) or (n, 1) of whole numbers, booleans or text.
        images: number of images that they must be for.

    Raises:
        SourceError: they are something else, or not as many.
    """
    import numpy as np

    flat = labels.reshape(-1) if labels.shape in ((images, 1), (1, images)) else labels
    if flat.ndim != 1:
        raise SourceError(
            f"the labels have {flat.ndim} axes",
            expected="one label per image",
        )
    if len(flat) != images:
        raise SourceError(
            f"there are {counted(images, 'image')} and {counted(len(flat), 'label')}",
            expected="as many labels as images",
            remedy="name the labels that belong to the images in source.labels",
        )
    if flat.dtype.kind == "f" and np.isfinite(flat).all() and (flat == np.rint(flat)).all():
        flat = flat.astype(np.int64)
    if flat.dtype.kind == "S":
        flat = np.char.decode(flat, "utf-8", "replace")
    if flat.dtype.kind not in "iubU":
        raise SourceError(f"the labels are {flat.dtype}", expected="whole numbers or text")
    return text_column([str(label) for label in flat.tolist()])

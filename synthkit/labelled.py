"""Images and their classes: what is taken for granted of them unless a recipe says otherwise.

A column ``label`` beside images is the target, and its values are classes, numbers or not.
"""

from __future__ import annotations

import pandas as pd

from synthkit.pictures import holds_images
from synthkit.recipe import LABEL, ColumnSpec, SchemaSpec


def labelled(declared: SchemaSpec, frame: pd.DataFrame) -> SchemaSpec:
    """What is declared of a raw frame's columns, with what goes without saying of images."""
    if not any(holds_images(frame[name]) for name in frame.columns):
        return declared
    target = declared.target
    if target is None and LABEL in frame.columns and LABEL not in declared.sensitive:
        target = LABEL
    columns = dict(declared.columns)
    if target == LABEL and LABEL not in columns:
        columns[LABEL] = ColumnSpec(kind="categorical")
    return declared.model_copy(update={"target": target, "columns": columns})

"""Sources: where real rows come from, read exactly as they are stored.

    raw = read_table(recipe.source, base=recipe_folder, rng=run.rng("read"))
    raw = from_frame(df)
    names = read_header(recipe.source, base)      # cheap, for ``synthkit validate``

A file is read by the source of its format; a URL ``scheme://…`` by the source registered under
that scheme, else by ``sql``; images, whatever they are stored in, by ``images``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.registry import Registry
from synthkit.sources.base import Origin, RawTable, Source

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["Origin", "RawTable", "Source", "from_frame", "read_header", "read_table", "sources"]

sources = Registry(
    "source",
    {
        "csv": "synthkit.sources.delimited:DelimitedSource",
        "parquet": "synthkit.sources.parquet:ParquetSource",
        "jsonl": "synthkit.sources.jsonl:JsonLinesSource",
        "sql": "synthkit.sources.sql:SqlSource",
        "images": "synthkit.sources.images.source:ImageSource",
    },
    group="synthkit.sources",
)


def read_table(spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
    """The table that a recipe names, as stored.

    Args:
        spec: the recipe's ``source``.
        base: folder of the recipe, from which relative paths are searched first.
        rng: decides which rows are read if there are more than ``spec.max_rows``.

    Raises:
        SourceError: it cannot be read; the message holds no cell value.
    """
    return _source(spec, base).read(spec, base, rng)


def read_header(spec: SourceSpec, base: Path) -> list[str] | None:
    """The column names alone; None where they cannot be had without reading the rows.

    Raises:
        SourceError: the source is missing or its header cannot be used.
    """
    return _source(spec, base).header(spec, base)


def from_frame(frame: pd.DataFrame, *, empty: bool = False) -> RawTable:
    """A table in memory; see ``sources.frame.from_frame``."""
    from synthkit.sources.frame import from_frame as checked

    return checked(frame, empty=empty)


def _source(spec: SourceSpec, base: Path) -> Source:
    if spec.kind == "images":
        return cast(Source, sources.get("images")())
    scheme = re.match(r"([a-z][a-z0-9_]*)(\+[a-z0-9_]+)?://", spec.path, re.IGNORECASE)
    if scheme:
        name = scheme[1].lower()
        return cast(Source, sources.get(name if name in sources.names() else "sql")())
    if spec.table or spec.query:
        raise SourceError(
            "source.table and source.query are for a database URL, and the path is none",
            where="source.path",
            remedy="remove them, or give a URL such as sqlite:///file.db",
        )
    from synthkit.sources.files import locate

    return cast(Source, sources.get(locate(spec, base).format)())

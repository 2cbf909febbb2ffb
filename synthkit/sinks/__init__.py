"""Sinks: where rows go. A file format writes one shard at a time, a database one transaction.

write_shard(frame, shard_path(folder, "parquet", 0, 1), "parquet", dialect)

with SqlSink(url, table) as sink:             # synthkit.sinks.sql
    for frame in frames: sink.write(frame)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from synthkit.dialect import Dialect
from synthkit.registry import Registry
from synthkit.sinks.base import FileSink
from synthkit.workspace import replacing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FileSink", "shard_path", "sinks", "write_shard"]

sinks = Registry(
    "sink",
    {
        "csv": "synthkit.sinks.delimited:DelimitedSink",
        "parquet": "synthkit.sinks.parquet:ParquetSink",
        "jsonl": "synthkit.sinks.jsonl:JsonLinesSink",
    },
    group="synthkit.sinks",
)


def shard_path(folder: Path, format: str, shard: int, shards: int) -> Path:
    """``data.csv`` for a single shard, else ``data/part-00000.csv`` …, below ``folder``."""
    if shards == 1:
        return folder / f"data.{format}"
    return folder / "data" / f"part-{shard:05d}.{format}"


def write_shard(frame: pd.DataFrame, path: Path, format: str, dialect: Dialect) -> int:
    """Writes a frame as one file that is either absent or whole; makes its folder.

    Args:
        frame: rows in raw form: cells of delimited text already rendered as text.
        path: the file.
        format: a registered sink's name.
        dialect: spelling of the real table, or ``Dialect()``.

    Returns:
        Number of rows written.

    Raises:
        SinkError: no space, no permission, or cells that the format cannot hold.
    """
    sink = cast(FileSink, sinks.get(format)())
    with replacing(path) as partial:
        sink.write(frame, partial, dialect)
    return len(frame)

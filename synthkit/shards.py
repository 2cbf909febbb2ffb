"""Shards: how many rows are made and written at a time.

for number, (start, size) in enumerate(shards(total, shard_rows, schema)): ...
"""

from __future__ import annotations

from synthkit.constraints import has_unique
from synthkit.errors import ConstraintError
from synthkit.model import Model
from synthkit.run import Run
from synthkit.schema import Schema

SHARD_IMAGES = 10_000  # at most, as images take more memory


def shards(total: int, shard_rows: int, schema: Schema) -> list[tuple[int, int]]:
    """``(first row, rows)`` of each shard."""
    if total > shard_rows and has_unique(schema):
        raise ConstraintError(
            f"a unique constraint needs all {total:,} rows in one shard of at most {shard_rows:,}",
            where="schema.constraints",
            remedy="raise output.shard_rows to the number of rows",
        )
    return [(start, min(shard_rows, total - start)) for start in range(0, total, shard_rows)]


def note_shortages(model: Model, rows: int, run: Run) -> None:
    """Says which columns' formats are too small for so many identifiers."""
    for column, what in model.encoder.shortages(rows).items():
        run.notice(f"column '{column}': {what}")

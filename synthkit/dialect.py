"""``Dialect``: how a table was stored, so that a sink can store another one likewise.

A source finds it out, a run keeps it as JSON beside its model, a sink writes by it:

    raw = read_table(spec, base, rng)
    write_shard(frame, Path("data.csv"), "csv", raw.origin.dialect)
"""

from __future__ import annotations

from pydantic import Field

from synthkit.schema import Frozen


class Dialect(Frozen):
    """The spelling of a stored table. The defaults are what a sink uses without a model.

    Args:
        format: name of the source that read it: csv, parquet, jsonl, sql, frame or a plugin's.
        delimiter, encoding, newline: of delimited text. ``utf-8-sig`` and ``utf-16`` write a byte
            order mark.
        header: delimited text begins with the column names.
        quoted: columns of delimited text whose cells always stand in quotes; other cells are
            quoted only where they must be.
        quoted_header: the column names stand in quotes.
        types: storage types that pandas lacks (``date32[day]``, ``decimal128(10, 2)``,
            ``dictionary<values=string, indices=int32, ordered=0>``), by column; a Parquet sink
            restores them.
        dtypes: dtypes of pandas' own that a Parquet file asks its readers for (``Int64``,
            ``string``), by column; a Parquet sink asks for them too.
    """

    format: str = "csv"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    newline: str = "\n"
    header: bool = True
    quoted: tuple[str, ...] = ()
    quoted_header: bool = False
    types: dict[str, str] = Field(default_factory=dict)
    dtypes: dict[str, str] = Field(default_factory=dict)

"""``Schema``: what the columns of a table are, and how the file spelled them.

``kind`` decides how a column is modelled and checked; the remaining fields are the memory that
lets the output look like the input: dtype, number of decimals, datetime format, spelling of
missing cells and booleans. ``columns/`` detects a schema from data and converts between the raw
table (as stored) and the *typed* table that every later stage works on:

| kind | typed pandas dtype | missing |
| --- | --- | --- |
| integer | Int64 | pd.NA |
| real | float64 | NaN |
| boolean | boolean | pd.NA |
| categorical, ordinal, constant, mixed, identifier, text | object (str, or the frame's own values) | None |
| datetime | datetime64[us], UTC when zoned | NaT |
| duration | timedelta64[us] | NaT |

    schema = detect(raw)                    # synthkit.columns
    typed = to_typed(raw, schema)
    raw_again = to_raw(typed, schema)       # same dtypes, order and spelling
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "integer",
    "real",
    "boolean",
    "categorical",
    "ordinal",
    "datetime",
    "duration",
    "identifier",
    "text",
    "constant",
    "mixed",
]
KINDS: tuple[str, ...] = get_args(Kind)
Content = Literal[
    "person names",
    "first names",
    "last names",
    "e-mail addresses",
    "street addresses",
    "company names",
]


class Frozen(BaseModel):
    """Base of everything a user writes or a file stores: immutable, no unknown keys, no values in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=True,
        allow_inf_nan=False,
    )


class Column(Frozen):
    """One column.

    Args:
        name: as in the data.
        kind: see the module's table.
        reason: why this kind was chosen, for people; column facts and counts only, no cell value.
        dtype: dtype of the raw column (``"str"`` for delimited text), restored on output.
        nullable: whether missing cells were seen.
        missing: spellings of a missing cell in a text column, the most frequent first; None is
            the frame's own null. The first one is written on output.
        sentinels: numeric codes read as missing on strong evidence (-1, 999), as plain integer
            text, the most frequent first; it is written back in place of the first spelling.
        decimals: digits after the point (real); None where there is no fixed precision.
        format: how cells of a text column are spelled: a datetime format (``columns.dates``), a
            duration form (``columns.durations``) or a number style (``columns.numbers``); an
            integer column with format ``0.0`` is spelled ``39.0``.
        zone: name of the time zone, or offset such as ``+01:00``, of a zoned datetime.
        true, false: spellings of a boolean.
        order: categories from low to high (ordinal only).
        categories: list of a pandas categorical dtype, in its order, as typed cells.
        unused: places in ``categories`` of those that no row has.
        ordered: the categorical dtype is an ordered one.
        pattern: shape of an identifier such as ``ID-9999`` or ``uuid4`` or ``sequence``; see
            ``columns.patterns``.
        unique: a key: no cell of this identifier repeats.
        content: what the text is, where name and cells say so; made-up ones take its place.
    """

    name: str
    kind: Kind
    reason: str = ""
    dtype: str = "str"
    nullable: bool = False
    missing: tuple[str | None, ...] = ()
    sentinels: tuple[str, ...] = ()
    decimals: int | None = Field(default=None, ge=0, le=17)
    format: str | None = None
    zone: str | None = None
    true: str | None = None
    false: str | None = None
    order: tuple[Any, ...] = ()
    categories: tuple[Any, ...] = ()
    unused: tuple[int, ...] = ()
    ordered: bool = False
    pattern: str | None = None
    unique: bool = False
    content: Content | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether distance and order make sense (integer, real, datetime, duration)."""
        return self.kind in ("integer", "real", "datetime", "duration")

    @property
    def is_modelled(self) -> bool:
        """Whether generators learn it (identifiers and free text are made anew instead)."""
        return self.kind not in ("identifier", "text")


class Inequality(Frozen):
    """``low <= high`` (``<`` if ``strict``) in every row where both are present."""

    kind: Literal["inequality"]
    low: str
    high: str
    strict: bool = False


class Range(Frozen):
    """``min <= column <= max``; either bound may be left out."""

    kind: Literal["range"]
    column: str
    min: float | None = None
    max: float | None = None


class FixedCombinations(Frozen):
    """Only combinations of these columns' values that occur in the training rows."""

    kind: Literal["fixed_combinations"]
    columns: tuple[str, ...] = Field(min_length=2)


class Unique(Frozen):
    """No two rows agree in all of these columns."""

    kind: Literal["unique"]
    columns: tuple[str, ...] = Field(min_length=1)


class Sum(Frozen):
    """``total`` is the sum of ``parts``, rounded to its own precision.

    It is not learned but added up, and missing exactly where a part is. With a single part the two
    columns are equal.
    """

    kind: Literal["sum"]
    total: str
    parts: tuple[str, ...] = Field(min_length=1)


class Dependency(Frozen):
    """A functional dependency: rows that agree in ``from`` agree in ``to``.

    ``to`` is not learned but looked up.

    Args:
        source: the column that determines the other; the key is spelled ``from``.
        to: the column that follows from it.
    """

    kind: Literal["dependency"]
    source: str = Field(
        validation_alias="from",
        serialization_alias="from",
        description="The column that determines the other.",
    )
    to: str


Constraint = Inequality | Range | FixedCombinations | Unique | Sum | Dependency


class Schema(Frozen):
    """The columns in file order, and the roles of some of them.

    Args:
        columns: in the order of the data.
        target: column that a downstream model predicts, if any.
        sensitive: columns that define the groups of the bias checks.
        constraints: rules that every synthetic row must meet.
    """

    columns: tuple[Column, ...]
    target: str | None = None
    sensitive: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)

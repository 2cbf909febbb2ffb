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
| image | object (uint8 arrays of one shape, see ``Column.shape``) | never |

An image is a cell like others: labels and attributes are the other columns of its row.

    schema = detect(raw)                    # synthkit.columns
    typed = to_typed(raw, schema)
    raw_again = to_raw(typed, schema)       # same dtypes, order and spelling
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

TableKind = Literal[
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
KINDS: tuple[str, ...] = get_args(TableKind)
Kind = TableKind | Literal["image"]
Modality = Literal["table", "images", "text"]
UNITS: dict[Modality, str] = {"table": "row", "images": "image", "text": "text"}
"""What one row is called where people read of it; its plural ends in s."""
PARTS: dict[Modality, str] = {"table": "column", "images": "feature", "text": "feature"}
"""What the checks see a row consist of, in the same places."""
Content = Literal[
    "person names",
    "first names",
    "last names",
    "e-mail addresses",
    "street addresses",
    "company names",
]
EACH_ROW = "each row"
"""In place of the column that tells people apart, where no two rows are of one person."""
TEXTUAL = ("identifier", "text", "categorical")  # kinds of columns that may have a content


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
        personal: categories that seem to be people's names or addresses, by name and cells; kept
            although nobody declared the kind.
        recurring_key: it tells people or accounts apart, by name or cells, and several rows share a value.
        shape: (height, width, channels) of all images of a column of images, in pixels; one channel
            is grey, three are RGB.
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
    personal: bool = False
    recurring_key: bool = False
    shape: tuple[int, int, int] | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether distance and order make sense (integer, real, datetime, duration)."""
        return self.kind in ("integer", "real", "datetime", "duration")

    @property
    def is_modelled(self) -> bool:
        """Whether it has values that generators learn.

        Identifiers and free text are made anew instead; images are learned, but are no values.
        """
        return self.kind not in ("identifier", "text", "image")

    @property
    def tells_of_people(self) -> bool:
        """Whether its values are people's names, addresses or keys, which no report shows."""
        named = self.content is not None and self.content != "company names"
        return self.personal or self.recurring_key or named

    def label(self, value: Any) -> str:
        """A present typed cell for people: a boolean as the data spells it, such as ``Yes``."""
        if self.kind != "boolean":
            return str(value)
        return (self.true if value else self.false) or str(bool(value))


class Rule(Frozen):
    """Base of the constraints. Each has ``columns``, those that it names, and a ``label``.

    A label is the rule in words, from its kind and column names only.
    """

    @property
    def derivation(self) -> tuple[str, tuple[str, ...]] | None:
        """The column that it computes, and those it is computed from; None if it computes none."""
        return None


class Inequality(Rule):
    """``low <= high`` (``<`` if ``strict``) in every row where both are present."""

    kind: Literal["inequality"]
    low: str
    high: str
    strict: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Low and high."""
        return self.low, self.high

    @property
    def label(self) -> str:
        """The order."""
        return f"inequality {self.low} {'<' if self.strict else '<='} {self.high}"


class Range(Rule):
    """``min <= column <= max``; either bound may be left out."""

    kind: Literal["range"]
    column: str
    min: float | None = None
    max: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    @property
    def label(self) -> str:
        """Without its bounds, which may be values of the data."""
        return f"range of {self.column}"


class FixedCombinations(Rule):
    """Only combinations of these columns' values that occur in the training rows."""

    kind: Literal["fixed_combinations"]
    columns: tuple[str, ...] = Field(min_length=2)

    @property
    def label(self) -> str:
        """The columns."""
        return f"combinations of {', '.join(self.columns)}"


class Unique(Rule):
    """No two rows agree in all of these columns."""

    kind: Literal["unique"]
    columns: tuple[str, ...] = Field(min_length=1)

    @property
    def label(self) -> str:
        """The columns."""
        return f"unique {', '.join(self.columns)}"


class Sum(Rule):
    """``total`` is the sum of ``parts``, rounded to its own precision.

    It is not learned but added up, and missing exactly where a part is. With a single part the two
    columns are equal.
    """

    kind: Literal["sum"]
    total: str
    parts: tuple[str, ...] = Field(min_length=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """The total and its parts."""
        return self.total, *self.parts

    @property
    def label(self) -> str:
        """The sum."""
        return f"sum {self.total} = {' + '.join(self.parts)}"

    @property
    def derivation(self) -> tuple[str, tuple[str, ...]]:
        """The total, from its parts."""
        return self.total, self.parts


class Dependency(Rule):
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

    @property
    def columns(self) -> tuple[str, ...]:
        """From and to."""
        return self.source, self.to

    @property
    def label(self) -> str:
        """The arrow."""
        return f"dependency {self.source} -> {self.to}"

    @property
    def derivation(self) -> tuple[str, tuple[str, ...]]:
        """``to``, from ``from``."""
        return self.to, (self.source,)


Constraint = Inequality | Range | FixedCombinations | Unique | Sum | Dependency


class Schema(Frozen):
    """The columns in file order, and the roles of some of them.

    Args:
        columns: in the order of the data.
        target: column that a downstream model predicts, if any.
        sensitive: columns that define the groups of the bias checks.
        person: column that tells whose a row is, ``EACH_ROW`` if each row is of another person, None if
            nothing is said.
        constraints: rules that every synthetic row must meet.
    """

    columns: tuple[Column, ...]
    target: str | None = None
    sensitive: tuple[str, ...] = ()
    person: str | None = None
    constraints: tuple[Constraint, ...] = ()

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)

    @property
    def modelled(self) -> list[str]:
        """Names of the columns whose values generators learn."""
        return [column.name for column in self.columns if column.is_modelled]

    @property
    def image(self) -> Column | None:
        """The column of images, of which there is at most one."""
        return next((column for column in self.columns if column.kind == "image"), None)

    @property
    def is_comparable(self) -> bool:
        """Whether rows can be compared by more than identifiers and free text."""
        return self.image is not None or bool(self.modelled)

    @property
    def person_column(self) -> str | None:
        """The column whose values tell people apart, if there is one."""
        return None if self.person == EACH_ROW else self.person

    @property
    def modality(self) -> Modality:
        """What kind of data a row is."""
        return "table" if self.image is None else "images"

    @property
    def unit(self) -> str:
        """What a row is called where people read of it."""
        return UNITS[self.modality]

    def place(self, rule: Constraint) -> tuple[str | int, ...]:
        """The keys that lead to a constraint in a recipe."""
        return ("schema", "constraints", self.constraints.index(rule))

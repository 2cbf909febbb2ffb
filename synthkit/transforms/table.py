"""``TableEncoder``: a typed table as a batch of fields, and back. Used by every backend.

    encoder = TableEncoder.fit(typed, schema, protect, rng)
    batch = encoder.transform(typed, rng)            # fits encoder.layout
    typed = encoder.inverse_transform(batch, rng)    # the schema's columns and dtypes

One codec per column does the work; which one follows from the column's kind:

| kind | codec | fields |
| --- | --- | --- |
| integer, real, duration | ``numeric`` | one |
| categorical, ordinal, boolean, constant | ``categorical`` | one |
| datetime | ``datetime`` | day, time |
| a column close behind another (see ``gap``) | ``gap`` | gap, alone |
| mixed | ``mixed`` | label, number |
| identifier, text of known content; other text | ``identifier``; ``text`` | presence, if cells are missing |
| a sum of others, or determined by another | ``total``, ``lookup`` | none |
| nothing but missing cells | ``empty`` | none |
| image | ``image`` | one, of pixels |

What is hidden from the generator (``protected``), not modelled (``unmodelled``) or filled with
placeholder text (``placeholders``) is counted, for the caller to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synthkit.errors import ConstraintError, SchemaError, together
from synthkit.generators.base import Given, State
from synthkit.recipe import ProtectSpec
from synthkit.registry import nearest
from synthkit.schema import Column, Dependency, Schema, Sum
from synthkit.transforms.agreement import Agreement, agree
from synthkit.transforms.base import Codec, Rows, nested, part, repeat
from synthkit.transforms.categorical import CategoricalCodec
from synthkit.transforms.datetime import DatetimeCodec
from synthkit.transforms.empty import EmptyCodec
from synthkit.transforms.gap import GapCodec, anchors
from synthkit.transforms.identifier import IdentifierCodec
from synthkit.transforms.image import ImageCodec
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric
from synthkit.transforms.lookup import LookupCodec
from synthkit.transforms.mixed import MixedCodec
from synthkit.transforms.numeric import NumericCodec
from synthkit.transforms.text import TextCodec
from synthkit.transforms.total import TotalCodec

CODECS: dict[str, type[Codec]] = {
    codec.kind: codec
    for codec in (
        NumericCodec,
        CategoricalCodec,
        DatetimeCodec,
        GapCodec,
        MixedCodec,
        IdentifierCodec,
        TextCodec,
        TotalCodec,
        LookupCodec,
        EmptyCodec,
        ImageCodec,
    )
}


@dataclass(frozen=True)
class TableEncoder:
    """The fitted codecs of a schema's columns, in the schema's order.

    Args:
        schema: without the categories that may not be named.
        agreements: what substitutes for rare categories must keep to.
    """

    schema: Schema
    codecs: tuple[Codec, ...]
    agreements: tuple[Agreement, ...] = ()

    @classmethod
    def fit(
        cls, typed: pd.DataFrame, schema: Schema, protect: ProtectSpec, rng: np.random.Generator
    ) -> TableEncoder:
        """Learns every column of a typed table with at least one row.

        Raises:
            SchemaError: the table's columns are not the schema's, or hold what cannot be learned.
            ConstraintError: sums and dependencies that the rows do not keep, all at once.
        """
        _check_columns(typed, schema)
        if not len(typed):
            raise SchemaError("there is no row to learn from", expected="at least one row")
        behind = anchors(typed, schema)
        computed = {target[0]: rule for rule in schema.constraints if (target := rule.derivation)}
        codecs: list[Codec] = []
        refused: list[ConstraintError] = []
        for column in schema.columns:
            rule = computed.get(column.name)
            try:
                if isinstance(rule, Sum):
                    codecs.append(TotalCodec.fit(typed, schema, rule))
                elif isinstance(rule, Dependency):
                    codecs.append(LookupCodec.fit(typed, schema, rule, protect, rng))
                elif column.name in behind:
                    codecs.append(GapCodec.fit(typed, column, behind[column.name], protect))
                else:
                    codecs.append(_fit_codec(typed, column, protect, rng))
            except ConstraintError as error:
                refused.append(error)
        if refused:
            raise together(refused)
        columns = tuple(codec.column for codec in codecs)
        schema = schema.model_copy(update={"columns": columns})
        return cls(schema, *agree(typed, codecs, protect, rng))

    @property
    def layout(self) -> Layout:
        """What a generator learns of these columns."""
        return Layout(
            tuple(
                replace(field, name=name, column=codec.column.name)
                for codec, names in zip(self.codecs, self._names(), strict=True)
                for field, name in zip(codec.fields, names, strict=True)
            )
        )

    @property
    def protected(self) -> dict[str, dict[str, int]]:
        """By column, counts of what was hidden; columns with nothing hidden are left out."""
        return {codec.column.name: codec.hidden for codec in self.codecs if codec.hidden}

    @property
    def unmodelled(self) -> dict[str, str]:
        """Columns whose values are not learned, and why."""
        return {c.column.name: c.reason for c in self.codecs if c.reason is not None}

    def shortages(self, rows: int) -> dict[str, str]:
        """Columns of identifiers whose format is too small for so many rows, and what comes of it."""
        codecs = [codec for codec in self.codecs if isinstance(codec, IdentifierCodec)]
        found = {codec.column.name: codec.shortage(rows) for codec in codecs}
        return {name: shortage for name, shortage in found.items() if shortage is not None}

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Columns that are filled with placeholder text."""
        return tuple(c.column.name for c in self.codecs if isinstance(c, TextCodec))

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """A batch of these rows, which need not be the training rows.

        An unseen category is treated like a rare one, a number outside of the learned range is
        moved into it.
        """
        _check_columns(typed, self.schema)
        replaced = {  # columns whose rare values become kept ones, not placeholders
            codec.column.name
            for codec in self.codecs
            if isinstance(codec, CategoricalCodec) and not codec.groups
        }
        for codec in self.codecs:
            if isinstance(codec, LookupCodec) and codec.source.name in replaced:
                typed = typed.assign(**{codec.source.name: codec.with_siblings(typed, rng)})
        batch = {
            name: values
            for codec, names in zip(self.codecs, self._names(), strict=True)
            for name, values in zip(names, codec.transform(typed, rng).values(), strict=True)
        }
        involved = {name for agreement in self.agreements for name in agreement.columns}
        drawn = {
            codec.column.name: codec.codes(typed) < 0
            for codec in self.codecs
            if isinstance(codec, CategoricalCodec) and codec.column.name in involved
        }
        for agreement in self.agreements:
            agreement.apply(batch, drawn, rng)
        return batch

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """A batch of these rows without any draw, and what turns its density into that of the rows.

        Returns:
            The batch, and (n,) a log to be added to the batch's log density. A row then has its
            density per unit of the columns of reals (of those with more than a few values, and
            except for repeated values of a column without fixed decimals) and its probability in
            all others; -inf for a row that is never decoded. What is made anew or computed does not
            count, but whether an identifier or a text is there does.
        """
        _check_columns(typed, self.schema)
        batch: Batch = {}
        total = np.zeros(len(typed))
        for codec, names in zip(self.codecs, self._names(), strict=True):
            fields, log = codec.measure(typed)
            batch |= dict(zip(names, fields.values(), strict=True))
            total += log
        return batch, total

    def inverse_transform(
        self,
        batch: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        start: int = 0,
        n: int | None = None,
        fixed: Mapping[str, pd.Series] | pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """The typed table of a batch.

        Args:
            batch: fits ``layout``.
            rng: draws identifiers and placeholder text.
            start: rows made before these, so that identifiers continue.
            n: number of rows; needed only for a layout without fields.
            fixed: typed columns, numbered from 0, whose cells stand where they are present,
                whatever the batch says; what is computed from them follows.
        """
        rows = Rows(len(next(iter(batch.values()))) if batch else n or 0, start)
        for codec, names in sorted(
            zip(self.codecs, self._names(), strict=True), key=lambda pair: self._depth(pair[0])
        ):
            own = {
                field.name: np.asarray(batch[name])
                for field, name in zip(codec.fields, names, strict=True)
            }
            name = codec.column.name
            cells = codec.inverse_transform(own, rows, rng)
            if fixed is not None and name in fixed:
                present = fixed[name].notna().to_numpy(bool)
                cells[present] = fixed[name][present]
            rows.cells[name] = cells
        return pd.DataFrame({name: rows.cells[name] for name in self.schema.names})

    def encode_given(self, values: Mapping[str, object], n: int, rng: np.random.Generator) -> Given:
        """n rows that all have these values, for conditional sampling. None asks for missing.

        Raises:
            SchemaError: unknown or unmodelled column, unknown category, number outside of the
                learned range, or a gap column without the column it follows.
        """
        return self.encode_known(self.given_cells(values, n), n, rng)

    def encode_known(
        self, cells: Mapping[str, pd.Series], n: int, rng: np.random.Generator
    ) -> Given:
        """n rows that have the cells of these typed columns, numbered from 0, missing ones too."""
        free = {column.name: repeat(None, n, column) for column in self.schema.columns}
        known = {name: np.full(n, name in cells) for name in self.schema.names}
        return self._given(pd.DataFrame(free | dict(cells)), known, rng)

    def given_cells(self, values: Mapping[str, object], n: int) -> dict[str, pd.Series]:
        """The given values as typed columns of n rows; raises as ``encode_given``.

        A given number that falls between learned values decodes to the nearest of them; a caller
        who promises it exactly decodes with these columns ``fixed``.
        """
        cells = {}
        codecs = {codec.column.name: codec for codec in self.codecs}
        for name, value in values.items():
            if name not in codecs:
                raise SchemaError(f"there is no column '{name}'", remedy=nearest(name, codecs))
            codec = codecs[name]
            _check_given(codec, value, values)
            absent = value is None and codec.fields  # codecs without fields refuse every value
            cells[name] = repeat(None if absent else codec.cell(value), n, codec.column)
        return cells

    def encode_incomplete(self, typed: pd.DataFrame, rng: np.random.Generator) -> Given:
        """The rows of a typed table, known where a cell is present, to be present elsewhere.

        A column coded as a gap is known where the column it follows is present too. One whose
        values are not learned cannot be filled: that its cell is missing is known as well.
        """
        _check_columns(typed, self.schema)
        known = {
            name: typed[name].notna().to_numpy(bool) | (name in self.unmodelled)
            for name in self.schema.names
        }
        given = self._given(typed, known, rng)
        present = {
            name: ~given.known[name]
            for codec, names in zip(self.codecs, self._names(), strict=True)
            for field, name in zip(codec.fields, names, strict=True)
            if field.name in _telling(codec)
        }
        return replace(given, present=present)

    def state(self) -> State:
        """All codecs; everything learned from the data is in the arrays."""
        states = [codec.state() for codec in self.codecs]
        meta = [
            {"codec": codec.kind, **state.meta}
            for codec, state in zip(self.codecs, states, strict=True)
        ]
        arrays: dict[str, np.ndarray] = {}
        for i, state in enumerate(states):
            arrays |= nested(str(i), state).arrays
        for i, agreement in enumerate(self.agreements):
            arrays |= nested(f"agreements/{i}", agreement.state()).arrays
        agreements = [agreement.state().meta for agreement in self.agreements]
        return State({"columns": meta, "agreements": agreements}, arrays)

    @classmethod
    def from_state(cls, schema: Schema, state: State) -> TableEncoder:
        """Inverse of ``state``, for the schema it was fitted with."""
        codecs = []
        for i, (column, meta) in enumerate(zip(schema.columns, state.meta["columns"], strict=True)):
            rest = {key: value for key, value in meta.items() if key != "codec"}
            own = part(str(i), rest, state.arrays)
            codecs.append(CODECS[meta["codec"]].from_state(column, own))
        agreements = [
            Agreement.from_state(part(f"agreements/{i}", meta, state.arrays))
            for i, meta in enumerate(state.meta["agreements"])
        ]
        return cls(schema, tuple(codecs), tuple(agreements))

    def _given(
        self, typed: pd.DataFrame, known: dict[str, np.ndarray], rng: np.random.Generator
    ) -> Given:
        fields: dict[str, np.ndarray] = {}
        for codec, names in zip(self.codecs, self._names(), strict=True):
            mask = known[codec.column.name]
            if isinstance(codec, GapCodec):
                mask = mask & known[codec.anchor]
            fields |= {name: mask for name in names}
        return Given(self.transform(typed, rng), fields)

    def _names(self) -> list[tuple[str, ...]]:
        """Names of each codec's fields in the layout: the column's, with the part behind a dot.

        Where that would repeat a name, because a column is called ``start.day``, more dots part
        them.
        """
        dots = "."
        while True:
            names = [
                tuple(
                    f"{c.column.name}{dots}{f.name}" if f.name else c.column.name for f in c.fields
                )
                for c in self.codecs
            ]
            if len({n for group in names for n in group}) == sum(map(len, names)):
                return names
            dots += "."

    def _depth(self, codec: Codec) -> int:
        """How many steps of columns must be decoded before this one."""
        sources = _sources(codec)
        before = [c for c in self.codecs if c.column.name in sources] if sources else []
        return max((self._depth(other) + 1 for other in before), default=0)


def _sources(codec: Codec) -> tuple[str, ...]:
    """The columns that a codec needs decoded before its own."""
    if isinstance(codec, GapCodec):
        return (codec.anchor,)
    return codec.sources if isinstance(codec, (TotalCodec, LookupCodec)) else ()


def _telling(codec: Codec) -> tuple[str, ...]:
    """Local names of the fields that are missing only where the cell is.

    A number is missing beside a label, and the value without an anchor beside a gap.
    """
    own = {MixedCodec: "label", GapCodec: "gap"}.get(type(codec))
    return tuple(field.name for field in codec.fields if own in (None, field.name))


def _fit_codec(
    typed: pd.DataFrame, column: Column, protect: ProtectSpec, rng: np.random.Generator
) -> Codec:
    """The codec of a column's kind, fitted."""
    if typed[column.name].isna().all():
        return EmptyCodec(column)
    match column.kind:
        case "image":
            return ImageCodec(column)
        case "integer" | "real" | "duration":
            return NumericCodec.fit(typed, column, protect)
        case "datetime":
            return DatetimeCodec.fit(typed, column, protect)
        case "mixed":
            return MixedCodec.fit(typed, column, protect, rng)
        case "identifier":
            return IdentifierCodec.fit(typed, column, rng)
        case "text" if column.content is not None:
            return IdentifierCodec.fit(typed, column, rng)
        case "text":
            return TextCodec.fit(typed, column, protect)
        case _:
            return CategoricalCodec.fit(typed, column, protect, rng)


def _check_columns(typed: pd.DataFrame, schema: Schema) -> None:
    """Raises ``SchemaError`` if the table's columns are not the schema's, in any order."""
    if sorted(map(str, typed.columns)) != sorted(schema.names):
        odd = sorted(set(map(str, typed.columns)) ^ set(schema.names))
        raise SchemaError(
            "the table's columns are not the schema's",
            where=", ".join(odd) or "repeated column names",
            expected=f"the {len(schema.names)} columns of the schema, once each",
        )


def _check_given(codec: Codec, value: object, values: Mapping[str, object]) -> None:
    """Raises ``SchemaError`` for a missing cell that never occurs, or a gap without its anchor."""
    nullable = any(
        (isinstance(field, Categorical) and field.missing is not None)
        or (isinstance(field, Numeric) and field.nullable)
        for field in codec.fields
    )
    if value is None and codec.fields and not nullable:
        raise SchemaError(
            "cannot be given as missing: no training cell is",
            where=codec.column.name,
            expected="a value",
        )
    if isinstance(codec, GapCodec) and codec.anchor not in values:
        raise SchemaError(
            f"is learned as the distance to '{codec.anchor}' and cannot be given alone",
            where=codec.column.name,
            remedy=f"give a value of '{codec.anchor}' too",
        )

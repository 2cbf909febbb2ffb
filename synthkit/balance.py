"""``Balance``: the shares that the values of one column shall have among synthetic rows.

    Balance.read({"income": "even"})                    # every category as often as the others
    Balance.read({"income": {">50K": 0.5}})             # the others share what is left

See ``shares`` for how many rows of each value that makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from synthkit.document import Path, dotted
from synthkit.errors import SchemaError
from synthkit.schema import Column, Schema
from synthkit.soundness.unknown_columns import no_such_column
from synthkit.validation import kind_of

KINDS = ("categorical", "ordinal", "boolean", "integer")
FORMS = "true for the target, {COLUMN: even} or {COLUMN: {VALUE: SHARE}}"
NO_TARGET = (  # what, expected, remedy
    "is true, and the schema has no target",
    "a target",
    "name it under schema.target, or the column in place of true",
)
ROUNDING = 1e-9  # shares that people write do not add up exactly


@dataclass(frozen=True)
class Balance:
    """What a user asks for.

    Args:
        column: whose values; None for the schema's target.
        named: share in (0, 1] of each value, as the user spells it; None for all evenly.
    """

    column: str | None
    named: Mapping[Any, float] | None = None

    @classmethod
    def read(cls, value: object) -> Balance:
        """A balance from ``True``, ``{column: "even"}`` or ``{column: {value: share}}``.

        Raises:
            SchemaError: anything else; shares outside of (0, 1], or that add up to more than 1.
        """
        if value is True:
            return cls(None)
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise _error((), f"is {kind_of(value)}", FORMS)
        if len(value) != 1:
            what = f"names {len(value)} columns" if value else "names no column"
            remedy = "their shares together are not defined; choose one" if value else None
            raise _error((), what, "one column", remedy)
        ((column, shares),) = value.items()
        if shares == "even":
            return cls(column)
        if not isinstance(shares, Mapping) or not shares:
            found = "empty" if isinstance(shares, Mapping) else kind_of(shares)
            raise _error((column,), f"is {found}", "even, or {VALUE: SHARE}")
        for name, share in shares.items():
            _check_share((column, name), share)
        total = sum(shares.values())
        if total > 1 + ROUNDING:
            raise _error((column,), f"has shares that add up to {total:g}", "at most 1")
        return cls(column, dict(shares))

    def column_in(self, schema: Schema) -> Column:
        """The column of a schema whose values are meant.

        Raises:
            SchemaError: there is none, or it is not one of learned categories.
        """
        name = schema.target if self.column is None else self.column
        if name is None:
            raise _error((), *NO_TARGET)
        if name not in schema:
            raise self.refused(*no_such_column(name, schema.names))
        computed = {rule.derivation[0]: rule for rule in schema.constraints if rule.derivation}
        if name in computed:
            sources = " and ".join(f"'{source}'" for source in computed[name].derivation[1])  # type: ignore[index]
            what = f"column '{name}' is computed from {sources}, not learned"
            raise self.refused(what, "a column that is learned")
        if schema[name].kind not in KINDS:
            raise self.refused(*unfit(name, schema[name].kind))
        return schema[name]

    def refused(
        self,
        what: str,
        expected: str | None = None,
        remedy: str | None = None,
        value: Path = (),
    ) -> SchemaError:
        """The error for a column that cannot be balanced so, or for one of the named values."""
        return _error(
            (() if self.column is None else (self.column,)) + value, what, expected, remedy
        )


def unfit(name: str, kind: str) -> tuple[str, str, str | None]:
    """``(what, expected, remedy)`` for a column of a kind whose values cannot be balanced."""
    remedy = f"declare {name}: {{kind: categorical}} under schema.columns, or choose another"
    expected = "a column of categories, booleans or few whole numbers"
    if kind == "constant":
        return f"column '{name}' holds a single value", expected, "choose another column"
    anew = ", which is made anew and not learned" if kind in ("identifier", "text") else ""
    return f"column '{name}' is of kind {kind}{anew}", expected, remedy


def _check_share(path: Path, share: object) -> None:
    expected = "a share above 0 and at most 1"
    if isinstance(share, bool) or not isinstance(share, Real):
        raise _error(path, f"is {kind_of(share)}", expected)
    if not 0 < float(share) <= 1:
        raise _error(path, f"is {float(share):g}", expected)


def _error(
    path: Path, what: str, expected: str | None = None, remedy: str | None = None
) -> SchemaError:
    at = ("output", "balance", *path)
    return SchemaError(what, where=dotted(at[1:]), expected=expected, remedy=remedy, at=at)

"""The error tree: every problem a user can cause or mend derives from ``SynthkitError``.

A message answers four questions: *what* went wrong, *where*, what was *expected*, and the
*remedy*. It never holds a cell value of the user's data: column names, dtypes, counts and row
numbers are enough to find the place, and an error text travels further than the data may.

    raise SourceError("the file has a header but no rows", where=path, remedy="check the export")

The command line catches ``SynthkitError`` only and turns it into one message and ``exit_code``;
anything else is our bug (exit code 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from synthkit.counts import counted

E = TypeVar("E", bound="SynthkitError")


class SynthkitError(Exception):
    """Base of all errors with a cause outside of synthkit's own code.

    Args:
        what: the problem as a clause, without a full stop.
        where: file, ``file:line:column``, column or option that has the problem.
        expected: what would have been right.
        remedy: what to do next.
        at: keys of a recipe that lead to what has the problem, such as ``("schema", "target")``.

    Attributes:
        several: the errors that this one stands for, if it is not one of its own.
    """

    exit_code = 2
    several: tuple[SynthkitError, ...] = ()

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        expected: str | None = None,
        remedy: str | None = None,
        at: tuple[str | int, ...] | None = None,
    ) -> None:
        self.what = what
        self.at = at
        self.where = None if where is None else str(where)
        self.expected = expected
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        if self.several:
            return "\n".join(map(str, self.several))
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected:
            text += f"; expected {self.expected}"
        if self.remedy:
            text += f". {self.remedy[0].upper()}{self.remedy[1:]}"
        return text if text.endswith((".", "?", "!")) else text + "."


def together(errors: Sequence[E]) -> E:
    """One error for all of these, of the class of the first; that one itself if it is alone."""
    if len(errors) == 1:
        return errors[0]
    error = type(errors[0])(f"{len(errors)} problems")
    error.several = tuple(errors)
    return error


@dataclass(frozen=True)
class Problem:
    """One problem of a recipe or policy file, at a place a text editor can jump to.

    Args:
        where: ``file:line:column`` (1-based), or ``--set key`` for an override.
        key: dotted path of the key, such as ``generator.budget``.
        what, expected, remedy: as in ``SynthkitError``.
    """

    where: str
    key: str
    what: str
    expected: str | None = None
    remedy: str | None = None

    def __str__(self) -> str:
        named = not self.key or self.where.endswith(f" {self.key}")
        return str(
            SynthkitError(
                self.what if named else f"{self.key}: {self.what}",
                where=self.where,
                expected=self.expected,
                remedy=self.remedy,
            )
        )


class RecipeError(SynthkitError):
    """A recipe or policy file that cannot be used; holds all of its problems at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(counted(len(self.problems), "problem"))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class SourceError(SynthkitError):
    """Data that cannot be read."""


class SchemaError(SynthkitError):
    """Columns that are missing, contradict their declared kind, or cannot be told apart."""


class ConstraintError(SynthkitError):
    """A constraint that the source breaks, or that sampling cannot meet often enough."""


class NotSupported(SynthkitError):
    """A backend or check declines this layout or schema; the message names what to use instead."""


class TrainingError(SynthkitError):
    """A fit that cannot finish: too few rows, too small a budget, a loss that is not finite."""


class CheckError(SynthkitError):
    """A check was called with data it cannot judge."""


class SinkError(SynthkitError):
    """Output that cannot be written."""


class FormatError(SinkError):
    """Cells that the chosen output format cannot hold."""


class ModelError(SynthkitError):
    """A model folder that is missing, incomplete, corrupted or from another program."""


class PluginError(SynthkitError):
    """A registered name that cannot be loaded."""


class MissingExtra(SynthkitError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs the package {package}, which is not installed",
            remedy=f"install it with: pip install 'synthkit[{extra}]'",
        )

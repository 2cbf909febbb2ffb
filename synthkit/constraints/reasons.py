"""``Reason``: why a drawn row is rejected, in the words that counts and errors use.

Reason("range of age", at=("schema", "constraints", 0), columns=("age",))
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason.

    Args:
        label: how the counts name it; of names of columns only.
        at: the keys that lead to its place in a recipe.
        columns: those that it is about.
        is_unique: whether it is that another row agrees with this one.
        said: what is said of the rejected rows.
        remedy: what helps where hardly any row is left; empty for that of a constraint.
    """

    label: str
    at: tuple[str | int, ...]
    columns: tuple[str, ...] = ()
    is_unique: bool = False
    said: str = "break this one"
    remedy: str = ""

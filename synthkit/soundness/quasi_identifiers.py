"""What is wrong with a list of quasi-identifiers, as far as names and kinds of columns tell.

for i, *words in slips(("age", "sex"), {"age": "integer"}, header):
    ...                                 # what "this column stands twice in the list", expected, remedy
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from synthkit.schema import Kind
from synthkit.soundness.unknown_columns import no_such_column

Slip = tuple[int, str, str | None, str | None]


def slips(
    names: Sequence[str], kinds: Mapping[str, Kind | None], header: Sequence[str] | None
) -> Iterator[Slip]:
    """``(place in the list, what, expected, remedy)`` of every slip.

    Args:
        names: of the columns.
        kinds: of the columns, where they are known.
        header: names of the data's columns; None if they are not known.
    """
    for i, name in enumerate(names):
        if name in names[:i]:
            yield i, "this column stands twice in the list", None, None
        elif header is not None and name not in header:
            yield i, *no_such_column(name, header)
        elif kinds.get(name) in ("identifier", "text", "image"):
            what = f"column '{name}' is of kind {kinds[name]}, which has no values that are learned"
            yield i, what, "a column of categories, numbers or dates", "leave it out"
        elif kinds.get(name) == "mixed":
            remedy = f"declare {name}: {{kind: categorical}} under schema.columns"
            what = f"column '{name}' is of kind mixed"
            yield i, what, "a column of categories, numbers or dates", remedy

"""What column names must be: each once, and the same in every file of a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from synthkit.errors import SourceError

LEAVE_OUT = "leave the file out: name the others with a glob such as folder/part-*.csv"


def refuse_repeated(names: Sequence[str], remedy: str = "rename them in the data") -> None:
    """Raises ``SourceError`` with names and 1-based positions if a column name occurs twice."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        places = "; ".join(
            f"'{name}' in columns {', '.join(str(i) for i, n in enumerate(names, 1) if n == name)}"
            for name in repeated
        )
        raise SourceError(
            f"column names repeat: {places}",
            expected="a name of its own for every column",
            remedy=remedy,
        )


def same_names(file: Path, names: Sequence[str], first: Sequence[str]) -> list[str]:
    """The first file's column names, in its order, if ``file`` has the same ones.

    Raises:
        SourceError: a column is missing or surplus.
    """
    missing, surplus = set(first) - set(names), set(names) - set(first)
    if missing or surplus:
        differs = [f"it lacks {', '.join(sorted(missing))}"] * bool(missing)
        differs += [f"it adds {', '.join(sorted(surplus))}"] * bool(surplus)
        raise SourceError(
            "the columns differ from the first file's: " + " and ".join(differs),
            where=file,
            expected="files with the same columns",
            remedy=LEAVE_OUT,
        )
    return list(first)

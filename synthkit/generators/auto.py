"""Options of ``auto``, which is no backend but a race between backends (see ``synthkit.race``)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from synthkit.schema import Frozen


class AutoConfig(Frozen):
    """A race: each candidate learns a part of the training rows, the best one then learns them all.

    Args:
        candidates: backends that race; when left out, those of synthkit's own that are installed.
            Of two that are equal, the one named first wins.
        validation: share of the race's rows that no candidate learns and that all are judged by.
        race_rows: at most so many training rows take part in the race, so that a large table does
            not race for long; the winner learns all of them.
        options: options of single candidates, by name, as under ``generator`` for that backend.
    """

    candidates: tuple[str, ...] | None = Field(default=None, min_length=1)
    validation: float = Field(default=0.2, ge=0.05, le=0.5)
    race_rows: int = Field(default=50_000, ge=100)
    options: dict[str, dict[str, Any]] = Field(default={})

"""Options of ``transformer``. The defaults are the setting that was measured."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import CompletingConfig


class TransformerConfig(CompletingConfig):
    """Options of every network that completes rows, and the number of orders.

    Args:
        orders: orders of the columns among which every row draws its own.
    """

    orders: int = Field(default=16, ge=1, le=1000)

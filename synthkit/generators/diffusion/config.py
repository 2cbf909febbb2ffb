"""Options of ``diffusion``. The defaults are the setting that was measured."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import CompletingConfig


class DiffusionConfig(CompletingConfig):
    """Options of every network that completes rows, and how rows come out of the noise.

    Args:
        levels: of noise that a number passes through before it is drawn at last; 0 draws it at once.
        rounds: of the corrector.
        redrawn: share of a row's cells that a round hides and draws anew.
        guidance: weight of given cells; above 1 the others follow them more than in the data, at 0
            not at all.
    """

    levels: int = Field(default=2, ge=0, le=100)
    rounds: int = Field(default=5, ge=0, le=1000)
    redrawn: float = Field(default=0.2, ge=0.0, le=1.0)
    guidance: float = Field(default=1.0, ge=0.0, le=100.0)

"""``backend: auto``: a race between backends before the fit; the winner learns all training rows.

    chosen = choose(typed, schema, "auto", {"candidates": ["trees", "vae"]}, protect, run)
    model = chosen.fit(typed, schema, protect, run)
    model.backend, model.race["candidates"]

The training rows are split once more (``course``). Every candidate learns one part, and its rows are
judged beside the other part by the numbers of the checks ``c2st`` and ``dcr_share`` (``judging``). A
rule decides (``result``), and what comes of it is an ordinary model of the winner.
"""

from synthkit.race.choice import Choice, choose
from synthkit.race.result import untimed

__all__ = ["Choice", "choose", "untimed"]

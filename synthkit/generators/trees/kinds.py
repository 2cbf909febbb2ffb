"""The kinds of conditionals, as a stored model names them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthkit.generators.coding import Coding
from synthkit.generators.trees.boosted import Boosted
from synthkit.generators.trees.conditional import Conditional, ForestConditional, Lookup
from synthkit.generators.trees.restricted import Restricted


def restore(kind: str, arrays: dict[str, np.ndarray], codings: Sequence[Coding]) -> Conditional:
    """Inverse of a conditional's ``arrays``, for the last of the fields so far, in visit order.

    Raises ``ModelError`` or what comes of arrays that are missing or do not fit together.
    """
    position, own = len(codings) - 1, codings[-1]
    sizes = [coding.size for coding in codings]
    places = [coding.feature for coding in codings]
    excluded = arrays.get("excluded")
    rest = {name: array for name, array in arrays.items() if name != "excluded"}
    model: Conditional
    if kind == Lookup.kind:
        model = Lookup.from_arrays(rest, position, sizes)
    elif kind == Boosted.kind:
        model = Boosted.from_arrays(rest, places)
    else:
        model = ForestConditional.from_arrays(rest, places[:-1], own.floor())
    return model if excluded is None else Restricted.from_array(excluded, model, sizes)

"""A keyed hash of texts: the same on every machine, and unrelated under another key."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def new_key(rng: np.random.Generator) -> str:
    """16 random characters."""
    return rng.bytes(8).hex()


def keyed_hash(values: Iterable[object], key: str) -> np.ndarray:
    """(n,) uint64: SipHash of the values' text under a key of 16 characters."""
    # a lone surrogate of a badly decoded file has no UTF-8 form of its own
    texts = [str(value).encode("utf-8", "backslashreplace").decode() for value in values]
    return pd.util.hash_array(np.array(texts, object), hash_key=key, categorize=False)

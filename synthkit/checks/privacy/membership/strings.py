"""An attack by spelling: the row, written as a line of text, differs from a synthetic one in few characters.

Generators that write rows as text, token by token, learn digits and spellings by heart: 18,250 and 18,259
are far from each other for a distance of ranks, and one edit apart (Ward et al. 2025, "When Tables Leak",
LevAtt). As people whom everybody resembles have near lines by chance, the score is how much nearer the
closest synthetic line is than the closest reference line.

NOTE[DIFF]: of each target only the few lines with the most trigrams in common are compared edit by edit,
as all pairs of lines would take minutes; lines a few edits apart have most of them in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from sklearn.feature_extraction.text import HashingVectorizer

from synthkit.checks.encoding import Encoder
from synthkit.checks.privacy.membership.ground import Ground
from synthkit.stats.distances import nearest_few

TRIGRAMS = HashingVectorizer(
    analyzer="char", ngram_range=(3, 3), n_features=256, lowercase=False, dtype=np.float32
)
CANDIDATES = 8
LONGEST = 1000  # characters of a line, as edits of longer ones take too long


def edit_distance(ground: Ground) -> np.ndarray:
    """(t,) edits to the closest reference line less those to the closest synthetic line."""
    targets, reference, synthetic = (
        Lines.of(ground.encoder, frame)
        for frame in (ground.targets, ground.reference, ground.synthetic)
    )
    edits = fewest_edits(targets, reference) - fewest_edits(targets, synthetic)
    return np.asarray(edits, float)


@dataclass(frozen=True)
class Lines:
    """Rows as text.

    Args:
        texts: (n,) the encoded columns of each row, spelled and joined by commas; of wide tables as many
            as fit.
        trigrams: (n, k) float32 how often each occurs, hashed, with a norm of one.
    """

    texts: list[str]
    trigrams: np.ndarray

    @classmethod
    def of(cls, encoder: Encoder, frame: pd.DataFrame) -> Lines:
        """The lines of a frame."""
        cells = [spelled(frame[part.column.name]) for part in encoder.parts]
        texts = [",".join(row)[:LONGEST] for row in zip(*cells, strict=True)]
        return cls(texts, TRIGRAMS.transform(texts).toarray())


def spelled(values: pd.Series) -> list[str]:
    """(n,) text of each cell, the shortest that tells numbers apart; of missing ones nothing."""
    return [
        "" if missing else str(cell) for cell, missing in zip(values, values.isna(), strict=True)
    ]


def fewest_edits(targets: Lines, others: Lines) -> np.ndarray:
    """(t,) insertions, deletions and substitutions to the closest of the candidates."""
    k = min(CANDIDATES, len(others.texts))
    near = nearest_few(targets.trigrams, others.trigrams, k)[0]
    pairs = [t for t in targets.texts for _ in range(k)], [others.texts[i] for i in near.ravel()]
    edits = process.cpdist(*pairs, scorer=Levenshtein.distance, dtype=np.int32)
    return np.asarray(edits.reshape(-1, k).min(axis=1))

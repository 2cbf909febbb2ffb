"""Options of ``transformer``. The defaults are the setting that was measured."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import NeuralConfig


class TransformerConfig(NeuralConfig):
    """Size of the network, and how it is sampled from.

    Args:
        bins: of each number's ranks, about.
        width: units of the vectors that say what is seen of a column.
        head_width: hidden units of each column.
        dropout: share of the hidden units that are dropped in training.
        weight_decay: of matrices, by which they are drawn to zero in training.
        orders: orders of the columns among which every row draws its own.
        correction_rounds: boosting rounds of the classifiers by which sampled rows are thinned (see
            ``correction``); 0 leaves all rows that the network makes.
        temperature: of the softmax at sampling; below 1 rows are more typical and less varied, above
            1 the other way round.
    """

    batch_rows: int = Field(default=512, ge=2, le=1_000_000)
    learning_rate: float = Field(default=4e-3, gt=0.0, le=1.0)
    bins: int = Field(default=128, ge=2, le=10_000)
    width: int = Field(default=256, ge=1, le=8192)
    head_width: int = Field(default=64, ge=1, le=4096)
    dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    weight_decay: float = Field(default=1.0, ge=0.0, le=100.0)
    orders: int = Field(default=16, ge=1, le=1000)
    correction_rounds: int = Field(default=100, ge=0, le=10_000)
    temperature: float = Field(default=1.0, gt=0.0, le=100.0)

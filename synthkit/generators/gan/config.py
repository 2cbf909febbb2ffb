"""Options of ``gan``. The defaults were chosen on one table, Adult."""

from __future__ import annotations

from pydantic import Field

from synthkit.generators.neural import NeuralConfig

STEPS, MOST_EPOCHS = 4000, 300


class GanConfig(NeuralConfig):
    """How generator and critic are trained, and what is done about what they get wrong.

    Args:
        batch_rows: rows per step.
        learning_rate: of both optimizers at its highest.
        bins: of a number, about.
        noise: random numbers that a row is made from.
        width: of the hidden vectors of both networks.
        penalty: weight of the critic's squared gradient at real and at generated rows; more makes
            training calmer and rows blurrier.
        group_rows: rows whose mean the critic sees beside each of them; 1 leaves it out.
        candidates: rows drawn for each one with given cells, of which one is chosen.
        correction_rounds: boosting rounds of the classifiers by which generated rows are thinned
            (see ``correction``); 0 leaves all of them.
    """

    batch_rows: int = Field(default=250, ge=2, le=1_000_000)
    learning_rate: float = Field(default=1e-3, gt=0.0, le=1.0)
    bins: int = Field(default=64, ge=2, le=1000)
    noise: int = Field(default=64, ge=1, le=4096)
    width: int = Field(default=128, ge=8, le=4096)
    penalty: float = Field(default=0.05, gt=0.0, le=100.0)
    group_rows: int = Field(default=10, ge=1, le=1000)
    candidates: int = Field(default=16, ge=1, le=1000)
    correction_rounds: int = Field(default=100, ge=0, le=10_000)

    def steps(self, epoch_steps: int) -> int:
        """Optimizer steps, for so many in an epoch: by ``epochs``, or as many as are worth while."""
        if self.epochs is not None:
            return self.epochs * epoch_steps
        return min(STEPS, MOST_EPOCHS * epoch_steps)

"""What neural backends have in common: options, what they refuse, weights as plain arrays.

Nothing here imports torch or numpy before it is called, as ``synthkit validate`` reads the options.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from synthkit.counts import counted_are
from synthkit.errors import MissingExtra, ModelError, TrainingError
from synthkit.schema import Frozen

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn

    from synthkit.generators.base import State
    from synthkit.generators.codes import Codes
    from synthkit.transforms.layout import Batch, Layout

MIN_TRAINING_ROWS = 100
LEAST_SHARE = 0.05  # of a budget


class NeuralConfig(Frozen):
    """Options of every neural backend.

    Args:
        epochs: passes over the training rows at most; by the number of rows when left out.
        batch_rows: rows per step.
        learning_rate: of the optimizer at its highest.
        device: ``auto`` takes CUDA where there is one.
    """

    needs: ClassVar = ("torch", "neural")

    epochs: int | None = Field(default=None, ge=1, le=100_000)
    batch_rows: int = Field(default=256, ge=2, le=1_000_000)
    learning_rate: float = Field(default=2e-3, gt=0.0, le=1.0)
    device: Literal["auto", "cpu", "cuda"] = "auto"


class CompletingConfig(NeuralConfig):
    """Options that these backends share: the size of the network, and what keeps it from overfitting.

    Args:
        bins: of each number's ranks, about.
        width: units of the vectors that say what is seen of a column.
        head_width: hidden units of each column.
        dropout: share of the hidden units that are dropped in training.
        weight_decay: of matrices, by which they are drawn to zero in training.
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
    correction_rounds: int = Field(default=100, ge=0, le=10_000)
    temperature: float = Field(default=1.0, gt=0.0, le=100.0)


def require_torch(backend: str) -> None:
    """Raises ``MissingExtra`` where torch is not installed."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("torch", "neural", f"the backend {backend}") from error


def require_rows(layout: Layout, n: int) -> None:
    """Raises ``TrainingError`` for fewer rows than a network can learn anything from."""
    if layout.fields and n < MIN_TRAINING_ROWS:
        raise TrainingError(
            f"{counted_are(n, 'training row')} too few for a neural network",
            expected=f"at least {MIN_TRAINING_ROWS}",
            remedy="choose backend trees, or give more rows or a smaller holdout",
        )


class TimeLimit:
    """The wall-clock budget of a fit, from when it began.

    Args:
        budget_s: seconds; None for no limit.

    Attributes:
        ends: by ``time.monotonic()``; infinite without a limit.
    """

    def __init__(self, budget_s: float | None) -> None:
        self.budget_s = budget_s
        self.ends = float("inf") if budget_s is None else time.monotonic() + budget_s

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.ends

    def left_s(self, kept: float = 0.0) -> float | None:
        """Seconds from now, but for a share of the budget that is kept; None without a limit.

        A twentieth of the budget at least: what is done so far shall not be lost because it took
        longer than it should.
        """
        if self.budget_s is None:
            return None
        left_s = self.ends - kept * self.budget_s - time.monotonic()
        return max(left_s, LEAST_SHARE * self.budget_s)


def coded(backend: str, batch: Batch, layout: Layout, bins: int) -> tuple[Codes, np.ndarray]:
    """A batch as codes, (n, fields) int64, if the backend can learn it.

    Raises:
        MissingExtra: torch is not installed.
        NotSupported: a field that is neither categorical nor numeric.
        TrainingError: fewer rows than a network can learn anything from.
    """
    from synthkit.generators.codes import Codes

    require_torch(backend)
    codes = Codes.of(layout, bins)
    require_rows(layout, layout.check(batch))
    return codes, codes.encode(batch)


def weights(module: nn.Module) -> dict[str, np.ndarray]:
    """A module's state as arrays, by name."""
    return {name: t.detach().cpu().numpy() for name, t in module.state_dict().items()}


def restore(module: nn.Module, state: State) -> None:
    """Puts ``weights`` back. Raises ``ModelError`` for arrays that are not this module's."""
    import numpy as np
    import torch

    try:
        module.load_state_dict(
            {name: torch.from_numpy(np.array(array)) for name, array in state.arrays.items()}
        )
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            "the model is incomplete or does not fit its layout", remedy="fit the model again"
        ) from error


def generator(rng: np.random.Generator, device: torch.device) -> torch.Generator:
    """A source of torch's random numbers on a device, seeded by ``rng``."""
    import torch

    return torch.Generator(device).manual_seed(int(rng.integers(2**63)))

"""``sdv-gaussian-copula``: SDV's Gaussian copula, drawn from its parameters.

SDV turns a category into a number in [0, 1], in an interval as wide as the category's share, and fits
a margin to every column: here a normal one to scores, an even one to categories. The normal scores of
these margins have the correlation that is learned. Sampling goes the same way back.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from synthkit.counts import counted_are
from synthkit.errors import TrainingError
from synthkit.generators.sdv.adapter import Adapter, Table
from synthkit.generators.sdv.columns import Column
from synthkit.generators.sdv.config import CopulaConfig
from synthkit.generators.sdv.fitting import code_of, fitted
from synthkit.run import Run

MIN_TRAINING_ROWS = 10
BLOCK_ROWS = 65_536
JITTER = (0.0, 1e-12, 1e-9, 1e-6, 1e-3)  # on the diagonal, until the correlation has a root


class SdvGaussianCopula(Adapter):
    """GaussianCopulaSynthesizer of SDV (licence BUSL-1.1): correlations only, in seconds.

    Args:
        config: options; it has none.
    """

    backend: ClassVar[str] = "sdv-gaussian-copula"
    spikes: ClassVar[bool] = False
    Config: ClassVar[type[CopulaConfig]] = CopulaConfig

    def __init__(self, config: CopulaConfig) -> None:
        super().__init__(config)
        self._learned: dict[str, np.ndarray] = {}
        self._root = np.zeros((0, 0))

    def _accept(self, n: int) -> None:
        if n < MIN_TRAINING_ROWS:
            raise TrainingError(
                f"{counted_are(n, 'training row')} too few",
                expected=f"at least {MIN_TRAINING_ROWS}",
                remedy="give more rows or a smaller holdout",
            )

    def _learn(self, table: Table, run: Run, started: float, budget_s: float | None) -> None:
        columns = self._columns.listed()
        margins = {c.name: "norm" if c.size is None else "uniform" for c in columns}
        synthesizer = fitted(
            "GaussianCopulaSynthesizer",
            table,
            columns,
            run.rng(self.backend, "fit"),
            {"numerical_distributions": margins},
            contextlib.nullcontext(),
        )
        took_s = time.monotonic() - started
        if budget_s is not None and took_s > budget_s:
            run.notice(
                f"SDV's copula cannot be cut short: the fit took {took_s:.0f} s, more than its budget"
                f" of {budget_s:g} s"
            )
        self._restore(_parameters(synthesizer, columns))

    def _arrays(self) -> dict[str, np.ndarray]:
        return dict(self._learned)

    def _restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        columns = self._columns.listed()
        d = len(columns)
        if arrays["correlation"].shape != (d, d) or arrays["margins"].shape != (d, 3):
            raise ValueError("the margins are not those of the columns")
        for i, column in enumerate(columns):
            if column.size is not None:
                codes, ends = arrays[f"codes/{i}"], arrays[f"ends/{i}"]
                if codes.shape != ends.shape or codes.min() < 0 or codes.max() >= column.size:
                    raise ValueError("the codes are not those of the column")
        self._learned = {name: np.array(array) for name, array in arrays.items()}
        self._root = _root(self._learned["correlation"])

    def _sampled(self, n: int, rng: np.random.Generator) -> Table:
        columns = self._columns.listed()
        sizes = [min(BLOCK_ROWS, n - start) for start in range(0, n, BLOCK_ROWS)] or [0]
        parts = [self._block(size, rng) for size in sizes]
        return {column.name: np.concatenate([p[column.name] for p in parts]) for column in columns}

    def _block(self, n: int, rng: np.random.Generator) -> Table:
        from scipy.special import ndtr

        scores = rng.standard_normal((n, len(self._root))) @ self._root.T
        table: Table = {}
        for i, column in enumerate(self._columns.listed()):
            normal, shift, scale = self._learned["margins"][i].tolist()
            values = shift + scale * (scores[:, i] if normal else ndtr(scores[:, i]))
            if column.size is not None:
                place = np.searchsorted(self._learned[f"ends/{i}"][:-1], values, side="left")
                values = self._learned[f"codes/{i}"][place].astype(np.int32)
            table[column.name] = values
        return table


def _parameters(synthesizer: Any, columns: tuple[Column, ...]) -> dict[str, np.ndarray]:
    """What SDV learned.

    Returns:
        ``correlation`` (d, d); ``margins`` (d, 3), per column whether it is normal, shift, and
        scale; ``codes/i`` and ``ends/i`` of categories, in the order of their intervals.
    """
    model, transformers = synthesizer._model, synthesizer.get_transformers()
    arrays = {"correlation": np.asarray(model.correlation, np.float64)}
    margins = []
    for i, column in enumerate(columns):
        margin = model.univariates[model.columns.index(column.name)].to_dict()
        # SDV falls back to a normal margin where another cannot be fitted.
        margins.append(["Gaussian" in margin["type"], margin["loc"], margin["scale"]])
        if column.size is not None:
            intervals = transformers[column.name].intervals
            arrays[f"codes/{i}"] = np.array([code_of(label) for label in intervals], np.int32)
            arrays[f"ends/{i}"] = np.array([end for _, end in intervals.values()], np.float64)
    return arrays | {"margins": np.array(margins, np.float64)}


def _root(correlation: np.ndarray) -> np.ndarray:
    """Lower triangular root of a correlation matrix, which may be singular."""
    for jitter in JITTER:
        try:
            return np.linalg.cholesky(correlation + jitter * np.eye(len(correlation)))
        except np.linalg.LinAlgError:
            continue
    raise np.linalg.LinAlgError("not a correlation matrix")

"""``Correction``: sampled rows are thinned until they lie as the training rows do.

What a generator gets wrong is mended afterwards: boosted classifiers learn to tell training rows
from sampled ones, their log odds estimate the log ratio of the two densities, and a sampled row is
kept with a probability in proportion to that ratio. So a generator's parts may stay coarse, where
each could be sharpened only at the price of handing out more of the rows it was fitted on.

    correction = Correction.fit(real, sampled, codings, rounds, rng)   # or None
    codes = correction.thinned(n, draw, rng)        # free rows: rejection
    codes = correction.chosen(candidates, k, rng)   # rows with given cells: one of k candidates each

Rows are (n, fields) codes, see ``Coding``.

    Azadi, Olsson, Darrell, Goodfellow, Odena 2019, "Discriminator rejection sampling".

NOTE[DIFF]: the classifiers are boosted trees, cross-fitted: each has not seen one fold of the rows.
They are boosted for as long as the rows that they have not seen are *ranked* better, also where
these are predicted worse already: noise makes the odds overconfident long before it outweighs what
is still learned. Where unseen training rows are not told from sampled ones beyond chance there is no
correction, as it could only hand out training rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.boosters import SETTINGS, ensemble
from synthkit.generators.coding import Coding
from synthkit.generators.ensemble import Ensemble
from synthkit.generators.nested import part_of, within

if TYPE_CHECKING:
    from lightgbm import Booster
    from lightgbm.callback import CallbackEnv

FOLDS = 3
ROWS = 25_000  # training rows seen at most
SAMPLED = 2  # sampled rows per training row
CALIBRATION = 4096  # sampled rows more, which no classifier sees
PATIENCE = 25  # rounds in which a fold's unseen rows are ranked no better
BEYOND_CHANCE = 3.0  # standard errors of the unseen AUC from 1/2
CAP = 0.93  # quantile of the ratio from which on every row is kept
SPARE = 1.05  # rows drawn for each one missing, beyond the expected number


@dataclass(frozen=True)
class Correction:
    """Averaged classifiers, and how their log odds become a probability of being kept.

    Args:
        classifiers: of training rows against sampled ones, over all fields.
        cap: log odds from which on a row is always kept.
        share: of sampled rows that are kept, in (0, 1].
    """

    classifiers: Ensemble
    cap: float
    share: float

    @staticmethod
    def sampled_rows(n: int) -> int:
        """Sampled rows that ``fit`` needs for n training rows."""
        return SAMPLED * min(n, ROWS) + CALIBRATION

    @classmethod
    def fit(
        cls,
        real: np.ndarray,
        sampled: np.ndarray,
        codings: Sequence[Coding],
        rounds: int,
        rng: np.random.Generator,
        deadline: float = np.inf,
    ) -> Correction | None:
        """Learns what sampled rows get wrong; ``None`` if unseen rows do not show anything.

        Args:
            real: (n, d) codes of training rows.
            sampled: of ``sampled_rows(n)`` sampled ones.
            codings: of the fields.
            rounds: boosting rounds of each classifier at most.
            deadline: by ``time.monotonic()``, after which no round begins.
        """
        real = real[rng.permutation(len(real))[:ROWS]]
        calibration, made = sampled[:CALIBRATION], sampled[CALIBRATION:]
        codes = np.concatenate([real, made])
        places = [coding.feature for coding in codings]
        x = np.column_stack([place[codes[:, i]] for i, place in enumerate(places)])
        categories = [i for i, coding in enumerate(codings) if not coding.ordered]
        is_real = np.arange(len(x)) < len(real)
        fold = np.arange(len(x)) % FOLDS
        seeds = rng.integers(2**31, size=FOLDS)

        def train(k: int) -> tuple[Booster, np.ndarray]:
            return _train(x, is_real, fold != k, categories, rounds, int(seeds[k]), deadline)

        with ThreadPoolExecutor(FOLDS) as pool:
            trained = list(pool.map(train, range(FOLDS)))
        shortest = min(len(curves) for _, curves in trained)
        auc, loss = np.mean([curves[:shortest] for _, curves in trained], axis=0).T
        if auc.max() < 0.5 + BEYOND_CHANCE * ((1 / len(real) + 1 / len(made)) / 12) ** 0.5:
            return None
        best = 1 + int(max(auc.argmax(), loss.argmin()))
        classifiers = ensemble([model for model, _ in trained], places, best)
        odds = cls(classifiers, 0.0, 1.0)._log_odds(calibration)
        cap = float(np.quantile(odds, CAP))
        return cls(classifiers, cap, float(np.exp(np.minimum(odds - cap, 0.0)).mean()))

    def log_kept(self, codes: np.ndarray) -> np.ndarray:
        """(n,) log probability of being kept, of (n, d) codes."""
        return np.minimum(self._log_odds(codes) - self.cap, 0.0)

    def log_ratio(self, codes: np.ndarray) -> np.ndarray:
        """(n,) log density of kept rows against that of all sampled ones.

        Exact but for ``share``, which is estimated on ``CALIBRATION`` rows.
        """
        return self.log_kept(codes) - np.log(self.share)

    def thinned(
        self, n: int, draw: Callable[[int], np.ndarray], rng: np.random.Generator
    ) -> np.ndarray:
        """n kept rows out of as many as it takes; ``draw(m)`` gives m."""
        parts: list[np.ndarray] = []
        missing = n
        while missing or not parts:
            codes = draw(int(missing / self.share * SPARE) + 1)
            kept = rng.random(len(codes)) < np.exp(self.log_kept(codes))
            parts.append(codes[np.flatnonzero(kept)[:missing]])
            missing -= len(parts[-1])
        return np.concatenate(parts)

    def chosen(self, candidates: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
        """One of every k neighbouring rows, in proportion to its probability of being kept."""
        weight = self.log_kept(candidates).reshape(-1, k)
        best = (weight + rng.gumbel(size=weight.shape)).argmax(1)
        return candidates[np.arange(len(best)) * k + best]

    def _log_odds(self, codes: np.ndarray) -> np.ndarray:
        odds: np.ndarray = self.classifiers.predict(codes).mean(1)
        return odds

    def arrays(self) -> dict[str, np.ndarray]:
        """The trees of the classifiers, and the two numbers."""
        kept = {"kept": np.array([self.cap, self.share])}
        return kept | within("classifiers", self.classifiers.arrays())

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], codings: Sequence[Coding]) -> Correction:
        """Inverse of ``arrays``; raises ``ModelError`` for arrays that do not fit together."""
        places = [coding.feature for coding in codings]
        classifiers = Ensemble.from_arrays(part_of(arrays, "classifiers"), places, FOLDS)
        cap, share = arrays["kept"]
        if not (np.isfinite(cap) and 0.0 < share <= 1.0):
            raise ModelError("the correction is out of range", remedy="fit the model again")
        return cls(classifiers, float(cap), float(share))


def _train(
    x: np.ndarray,
    is_real: np.ndarray,
    seen: np.ndarray,
    categories: list[int],
    rounds: int,
    seed: int,
    deadline: float,
) -> tuple[Booster, np.ndarray]:
    """A classifier of the seen rows; (rounds, 2) the AUC and the log loss of the unseen ones."""
    import lightgbm

    settings: dict[str, Any] = SETTINGS | {
        "objective": "binary",
        "metric": ["auc", "binary_logloss"],
        "num_leaves": 31,
        "learning_rate": 0.25,
        "min_data_in_leaf": 50,
        "seed": seed,
    }
    data = lightgbm.Dataset(
        x[seen],
        is_real[seen],
        weight=np.where(is_real[seen], (~is_real).sum() / is_real.sum(), 1.0),
        categorical_feature=categories,
    )
    unseen = data.create_valid(x[~seen], is_real[~seen])
    curve: dict[str, Any] = {}

    model = lightgbm.train(
        settings,
        data,
        rounds,
        valid_sets=[unseen],
        keep_training_booster=True,  # or the rounds after its own best one were dropped
        callbacks=[
            lightgbm.record_evaluation(curve),
            lightgbm.early_stopping(PATIENCE, first_metric_only=True, verbose=False),
            _Deadline(deadline),
        ],
    )
    return model, np.column_stack(list(curve["valid_0"].values()))


@dataclass(frozen=True)
class _Deadline:
    """Ends a boosting by the clock, after what the round was worth has been taken down."""

    at: float
    order: int = 40  # LightGBM calls its own first

    def __call__(self, env: CallbackEnv) -> None:
        from lightgbm.callback import EarlyStopException

        if time.monotonic() >= self.at:
            raise EarlyStopException(env.iteration, env.evaluation_result_list or [])

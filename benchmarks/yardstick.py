"""The yardstick: one protocol that measures any synthetic table, made by anything.

Plain data frames in, numbers out. ``train`` made the generator, ``holdout`` did not; both are
halves of the same shuffled table (``halves``), and ``synthetic`` has as many rows as ``train``.

    train, holdout = halves(table)
    result = measure(train, holdout, synthetic, target="income", seed=0)

Every function is deterministic for a seed. A number means little without its reference: the same
function applied to ``train`` in the place of ``synthetic`` gives the floor that a perfect generator
reaches.

Columns of a numeric dtype are numbers, all others are categories; a missing cell is a value of its
own. LightGBM sees categories natively, under one common list of categories.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise

import lightgbm
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

THREADS = 2
SHUFFLE_SEED = 7
BOOSTING = {
    "n_estimators": 300,
    "learning_rate": 0.05,
    "num_leaves": 31,
    "n_jobs": THREADS,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class Measurement:
    """All numbers of one synthetic table; see the functions of the same names."""

    c2st_auc: float
    pair_error: float
    triple_error: float
    tstr: float
    dcr_share: float
    membership_auc: float
    copies: float
    copies_of_holdout: float

    def to_dict(self) -> dict[str, float]:
        """By name."""
        return asdict(self)


def halves(table: pd.DataFrame, seed: int = SHUFFLE_SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``(train, holdout)``: rows shuffled, first and second half."""
    shuffled = table.sample(frac=1.0, random_state=seed).reset_index(drop=True)
    middle = len(table) // 2
    return shuffled.iloc[:middle], shuffled.iloc[middle:].reset_index(drop=True)


def measure(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    synthetic: pd.DataFrame,
    target: str,
    seed: int = 0,
) -> Measurement:
    """The whole protocol for one synthetic table."""
    dcr, membership = _nearest(train, holdout, synthetic)
    return Measurement(
        c2st_auc=c2st_auc(holdout, synthetic, seed),
        pair_error=kway_error(holdout, synthetic, 2),
        triple_error=kway_error(holdout, synthetic, 3),
        tstr=tstr(synthetic, holdout, target),
        dcr_share=dcr,
        membership_auc=membership,
        copies=exact_copies(train, synthetic),
        copies_of_holdout=exact_copies(train, holdout),
    )


def c2st_auc(
    real: pd.DataFrame, synthetic: pd.DataFrame, seed: int = 0, max_rows: int = 20_000
) -> float:
    """Classifier two-sample test: how well boosted trees tell synthetic rows from real ones.

    Args:
        real: rows that the generator has not seen.
        synthetic: rows to test.
        seed: of the row choice, the folds and the classifier.
        max_rows: of either table at most.

    Returns:
        ROC AUC over 3-fold predictions; 0.5 is indistinguishable, 1 is told apart every time.
    """
    rng = np.random.default_rng(seed)
    parts = [
        part.iloc[rng.permutation(len(part))[: min(max_rows, len(real), len(synthetic))]]
        for part in (real, synthetic)
    ]
    features = pd.concat(_aligned(*parts), ignore_index=True)
    label = np.repeat([0, 1], [len(part) for part in parts])
    scores = np.empty(len(label))
    for fit_rows, test_rows in StratifiedKFold(3, shuffle=True, random_state=seed).split(
        features, label
    ):
        model = lightgbm.LGBMClassifier(**BOOSTING, random_state=seed)
        model.fit(features.iloc[fit_rows], label[fit_rows])
        scores[test_rows] = model.predict_proba(features.iloc[test_rows])[:, 1]
    return float(roc_auc_score(label, scores))


def kway_error(
    real: pd.DataFrame, synthetic: pd.DataFrame, k: int, max_margins: int = 300, seed: int = 0
) -> float:
    """Mean total variation distance over k-column margins, numbers in deciles of ``real``.

    All combinations of k columns, or ``max_margins`` of them drawn evenly. In [0, 1], 0 is best;
    sampling error alone gives a positive floor. A table of fewer columns has no error.
    """
    codes, sizes = _decile_codes(real, synthetic)
    margins = list(combinations(range(len(sizes)), k))
    if len(margins) > max_margins:
        picked = np.random.default_rng(seed).choice(len(margins), max_margins, replace=False)
        margins = [margins[i] for i in picked]
    errors = []
    for margin in margins:
        cells = [np.zeros(len(part), np.int64) for part in codes]
        for column in margin:
            cells = [
                cell * sizes[column] + part[:, column]
                for cell, part in zip(cells, codes, strict=True)
            ]
        _, index = np.unique(np.concatenate(cells), return_inverse=True)
        count = int(index.max()) + 1
        first = np.bincount(index[: len(cells[0])], minlength=count) / len(cells[0])
        second = np.bincount(index[len(cells[0]) :], minlength=count) / len(cells[1])
        errors.append(0.5 * np.abs(first - second).sum())
    return float(np.mean(errors)) if errors else 0.0


def tstr(train: pd.DataFrame, test: pd.DataFrame, target: str, seed: int = 0) -> float:
    """Train on one table, test on another: ROC AUC of a categorical target, R² of a numeric one.

    A target of more than two classes gives the mean one-against-rest AUC of the classes in
    ``test``. A target of exactly two distinct values counts as categorical. Rows without a target
    are left out.
    """
    train, test = train.dropna(subset=[target]), test.dropna(subset=[target])
    known = pd.unique(pd.concat([train[target], test[target]], ignore_index=True))
    features = _aligned(train.drop(columns=target), test.drop(columns=target))
    if _is_number(train[target]) and len(known) > 2:
        model = lightgbm.LGBMRegressor(**BOOSTING, random_state=seed)
        model.fit(features[0], train[target].astype(float))
        return float(r2_score(test[target].astype(float), model.predict(features[1])))
    label = [part[target].astype(str).to_numpy() for part in (train, test)]
    classes = np.unique(label[0])
    if len(classes) < 2:
        return 0.5
    model = lightgbm.LGBMClassifier(**BOOSTING, random_state=seed)
    model.fit(features[0], label[0])
    scores = model.predict_proba(features[1])
    picked = [1] if len(classes) == 2 else range(len(classes))
    aucs = [
        roc_auc_score(label[1] == classes[i], scores[:, i])
        for i in picked
        if 0 < np.sum(label[1] == classes[i]) < len(label[1])
    ]
    return float(np.mean(aucs))


def dcr_share(synthetic: pd.DataFrame, train: pd.DataFrame, holdout: pd.DataFrame) -> float:
    """Share of synthetic rows nearer to a training row than to a holdout row, ties split.

    The distance is the sum over columns of 0 or 1 for categories and of the difference over the
    range of the training rows for numbers; a missing number is one range away from all others. Needs halves of equal size (``train`` or ``holdout`` is cut). 0.5 is ideal.
    """
    return _nearest(train, holdout, synthetic)[0]


def membership_auc(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """AUC of "nearer to its closest synthetic row" for telling training from holdout rows.

    The distance is that of ``dcr_share``; 0.5 is ideal, its standard error is about
    ``0.41 / sqrt(len(train))``.
    """
    return _nearest(train, holdout, synthetic)[1]


def exact_copies(train: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Share of ``rows`` that equal a training row in every column."""
    columns = list(train.columns)
    known, tested = (
        pd.util.hash_pandas_object(part[columns], index=False)
        for part in _aligned(train, rows[columns])
    )
    return float(tested.isin(known).mean())


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _aligned(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with float64 numbers and common categories, columns as in the first."""
    left, right = {}, {}
    for name in first.columns:
        if _is_number(first[name]):
            left[name] = first[name].astype("float64")
            right[name] = pd.to_numeric(second[name], errors="coerce").astype("float64")
            continue
        both = [part[name].astype(object).where(part[name].notna()) for part in (first, second)]
        texts = [part.map(str, na_action="ignore") for part in both]
        kind = pd.CategoricalDtype(sorted(pd.concat(texts).dropna().unique()))
        left[name], right[name] = (text.astype(kind) for text in texts)
    return (
        pd.DataFrame(left).reset_index(drop=True),
        pd.DataFrame(right).reset_index(drop=True),
    )


def _decile_codes(
    real: pd.DataFrame, synthetic: pd.DataFrame
) -> tuple[tuple[np.ndarray, np.ndarray], list[int]]:
    """Integer codes of both tables, (rows, columns), and the number of codes of each column."""
    parts = _aligned(real, synthetic)
    columns, sizes = [], []
    for name in parts[0].columns:
        if isinstance(parts[0][name].dtype, pd.CategoricalDtype):
            pair = [part[name].cat.codes.to_numpy().astype(np.int64) + 1 for part in parts]
            sizes.append(len(parts[0][name].cat.categories) + 1)
        else:
            values = [part[name].to_numpy() for part in parts]
            known = values[0][~np.isnan(values[0])]
            cuts = np.unique(np.quantile(known, np.arange(1, 10) / 10)) if len(known) else []
            pair = [np.where(np.isnan(v), 0, np.searchsorted(cuts, v, "right") + 1) for v in values]
            sizes.append(len(cuts) + 2)
        columns.append(pair)
    stacked = tuple(np.stack([pair[i] for pair in columns], 1) for i in (0, 1))
    return (stacked[0], stacked[1]), sizes


def _nearest(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame
) -> tuple[float, float]:
    """``(dcr_share, membership_auc)`` from one pass over the exact distances."""
    size = min(len(train), len(holdout))
    points = _points(train.iloc[:size], holdout.iloc[:size], synthetic)
    to_train, train_to = _minima(points[2], points[0])
    to_holdout, holdout_to = _minima(points[2], points[1])
    share = np.mean(to_train < to_holdout) + 0.5 * np.mean(to_train == to_holdout)
    label = np.repeat([1, 0], [len(train_to), len(holdout_to)])
    return float(share), float(roc_auc_score(label, -np.concatenate([train_to, holdout_to])))


Points = tuple[np.ndarray, np.ndarray]


def _points(*tables: pd.DataFrame) -> list[Points]:
    """Each table as ``(scaled numbers, one-hot categories)``; the first one gives the ranges."""
    sizes = np.cumsum([0] + [len(table) for table in tables])
    rest = pd.concat(tables[1:], ignore_index=True)
    whole = pd.concat(_aligned(tables[0], rest), ignore_index=True)
    numbers, hot = [np.empty((len(whole), 0))], [np.empty((len(whole), 0), np.float32)]
    for name in whole.columns:
        column = whole[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy() + 1
            hot.append(np.eye(len(column.cat.categories) + 1, dtype=np.float32)[codes])
            continue
        values = column.to_numpy()
        first = values[: len(tables[0])]
        low, high = (np.nanmin(first), np.nanmax(first)) if (~np.isnan(first)).any() else (0, 0)
        scaled = (values - low) / (high - low if high > low else 1.0)
        numbers.append(np.where(np.isnan(scaled), 2.0, scaled)[:, None])
    stacked = np.hstack(numbers), np.hstack(hot)
    return [(stacked[0][a:b], stacked[1][a:b]) for a, b in pairwise(sizes)]


def _minima(queries: Points, others: Points, chunk: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Distance of every query to its nearest other, and of every other to its nearest query.

    Rounded to 1e-6 so that ties are ties. Memory: ``chunk`` rows of the distance matrix a thread.
    """
    categories = _hot_columns(queries, others)

    def block(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        distance = categories - queries[1][rows] @ others[1].T
        distance = (
            np.round(distance + cdist(queries[0][rows], others[0], "cityblock"), 6)
            if queries[0].shape[1]
            else distance
        )
        return distance.min(1), distance.min(0)

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(block, _slices(len(queries[0]), chunk)))
    nearest_query = parts[0][1]
    for _, columns in parts[1:]:
        nearest_query = np.minimum(nearest_query, columns)
    return np.concatenate([rows for rows, _ in parts]), nearest_query


def _hot_columns(queries: Points, others: Points) -> float:
    """Number of categorical columns: the ones in any one-hot row."""
    source = queries[1] if len(queries[1]) else others[1]
    return float(source[0].sum()) if source.size else 0.0


def _slices(n: int, chunk: int) -> Iterator[slice]:
    return (slice(i, min(i + chunk, n)) for i in range(0, n, chunk))

"""The bundled policies on simulated releases: they let honest ones pass and stop leaks.

A release is honest by construction if a third part of the real population stands in the place of
the synthetic rows. The seeds are fixed; with true false-alarm rates of 5 % the allowed counts would
be exceeded once in twenty settings, and the rates measured over hundreds of seeds are lower.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeRegressor

from synthkit.checks import checks
from synthkit.checks.base import Evidence
from synthkit.checks.encoding import Encoder
from synthkit.contracts import checks as contract
from synthkit.policy import judge, load_policy
from synthkit.run import Run
from synthkit.schema import Column, Schema

POLICIES = ("internal", "release")
CHECKS = [name for name in checks.names() if checks.get(name).family == "privacy"]


def words(evidence: Evidence) -> dict[str, str]:
    """The verdict of each bundled policy's privacy limits, those that answer a threat."""
    run = Run(0)
    results = [result for name in CHECKS for result in checks.get(name)().run(evidence, run)]
    verdicts = {}
    for name in POLICIES:
        policy = load_policy(name)
        limits = {check: limit for check, limit in policy.checks.items() if limit.threat}
        assert len(limits) == 12  # one of them on images only
        required = [check for check in policy.required if check in CHECKS and check != "controls"]
        private = policy.model_copy(update={"checks": limits, "required": required})
        verdicts[name] = judge(results, private, {})[1].word
    return verdicts


def coarse(n: int, seed: int) -> Evidence:
    """An honest release of seven small categorical columns, where rows coincide by chance."""
    rng = np.random.default_rng(seed)
    names = [f"c{i}" for i in range(7)]
    train, holdout, synthetic = (
        pd.DataFrame(
            rng.choice(np.array(["a", "b", "c"], dtype=object), (n, 7), p=[0.6, 0.3, 0.1]),
            columns=names,
        )
        for _ in range(3)
    )
    schema = Schema(columns=tuple(Column(name=name, kind="categorical") for name in names))
    return Evidence(train, holdout, synthetic, schema)


@pytest.mark.parametrize(
    ("make", "n", "releases"),
    [
        (contract.release, 260, 24),
        (contract.release, 800, 8),
        (coarse, 260, 24),
        (coarse, 800, 8),
    ],
)
def test_honest_releases_pass(make: object, n: int, releases: int) -> None:
    verdicts = [words(make(n, seed)) for seed in range(releases)]  # type: ignore[operator]
    for policy in POLICIES:
        alarms = sum(verdict[policy] == "failed" for verdict in verdicts)
        assert alarms <= (3 if releases == 24 else 2), policy
        assert {verdict[policy] for verdict in verdicts} <= {"passed", "failed"}


def training_copy(release: Evidence, seed: int) -> Evidence:
    return contract.planted(release, 1.0)


def one_percent_copies(release: Evidence, seed: int) -> Evidence:
    return contract.planted(release, 0.01)


def one_percent_noise(release: Evidence, seed: int) -> Evidence:
    """Training rows with every income moved by about 1 % of its spread."""
    rng = np.random.default_rng(seed)
    rows = release.train.copy()
    rows["income"] += 0.01 * rows["income"].std() * rng.normal(size=len(rows))
    return contract.with_synthetic(release, rows)


def overfitted_trees(release: Evidence, seed: int) -> Evidence:
    """Column after column from the donors in the leaf of a fully grown tree."""
    rng = np.random.default_rng(seed)
    train = release.train
    x = np.nan_to_num(Encoder.fit(release.schema, train).features(train), nan=-1.0)
    n, d = x.shape
    donors = np.empty((n, d), int)
    donors[:, 0] = rng.integers(0, n, n)
    drawn = x[donors[:, 0], :1]
    for j in range(1, d):
        tree = DecisionTreeRegressor(random_state=seed).fit(x[:, :j], x[:, j])
        leaf_of = tree.apply(x[:, :j])
        order = np.argsort(leaf_of, kind="stable")
        leaves = tree.apply(drawn)
        low, high = (np.searchsorted(leaf_of[order], leaves, side) for side in ("left", "right"))
        donors[:, j] = order[rng.integers(low, high)]
        drawn = np.column_stack([drawn, x[donors[:, j], j]])
    rows = train.copy()
    for j, name in enumerate(name for name in train if name != "id"):
        rows[name] = train[name].iloc[donors[:, j]].array
    return contract.with_synthetic(release, rows)


@pytest.mark.parametrize(
    "leak", [training_copy, one_percent_copies, one_percent_noise, overfitted_trees]
)
def test_leaks_are_stopped(leak: object) -> None:
    for seed in range(5):
        verdict = words(leak(contract.release(1000, seed), seed))  # type: ignore[operator]
        assert set(verdict.values()) == {"failed"}


def test_copies_hidden_among_coinciding_rows_are_stopped() -> None:
    for seed in range(5):
        verdict = words(contract.planted(coarse(2000, seed), 0.3))
        assert set(verdict.values()) == {"failed"}


def test_a_generator_that_has_seen_the_holdout_passes_nothing() -> None:
    """Half of the rows are verbatim of either side, so that nothing favours the training rows."""
    release = contract.release(500)
    assert release.holdout is not None
    both = pd.concat([release.train[:250], release.holdout[:250]], ignore_index=True)
    for rows in (release.holdout, both):
        verdicts = words(contract.with_synthetic(release, rows))
        assert set(verdicts.values()) == {"not_assessed"}


def test_a_holdout_of_other_people_accuses_nobody() -> None:
    release = contract.release(2000)
    assert release.holdout is not None
    order = np.argsort(release.holdout["age"].to_numpy())[-1000:]
    other = replace(release, holdout=release.holdout.iloc[order].reset_index(drop=True))
    assert set(words(other).values()) == {"not_assessed"}
    few = contract.planted(other, 0.01)  # verbatim rows are a leak in any population
    assert set(words(few).values()) == {"failed"}


def test_records_that_stand_several_times_hide_no_copy_and_accuse_nobody() -> None:
    release = contract.release(1000)
    assert release.holdout is not None
    train, holdout = (
        pd.concat([part, part[:600], part[:300]], ignore_index=True)
        for part in (release.train, release.holdout)
    )
    repeated = replace(release, train=train, holdout=holdout)
    assert set(words(repeated.of_people()).values()) == {"passed"}
    assert set(words(contract.planted(repeated, 0.01).of_people()).values()) == {"failed"}

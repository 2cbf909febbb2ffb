"""The privacy smoke tests: hand-worked numbers, and leaks of known size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from synthkit.checks.base import Evidence
from synthkit.checks.privacy.alone import alone
from synthkit.checks.privacy.exact_copies import ExactCopies
from synthkit.checks.privacy.excess import Excess
from synthkit.checks.privacy.nearest import (
    DcrShare,
    MembershipNearest,
    effective_rows,
    nearer_weights,
    true_positive_rate,
)
from synthkit.checks.privacy.rows import Neighbours
from synthkit.contracts import checks as contract
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.stats.distances import Nearest


def privacy(evidence: Evidence) -> dict[str, CheckResult]:
    run = Run(0)
    checks = (ExactCopies, DcrShare, MembershipNearest)
    return {r.name: r for check in checks for r in check().run(evidence, run)}


def test_replayed_counts_one_of_a_kind_rows_only() -> None:
    train = np.array([1, 1, 2, 3, 4])  # 1 twice, 4 on both sides: not one of a kind
    holdout = np.array([4, 5, 6])
    synthetic = np.array([1, 2, 3, 3, 4, 5, 9])
    assert alone(train, holdout, synthetic) == Excess(2, 2, 1, 2)


def test_the_copying_p_value_by_hand() -> None:
    # 4 unique rows, 2 of each side; 2 replayed, both of the training side: 1 of 6 choices.
    assert Excess(2, 2, 0, 2).p_value == pytest.approx(1 / 6)
    assert Excess(0, 5, 0, 5).p_value == 1.0
    table = [[30, 970], [10, 990]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert Excess(30, 1000, 10, 1000).p_value == pytest.approx(expected)


def neighbours(
    train: list[tuple[int, float]], holdout: list[tuple[int, float]], m: int
) -> Neighbours:
    """Neighbours from (index, distance) per synthetic row; m real rows a side."""

    def side(found: list[tuple[int, float]]) -> Nearest:
        index, distance = map(np.array, zip(*found, strict=True))
        return Nearest(index, distance, np.zeros(m, int), np.zeros(m))

    return Neighbours(side(train), side(holdout))


def test_nearer_weights_split_ties() -> None:
    found = neighbours([(0, 0.1), (1, 0.5), (1, 0.3)], [(0, 0.2), (1, 0.5), (0, 0.1)], m=2)
    weights = nearer_weights(found)
    assert weights.tolist() == [1.0, 0.5, 1.0, 0.5]  # train rows 0, 1; holdout rows 0, 1
    assert weights[:2].sum() / weights.sum() == 0.5


def test_effective_rows() -> None:
    assert effective_rows(np.array([1.0, 1.0, 1.0, 1.0, 0.0])) == 4.0
    assert effective_rows(np.array([9.0, 0.0])) == 1.0


def test_true_positive_rate_by_hand() -> None:
    others = np.arange(100.0)  # one false alarm is allowed: the threshold is 98
    members = np.array([97.0, 98.0, 98.5, 200.0])
    assert true_positive_rate(members, others, 0.01)[0] == 0.5


def test_a_copy_of_the_training_rows_is_worst() -> None:
    release = contract.release(400)
    found = privacy(contract.with_synthetic(release, release.train))
    assert found["exact_copies"].value == 1.0
    assert found["exact_copies.unique"].value == 1.0
    assert found["dcr_share"].value == 1.0
    assert found["dcr_share"].detail["p_value"] <= 1e-3
    assert found["membership_nearest"].value == 1.0


def test_rows_of_the_holdout_among_the_synthetic_ones_leave_nothing_to_compare_with() -> None:
    release = contract.release(400)
    assert release.holdout is not None
    mixed = release.synthetic.copy()
    mixed.iloc[:4] = release.holdout.iloc[:4]
    for rows, said in ((release.holdout, "400 of 400"), (mixed, "4 of 400")):
        for result in privacy(contract.with_synthetic(release, rows)).values():
            assert result.status == "not_assessed"
            assert result.detail["reason"].startswith(said)


def test_a_few_rows_equal_to_the_holdout_are_chance() -> None:
    release = contract.release(400)
    assert release.holdout is not None
    mixed = release.synthetic.copy()
    mixed.iloc[:3] = release.holdout.iloc[:3]
    found = privacy(contract.with_synthetic(release, mixed))
    assert {result.status for result in found.values()} == {"measured"}
    assert found["exact_copies"].reference == 3 / 400


def test_an_honest_release_is_neutral() -> None:
    found = privacy(contract.release(2000))
    for name in ("dcr_share", "membership_nearest"):
        low, high = found[name].ci or (1.0, 0.0)
        assert low < 0.5 < high
    assert found["exact_copies.unique"].value == pytest.approx(0.0, abs=0.002)


def test_risk_rises_with_the_share_of_planted_copies() -> None:
    release = contract.release(800)
    shares = [0.0, 0.1, 0.3, 0.6, 1.0]
    found = [privacy(contract.planted(release, share)) for share in shares]
    for name in found[0]:
        values = [results[name].value for results in found]
        assert values == sorted(values), name
        assert len(set(values)) == len(values), name


def test_unequal_sides_do_not_look_like_copying() -> None:
    release = contract.release(1200)
    assert release.holdout is not None
    small = Evidence(release.train, release.holdout[:300], release.synthetic, release.schema)
    found = privacy(small)
    assert found["dcr_share"].detail["real_rows_used"] == 300
    low, high = found["dcr_share"].ci or (1.0, 0.0)
    assert low < 0.5 < high


def test_a_collapsed_generator_is_not_assessed_by_distance() -> None:
    release = contract.release(400)
    same = release.synthetic.iloc[np.zeros(400, int)]
    result = privacy(contract.with_synthetic(release, same))["dcr_share"]
    assert result.status == "not_assessed"
    assert "different real rows" in result.detail["reason"]


def test_the_hit_rate_is_not_resolvable_with_few_rows() -> None:
    few = privacy(contract.release(400))["membership_nearest"].detail
    assert "not resolvable" in few["tpr_at_1pct_fpr"]


def test_without_a_leak_the_hit_rate_is_that_of_false_alarms() -> None:
    rates = [
        privacy(contract.release(1000, seed))["membership_nearest"].detail["tpr_at_1pct_fpr"]
        for seed in range(10)
    ]
    assert np.mean(rates) == pytest.approx(0.01, abs=0.005)


def test_a_table_without_one_of_a_kind_rows_has_none_to_hand_out() -> None:
    n = 300
    halves = np.array(["a", "b"] * (n // 2), dtype=object)
    given = contract.table({"c": ("categorical", halves)}, n)
    result = privacy(given)["exact_copies.unique"]
    assert result.value == 0.0
    assert "one of a kind" in result.summary


def test_copies_are_counted_among_as_many_rows_as_are_held_out_and_among_all() -> None:
    release = contract.planted(contract.release(500), 0.1)
    assert release.holdout is not None
    few = Evidence(release.train, release.holdout[:250], release.synthetic, release.schema)
    result = privacy(few)["exact_copies"]
    equal = result.detail["equal_to_training"]
    assert 0 < equal < 50
    assert f"{equal} of 500 synthetic rows" in result.summary
    assert "equal one of 250 training rows drawn at random" in result.summary
    assert result.summary.endswith("Of all 500 training rows: 50.")


def test_summaries_tell_the_counts() -> None:
    result = privacy(contract.planted(contract.release(500), 0.1))["exact_copies"]
    assert result.summary.startswith("50 of 500 synthetic rows (10.00%) equal a training row")

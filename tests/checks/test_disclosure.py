"""Sightings, replayed cells and the listing of rows: numbers by hand, laws, and planted leaks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.privacy.alone import alone
from synthkit.checks.privacy.disclosure import Disclosure, sightings, tokens_of, tried
from synthkit.checks.privacy.exact_copies import ExactCopies
from synthkit.checks.privacy.excess import Excess
from synthkit.checks.privacy.replay import Replay, hashes
from synthkit.checks.privacy.sides import sides_of
from synthkit.contracts import checks as contract
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema


def found(evidence: Evidence, check: type) -> dict[str, CheckResult]:
    return {result.name: result for result in check().run(evidence, Run(0))}


def low(result: CheckResult) -> float:
    assert result.ci is not None, result
    return result.ci[0]


# ------------------------------------------------------------------------------ by hand


def test_sightings_by_hand() -> None:
    """Two members, two others, in columns (0), (1) and (0, 1)."""
    real = np.array([[1, 5], [1, 6], [2, 7], [2, 6]], np.uint64) * np.uint64(7919)
    synthetic = np.array([[1, 5], [2, 6]], np.uint64) * np.uint64(7919)
    seen = sightings(real, synthetic, np.random.default_rng(0))
    assert seen.found == {
        (0,): Excess(0, 0, 0, 0),  # nobody is alone with 1 or 2
        (1,): Excess(1, 1, 0, 1),  # 5 and 7 are somebody's own, and 5 is sighted
        (0, 1): Excess(1, 2, 1, 2),  # all are alone; (1, 5) and (2, 6) are sighted
    }
    assert seen.counts.tolist() == [2, 0, 0, 1]


def test_every_combination_is_tried_once_and_all_of_a_small_table() -> None:
    rng = np.random.default_rng(0)
    assert list(tried(3, rng)) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
    many = list(tried(30, rng))
    assert len(many) == len(set(many)) == 30 + 4 * 40
    assert all(list(columns) == sorted(set(columns)) for columns in many)


def test_tokens_are_equal_for_equal_cells_of_a_column_alone() -> None:
    evidence = contract.release(400)
    sides = sides_of(evidence, Run(0))
    tokens = tokens_of(sides.encoder, sides.members)
    city = sides.encoder.names.index("city")
    same = sides.members["city"].fillna("?").to_numpy()
    assert ((tokens[:, city] == tokens[0, city]) == (same == same[0])).all()
    assert len(np.unique(tokens[:, sides.encoder.names.index("income")])) <= 12  # deciles, spikes
    assert not set(tokens[:, 0]) & set(tokens[:, 1])


def test_an_excess_by_hand() -> None:
    counts = Excess(30, 100, 10, 100)
    assert counts.excess == pytest.approx(0.2)
    assert counts.adjusted(of=4) == pytest.approx(4 * counts.p_value)
    assert counts.interval(of=4)[0] < counts.interval()[0] < 0.2
    hashes = np.array([1, 2, 2, 3], np.uint64), np.array([3, 4, 5], np.uint64)
    assert alone(*hashes, np.array([1, 2, 4], np.uint64)) == Excess(1, 1, 1, 2)


def test_case_and_space_hide_no_identifier() -> None:
    column = Column(name="mail", kind="identifier")
    cells = pd.Series(["Ann@b.org ", "ann@B.org", "bob@b.org"], name="mail")
    first, second, third = hashes(column, cells)
    assert first == second != third


# ------------------------------------------------------------------------- planted leaks


def test_an_honest_release_discloses_nobody() -> None:
    evidence = contract.release(3000)
    disclosed, replayed = found(evidence, Disclosure), found(evidence, Replay)
    assert low(disclosed["disclosure"]) < 0.5
    assert disclosed["disclosure"].detail["epsilon"] == 0.0
    assert disclosed["disclosure"].detail["sightings_holdout"] > 1000  # phantoms are many
    assert low(disclosed["disclosure.combinations"]) < 0.0
    for name in ("replay.personal", "replay.digits"):
        assert low(replayed[name]) <= 0.0


def test_false_alarms_are_as_rare_as_the_intervals_say() -> None:
    releases = [contract.release(300, seed) for seed in range(40)]
    results = [found(release, Disclosure) for release in releases]
    assert sum(low(each["disclosure"]) > 0.5 for each in results) <= 4  # one expected
    worst = [each["disclosure.combinations"] for each in results]
    assert sum(low(each) > 0.0 for each in worst) <= 4
    assert sum(each.detail["p_value"] <= 0.05 for each in worst) <= 6


def test_people_who_are_copied_in_part_are_sighted() -> None:
    """A third of the synthetic rows have three cells of a training row; no whole row comes back."""
    evidence = contract.release(2000)
    rows = evidence.synthetic.copy()
    for name in ("age", "city", "since"):
        rows.loc[:700, name] = evidence.train.loc[:700, name]
    leaky = contract.with_synthetic(evidence, rows)
    assert low(found(leaky, ExactCopies)["exact_copies.unique"]) < 0.0
    disclosed = found(leaky, Disclosure)
    assert low(disclosed["disclosure"]) > 0.5
    assert disclosed["disclosure"].detail["p_value"] < 0.01
    assert low(disclosed["disclosure.combinations"]) > 0.0
    columns = set(disclosed["disclosure.combinations"].detail["columns"])
    assert len({"age", "city", "since"} & columns) >= 2


def test_a_rare_value_that_comes_back_is_a_sighting() -> None:
    """Towns where one person lives: categories that an encoder would call rare."""
    rng = np.random.default_rng(0)

    def rows(prefix: str) -> pd.DataFrame:
        town = np.where(rng.random(1000) < 0.3, [f"{prefix}{i}" for i in range(1000)], "big")
        return pd.DataFrame({"town": town.astype(object), "x": rng.normal(size=1000)})

    schema = Schema(
        columns=(Column(name="town", kind="categorical"), Column(name="x", kind="real"))
    )
    train, holdout, synthetic = rows("a"), rows("b"), rows("c")
    assert low(found(Evidence(train, holdout, train, schema), Disclosure)["disclosure"]) > 0.8
    fair = found(Evidence(train, holdout, synthetic, schema), Disclosure)["disclosure"]
    assert fair.value is None or low(fair) < 0.5


def replay_of(column: str, share: float) -> dict[str, CheckResult]:
    evidence = contract.release(1000)
    rows = evidence.synthetic.copy()
    n = int(share * len(rows))
    rows.loc[: n - 1, column] = evidence.train.loc[: n - 1, column]
    return found(contract.with_synthetic(evidence, rows), Replay)


def test_identifiers_that_come_back_are_named_by_their_column() -> None:
    results = replay_of("id", 0.05)
    assert results["replay.personal"].value == pytest.approx(0.05)
    assert low(results["replay.personal"]) > 0.0
    assert results["replay.personal"].detail["column"] == "id"
    assert low(results["replay.digits"]) <= 0.0


def test_digits_that_come_back_are_named_by_their_column() -> None:
    results = replay_of("income", 0.05)
    assert results["replay.digits"].detail["column"] == "income"
    assert low(results["replay.digits"]) > 0.02
    assert low(results["replay.personal"]) <= 0.0


@pytest.mark.parametrize("check", [Disclosure, Replay])
def test_unequal_sides_raise_no_alarm(check: type) -> None:
    whole = contract.release(2400)
    assert whole.holdout is not None
    for train, holdout in ((2400, 600), (600, 2400)):
        cut = Evidence(whole.train[:train], whole.holdout[:holdout], whole.synthetic, whole.schema)
        for result in found(cut, check).values():
            assert low(result) <= (0.5 if result.name == "disclosure" else 0.0)


# --------------------------------------------------------------------------- the listing


def test_the_listing_names_the_rows_that_were_handed_out_by_their_place_in_the_source() -> None:
    evidence = contract.release(600)
    rows = evidence.synthetic.copy()
    rows.iloc[:5] = evidence.train.iloc[[7, 8, 9, 100, 101]]
    places = np.arange(600) * 2 + 1
    leaky = Evidence(evidence.train, evidence.holdout, rows, evidence.schema, source_rows=places)
    listing = found(leaky, ExactCopies)["exact_copies.unique"].listing
    assert listing == tuple({"data_row": place} for place in (16, 18, 20, 202, 204))


def test_a_listing_is_short_and_of_plain_numbers() -> None:
    evidence = contract.planted(contract.release(600), 1.0)
    listings: dict[str, Callable] = {"exact_copies.unique": ExactCopies, "disclosure": Disclosure}
    for name, check in listings.items():
        listing = found(evidence, check)[name].listing
        assert len(listing) == 100
        assert all(type(entry["data_row"]) is int for entry in listing)


def test_how_many_would_have_been_more_than_chance() -> None:
    counts = Excess(0, 1000, 0, 1000)
    least = counts.shown_from
    assert least == 5
    assert (
        Excess(least, 1000, 0, 1000).interval()[0] > 0.0 >= Excess(4, 1000, 0, 1000).interval()[0]
    )
    more = Excess(0, 1000, 20, 1000).shown_from
    assert more is not None
    assert more > 20 + least
    assert Excess(0, 1, 0, 1).shown_from is None

"""Attacks on membership, inference, linking and singling out: numbers by hand, and planted leaks."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from synthkit.checks.base import Check, Evidence
from synthkit.checks.privacy.inference import AttributeInference, secrets
from synthkit.checks.privacy.linkability import Linkability, files
from synthkit.checks.privacy.membership import density
from synthkit.checks.privacy.membership.check import Membership
from synthkit.checks.privacy.membership.contest import contest_of
from synthkit.checks.privacy.membership.distance import (
    closer_than_others,
    closest,
    neighbourhood,
)
from synthkit.checks.privacy.membership.ground import Ground, rounds
from synthkit.checks.privacy.sides import sides_of
from synthkit.checks.privacy.singling_out import Cells, SinglingOut
from synthkit.contracts import checks as contract
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema

CHECKS: tuple[type[Check], ...] = (Membership, AttributeInference, Linkability, SinglingOut)


def attacked(evidence: Evidence, *checks: type[Check]) -> dict[str, CheckResult]:
    return {r.name: r for check in checks or CHECKS for r in check().run(evidence, Run(0))}


@cache
def honest(n: int = 1000, seed: int = 0) -> Evidence:
    return contract.release(n, seed)


def low(result: CheckResult) -> float:
    assert result.ci is not None, result
    return result.ci[0]


# ------------------------------------------------------------------------------ by hand


def ground_of(near_synthetic: list[list[float]], near_reference: list[list[float]]) -> Ground:
    """A ground of which nothing but distances is known."""
    ground = object.__new__(Ground)
    ground.__dict__.update(
        near_synthetic=np.array(near_synthetic), near_reference=np.array(near_reference)
    )
    return ground


def test_attacks_by_distance_by_hand() -> None:
    ground = ground_of([[1.0, 4.0], [3.0, 5.0]], [[2.0, 3.0], [1.0, 2.0]])
    assert closest(ground).tolist() == [-1.0, -3.0]
    assert closer_than_others(ground).tolist() == [1.0, -2.0]
    # the two rows around the first: synthetic, reference: 1 + 0; around the second: -1, -2
    assert neighbourhood(ground).tolist() == [1.0, -3.0]


def test_sums_of_kernels_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(density, "BLOCK", 7)
    rng = np.random.default_rng(0)
    at, points = rng.normal(size=(20, 3)), rng.normal(size=(30, 3))
    squared = np.square(at[:, None] - points[None]).sum(axis=2)
    expected = logsumexp(-squared / (2 * 0.5**2), axis=1)
    assert density.log_sums(at, points, 0.5) == pytest.approx(expected)
    far = density.log_sums(np.full((1, 3), 1e3), points, 0.5)
    assert np.isfinite(far).all()  # where every kernel is zero in double precision


def test_the_likelihood_ratio_is_that_of_its_definition() -> None:
    (ground, _) = rounds(sides_of(honest(300), Run(0)))
    space = density.Space.of(ground)
    found = density.likelihood_ratio(ground)
    n = len(space.reference)

    def likelihoods(rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
        squared = np.square(rows[:, None].astype(float) - reference[None]).sum(axis=2)
        return np.exp(-squared / (2 * space.width**2)).mean(axis=1)

    for target in (0, 5, 170):
        x = space.targets[target][None]
        nearest = np.argsort(np.square(space.synthetic - x).sum(axis=1))[: density.AROUND]
        rows = space.synthetic[nearest]
        joined = likelihoods(rows, np.vstack([space.reference, x]))
        ratio = np.log(joined / likelihoods(rows, space.reference)).sum()
        constant = density.AROUND * np.log(n / (n + 1))
        assert found[target] == pytest.approx(ratio - constant, abs=1e-4)


def test_boxes_by_hand() -> None:
    cells = Cells(
        np.array([[0.50, 1.0], [0.52, 1.0], [0.50, 2.0], [-9.0, 1.0]]), np.array([False, True])
    )
    both, first = np.array([0, 1]), np.array([0])
    centre = cells.values[0]
    assert cells.apart(centre, both) == pytest.approx([0.0, 0.02, np.inf, 9.5])
    assert cells.apart(centre, first) == pytest.approx([0.0, 0.02, 0.0, 9.5])
    assert cells.apart(cells.values[3], first) == pytest.approx([9.5, 9.52, 9.5, 0.0])


def test_secrets_are_what_is_named_else_any_column() -> None:
    columns = tuple(Column(name=name, kind="categorical") for name in "abcd")
    named = Schema(columns=columns, target="c", sensitive=("d", "a"))
    assert secrets(named, list("abcd")) == [3, 0, 2]
    assert secrets(Schema(columns=columns), list("abcd")) == [0, 1, 2, 3]
    assert secrets(named, list("bcd")) == [2, 1]  # the other is an identifier, or free text


def test_every_real_row_is_attacked_once_and_never_by_its_holder() -> None:
    evidence = honest(301)
    sides = sides_of(evidence, Run(0))
    grounds = rounds(sides)
    targets = pd.concat([ground.targets for ground in grounds])
    assert len(targets) == 600
    assert not targets["id"].duplicated().any()
    for ground in grounds:
        assert ground.is_member.sum() == 150
        assert not set(ground.reference["id"]) & set(ground.targets["id"])
        assert set(ground.targets["id"][ground.is_member]) <= set(evidence.train["id"])


# ------------------------------------------------------------------------- planted leaks


def test_an_honest_release_gives_nothing_away() -> None:
    found = attacked(honest(2000, seed=1))
    for name in ("membership", "membership.unusual", "membership.groups"):
        assert low(found[name]) < 0.5, name
    for name in ("attribute_inference", "linkability", "singling_out"):
        assert low(found[name]) < 0.0, name
    assert found["membership.epsilon"].value == 0.0


def test_false_alarms_are_as_rare_as_the_intervals_say() -> None:
    """Of 24 honest releases one in forty may be beyond each interval's lower end."""
    found = [attacked(contract.release(300, seed)) for seed in range(24)]
    for name in ("membership", "membership.groups"):
        assert sum(low(each[name]) > 0.5 for each in found) <= 3, name
    for name in ("attribute_inference", "linkability", "singling_out"):
        assert sum(low(each[name]) > 0.0 for each in found) <= 3, name
    assert sum(each["membership.epsilon"].value > 0 for each in found) <= 4


def test_copies_are_found_by_all() -> None:
    found = attacked(contract.planted(honest(), 1.0))
    assert found["membership"].value == pytest.approx(1.0, abs=1e-3)
    assert found["membership.epsilon"].value > 4.0
    for name in ("attribute_inference", "linkability", "singling_out"):
        assert low(found[name]) > 0.2, name


def test_one_row_in_ten_is_enough() -> None:
    found = attacked(contract.planted(honest(), 0.1))
    assert low(found["membership"]) > 0.5
    assert found["membership"].detail["p_value"] < 0.01
    assert found["membership.epsilon"].value > 0.5
    for name in ("linkability", "singling_out"):
        assert low(found[name]) > 0.0, name


def test_noise_of_a_percent_hides_nothing() -> None:
    evidence = honest()
    rows = evidence.train.copy()
    rng = np.random.default_rng(0)
    rows["income"] += 0.01 * rows["income"].std() * rng.normal(size=len(rows))
    found = attacked(contract.with_synthetic(evidence, rows))
    assert found["membership"].value > 0.95
    assert low(found["linkability"]) > 0.5


def test_small_domains_hide_no_verbatim_rows() -> None:
    """A table of few categories, where equal rows arise by chance too, with 30 % verbatim rows."""
    rng = np.random.default_rng(3)
    names = [f"c{i}" for i in range(6)]
    train, holdout, synthetic = (
        pd.DataFrame(rng.integers(12, size=(1500, 6)).astype(str).astype(object), columns=names)
        for _ in range(3)
    )
    schema = Schema(columns=tuple(Column(name=name, kind="categorical") for name in names))
    fair = attacked(Evidence(train, holdout, synthetic, schema), Membership)
    assert low(fair["membership"]) < 0.5
    synthetic = pd.concat([train[:450], synthetic[450:]], ignore_index=True)
    found = attacked(Evidence(train, holdout, synthetic, schema), Membership)
    assert low(found["membership"]) > 0.58
    assert found["membership.epsilon"].value > 0.3


def test_what_hits_unusual_people_only_is_found_among_them() -> None:
    evidence = honest(3000)
    lonely = contest_of(evidence, Run(0))
    ids = lonely.people["id"][lonely.is_unusual & lonely.is_member]
    copied = evidence.train[evidence.train["id"].isin(ids)]
    rows = pd.concat([evidence.synthetic[: -len(copied)], copied])
    found = attacked(contract.with_synthetic(evidence, rows), Membership)
    assert found["membership.unusual"].value > 0.8
    assert found["membership"].value < 0.56  # of all people nearly nothing is to be seen


def test_what_hits_one_group_only_is_found_there() -> None:
    evidence = honest(2000)
    group = evidence.train["group"].value_counts().index[-1]
    copied = evidence.train[evidence.train["group"] == group]
    rest = evidence.synthetic[evidence.synthetic["group"] != group]
    found = attacked(contract.with_synthetic(evidence, pd.concat([rest, copied])), Membership)
    assert group in found["membership.groups"].summary
    assert low(found["membership.groups"]) > 0.75


def test_what_all_can_guess_is_no_leak() -> None:
    """The secret follows from a known column, in the population and so in the synthetic rows."""
    rng = np.random.default_rng(0)

    def rows(n: int = 600) -> pd.DataFrame:
        work = rng.integers(6, size=n)
        noise = rng.random(n)
        return pd.DataFrame(
            {
                "work": work.astype(str).astype(object),
                "ill": np.where(work < 3, "yes", "no").astype(object),
                "noise": noise,
            }
        )

    schema = Schema(
        columns=(
            Column(name="work", kind="categorical"),
            Column(name="ill", kind="categorical"),
            Column(name="noise", kind="real"),
        ),
        sensitive=("ill",),
    )
    found = attacked(Evidence(rows(), rows(), rows(), schema), AttributeInference)
    guessed = {g["guesser"]: g for g in found["attribute_inference"].detail["guesses"]}
    assert guessed["model"]["members_right"] > 0.99
    assert guessed["model"]["others_right"] > 0.99
    assert low(found["attribute_inference"]) <= 0.0


def test_unequal_sides_raise_no_alarm() -> None:
    whole = contract.release(2400)
    assert whole.holdout is not None
    for train, holdout in ((2400, 600), (600, 2400)):
        evidence = Evidence(
            whole.train[:train], whole.holdout[:holdout], whole.synthetic, whole.schema
        )
        found = attacked(evidence)
        assert low(found["membership"]) < 0.5
        assert found["membership"].detail["members_used"] == 600
        for name in ("attribute_inference", "linkability", "singling_out"):
            assert low(found[name]) < 0.0, name


# -------------------------------------------------------------- who knows a few columns


def test_files_are_random_halves_and_what_outsiders_know() -> None:
    tried = list(files(list("abcdef"), (), np.random.default_rng(0)))
    assert len(tried) == 4
    for first, second in tried:
        assert sorted([*first, *second]) == list(range(6))
        assert len(first) == len(second) == 3
    *_, (first, second) = files(list("abcdef"), ("e", "b", "gone"), np.random.default_rng(0))
    assert (first.tolist(), second.tolist()) == ([1, 4], [0, 2, 3, 5])


def test_a_secret_that_follows_from_what_an_outsider_knows_is_found() -> None:
    """Synthetic rows keep where and when a training row was, and its secret; all else is another person's."""
    rng = np.random.default_rng(0)

    def rows(n: int = 1000) -> pd.DataFrame:
        frame = pd.DataFrame(rng.random((n, 8)), columns=[f"x{i}" for i in range(8)])
        return frame.assign(
            place=rng.random(n),
            time=rng.random(n),
            ill=rng.choice(np.array(["yes", "no"], object), n),
        )

    train, holdout, synthetic = rows(), rows(), rows()
    kept = ["place", "time", "ill"]
    synthetic[kept] = train[kept].to_numpy()
    synthetic = synthetic.astype(train.dtypes.to_dict())
    columns = tuple(
        Column(name=name, kind="categorical" if name == "ill" else "real") for name in train
    )
    schema = Schema(columns=columns, sensitive=("ill",))

    def excess(quasi: tuple[str, ...]) -> CheckResult:
        evidence = Evidence(train, holdout, synthetic, schema, quasi_identifiers=quasi)
        return attacked(evidence, AttributeInference)["attribute_inference"]

    outsider, insider = excess(("place", "time")), excess(())
    assert outsider.value > 0.4
    assert outsider.detail["known"] == "quasi-identifiers"
    assert "Knowing quasi-identifiers of a person" in outsider.summary
    assert insider.value < 0.2
    assert insider.detail["known"] == "all other columns"

"""Which equal rows are one record, and that a record stays on one side and counts once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.checks.base import Evidence
from synthkit.contracts import checks as contract
from synthkit.progress import Notice
from synthkit.records import first_of_each, records_of
from synthkit.schema import Column, Schema
from synthkit.split import split


def schema_of(frame: pd.DataFrame) -> Schema:
    kinds = {"f": "real", "i": "integer", "O": "categorical"}
    return Schema(columns=tuple(Column(name=n, kind=kinds[frame[n].dtype.kind]) for n in frame))


def repeats(frame: pd.DataFrame) -> int:
    records = records_of(frame, schema_of(frame))
    assert sorted(set(records.tolist())) == list(range(records.max() + 1))
    return len(frame) - len(first_of_each(records))


def people(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    income = rng.lognormal(10, 1, n).round(2)
    return pd.DataFrame({"income": income, "age": rng.integers(18, 90, n), "x": rng.normal(size=n)})


def test_rows_that_a_join_has_multiplied_are_one_record() -> None:
    frame = people(300)
    assert repeats(frame) == 0
    twice = pd.concat([frame, frame[:50], frame[:20]], ignore_index=True)
    assert repeats(twice) == 70
    records = records_of(twice, schema_of(twice))
    assert (records[300:350] == records[:50]).all()
    assert (records[350:] == records[:20]).all()
    assert first_of_each(records).tolist() == list(range(300))


def test_numbers_of_two_decimals_are_seldom_anybodys_own_but_many_together_are() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(20_000, 12)).round(2))
    frame.columns = [f"c{i}" for i in frame]
    assert repeats(pd.concat([frame, frame[:100]], ignore_index=True)) == 100


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(np.random.default_rng(0).integers(0, 3, (2000, 7)).astype(str).astype(object)),
        # a number that many pairs share, with two that explain why some of these are equal
        pd.DataFrame(
            {
                "a": np.random.default_rng(0).integers(0, 1000, 1000),
                "b": np.random.default_rng(1).integers(0, 2, 1000),
                "c": np.random.default_rng(2).integers(0, 2, 1000),
            }
        ),
        pd.DataFrame({"a": np.random.default_rng(0).integers(0, 1000, 1000)}),
    ],
    ids=["categories", "one number", "one column"],
)
def test_people_who_are_alike_by_chance_are_two(frame: pd.DataFrame) -> None:
    frame.columns = [str(name) for name in frame]
    assert frame.duplicated().sum() > 50
    assert repeats(frame) == 0


def test_three_pairs_are_no_evidence() -> None:
    frame = people(300)
    assert repeats(pd.concat([frame, frame[:3]], ignore_index=True)) == 0


def test_records_stay_together() -> None:
    records = np.array([0, 0, 0, 1, 2, 2, 3, 4, 5, 6])
    for seed in range(50):
        train, held = split(records, 0.5, np.random.default_rng(seed))
        assert sorted([*train, *held]) == list(range(10))
        assert not set(records[train]) & set(records[held])
        assert 3 <= len(held) <= 5


def test_evidence_of_people_has_every_record_once_and_knows_its_place() -> None:
    release = contract.release(600)
    assert release.of_people() is release
    train = pd.concat([release.train[:100], release.train], ignore_index=True)
    repeated = Evidence(train, release.holdout, release.synthetic, release.schema)
    people = repeated.of_people()
    assert len(people.train) == 600
    assert people.holdout is not None
    assert people.holdout.equals(release.holdout)
    assert people.listing(np.array([99, 100]))[1] == {"data_row": 201}
    assert repeated.of_people() is people


def test_a_run_keeps_records_on_one_side_and_says_so(tmp_path: object) -> None:
    frame = people(600)
    said: list[object] = []
    recipe = {
        "version": 1,
        "source": {"holdout": 0.5},
        "generator": {"trees": 1},
        "privacy": {"on_fail": "warn"},
        "checks": {"controls": 0},
        "output": {"path": str(tmp_path)},
    }
    twice = pd.concat([frame, frame], ignore_index=True)
    run = sk.generate(recipe, data=twice, overwrite=True, listener=said.append)
    assert run.report.facts["rows_shared"] == 0
    assert run.report["exact_copies.unique"].detail["alone_training"] == 300
    notices = [event.message for event in said if isinstance(event, Notice)]
    assert any(notice.startswith("600 rows repeat another beyond chance") for notice in notices)


def test_an_audit_finds_copies_of_people_who_stand_twice() -> None:
    real, held, made = (people(600, seed) for seed in range(3))
    twice = pd.concat([real, real], ignore_index=True)
    copied = pd.concat([real[:12], made[12:]], ignore_index=True)
    report = sk.audit(twice, copied, holdout=held, controls=0)
    assert report["exact_copies.unique"].status == "failed"
    assert report["exact_copies.unique"].listing[0] == {"data_row": 1}
    honest = sk.audit(real, made, holdout=pd.concat([held, held[:300]]), controls=0)
    assert honest.verdict.word == "passed"
    assert honest.privacy is not None
    assert honest.privacy.word == "none_detected"

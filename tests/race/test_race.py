"""Who wins on a table whose truth is known, in what time, and what drops a candidate out."""

from __future__ import annotations

import sys
import time
from typing import Any

import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import MissingExtra, RecipeError, TrainingError
from synthkit.progress import Event, Notice, StageStarted


def racing(*names: str, **options: Any) -> dict[str, Any]:
    return {"candidates": list(names), **options}


def standings(model: sk.FittedModel) -> dict[str, str]:
    assert model.race is not None
    return {c["backend"]: c["standing"] for c in model.race["candidates"]}


def test_trees_win_over_a_copier_and_over_independent_columns(
    homes: pd.DataFrame, fits: list[dict[str, Any]]
) -> None:
    events: list[Event] = []
    options = racing("copier", "shuffler", "trees")
    model = sk.fit(homes, backend="auto", seed=3, options=options, listener=events.append)
    assert model.backend == "trees"
    assert standings(model) == {
        "copier": "hands out training rows",
        "shuffler": "told apart more easily",
        "trees": "won",
    }
    assert [fit["rows"] for fit in fits] == [1200, 1200]
    assert (model.race["rows_fit"], model.race["rows_validation"]) == (1200, 300)
    stages = [event.stage for event in events if isinstance(event, StageStarted)]
    assert stages == ["race copier", "race shuffler", "race trees"]
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert notices[0].startswith("copier: C2ST AUC 0.")
    assert notices[-1].startswith("trees wins the race: ")


def test_the_winner_learns_all_rows_as_if_it_had_been_named(homes: pd.DataFrame) -> None:
    small = {"trees": {"trees": 2, "correction_rounds": 0, "score_rounds": 0}}
    raced = sk.fit(homes, backend="auto", seed=3, options=racing("trees", options=small))
    named = sk.fit(homes, backend="trees", seed=3, options=small["trees"])
    assert named.race is None
    pd.testing.assert_frame_equal(raced.sample(200), named.sample(200))


def test_a_candidate_races_alike_whoever_else_does(homes: pd.DataFrame) -> None:
    def numbers(*names: str) -> dict[str, Any]:
        race = sk.fit(homes, backend="auto", seed=5, options=racing(*names)).race
        assert race is not None
        own = next(c for c in race["candidates"] if c["backend"] == "shuffler")
        return {key: own[key] for key in ("c2st_auc", "c2st_se", "dcr_share", "dcr_ci")}

    assert numbers("shuffler") == numbers("shuffler") == numbers("copier", "shuffler")


def test_a_large_table_races_on_a_part(homes: pd.DataFrame, fits: list[dict[str, Any]]) -> None:
    options = racing("shuffler", race_rows=400, validation=0.25)
    model = sk.fit(homes, backend="auto", options=options)
    assert (model.race["rows_fit"], model.race["rows_validation"]) == (300, 100)
    assert [fit["rows"] for fit in fits] == [300, 1500]


def test_the_numbers_survive_the_model_folder(homes: pd.DataFrame, tmp_path: Any) -> None:
    model = sk.fit(homes, backend="auto", options=racing("shuffler"))
    model.save(tmp_path / "m")
    assert sk.load(tmp_path / "m").race == model.race
    sk.fit(homes, backend="shuffler").save(tmp_path / "m")
    assert sk.load(tmp_path / "m").race is None


def test_the_budget_holds_for_race_and_fit_together(
    homes: pd.DataFrame, fits: list[dict[str, Any]]
) -> None:
    started = time.monotonic()
    sk.fit(homes, backend="auto", options=racing("shuffler", "waiter"), budget_s=3.0)
    elapsed_s = time.monotonic() - started
    assert elapsed_s < 1.1 * 3.0
    first, second, last = fits
    assert first["budget_s"] == pytest.approx(0.9, abs=0.1)  # 60 % for two
    assert second["budget_s"] > 0.5  # what the first left is for the second
    assert last["rows"] == 1500
    assert last["budget_s"] > 0.5


def test_those_that_fail_drop_out_with_their_reason(homes: pd.DataFrame) -> None:
    model = sk.fit(homes, backend="auto", options=racing("decliner", "stumbler", "shuffler"))
    assert model.backend == "shuffler"
    reasons = [c["reason"] for c in model.race["candidates"]]
    assert reasons == [
        "columns like these are not for it. Use backend trees",
        "the loss is no finite number",
        None,
    ]


def test_if_all_fail_the_error_has_all_reasons(homes: pd.DataFrame) -> None:
    with pytest.raises(TrainingError) as caught:
        sk.fit(homes, backend="auto", options=racing("decliner", "stumbler"))
    assert str(caught.value).splitlines() == [
        "backend auto: no candidate finished the race.",
        "decliner dropped out: columns like these are not for it. Use backend trees.",
        "stumbler dropped out: the loss is no finite number.",
    ]


def test_without_torch_its_backends_drop_out_unless_they_are_named(
    homes: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    model = sk.fit(homes[:400], backend="auto")
    assert model.backend == "trees"
    reasons = {c["backend"]: c["reason"] for c in model.race["candidates"]}
    assert {"trees", "transformer", "vae", "gan"} <= set(reasons)
    assert not any(name.startswith("sdv-") for name in reasons)
    assert "pip install 'synthkit[neural]'" in reasons["vae"]
    with pytest.raises(MissingExtra, match=r"the backend vae needs the package torch"):
        sk.fit(homes, backend="auto", options=racing("trees", "vae"))


def test_too_few_rows_are_refused(homes: pd.DataFrame) -> None:
    with pytest.raises(TrainingError, match="of 100 training rows, 20 would judge the race"):
        sk.fit(homes[:100], backend="auto", options=racing("shuffler"))


def test_wrong_options_are_refused_in_python_too(homes: pd.DataFrame) -> None:
    with pytest.raises(RecipeError, match=r"candidates\[1\]: is 'shufler'.* mean 'shuffler'"):
        sk.fit(homes, backend="auto", options=racing("trees", "shufler"))

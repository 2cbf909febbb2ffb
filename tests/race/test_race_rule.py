"""The rule of a race, by hand."""

from __future__ import annotations

import json

import pytest

from synthkit.race import untimed
from synthkit.race.result import Entrant, Race


def entrant(name: str, auc: float, share: float = 0.5, se: float = 0.01) -> Entrant:
    """A candidate whose DCR share has an interval of 0.02 to both sides."""
    return Entrant(name, auc, se, share, (share - 0.02, share + 0.02), 2.0, 0.5)


OUT = Entrant("gone", reason="it declined")


@pytest.mark.parametrize(
    ("entrants", "winner"),
    [
        # the closest wins, whatever it copies below the limit
        ([entrant("a", 0.60), entrant("b", 0.55, 0.54)], "b"),
        # sqrt(0.01² + 0.01²) = 0.0141: 0.013 apart is a tie, and b copies less
        ([entrant("a", 0.550, 0.53), entrant("b", 0.563, 0.51)], "b"),
        # 0.015 apart is none
        ([entrant("a", 0.550, 0.53), entrant("b", 0.565, 0.51)], "a"),
        # the noise counts from the closest: c is tied with b, and not with a
        ([entrant("a", 0.55, 0.53), entrant("b", 0.56, 0.51), entrant("c", 0.57, 0.5)], "b"),
        # shares with standard errors of 0.02 / 1.96 = 0.0102: 0.014 apart is noise, 0.015 is not
        ([entrant("a", 0.55, 0.524), entrant("b", 0.56, 0.51)], "a"),
        ([entrant("a", 0.55, 0.525), entrant("b", 0.56, 0.51)], "b"),
        # of several that copy less, the one that copies least
        ([entrant("a", 0.55, 0.54), entrant("b", 0.55, 0.52), entrant("c", 0.56, 0.51)], "c"),
        # 0.40 is chance, and counts as 0.50: 0.51 is tied with it, and 0.52 is not
        ([entrant("a", 0.40, 0.53), entrant("b", 0.51, 0.51), entrant("c", 0.52, 0.5)], "b"),
        # shares below 0.50 are chance, too: equal, so the one named first
        ([entrant("a", 0.55, 0.48), entrant("b", 0.55, 0.46)], "a"),
        # equal in all: the one named first
        ([entrant("b", 0.55), entrant("a", 0.55)], "b"),
        # 0.571 - 0.02 = 0.551 lies above 0.55: shown to copy; 0.569 - 0.02 does not
        ([entrant("a", 0.50, 0.571), entrant("b", 0.70)], "b"),
        ([entrant("a", 0.50, 0.569), entrant("b", 0.70)], "a"),
        # all copy: the same among them
        ([entrant("a", 0.51, 0.7), entrant("b", 0.50, 0.9)], "a"),
        ([entrant("a", 0.60, 0.7), entrant("b", 0.50, 0.9)], "b"),
        ([OUT, entrant("a", 0.9)], "a"),
    ],
)
def test_the_winner(entrants: list[Entrant], winner: str) -> None:
    assert Race(entrants, 80, 20, 1.0).winner.backend == winner


def test_every_candidate_has_a_standing() -> None:
    named = [
        entrant("near", 0.55, 0.53),
        entrant("nearer", 0.56, 0.51),
        entrant("far", 0.8),
        entrant("copies", 0.5, 0.9),
        OUT,
    ]
    race = Race(named, 80, 20, 1.0)
    assert [race.standing(e) for e in named] == [
        "as close",
        "won",
        "told apart more easily",
        "hands out training rows",
        "dropped out",
    ]
    assert race.outcome == (
        "nearer wins the race: as close as near up to noise, and it copies less; copies passed"
        " over for copying"
    )


def test_as_json_it_is_strict_and_without_seconds_it_repeats() -> None:
    race = Race([entrant("a", 0.55), OUT], 80, 20, 1.0).to_json()
    assert json.loads(json.dumps(race, allow_nan=False)) == race
    assert race["candidates"][1]["reason"] == "it declined"
    assert race["candidates"][1]["c2st_auc"] is None
    slower = Race([entrant("a", 0.55), OUT], 80, 20, 9.0).to_json()
    assert untimed(race) == untimed(slower) != race
    assert untimed(None) is None

"""A column keeps determining another after its rare values were replaced."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Schema
from synthkit.transforms.layout import Batch
from synthkit.transforms.table import TableEncoder

ZONES, BOROUGHS, REGIONS = 60, 6, 3
SCHEMA = Schema(
    columns=(
        Column(name="borough", kind="categorical"),
        Column(name="zone", kind="categorical", nullable=True),
        Column(name="region", kind="categorical"),
        Column(name="size", kind="categorical"),
    )
)


def trips(seed: int = 0, n: int = 1500) -> pd.DataFrame:
    """zone -> borough -> region, a third of the zones rare, and all zones of the last boroughs."""
    rng = np.random.default_rng(seed)
    shares = 1.0 / (1 + np.arange(ZONES)) ** 1.3
    zone = rng.choice(ZONES, n, p=shares / shares.sum())
    borough = np.where(zone < 20, zone % 3, np.where(zone < 50, 3 + zone % 2, 5))
    frame = pd.DataFrame(
        {
            "borough": [f"borough {i}" for i in borough],
            "zone": [f"zone {i}" for i in zone],
            "region": [f"region {i % REGIONS}" for i in borough],
            "size": rng.choice(["large", "small"], n),
        },
        dtype=object,
    )
    frame.loc[frame["borough"] == "borough 0", "zone"] = None
    return frame


def exceptions(batch: Batch, source: str, to: str) -> int:
    """Rows whose determined code is not the usual one."""
    counts = pd.crosstab(batch[source], batch[to])
    return int(counts.to_numpy().sum() - counts.max(axis=1).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 12))
def test_what_determined_still_does(seed: int, rare: int) -> None:
    typed = trips(seed)
    rng = np.random.default_rng(seed)
    encoder = TableEncoder.fit(typed, SCHEMA, ProtectSpec(rare=rare), rng)
    batch = encoder.transform(typed, rng)
    assert encoder.layout.check(batch) == len(typed)
    for source, to in pairwise(("zone", "borough", "region")):
        assert exceptions(batch, source, to) == 0
    counts = typed["borough"].value_counts()
    frequent = typed["borough"].isin(counts.index[counts >= max(rare, 1)]).to_numpy()
    made = encoder.inverse_transform(batch, rng)
    assert (made["borough"] == typed["borough"])[frequent].all()
    zones = typed["zone"].value_counts()
    kept = typed["zone"].isin(zones.index[zones >= max(rare, 1)]).to_numpy()
    assert (made["zone"] == typed["zone"])[kept].all()
    assert made["zone"].isna().equals(typed["zone"].isna())
    assert not made["zone"].isin(zones.index[zones < rare]).any()


def test_a_borough_of_rare_zones_has_a_made_up_one() -> None:
    typed = trips()
    encoder = TableEncoder.fit(typed, SCHEMA, ProtectSpec(rare=8), np.random.default_rng(0))
    last = typed["borough"] == "borough 5"
    assert last.sum() >= 8
    assert typed.loc[last, "zone"].value_counts().max() < 8
    made = encoder.inverse_transform(
        encoder.transform(typed, np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert made.loc[last, "zone"].nunique() == 1
    assert not made.loc[last, "zone"].isin(typed["zone"]).any()
    assert encoder.protected["zone"]["placeholders"] == 1


def test_columns_that_agree_by_chance_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    names = [f"n{i}" for i in rng.permutation(np.repeat(np.arange(150), 2))]
    typed = pd.DataFrame(
        {
            "name": ["usual"] * 600 + names,
            "flag": ["no"] * 895 + ["yes"] * 5,
            "code": rng.choice(["a", "b"], 900),
        },
        dtype=object,
    )
    schema = Schema(columns=tuple(Column(name=n, kind="categorical") for n in typed))
    assert TableEncoder.fit(typed, schema, ProtectSpec(), rng).agreements == ()


def test_only_substitutes_change() -> None:
    typed = trips()
    encoder = TableEncoder.fit(typed, SCHEMA, ProtectSpec(), np.random.default_rng(0))
    odd = typed.assign(borough=typed["borough"].to_numpy()[::-1])
    made = encoder.inverse_transform(
        encoder.transform(odd, np.random.default_rng(1)), np.random.default_rng(1)
    )
    for name in ("zone", "borough"):
        known = odd[name].isin(typed[name].value_counts().loc[lambda count: count >= 5].index)
        assert (made[name] == odd[name])[known].all()


def test_a_stored_encoder_agrees_too() -> None:
    typed = trips()
    encoder = TableEncoder.fit(typed, SCHEMA, ProtectSpec(), np.random.default_rng(0))
    state = encoder.state()
    assert len(encoder.agreements) == 1
    assert "zone 1" not in json.dumps(state.meta)
    again = TableEncoder.from_state(encoder.schema, state)
    first, second = (e.transform(typed, np.random.default_rng(3)) for e in (encoder, again))
    assert all(np.array_equal(first[name], second[name]) for name in first)

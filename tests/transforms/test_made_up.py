"""Made-up names and addresses: of their sort, never a training value, the same for the same seed."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Content, Schema
from synthkit.transforms.made_up import parts
from synthkit.transforms.numbering import Numbering
from synthkit.transforms.table import TableEncoder

FORMS = {
    "person names": r"[A-Z]\w+ [A-Z]\w+",
    "first names": r"[A-Z]\w+",
    "last names": r"[A-Z]\w+",
    "e-mail addresses": r"[a-z]+\.[a-z]+\d{0,2}@example\.(com|net|org)",
    "street addresses": r"[1-9]\d{0,2} [A-Z]\w+ [A-Z]\w+",
    "company names": r"[A-Z]\w+(-| and )[A-Z]\w+ [A-Z]\w+",
}


def encoder_of(cells: list[str], kind: str, content: str) -> tuple[TableEncoder, pd.DataFrame]:
    typed = pd.DataFrame({"c": pd.Series(cells, dtype=object)})
    column = Column(name="c", kind=kind, pattern="A9", unique=True, content=content)
    schema = Schema(columns=(column,))
    return TableEncoder.fit(typed, schema, ProtectSpec(), np.random.default_rng(0)), typed


@pytest.mark.parametrize("content", get_args(Content))
def test_they_have_the_form_of_their_sort(content: str) -> None:
    cells = [f"some one {i}" for i in range(60)]
    encoder, _ = encoder_of(cells, "text", content)
    one, two = (encoder.inverse_transform({}, np.random.default_rng(s), n=100) for s in (1, 2))
    assert one["c"].str.fullmatch(FORMS[content]).all()
    assert one["c"].is_unique
    pd.testing.assert_frame_equal(one, two)  # a numbering needs no draw
    other = TableEncoder.from_state(encoder.schema, encoder.state())
    pd.testing.assert_frame_equal(one, other.inverse_transform({}, np.random.default_rng(1), n=100))
    assert encoder.unmodelled["c"].startswith(f"{content} are not learned but made up")


@pytest.mark.parametrize("content", get_args(Content))
def test_different_choices_make_different_texts(content: str) -> None:
    rng = np.random.default_rng(0)
    numbering = Numbering([parts(content)])
    numbers = np.unique(rng.integers(numbering.size, size=20_000)).astype(np.uint64)
    assert len(set(numbering.texts(numbers))) == len(numbers)


@pytest.mark.parametrize("kind", ["identifier", "text"])
def test_a_training_value_does_not_come_out(kind: str) -> None:
    numbering = Numbering([parts("person names")])
    cells = list(dict.fromkeys(numbering.draw(3000, np.random.default_rng(0))))
    encoder, typed = encoder_of(cells, kind, "person names")
    made = encoder.inverse_transform({}, np.random.default_rng(0), n=20_000)["c"]
    assert made.is_unique
    assert not made.isin(typed["c"]).any()


def test_rare_categories_of_names_become_other_names() -> None:
    real = [*parts("first names")[0][:300]]
    encoder, typed = encoder_of(real * 2, "categorical", "first names")
    batch = encoder.transform(typed, np.random.default_rng(0))
    made = encoder.inverse_transform(batch, np.random.default_rng(0))["c"]
    assert made.nunique() > 20
    assert set(made) <= {*parts("first names")[0]} - {*real}


def test_more_rare_categories_than_names_are_made_up_all_the_same() -> None:
    real = [*parts("first names")[0][:600]]
    encoder, typed = encoder_of(real * 4, "categorical", "first names")
    batch = encoder.transform(typed, np.random.default_rng(0))
    made = encoder.inverse_transform(batch, np.random.default_rng(0))["c"]
    assert made.nunique() > 90
    assert not made.isin(real).any()

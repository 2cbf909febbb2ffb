"""Images as a column of a table: detection, the field of the layout, and the way back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.columns import detect, to_raw, to_typed
from synthkit.errors import SchemaError
from synthkit.labelled import labelled
from synthkit.pictures import cells, pixels
from synthkit.recipe import ProtectSpec, SchemaSpec
from synthkit.transforms.layout import Categorical, Image, Layout
from synthkit.transforms.table import TableEncoder


def frame(n: int = 40, shape: tuple[int, int, int] = (6, 9, 3)) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(n, *shape), dtype=np.uint8)
    return pd.DataFrame({"image": cells(images), "label": rng.choice(["a", "b"], n)})


def test_images_come_back_bit_by_bit() -> None:
    raw = frame()
    schema = detect(raw)
    assert (schema.modality, schema["image"].shape) == ("images", (6, 9, 3))
    typed, invalid = to_typed(raw, schema)
    assert not invalid
    rng = np.random.default_rng(1)
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), rng)
    batch = encoder.transform(typed, rng)
    assert encoder.layout.fields[0] == Image("image", (6, 9, 3), "image")
    assert encoder.layout.check(batch) == 40
    again = to_raw(encoder.inverse_transform(batch, rng), schema)
    assert np.array_equal(pixels(again["image"]), pixels(raw["image"]))
    assert again["label"].tolist() == raw["label"].tolist()
    restored = TableEncoder.from_state(schema, encoder.state())
    assert restored.layout == encoder.layout


def test_a_layout_with_images_goes_through_json() -> None:
    layout = Layout((Image("image", (4, 4, 1), "image"), Categorical("label", 3)))
    assert Layout.from_json(layout.to_json()) == layout
    labels = np.zeros(2, np.int32)
    assert layout.check({"image": np.zeros((2, 4, 4, 1), np.uint8), "label": labels}) == 2
    for wrong in (np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 5, 1), np.uint8)):
        with pytest.raises(ValueError, match="no uint8 pixels"):
            layout.check({"image": wrong, "label": labels})


@pytest.mark.parametrize("strict", [False, True])
def test_images_of_another_shape_are_refused(strict: bool) -> None:
    with pytest.raises(SchemaError, match="3 of 3 images have 6 x 8 pixels, RGB; expected images"):
        to_typed(frame(3, (6, 8, 3)), detect(frame()), strict=strict)


def test_a_label_beside_images_is_a_class_and_the_target() -> None:
    raw = frame().assign(label=np.arange(40) % 3)
    schema = detect(raw, labelled(SchemaSpec(), raw))
    assert (schema.target, schema["label"].kind) == ("label", "categorical")
    said = labelled(SchemaSpec(target="label", columns={"label": {"kind": "integer"}}), raw)
    assert said.columns["label"].kind == "integer"
    table = raw.drop(columns="image")
    assert labelled(SchemaSpec(), table) == SchemaSpec()

"""Laws of every backend for images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from synthkit.errors import ModelError, NotSupported, TrainingError
from synthkit.generators import image_generators
from synthkit.generators.base import Given, State
from synthkit.generators.cards import card
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Image, Layout, Numeric

NAMES = image_generators.names()
SMALL: dict[str, dict[str, Any]] = {
    "vae": {"width": 8, "flow_width": 16, "latent": 4},
    "diffusion": {"width": 8, "coder_width": 8, "steps": 2},
    "gan": {"width": 8, "critic_width": 8, "noise": 8, "coder_width": 8},
    "transformer": {"width": 32, "depth": 1, "coder_width": 8, "levels": (3, 3)},
}
LEARNING: dict[str, dict[str, Any]] = {
    "vae": {"width": 8, "flow_width": 32, "latent": 4, "flow_epochs": 60},
    "diffusion": {"width": 16, "coder_width": 8, "steps": 4},
    "gan": {"width": 64, "critic_width": 64, "coder_width": 8},
    "transformer": {"width": 32, "depth": 1, "coder_width": 8, "levels": (4, 4)},
}
GREY = Layout((Image("image", (8, 8, 1)), Categorical("label", 3)))
COLOUR = Layout(
    (Image("image", (9, 12, 3)), Categorical("label", 2), Numeric("size"), Categorical("kind", 4))
)
ALONE = Layout((Image("image", (8, 8, 1)),))


def batch(layout: Layout, n: int = 120) -> Batch:
    rng = np.random.default_rng(0)
    made: Batch = {}
    for field in layout.fields:
        if isinstance(field, Image):
            made[field.name] = rng.integers(256, size=(n, *field.shape), dtype=np.uint8)
        elif isinstance(field, Categorical):
            made[field.name] = rng.integers(field.size, size=n).astype(np.int32)
        else:
            made[field.name] = rng.random(n)
    return made


def fitted(name: str, layout: Layout = GREY, n: int = 120, **options: Any) -> Any:
    config = card(name, "images").options(**{"epochs": 1, **SMALL.get(name, {}), **options})
    backend = image_generators.get(name)(config)
    backend.fit(batch(layout, n), layout, Run(seed=3))
    return backend


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", [GREY, COLOUR, ALONE], ids=["grey", "colour", "no labels"])
def test_rows_fit_the_layout_and_follow_from_the_seed(name: str, layout: Layout) -> None:
    backend = fitted(name, layout)
    first, again, other = (backend.sample(23, np.random.default_rng(s)) for s in (1, 1, 2))
    assert layout.check(first) == 23
    assert all(np.array_equal(first[field], again[field]) for field in layout.names)
    assert not np.array_equal(first["image"], other["image"])
    assert layout.check(backend.sample(0, np.random.default_rng(1))) == 0


@pytest.mark.parametrize("name", NAMES)
def test_given_labels_are_kept(name: str) -> None:
    wanted = np.repeat([2, 0], 10).astype(np.int32)
    given = Given(
        {"image": np.zeros((20, 8, 8, 1), np.uint8), "label": wanted},
        {"image": np.zeros(20, bool), "label": np.ones(20, bool)},
    )
    rows = fitted(name).sample(20, np.random.default_rng(0), given)
    assert np.array_equal(rows["label"], wanted)


@pytest.mark.parametrize("name", NAMES)
def test_images_follow_their_labels(name: str) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(120, dtype=np.int32) % 3
    noise = rng.integers(-20, 21, (120, 8, 8, 1))
    images = (np.array([30, 128, 225])[labels][:, None, None, None] + noise).astype(np.uint8)
    config = card(name, "images").options(batch_rows=32, epochs=40, **LEARNING[name])
    backend = image_generators.get(name)(config)
    backend.fit({"image": images, "label": labels}, GREY, Run(seed=3))
    given = Given(
        {"image": np.zeros((60, 8, 8, 1), np.uint8), "label": labels[:60]},
        {"image": np.zeros(60, bool), "label": np.ones(60, bool)},
    )
    made = backend.sample(60, np.random.default_rng(0), given)["image"]
    means = [float(made[labels[:60] == k].mean()) for k in range(3)]
    assert means == pytest.approx([30, 128, 225], abs=30)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_comes_back_from_its_state(name: str) -> None:
    backend = fitted(name, COLOUR)
    state = backend.state()
    again = type(backend).from_state(backend.config, COLOUR, state)
    first, second = (b.sample(9, np.random.default_rng(4)) for b in (backend, again))
    assert all(np.array_equal(first[field], second[field]) for field in COLOUR.names)
    del state.arrays[next(iter(state.arrays))]
    with pytest.raises(ModelError, match="Fit the model again"):
        type(backend).from_state(backend.config, COLOUR, State(state.meta, state.arrays))


@pytest.mark.parametrize("name", NAMES)
def test_too_few_images_are_declined_with_the_number_it_takes(name: str) -> None:
    with pytest.raises(TrainingError, match="5 training images are too few") as refused:
        fitted(name, n=5)
    assert refused.value.expected == "at least 100"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_declined(name: str) -> None:
    with pytest.raises(NotSupported, match="Choose backend trees"):
        fitted(name, Layout((Categorical("label", 3),)))


@pytest.mark.parametrize("name", NAMES)
def test_every_backend_has_its_card(name: str) -> None:
    assert card(name, "images").options is image_generators.get(name).Config  # type: ignore[attr-defined]


def test_the_vae_gives_an_image_its_place() -> None:
    backend = fitted("vae")
    places = backend.encode(batch(GREY))
    assert places.shape == (120, 4)
    assert np.array_equal(places, backend.encode(batch(GREY)))

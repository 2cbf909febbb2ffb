"""Images through the whole story: a run and what it leaves, more of them, audits, the Python API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import synthkit as sk
from synthkit.errors import NotSupported, RecipeError, SchemaError, SinkError, SynthkitError
from synthkit.more_rows import sample_run
from synthkit.pictures import cells, pixels
from synthkit.progress import Event, Notice
from synthkit.recipe_io import parse_recipe
from synthkit.report.summary import summary_lines
from synthkit.run import Run

pytest.importorskip("diffusers")
SMALL = {"epochs": 3, "width": 8, "flow_width": 32}


def shapes(n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Images 8 x 8 of a bright spot on the left, in the middle or on the right, by their label."""
    rng = np.random.default_rng(seed)
    label = rng.integers(3, size=n)
    images = rng.integers(30, size=(n, 8, 8, 1), dtype=np.uint8)
    rows = rng.integers(1, 6, size=n)
    for i in range(n):
        images[i, rows[i] : rows[i] + 2, 3 * label[i] : 3 * label[i] + 2] = 230
    site = np.where(rng.random(n) < 0.7, "north", "south")
    return pd.DataFrame(
        {
            "image": cells(images),
            "label": np.array(["left", "middle", "right"])[label],
            "site": site,
        }
    )


@pytest.fixture
def recipe(tmp_path: Path) -> dict[str, Any]:
    return {
        "version": 1,
        "source": {"kind": "images", "holdout": 0.4},
        "schema": {"sensitive": ["site"]},
        "generator": {"backend": "vae", **SMALL},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 120},
    }


def test_a_run_leaves_a_folder_that_is_a_source(recipe: dict[str, Any], tmp_path: Path) -> None:
    run = sk.generate(recipe, data=shapes())
    names = {p.name for p in run.path.iterdir()}
    assert names == {
        *("images", "contact-sheet.png", "model", "manifest.json", "internal"),
        *("recipe.yaml", "report.html", "report.json"),
    }
    assert {p.name for p in (run.path / "images").iterdir()} == {
        *("left", "middle", "right", "metadata.csv")
    }
    rows = run.synthetic
    assert sorted(rows.columns) == ["image", "label", "site"]
    assert len(rows) == run.manifest["rows"]["produced"] == 120
    assert "dialect" not in run.manifest["source"]  # images are no delimited text
    assert run.manifest["fine_tuned_from"] == {}
    assert "Fine-tuned" not in (run.path / "report.html").read_text()
    assert pixels(rows["image"]).shape == (120, 8, 8, 1)
    assert "data:image/png;base64," in (run.path / "report.html").read_text()
    checks = {check.name: check for check in run.report.checks}
    assert checks["representation"].value is not None
    assert {"frechet", "near_copies.pixels", "label_match"} <= set(checks)
    again = sk.generate(recipe, data=shapes())
    assert np.array_equal(pixels(again.synthetic["image"]), pixels(rows["image"]))


def test_names_of_files_are_said_and_never_written(recipe: dict[str, Any], tmp_path: Path) -> None:
    rows = shapes(120)
    for i, (image, label) in enumerate(zip(rows["image"], rows["label"], strict=True)):
        place = tmp_path / "scans" / label / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(place)
    (tmp_path / "scans" / "left" / "Jane-Canary-7391.png").write_bytes(b"no image")
    (tmp_path / "scans" / "Jane-Canary-7391.txt").write_text("no image either")
    recipe["source"] |= {"path": str(tmp_path / "scans"), "holdout": 0.1}
    del recipe["schema"]
    said: list[Event] = []
    run = sk.generate(recipe, listener=said.append)
    heard = [str(event) for event in said if isinstance(event, Notice)]
    assert "1 image is left out as damaged: left/Jane-Canary-7391.png" in heard
    assert "1 image is left out as damaged" in run.manifest["notices"]
    assert run.manifest["source"]["notices"] == run.manifest["notices"][:2]
    assert not [p for p in run.path.rglob("*") if p.is_file() and b"Canary" in p.read_bytes()]
    few = [notice for notice in heard if "can only say 'not assessed'" in notice]
    assert len(few) == 1
    assert (
        "need 250 images learned, held out and made, and there will be 108 learned and 12 held out"
        in few[0]
    )


def test_a_withheld_run_leaves_no_image(recipe: dict[str, Any]) -> None:
    recipe["privacy"] = {"on_fail": "withhold"}
    recipe["fidelity"] = {"c2st": {"max": 0.5001}}
    run = sk.generate(recipe, data=shapes())
    assert run.manifest["withheld"]
    assert not [p for p in run.path.rglob("*") if p.suffix == ".png"]
    assert "data:image/png;base64," not in (run.path / "report.html").read_text()
    assert not (run.path / "model").exists()


def sheet_cells(path: Path, n: int) -> np.ndarray:
    """(n, 2, 8, 8) the pairs of a sheet of images 8 x 8, brought back to their size."""
    with Image.open(path) as sheet:
        grey = np.asarray(sheet.convert("L"))
    corners = [(50 + i // 4 * 130, 16 + i % 4 * 210) for i in range(n)]
    return np.stack(
        [
            [grey[y : y + 96 : 12, x + k * 98 : x + k * 98 + 96 : 12] for k in (0, 1)]
            for y, x in corners
        ]
    )


@pytest.mark.parametrize("on_fail", ["withhold", "warn"])
def test_real_images_are_in_the_internal_file_alone(recipe: dict[str, Any], on_fail: str) -> None:
    frame = shapes(700)
    recipe["privacy"] = {"on_fail": on_fail}
    recipe["fidelity"] = {"c2st": {"max": 0.5001}}
    recipe["output"] |= {"closest_pairs": True, "rows": 300}
    run = sk.generate(recipe, data=frame)
    pictures = {p.relative_to(run.path).as_posix() for p in run.path.rglob("*.png")}
    real = {image.tobytes() for image in pixels(frame["image"])}
    if on_fail == "withhold":
        assert pictures == {"internal/closest-pairs.png"}
    else:
        made = pixels(run.synthetic["image"])
        assert not real & {image.tobytes() for image in made}
    pairs = sheet_cells(run.path / "internal" / "closest-pairs.png", 12)
    assert {image.tobytes() for image in pairs[:, 1]} <= real
    assert not {image.tobytes() for image in pairs[:, 0]} & real
    page, data = ((run.path / name).read_text() for name in ("report.html", "report.json"))
    assert "internal/closest-pairs.png shows the closest pairs, real training images" in page
    assert page.count("data:image/png;base64,") == (0 if on_fail == "withhold" else 1)
    assert "training_row" not in data
    assert "training_row" not in (run.path / "manifest.json").read_text()
    assert "leave its folder out" in "\n".join(summary_lines(run.report))


def test_closest_pairs_are_of_images(recipe: dict[str, Any]) -> None:
    recipe["source"] = {"kind": "table", "path": "a.csv"}
    recipe["generator"] = {}
    recipe["output"]["closest_pairs"] = True
    with pytest.raises(RecipeError) as caught:
        parse_recipe(recipe)
    assert "output.closest_pairs: goes only with source.kind: images. Leave it out" in str(
        caught.value
    )


def test_balance_gives_every_class_as_many(recipe: dict[str, Any]) -> None:
    recipe["output"]["balance"] = True
    run = sk.generate(recipe, data=shapes())
    assert run.synthetic["label"].value_counts().to_dict() == {
        "left": 40,
        "middle": 40,
        "right": 40,
    }
    assert run.report["augmentation"].status == "not_applicable"  # the real classes are about even


def test_a_run_that_balances_says_what_a_classifier_gains(recipe: dict[str, Any]) -> None:
    frame = shapes(600)
    rare = frame[frame["label"] == "left"].index[100:]
    recipe["output"]["balance"] = True
    del recipe["schema"]  # in which a sensitive column is named
    report = sk.generate(recipe, data=frame.drop(rare).reset_index(drop=True)).report
    # the classes' shares were chosen, so that nobody asks whether they were kept
    assert report["representation"].status == "not_applicable"
    assert "the shares of 'label' were chosen" in report["representation"].detail["reason"]
    assert report["augmentation"].status == "measured"
    assert report["augmentation"].detail["classes"][0]["added"] == 40  # as many as were made
    assert "by synthetic images changes a classifier's" in "\n".join(summary_lines(report))


def test_more_images_of_a_run_go_into_a_folder(recipe: dict[str, Any], tmp_path: Path) -> None:
    run = sk.generate(recipe, data=shapes())
    more = tmp_path / "more"
    assert sample_run(run.path, 7, more, ["label=left"], 3, Run()) == 7
    assert len(list((more / "images" / "left").glob("*.png"))) == 7
    with pytest.raises(SinkError, match="is no folder"):
        sample_run(run.path, 7, tmp_path / "more.csv", [], None, Run())


def test_the_python_api_takes_and_gives_frames_with_arrays(tmp_path: Path) -> None:
    frame = shapes()
    model = sk.fit(frame, options=SMALL)
    assert (model.backend, model.schema.target) == ("vae", "label")
    rows = model.sample(9, given={"label": "right"}, seed=1)
    assert list(rows.columns) == list(frame.columns)
    assert rows["label"].eq("right").all()
    assert pixels(rows["image"]).dtype == np.uint8
    model.save(tmp_path / "m")
    loaded = sk.load(tmp_path / "m").sample(9, given={"label": "right"}, seed=1)
    assert np.array_equal(pixels(loaded["image"]), pixels(rows["image"]))
    places = model.encode(frame)
    assert places.shape == (300, 24)
    line = model.interpolate(frame.head(2), frame.tail(2), steps=5)
    assert len(line) == 10
    assert line["label"].tolist()[::4][:2] == [frame["label"][0], frame["label"].iloc[-2]]
    clean = model.denoise(frame.head(20))
    assert clean.drop(columns="image").equals(frame.head(20).drop(columns="image"))
    odd = frame.head(20).assign(image=cells(255 - pixels(frame["image"].head(20))))
    assert (model.reconstruction_score(odd) > model.reconstruction_score(frame.head(20))).all()


def test_what_images_cannot_is_said() -> None:
    frame = shapes(120)
    with pytest.raises(SynthkitError, match="no generator of images named 'trees'"):
        sk.fit(frame, backend="trees")
    with pytest.raises(SynthkitError, match="auto"):
        sk.fit(frame, backend="auto")
    mixed = list(pixels(frame["image"]))
    mixed[3] = mixed[3][:4]
    with pytest.raises(SchemaError, match="differ from the first image"):
        sk.fit(frame.assign(image=pd.Series(mixed)), backend="vae")
    with pytest.raises(SchemaError, match="declared of a column that holds images"):
        sk.fit(frame, backend="vae", schema={"columns": {"image": {"kind": "categorical"}}})
    model = sk.fit(frame, backend="gan", options={"epochs": 1, "width": 8})
    with pytest.raises(NotSupported, match="latent"):
        model.encode(frame)
    with pytest.raises(NotSupported, match="rebuild"):
        model.denoise(frame)
    with pytest.raises(SchemaError, match="holds images"):
        model.sample(2, given={"image": "x"})


def resized(frame: pd.DataFrame, side: int = 8, channels: int = 1) -> pd.DataFrame:
    """The frame with its images repeated to another side, and grey or RGB."""
    images = pixels(frame["image"]).repeat(side // 8, 1).repeat(side // 8, 2).repeat(channels, 3)
    return frame.assign(image=cells(images))


@pytest.mark.parametrize(
    ("side", "channels", "found"), [(16, 1, "16 x 16 pixels, grey"), (8, 3, "8 x 8 pixels, RGB")]
)
@pytest.mark.parametrize("table", ["the synthetic table", "the holdout"])
def test_an_audit_refuses_images_of_another_shape(
    table: str, side: int, channels: int, found: str
) -> None:
    train, other, synthetic = (shapes(120, seed) for seed in range(3))
    odd = resized(synthetic, side, channels)
    held, made = (odd, synthetic) if table == "the holdout" else (other, odd)
    with pytest.raises(SchemaError) as caught:
        sk.audit(train, made, holdout=held)
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        f"{table}, column image: 120 of 120 images have {found}; expected images of 8 x 8 pixels, "
        "grey, as the real ones are. Resize or convert them, for example with Pillow; where a recipe "
        "reads images, source.size and source.channels do so."
    )


def test_an_audit_counts_the_images_of_other_shapes() -> None:
    train, synthetic = shapes(60), shapes(60, 1)
    larger, coloured = resized(synthetic, 16)[:3], resized(synthetic, channels=3)[3:4]
    mixed = pd.concat([larger, coloured, synthetic[4:]])
    found = "4 of 60 images have 2 other shapes, the most frequent 16 x 16 pixels, grey"
    with pytest.raises(SchemaError, match=found):
        sk.audit(train, mixed)
    with pytest.raises(SchemaError, match="60 of 60 cells are no uint8 arrays of an image"):
        sk.audit(train, train.assign(image=[image.astype(float) for image in train["image"]]))
    with pytest.raises(SchemaError, match="60 of 60 cells are no uint8 arrays of an image"):
        sk.audit(train, train.assign(image="a.png"))


def test_an_audit_takes_images_of_any_make(tmp_path: Path) -> None:
    train, holdout, other = (shapes(300, seed) for seed in range(3))
    honest = sk.audit(train, other, holdout=holdout, seed=1)
    assert honest["near_copies.pixels"].status == "passed"
    copied = sk.audit(train, train, holdout=holdout, seed=1)
    assert copied.verdict.word == "failed"
    assert copied["near_copies.pixels"].status == "failed"
    shuffled = other.assign(label=np.random.default_rng(0).permutation(other["label"]))
    report = sk.audit(train, shuffled, holdout=holdout, seed=1)
    assert report["label_match"].status == "failed"
    assert json.dumps(report.to_json())

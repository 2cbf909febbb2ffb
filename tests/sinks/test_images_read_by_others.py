"""The folder of images as others read it: ``datasets`` with all columns, ``ImageFolder`` by class."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from synthkit.pictures import cells
from synthkit.schema import Column, Schema
from synthkit.sinks.images import write_images, write_metadata

LABELS = ["cat", "dog/puppy", "dog", "cat", "dog/puppy", "Ant"]
CLASSES = ["Ant", "cat", "dog", "dog%2Fpuppy"]  # their folders, in the order of their characters
SCHEMA = Schema(
    columns=(
        Column(name="image", kind="image", shape=(6, 5, 1)),
        Column(name="label", kind="categorical"),
        Column(name="site", kind="categorical"),
    ),
    target="label",
)


def images() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (len(LABELS), 6, 5, 1), np.uint8)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The folder ``images`` of a run with six images, in two shards."""
    frame = pd.DataFrame(
        {"image": cells(images()), "label": LABELS, "site": ["north", "south"] * 3}
    )
    for start in (0, 4):
        write_images(frame.iloc[start : start + 4], SCHEMA, tmp_path, start, len(frame))
    write_metadata(tmp_path)
    return tmp_path / "images"


LOAD = """
import sys
from datasets import load_dataset
import numpy as np
rows = load_dataset("imagefolder", data_dir=sys.argv[1], split="train")
print(sorted(rows.column_names))
for row in rows:
    print(row["label"], row["site"], row["image"].mode, np.asarray(row["image"]).tobytes().hex())
"""


@pytest.mark.skipif(find_spec("datasets") is None, reason="the package datasets is not installed")
def test_datasets_reads_images_labels_and_attributes(written: Path, tmp_path: Path) -> None:
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    places = {"HF_HOME": str(tmp_path / "hf"), "HF_DATASETS_CACHE": str(tmp_path / "hf" / "cache")}
    done = subprocess.run(  # a process of its own: where the cache lies is read at import
        [sys.executable, "-c", LOAD, str(written)],
        env={**os.environ, **offline, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    columns, *rows = done.stdout.splitlines()
    assert columns == "['image', 'label', 'site']"
    assert sorted(rows) == sorted(
        f"{label} {('north', 'south')[i % 2]} L {image.tobytes().hex()}"
        for i, (label, image) in enumerate(zip(LABELS, images(), strict=True))
    )


def image_folder(root: Path) -> tuple[list[str], list[tuple[Path, int]]]:
    """Classes and samples by the convention that ``torchvision.datasets.ImageFolder`` documents.

    Every folder of the root is a class, numbered in sorted order; files directly in the root are
    none, and a class without an image would be an error.
    """
    classes = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    samples = [
        (file, number)
        for number, name in enumerate(classes)
        for file in sorted((root / name).rglob("*"))
        if file.suffix.lower() in (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".tif", ".tiff")
    ]
    assert {number for _, number in samples} == set(range(len(classes)))
    return classes, samples


def check_samples(classes: list[str], samples: list[tuple[Path, int]]) -> None:
    """Classes and images are those that were written."""
    assert classes == CLASSES
    found = {int(file.stem): (classes[number], file) for file, number in samples}
    assert sorted(found) == list(range(len(LABELS)))
    for i, image in enumerate(images()):
        folder, file = found[i]
        assert folder == LABELS[i].replace("/", "%2F")
        with Image.open(file) as opened:
            assert np.array_equal(np.asarray(opened), image[:, :, 0])


def test_folders_are_classes_as_image_folder_documents_it(written: Path) -> None:
    check_samples(*image_folder(written))


def test_torchvision_reads_the_classes(written: Path) -> None:
    if find_spec("torchvision") is None:
        pytest.skip("the package torchvision is not installed")
    from torchvision.datasets import ImageFolder

    found = ImageFolder(str(written))
    check_samples(found.classes, [(Path(file), number) for file, number in found.samples])

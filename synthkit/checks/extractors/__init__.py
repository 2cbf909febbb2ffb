"""Feature extractors that a user brings along, in place of the network that the checks train.

* A folder that ``save_pretrained`` of ``transformers`` wrote (``pretrained``).
* A ``.pt2`` file that ``torch.export.save`` wrote (``exported``).

Both lie on this machine, nothing is fetched, and no code or pickle in them is run.

    place = find_extractor("dinov2-small", base)    # is there such a thing? in a moment
    extractor = load_extractor("dinov2-small", base)
    extractor.name                                  # "dinov2 (checkpoint 3f2a…), 384 features"
    extractor.features(images)                      # (n, 384) float32

Importing this package imports no torch, so that a recipe is checked quickly.
"""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from synthkit.checks.base import Extractor

EXPECTED = "a folder that save_pretrained wrote, or a .pt2 file that torch.export.save wrote"


def find_extractor(path: str, base: Path) -> Path:
    """The folder or file that a path means, searched from ``base``, then from the working folder.

    Raises:
        ModelError: nothing is there, or it cannot be an extractor by what is seen from outside.
    """
    roots = (base, Path.cwd())
    candidates = [root / Path(path).expanduser() for root in roots]
    place = next((place for place in candidates if place.exists()), None)
    if place is None:
        raise ModelError("there is no such file or folder", where=path, expected=EXPECTED)
    if place.is_dir():
        _refuse_folder(place, path)
    elif place.suffix != ".pt2":
        raise ModelError(
            "the file is no exported program",
            where=path,
            expected=EXPECTED,
            remedy="export the network with torch.export.save, to a file that ends in .pt2",
        )
    elif not zipfile.is_zipfile(place):
        raise ModelError(
            "the file is damaged, or no exported program", where=path, expected=EXPECTED
        )
    return place


def load_extractor(path: str, base: Path) -> Extractor:
    """The extractor at a path, tried out on three images.

    Args:
        path: as a recipe spells it; it is the place that errors name.
        base: where relative paths start, before the working folder.

    Raises:
        ModelError: nothing is there, or it is damaged, no network of images, or gives no features.
        MissingExtra: torch or transformers is not installed.
    """
    place = find_extractor(path, base)
    for package in ("torch", "transformers") if place.is_dir() else ("torch",):
        if find_spec(package) is None:
            raise MissingExtra(package, "images", "the extractor of the checks")
    if place.is_dir():
        from synthkit.checks.extractors.pretrained import pretrained

        return pretrained(place, path)
    from synthkit.checks.extractors.exported import exported

    return exported(place, path)


def _refuse_folder(folder: Path, shown: str) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError("the folder has no config.json", where=shown, expected=EXPECTED)
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            "the folder has no weights in the format safetensors",
            where=shown,
            expected="model.safetensors beside config.json",
            remedy="load the network where its weights are, and call save_pretrained",
        )

"""The text of a starter recipe for images: what there is, ready to run and to edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthkit.cli.starter import HOLDOUT, word
from synthkit.schema import Schema

SIZE = "  # size: 32 # pixels of a side, to which all are brought; the images' own when left out"


def image_starter(
    path: str, name: str, output: str, schema: Schema, images: str, stated: Mapping[str, Any]
) -> str:
    """A recipe for images.

    Args:
        path: of the images, as the recipe shall name it.
        name: of the recipe.
        output: its output folder.
        schema: as detected, with a column of images.
        images: how many were looked at, in words.
        stated: keys of the source that they need.
    """
    assert schema.image is not None
    known = ", ".join(c.name for c in schema.columns if c.kind != "image") or "nothing"
    target = (
        [
            f"  target: {word(schema.target)} # the class; a classifier is trained on it by the checks"
        ]
        if schema.target
        else ["  # target: label # the class, if there is one"]
    )
    return "\n".join(
        [
            f"# {name}: a starter recipe, written from {images}: {schema.image.reason}.",
            f"# Known of them: {known}.",
            "#",
            "#   synthkit validate FILE     every problem at once",
            "#   synthkit generate FILE     the images, if the evidence passes the policy",
            "version: 1",
            f"name: {word(name)}",
            "seed: 7 # same seed, same images",
            "",
            "source:",
            "  kind: images",
            f"  path: {word(path)}",
            f"  holdout: {HOLDOUT} # share of images kept away from training; the checks compare with them",
            *(f"  {key}: {value} # to which all are brought" for key, value in stated.items()),
            *([] if "size" in stated else [SIZE]),
            "",
            "schema:",
            *target,
            "  # sensitive: [sex] # attributes whose groups shall be treated alike",
            "",
            "generator:",
            "  backend: vae # see: synthkit list backends",
            "  budget: 5m",
            "",
            "privacy:",
            "  policy: internal # see: synthkit list policies",
            "",
            "output:",
            f"  path: {word(output)}",
            "  # balance: true # as many images of every class",
            "",
        ]
    )

"""A file of ``torch.export.save`` as an extractor: any network, with its normalisation inside.

    images = torch.zeros(2, 3, 224, 224)
    batch = torch.export.Dim("batch")
    program = torch.export.export(network.eval(), (images,), dynamic_shapes=({0: batch},))
    torch.export.save(program, "features.pt2")

It takes (n, 3, height, width) or (n, 1, height, width) float32 images in [0, 1] and gives (n, k)
features. Images are stretched to its height and width.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch
from torch.export import ExportedProgram

from synthkit.checks.extractors.archive import require_plain
from synthkit.checks.extractors.local import BLOCK, LocalExtractor, checkpoint, tried
from synthkit.checks.extractors.preparation import Preparation
from synthkit.errors import ModelError

EXPECTED = "one input (n, 3 or 1, height, width) of float32, of which only n is dynamic"
REMEDY = "export it with dynamic_shapes=({0: torch.export.Dim('batch')},)"
TRIED = 3


def exported(file: Path, shown: str) -> LocalExtractor:
    """The extractor in a file.

    Args:
        file: what ``torch.export.save`` wrote.
        shown: its path as the user spelled it.

    Raises:
        ModelError: it is damaged, takes or gives something else, or holds what is no plain data.
    """
    require_plain(file, shown)
    program = _load(file, shown)
    (channels, height, width), limits = _signature(program, shown)
    prepare = Preparation(channels, (height, width))
    name = f"exported program (checkpoint {checkpoint([file])})"
    return tried(LocalExtractor(name, shown, program.module(), prepare, limits))


def _load(file: Path, shown: str) -> ExportedProgram:
    log = logging.getLogger("torch.export")
    disabled, log.disabled = log.disabled, True  # it prints the traceback of what is told below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.load(file)
    except Exception as error:  # of many classes, assertions included
        raise ModelError(
            "the file is damaged, or of a version of torch that this one cannot read",
            where=shown,
            expected="an exported program",
            remedy=f"export it again, with torch {torch.__version__.partition('+')[0]}",
        ) from error
    finally:
        log.disabled = disabled


def _signature(
    program: ExportedProgram, shown: str
) -> tuple[tuple[int, int, int], tuple[int, int]]:
    """(channels, height, width) of the images, and how many the program takes at once."""
    names = program.graph_signature.user_inputs
    inputs = [
        node.meta.get("val")
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name in names
    ]
    if len(names) != 1 or not isinstance(inputs[0], torch.Tensor):
        raise _unfit(f"the program takes {len(names)} inputs", shown)
    images = inputs[0]
    if images.dtype != torch.float32 or images.ndim != 4 or images.shape[1] not in (1, 3):
        sides = ["n" if isinstance(side, torch.SymInt) else str(side) for side in images.shape]
        shape = ", ".join(sides)
        raise _unfit(f"the program takes ({shape}) of {images.dtype}", shown)
    count, *shape_of_one = images.shape
    if any(isinstance(side, torch.SymInt) for side in shape_of_one):
        raise _unfit("the program takes images of any size", shown)
    if not isinstance(count, torch.SymInt):
        raise _unfit(f"the program takes exactly {count} images at once", shown)
    allowed = program.range_constraints.get(count.node.expr)
    if allowed is None or allowed.upper < TRIED or allowed.lower > BLOCK:
        raise _unfit("the program does not take any number of images", shown)
    channels, height, width = (int(side) for side in shape_of_one)
    return (channels, height, width), (int(allowed.lower), int(min(allowed.upper, BLOCK)))


def _unfit(what: str, shown: str) -> ModelError:
    return ModelError(what, where=shown, expected=EXPECTED, remedy=REMEDY)

"""Exported programs and folders of transformers, as small as they can be, that tests bring along."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

Edit = Callable[[str, bytes], bytes | None]


class Linear(nn.Module):
    """(n, c, h, w) -> (n, k), the product of all values with (c h w, k) weights."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weights


class Function(nn.Module):
    """Any function of images."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *images: Tensor) -> object:
        return self.function(*images)


def exported(
    network: nn.Module, file: Path, *inputs: Tensor, dynamic: tuple[int, ...] = (0,)
) -> Path:
    """Saves a network with that many dimensions of each input dynamic."""
    shapes = tuple({d: torch.export.Dim(f"d{d}") for d in dynamic} for _ in inputs)
    several = isinstance(network, Function)
    program = torch.export.export(
        network, inputs, dynamic_shapes=(shapes,) if several else shapes, strict=False
    )
    torch.export.save(program, file)
    return file


def tampered(file: Path, copy: Path, edit: Edit) -> Path:
    """A copy of a zip archive with its entries changed; those for which ``edit`` gives None are lost."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            content = edit(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
    return copy

"""Checkpoints of a training: one safetensors file, its counters as JSON in the header; no pickle.

    checkpoint = Checkpoint(folder / "vae.safetensors")
    checkpoint.write(modules, optimizers, counters)
    counters = checkpoint.read(modules, optimizers)     # puts the weights back; None without one

The file is replaced as a whole, so that an interruption while it is written leaves the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from synthkit import __version__
from synthkit.workspace import replacing

COUNTERS = "counters"


@dataclass(frozen=True)
class Checkpoint:
    """A file that holds a training between two of its rounds."""

    path: Path

    def write(
        self,
        modules: Mapping[str, nn.Module],
        optimizers: Sequence[Optimizer],
        counters: dict[str, Any],
    ) -> None:
        """Replaces what was there. Raises ``SinkError`` where the file system refuses."""
        tensors = _weights(modules)
        for i, optimizer in enumerate(optimizers):
            for parameter, slots in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{i}/{parameter}/{slot}": t for slot, t in slots.items()}
        # tensors that share memory, or lie in it in another order, cannot be saved
        own = {
            name: tensor.detach().clone(memory_format=torch.contiguous_format)
            for name, tensor in tensors.items()
        }
        about = {COUNTERS: json.dumps(counters), "synthkit": __version__}
        with replacing(self.path) as partial:
            save_file(own, partial, about)

    def read(
        self, modules: Mapping[str, nn.Module], optimizers: Sequence[Optimizer]
    ) -> dict[str, Any] | None:
        """The counters, after weights and optimizer state were put back.

        Returns:
            ``None`` if there is no file, or one that is damaged, of another version or of other
            networks; nothing was changed then.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                about = file.metadata()
                counters: dict[str, Any] = json.loads(about[COUNTERS])
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None
        weights = {name: t for name, t in tensors.items() if name.startswith("module/")}
        if about.get("synthkit") != __version__ or _sizes(weights) != _sizes(_weights(modules)):
            return None
        for part, module in modules.items():
            module.load_state_dict(_below(tensors, f"module/{part}/"))
        for i, optimizer in enumerate(optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _below(tensors, f"optimizer/{i}/").items():
                parameter, slot = name.split("/")
                state.setdefault(int(parameter), {})[slot] = tensor
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        return counters

    def remove(self) -> None:
        """Deletes the file, if there is one."""
        self.path.unlink(missing_ok=True)


def _weights(modules: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    return {
        f"module/{part}/{name}": tensor
        for part, module in modules.items()
        for name, tensor in module.state_dict().items()
    }


def _sizes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[torch.Size, torch.dtype]]:
    return {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}

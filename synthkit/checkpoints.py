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

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

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
        tensors = {
            f"module/{part}/{name}": tensor
            for part, module in modules.items()
            for name, tensor in module.state_dict().items()
        }
        for i, optimizer in enumerate(optimizers):
            for parameter, slots in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{i}/{parameter}/{slot}": t for slot, t in slots.items()}
        own = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        with replacing(self.path) as partial:
            save_file(own, partial, {COUNTERS: json.dumps(counters)})

    def read(
        self, modules: Mapping[str, nn.Module], optimizers: Sequence[Optimizer]
    ) -> dict[str, Any] | None:
        """The counters, after weights and optimizer state were put back.

        Returns:
            ``None`` if there is no file or it is damaged; nothing was changed then.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                counters: dict[str, Any] = json.loads(file.metadata()[COUNTERS])
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
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


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}

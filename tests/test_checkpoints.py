"""Checkpoints give everything back, and nothing at all if they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from synthkit import checkpoints
from synthkit.checkpoints import Checkpoint


class Tied(nn.Module):
    """Two names for one weight, one that lies in memory by columns, and a buffer."""

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        self.second.weight = self.first.weight
        self.turned = nn.Parameter(torch.randn(width, 4).t())
        self.register_buffer("steps", torch.tensor(7))


def trained(seed: int, width: int = 3) -> tuple[nn.Module, Optimizer]:
    """A module after a step."""
    torch.manual_seed(seed)
    module = Tied(width)
    optimizer = AdamW(module.parameters())
    sum(p.square().sum() for p in module.parameters()).backward()
    optimizer.step()
    return module, optimizer


@pytest.fixture(autouse=True)
def _keep_random_state() -> object:
    with torch.random.fork_rng(devices=[]):
        yield


def test_weights_and_moments_come_back_bit_by_bit(tmp_path: Path) -> None:
    module, optimizer = trained(1)
    checkpoint = Checkpoint(tmp_path / "deep" / "a.safetensors")
    checkpoint.write({"m": module}, [optimizer], {"step": 3, "best": float("inf")})
    other, others = trained(2)
    assert checkpoint.read({"m": other}, [others]) == {"step": 3, "best": float("inf")}
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name])
    assert other.first.weight is other.second.weight
    for mine, its in zip(
        optimizer.state_dict()["state"].values(),
        others.state_dict()["state"].values(),
        strict=True,
    ):
        assert all(torch.equal(mine[slot], its[slot]) for slot in mine)


def test_an_optimizer_without_state_may_be_kept(tmp_path: Path) -> None:
    module = nn.Linear(2, 2)
    checkpoint = Checkpoint(tmp_path / "a.safetensors")
    checkpoint.write({"m": module}, [SGD(module.parameters(), 0.1)], {})
    assert checkpoint.read({"m": module}, [SGD(module.parameters(), 0.1)]) == {}


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "text", "folder"])
def test_no_checkpoint_or_a_damaged_one_changes_nothing(tmp_path: Path, damage: str) -> None:
    checkpoint = Checkpoint(tmp_path / "a.safetensors")
    if damage == "cut":
        checkpoint.write({"m": trained(1)[0]}, [], {"step": 3})
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-5])
    elif damage == "folder":
        checkpoint.path.mkdir()
    elif damage != "absent":
        checkpoint.path.write_text("" if damage == "empty" else "not a checkpoint at all")
    module, optimizer = trained(2)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    assert checkpoint.read({"m": module}, [optimizer]) is None
    assert all(torch.equal(t, module.state_dict()[name]) for name, t in before.items())


def test_other_networks_and_versions_do_not_take_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "a.safetensors")
    module, optimizer = trained(1)
    checkpoint.write({"m": module}, [optimizer], {"step": 3})
    wider, its = trained(2, width=5)
    assert checkpoint.read({"m": wider}, [its]) is None
    assert checkpoint.read({"m": module, "n": module}, [optimizer]) is None
    monkeypatch.setattr(checkpoints, "__version__", "0")
    assert checkpoint.read({"m": module}, [optimizer]) is None


def test_a_checkpoint_can_be_removed_twice(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "a.safetensors")
    checkpoint.write({"m": nn.Linear(1, 1)}, [], {})
    checkpoint.remove()
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []

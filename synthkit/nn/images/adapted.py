"""``Adapted``: a frozen U-Net with a few trained weights beside its own, and what is said of an image.

Each chosen matrix W becomes W + B A, of which only A and B, of a low rank, are trained; B is zero at
the start, so that a network begins as it was (Hu et al. 2021, "LoRA: low-rank adaptation of large
language models"). Only these, and what is said of an image, are copied, averaged and stored.

    net = Adapted(base, rank=8, sizes=[10])
    net.loss(base.stored(images), codes, unlabelled=0.1)
    net.sample(codes, (64, 64), steps=25, guidance=1.0, draws)

Shapes: (n, d, h, w) for x; (n, fields) int64 codes of what is known of images.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from synthkit.nn.images.condition import Condition
from synthkit.nn.images.pretrained import Pretrained

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
ADAPTER = "default"  # peft's name for the only one


class Adapted(nn.Module):
    """What is trained of a checkpoint; its parameters and its state are that alone.

    Args:
        base: the frozen networks, which receive the adapters.
        rank: of the adapters.
        sizes: codes of each field that is known of the images.
    """

    def __init__(self, base: Pretrained, rank: int, sizes: list[int]) -> None:
        super().__init__()
        self._frozen = [base]  # in a list, and so no part of this module
        places = LoraConfig(r=rank, lora_alpha=rank, target_modules=adapted_layers(base.unet))
        inject_adapter_in_model(places, base.unet, ADAPTER)
        added = {n: p for n, p in base.unet.named_parameters() if ".lora_" in n}
        self.adapters = nn.ParameterDict({_key(name): p for name, p in added.items()})
        self.condition = Condition(sizes, base.width, scale=0.0)
        with torch.no_grad():
            self.condition.unknown.copy_(base.start())

    @property
    def base(self) -> Pretrained:
        """The networks of the checkpoint, adapters included."""
        return self._frozen[0]

    def loss(self, stored: Tensor, codes: Tensor, unlabelled: float) -> Tensor:
        """(n,) mean squared error of what the checkpoint's scheduler has its network predict.

        Args:
            stored: of n images; see ``Pretrained.stored``.
            codes: (n, fields) int64.
            unlabelled: share of the images of which nothing is said.
        """
        schedule, x = self.base.schedule, self.base.inputs(stored)
        known = torch.rand(len(x), device=x.device) >= unlabelled
        said = self.condition(codes, known)
        t = torch.randint(schedule.config.num_train_timesteps, (len(x),), device=x.device)
        noise = torch.randn_like(x)
        targets: dict[str, Callable[[], Tensor]] = {
            "epsilon": lambda: noise,
            "sample": lambda: x,
            "v_prediction": lambda: schedule.get_velocity(x, noise, t),
        }
        error = self.base.predict(schedule.add_noise(x, noise, t), t, said)
        error = error - targets[schedule.config.prediction_type]()
        return error.square().flatten(1).mean(1)

    def sample(
        self,
        codes: Tensor,
        size: tuple[int, int],
        steps: int,
        guidance: float,
        draws: torch.Generator,
    ) -> Tensor:
        """(n, height, width, channels) uint8 images of a size, given (n, fields) codes."""
        base, sampler = self.base, self.base.sampler(steps)
        shape = (len(codes), *base.size(*size))
        x = torch.randn(shape, generator=draws, device=codes.device)
        said = self.condition(codes)
        nothing = torch.zeros(len(codes), dtype=torch.bool, device=codes.device)
        unsaid = self.condition(codes, nothing)
        for step in sampler.timesteps:
            t = step.expand(len(x)).to(x.device)
            out = base.predict(x, t, said)
            if guidance != 1.0:
                out = torch.lerp(base.predict(x, t, unsaid), out, guidance)
            x = sampler.step(out, step, x, return_dict=False)[0]
        return base.images(x)

    def __deepcopy__(self, memo: dict[int, Any]) -> Adapted:
        """Has adapters and a condition of its own, and shares all else."""
        own = {id(p) for p in self.parameters()}
        shared = (t for t in (*self.base.parameters(), *self.base.buffers()) if id(t) not in own)
        memo |= {id(t): t for t in shared}
        other = type(self).__new__(type(self))
        memo[id(self)] = other
        other.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return other

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Adapted:
        """As of every module, such as a move to a device; the frozen networks go along."""
        self.base._apply(fn, recurse)
        super()._apply(fn, recurse)
        return self


def adapted_layers(unet: nn.Module) -> list[str]:
    """Names of the layers that receive an adapter.

    The projections of attention in a U-Net that is told a text. One that is not has them at its
    smallest grids only, if anywhere.

    NOTE[DIFF]: so there every layer receives one, where the paper adapts attention alone.
    """
    layers = [name for name, m in unet.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    if isinstance(unet, UNet2DConditionModel):
        attention = [name for name in layers if name.endswith(tuple(f".{a}" for a in ATTENTION))]
        return attention or layers
    return layers


def _key(name: str) -> str:
    """``down/0/to_q/lora_A`` for ``down.0.to_q.lora_A.default.weight``: no dot, as torch asks."""
    return name.removesuffix(f".{ADAPTER}.weight").replace(".", "/")

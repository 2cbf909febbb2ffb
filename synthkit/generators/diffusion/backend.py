"""``Diffusion``: fits the network and the correction, and samples. See the package's docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.generators.completing import WAVES, Completing
from synthkit.generators.diffusion.config import DiffusionConfig
from synthkit.generators.diffusion.places import places

if TYPE_CHECKING:
    import torch

    from synthkit.generators.diffusion.denoising import Denoising
    from synthkit.generators.predicting import Predicting
    from synthkit.nn.conditionals import Conditionals


class Diffusion(Completing):
    """Sampling and imputation given any set of fields, from one network.

    Given cells are seen without noise from the start.

    Args:
        config: options.
    """

    Config: ClassVar[type[DiffusionConfig]] = DiffusionConfig
    name: ClassVar[str] = "diffusion"
    seen_rows: ClassVar[int] = 1_400_000
    config: DiffusionConfig

    def _build(self, log_shares: np.ndarray) -> Conditionals:
        import torch

        from synthkit.nn.noisy import NoisyNet

        lying = [places(coding) for coding in self._codes.codings]
        return NoisyNet(
            self._codes.sizes,
            torch.from_numpy(self._codes.basis(WAVES)),
            torch.from_numpy(log_shares),
            self.config.width,
            self.config.head_width,
            self.config.dropout,
            [None if place is None else torch.from_numpy(place) for place in lying],
        )

    def _task(self) -> type[Predicting]:
        from synthkit.generators.diffusion.task import NoisyTask

        return NoisyTask

    def _completer(self, net: Conditionals, device: torch.device) -> Denoising:
        import torch

        from synthkit.generators.diffusion.denoising import Denoising
        from synthkit.nn.noisy import NoisyNet

        assert isinstance(net, NoisyNet)
        config = self.config
        return Denoising(
            net,
            torch.from_numpy(self._codes.impossible()).to(device),
            config.temperature,
            config.levels,
            config.rounds,
            config.redrawn,
            config.guidance,
        )

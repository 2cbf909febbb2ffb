"""``sdv-ctgan``: SDV's conditional GAN, drawn from its weights.

A row is made from random numbers and one category of one column, chosen by the log frequencies that it
was trained with. As in ctgan, batch normalisation goes by the batch that is made, and a code or mode is
drawn by Gumbel noise, the largest of the noisy outputs.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.generators.neural import weights
from synthkit.generators.sdv.adapter import Table
from synthkit.generators.sdv.config import PACKED, CtganConfig
from synthkit.generators.sdv.networks import Network, linear

EPSILON = 1e-5  # of torch's batch normalisation


class SdvCtgan(Network):
    """CTGANSynthesizer of SDV (licence BUSL-1.1): a conditional GAN, slow and seldom the closest.

    Args:
        config: options.
    """

    backend: ClassVar[str] = "sdv-ctgan"
    Config: ClassVar[type[CtganConfig]] = CtganConfig

    def _synthesizer(self) -> str:
        return "CTGANSynthesizer"

    def _options(self) -> dict[str, Any]:
        config: CtganConfig = self.config
        return {
            "epochs": config.epochs,
            "batch_size": config.batch_rows,
            "embedding_dim": config.embedding,
            "generator_dim": config.generator_layers,
            "discriminator_dim": config.discriminator_layers,
            "generator_lr": config.learning_rate,
            "discriminator_lr": config.learning_rate,
            "discriminator_steps": config.discriminator_steps,
            "pac": PACKED,
        }

    def _updates(self, rows: int) -> int:
        return max(rows // self.config.batch_rows, 1)

    def _steps_per_update(self) -> int:
        return int(self.config.discriminator_steps) + 1

    def _learned(self, model: Any) -> tuple[Any, dict[str, np.ndarray]]:
        learned = weights(model._generator)
        used = [name for name in learned if "running" not in name and "tracked" not in name]
        shares = model._data_sampler._discrete_column_category_prob.ravel()
        shares = shares[shares > 0]
        return model._transformer, {
            **{name: learned[name] for name in used},
            "condition": shares / max(shares.sum(), 1e-300),
        }

    def _batch(self, n: int, rng: np.random.Generator) -> Table:
        shares = self._weights["condition"]
        x = rng.standard_normal((n, self.config.embedding)).astype(np.float32)
        if len(shares):
            chosen = np.zeros((n, len(shares)), np.float32)
            chosen[np.arange(n), rng.choice(len(shares), n, p=shares)] = 1.0
            x = np.hstack([x, chosen])
        depth = len(self.config.generator_layers)
        for i in range(depth):
            hidden = linear(x, self._weights, f"seq.{i}.fc")
            hidden = (hidden - hidden.mean(axis=0)) / np.sqrt(hidden.var(axis=0) + EPSILON)
            hidden = (
                hidden * self._weights[f"seq.{i}.bn.weight"] + self._weights[f"seq.{i}.bn.bias"]
            )
            x = np.hstack([np.maximum(hidden, 0.0), x])
        out = linear(x, self._weights, f"seq.{depth}")
        return self._outputs.read(np.tanh(out), out + rng.gumbel(size=out.shape))

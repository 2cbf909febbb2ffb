"""``sdv-tvae``: SDV's variational autoencoder, drawn from the weights of its decoder.

As in ctgan, a column's most likely code or mode is taken, not one drawn by its probability: rare
categories come too seldom. The place inside a mode is drawn around the decoder's.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from synthkit.generators.neural import weights
from synthkit.generators.sdv.adapter import Table
from synthkit.generators.sdv.config import TvaeConfig
from synthkit.generators.sdv.networks import Network, linear

SIGMA = (0.01, 1.0)  # bounds of the decoder's standard deviations, which SDV sets after each step


class SdvTvae(Network):
    """TVAESynthesizer of SDV (licence BUSL-1.1): a variational autoencoder.

    Args:
        config: options.
    """

    backend: ClassVar[str] = "sdv-tvae"
    Config: ClassVar[type[TvaeConfig]] = TvaeConfig

    def _synthesizer(self) -> str:
        return "TVAESynthesizer"

    def _options(self) -> dict[str, Any]:
        config: TvaeConfig = self.config
        return {
            "epochs": config.epochs,
            "batch_size": config.batch_rows,
            "embedding_dim": config.embedding,
            "compress_dims": config.encoder_layers,
            "decompress_dims": config.decoder_layers,
            "loss_factor": config.loss_factor,
            "l2scale": config.weight_decay,
        }

    def _updates(self, rows: int) -> int:
        return math.ceil(rows / self.config.batch_rows)

    def _learned(self, model: Any) -> tuple[Any, dict[str, np.ndarray]]:
        learned = weights(model.decoder)
        return model.transformer, {**learned, "sigma": np.clip(learned["sigma"], *SIGMA)}

    def _batch(self, n: int, rng: np.random.Generator) -> Table:
        x = rng.standard_normal((n, self.config.embedding)).astype(np.float32)
        depth = len(self.config.decoder_layers)
        for i in range(depth):
            x = np.maximum(linear(x, self._weights, f"seq.{2 * i}"), 0.0)
        out = np.tanh(linear(x, self._weights, f"seq.{2 * depth}"))
        inside = out + self._weights["sigma"] * rng.standard_normal(out.shape)
        return self._outputs.read(inside, out)

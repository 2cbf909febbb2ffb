"""``build``: the networks that a layout's codes and the options ask for."""

from __future__ import annotations

import numpy as np
import torch

from synthkit.generators.codes import Codes
from synthkit.generators.vae.config import VAEConfig
from synthkit.nn.mixture import Mixture
from synthkit.nn.vae import VAE, Decoder, Encoder

WAVES = 12  # per ordered field, see ``Codes.basis``


def build(config: VAEConfig, codes: Codes, log_shares: np.ndarray) -> VAE:
    """Untrained networks, whose softmaxes start at the codes' shares."""
    basis = torch.from_numpy(codes.basis(WAVES))
    encoder = Encoder(basis, len(codes.sizes), config.width, config.depth, config.latent)
    decoder = Decoder(
        basis,
        torch.from_numpy(log_shares),
        codes.sizes,
        torch.from_numpy(codes.impossible()),
        config.decoder_width,
        config.width,
        config.dropout,
        config.latent,
    )
    prior = Mixture(config.components, config.latent)
    return VAE(encoder, decoder, prior, torch.tensor(codes.offsets))

"""Backends. One line here and a card below, one file beside it, one recipe in ``recipes/``.

A name stands for one family of models: what learns a table under it and what learns images share the
maths, not the networks, and have options of their own.
"""

from synthkit.registry import Registry
from synthkit.schema import Modality

generators = Registry(
    "generator",
    {
        "trees": "synthkit.generators.trees.backend:Trees",
        "transformer": "synthkit.generators.transformer.backend:Transformer",
        "diffusion": "synthkit.generators.diffusion.backend:Diffusion",
        "vae": "synthkit.generators.vae.backend:VAEGenerator",
        "gan": "synthkit.generators.gan.backend:Gan",
        "sdv-gaussian-copula": "synthkit.generators.sdv.copula:SdvGaussianCopula",
        "sdv-ctgan": "synthkit.generators.sdv.ctgan:SdvCtgan",
        "sdv-tvae": "synthkit.generators.sdv.tvae:SdvTvae",
    },
    group="synthkit.generators",
)
image_generators = Registry(
    "generator of images",
    {
        "vae": "synthkit.generators.images.vae:ImageVae",
        "diffusion": "synthkit.generators.images.diffusion:ImageDiffusion",
        "gan": "synthkit.generators.images.gan:ImageGan",
        "transformer": "synthkit.generators.images.transformer:ImageTransformer",
    },
    group="synthkit.image_generators",
)


def registry_of(modality: Modality) -> Registry:
    """The backends that learn one kind of data."""
    return image_generators if modality == "images" else generators

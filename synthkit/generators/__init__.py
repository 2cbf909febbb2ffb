"""Backends. One line here and a card below, one file beside it, one recipe in ``recipes/``."""

from synthkit.registry import Registry

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

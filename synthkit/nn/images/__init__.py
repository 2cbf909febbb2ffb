"""Networks for images; these modules import torch alone, ``unet`` diffusers as well."""

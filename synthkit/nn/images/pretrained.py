"""The frozen networks of a checkpoint: a U-Net on pixels, or one on latents that is told a text.

    base = pretrained(Checkpoint.at(folder), prompt="a photo", channels=3)
    x = base.inputs(base.stored(images))
    out = base.predict(base.schedule.add_noise(x, noise, t), t, said)     # said: (n, base.width)
    base.images(x)

What is known of an image takes the place of a class embedding, which diffusers adds to that of time;
a U-Net that is told a text sees it as one more token (Gal et al. 2022, "An image is worth one word:
personalizing text-to-image generation using textual inversion").

Shapes: n images (n, height, width, channels) uint8; (n, d, h, w) between -1 and 1, or latents, for x.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d import UNet2DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from safetensors import SafetensorError
from torch import Tensor, nn

from synthkit.errors import ModelError, NotSupported
from synthkit.hush import hushed_transformers
from synthkit.nn.images.checkpoint import AT, TOKENIZER, WROTE, Checkpoint

TIMES = 4  # as many units as channels of the largest grid has diffusers' embedding of time


class Pretrained(nn.Module, ABC):
    """Frozen networks.

    Args:
        checkpoint: what they are read from.
        channels: of the images; one of an image in grey is told three times where the networks
            take three, and their mean is drawn.

    Attributes:
        unet: what adapters are added to.
        width: of what is said of an image.
        schedule: the noise that the checkpoint was trained with.
    """

    unet: Any
    width: int
    bounded: bool

    def __init__(self, checkpoint: Checkpoint, channels: int) -> None:
        super().__init__()
        self.channels, self.taken = channels, checkpoint.channels
        self._scheduler = checkpoint.configs["scheduler"]
        self.schedule = DDPMScheduler.from_config(self._scheduler)

    @abstractmethod
    def start(self) -> Tensor:
        """(width,) what is said at first: what changes least of what the checkpoint draws."""

    @abstractmethod
    def predict(self, x: Tensor, t: Tensor, said: Tensor) -> Tensor:
        """(n, d, h, w) what the U-Net says of noisy x at (n,) steps, given (n, width)."""

    @abstractmethod
    def size(self, height: int, width: int) -> tuple[int, int, int]:
        """(d, h, w) of the x of an image."""

    def stored(self, images: Tensor) -> Tensor:
        """What training keeps of images: what is costly to compute of them, if anything."""
        return images

    def inputs(self, stored: Tensor) -> Tensor:
        """x of what was stored."""
        return self.scaled(stored)

    def images(self, x: Tensor) -> Tensor:
        """Images of x."""
        if self.taken > self.channels:
            x = x.mean(1, keepdim=True)
        return (127.5 * (x.clamp(-1.0, 1.0) + 1.0)).round().byte().permute(0, 2, 3, 1)

    def scaled(self, images: Tensor) -> Tensor:
        """(n, taken, height, width) between -1 and 1."""
        x = images.permute(0, 3, 1, 2).float() / 127.5 - 1.0
        return x.expand(-1, self.taken, -1, -1)

    def sampler(self, steps: int) -> DDIMScheduler:
        """The way from noise in so many steps (Song et al. 2021, "Denoising diffusion implicit models").

        NOTE[DIFF]: whatever the checkpoint says, steps are counted from the noisiest one, as few of
        them need (Lin et al. 2024, "Common diffusion noise schedules and sample steps are flawed").
        """
        sampler = DDIMScheduler.from_config(
            self._scheduler, timestep_spacing="trailing", clip_sample=self.bounded
        )
        sampler.set_timesteps(steps)
        return sampler


class PixelDiffusion(Pretrained):
    """``UNet2DModel`` of a DDPMPipeline or DDIMPipeline."""

    bounded = True

    def __init__(self, checkpoint: Checkpoint, channels: int) -> None:
        super().__init__(checkpoint, channels)
        self.unet: Any = _loaded(UNet2DModel, checkpoint, "unet")
        config = self.unet.config
        self.width = config.time_embedding_dim or TIMES * config.block_out_channels[0]
        self._classes = self.unet.class_embedding
        self.unet.class_embedding = nn.Identity()
        self.unet.register_to_config(class_embed_type="identity")

    def start(self) -> Tensor:
        """The mean of the checkpoint's own classes, if it has any."""
        if isinstance(self._classes, nn.Embedding):
            return self._classes.weight.detach().mean(0)
        return torch.zeros(self.width)

    def predict(self, x: Tensor, t: Tensor, said: Tensor) -> Tensor:
        """See ``Pretrained``."""
        out: Tensor = self.unet(x, t, class_labels=said, return_dict=False)[0]
        return out

    def size(self, height: int, width: int) -> tuple[int, int, int]:
        """See ``Pretrained``."""
        return self.taken, height, width


class LatentDiffusion(Pretrained):
    """``UNet2DConditionModel``, autoencoder and prompt of a StableDiffusionPipeline."""

    bounded = False

    def __init__(self, checkpoint: Checkpoint, channels: int, prompt: str) -> None:
        super().__init__(checkpoint, channels)
        self.unet: Any = _loaded(UNet2DConditionModel, checkpoint, "unet")
        self.vae: Any = _loaded(AutoencoderKL, checkpoint, "vae")
        self.width = int(self.unet.config.cross_attention_dim)
        self.prompt: Tensor
        self.register_buffer("prompt", _embedded(checkpoint, prompt), persistent=False)

    def start(self) -> Tensor:
        """The last token of the prompt, once more."""
        return self.prompt[0, -1]

    def predict(self, x: Tensor, t: Tensor, said: Tensor) -> Tensor:
        """See ``Pretrained``."""
        tokens = torch.cat([self.prompt.expand(len(x), -1, -1), said[:, None]], 1)
        out: Tensor = self.unet(x, t, encoder_hidden_states=tokens, return_dict=False)[0]
        return out

    def size(self, height: int, width: int) -> tuple[int, int, int]:
        """See ``Pretrained``."""
        halved = 2 ** (len(self.vae.config.block_out_channels) - 1)
        return self.vae.config.latent_channels, height // halved, width // halved

    def stored(self, images: Tensor) -> Tensor:
        """Latents, by their mean."""
        mean: Tensor = self.vae.encode(self.scaled(images)).latent_dist.mean
        return mean * self.vae.config.scaling_factor

    def inputs(self, stored: Tensor) -> Tensor:
        """See ``Pretrained``."""
        return stored

    def images(self, x: Tensor) -> Tensor:
        """See ``Pretrained``."""
        return super().images(self.vae.decode(x / self.vae.config.scaling_factor).sample)


def pretrained(checkpoint: Checkpoint, prompt: str, channels: int) -> Pretrained:
    """The networks of a checkpoint, frozen.

    Args:
        checkpoint: of either kind.
        prompt: for one that is told a text.
        channels: of the images.

    Raises:
        ModelError: weights that do not fit their network, or a tokenizer that cannot be read.
        NotSupported: a prompt that is too long.
    """
    base: Pretrained
    if checkpoint.has_text:
        base = LatentDiffusion(checkpoint, channels, prompt)
    else:
        base = PixelDiffusion(checkpoint, channels)
    return base.eval().requires_grad_(False)


@torch.no_grad()
def _embedded(checkpoint: Checkpoint, prompt: str) -> Tensor:
    """(1, tokens, width) the prompt as the text encoder tells it."""
    from transformers import CLIPTextModel, CLIPTokenizer

    with hushed_transformers():
        encoder = _loaded(CLIPTextModel, checkpoint, "text_encoder")
        with _refusing(checkpoint, TOKENIZER):
            folder = str(checkpoint.folder / TOKENIZER)
            tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
            most = encoder.config.max_position_embeddings
            words = tokenizer(prompt, padding="max_length", max_length=most, return_tensors="pt")
            if words.input_ids.shape[1] > most:
                raise NotSupported(
                    "the prompt is longer than the checkpoint's text encoder reads",
                    where=checkpoint.folder,
                    expected=f"at most {most} tokens",
                    at=(*AT[:-1], "prompt"),
                )
            told: Tensor = encoder.eval()(words.input_ids)[0]
    return told


def _loaded(kind: Any, checkpoint: Checkpoint, part: str) -> Any:
    """A part with all of its weights, in single precision."""
    with _refusing(checkpoint, part):
        network, report = kind.from_pretrained(
            str(checkpoint.folder / part),
            local_files_only=True,
            use_safetensors=True,
            torch_dtype=torch.float32,
            output_loading_info=True,
        )
        if report["missing_keys"] or report["mismatched_keys"]:
            raise ValueError("weights that its config asks for are missing")
    return network


@contextlib.contextmanager
def _refusing(checkpoint: Checkpoint, part: str) -> Iterator[None]:
    """What a library raises about a part, as ours."""
    try:
        yield
    except (
        *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError),
        *(RuntimeError, NotImplementedError, SafetensorError),
    ) as error:
        raise ModelError(
            f"{part} of the checkpoint is damaged: its files do not fit together",
            where=checkpoint.folder,
            expected=WROTE,
            remedy="save the pipeline again",
            at=AT,
        ) from error

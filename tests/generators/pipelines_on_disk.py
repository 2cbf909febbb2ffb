"""Tiny pipelines as diffusers saves them, with weights drawn at random."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDPMPipeline,
    DDPMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UNet2DModel,
)

WORDS = ("<|startoftext|>", "<|endoftext|>", "a</w>", "photo</w>", "p", "h", "o", "t", "a")
TOKENS = 8


def pixel_pipeline(
    folder: Path, channels: int = 1, prediction: str = "epsilon", **unet: Any
) -> Path:
    """A DDPMPipeline."""
    torch.manual_seed(0)
    network = UNet2DModel(
        **{
            "sample_size": 8,
            "in_channels": channels,
            "out_channels": channels,
            "block_out_channels": (8,),
            "down_block_types": ("DownBlock2D",),
            "up_block_types": ("UpBlock2D",),
            "layers_per_block": 1,
            "norm_num_groups": 4,
            "add_attention": False,
            **unet,
        }
    )
    DDPMPipeline(network, DDPMScheduler(prediction_type=prediction)).save_pretrained(folder)
    return folder


def text_pipeline(folder: Path, width: int = 16, prediction: str = "epsilon") -> Path:
    """A StableDiffusionPipeline for images in colour whose sides are multiples of four.

    Its autoencoder tells black from white and nothing else.
    """
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=TOKENS)
    encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(WORDS),
            hidden_size=width,
            intermediate_size=width,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=TOKENS,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    autoencoder = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        block_out_channels=(8, 8),
        norm_num_groups=4,
        scaling_factor=0.5,
    )
    _tell_black_from_white(autoencoder)
    unet = UNet2DConditionModel(
        sample_size=4,
        block_out_channels=(8, 16),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=width,
        attention_head_dim=4,
    )
    for name, weight in unet.named_parameters():  # drawn at random, words hardly matter
        if "attn2.to_out" in name or "conv_out" in name:
            weight.data.mul_(5.0)
    scheduler = PNDMScheduler(
        beta_schedule="scaled_linear",
        skip_prk_steps=True,
        steps_offset=1,
        set_alpha_to_one=False,
        prediction_type=prediction,
    )
    pipeline = StableDiffusionPipeline(
        autoencoder,
        encoder,
        tokenizer,
        unet,
        scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    with contextlib.redirect_stderr(io.StringIO()):  # a bar of progress
        pipeline.save_pretrained(folder)
    return folder


@torch.no_grad()
def _tell_black_from_white(autoencoder: AutoencoderKL) -> None:
    """Sets weights by hand: the first number of a latent is 1 for white, -1 for black, and back.

    Within a group of a channel c and one that is 0, normalisation makes c its sign, and the sign s
    is silu(s) - silu(-s).
    """
    for name, weight in autoencoder.named_parameters():
        if "norm" not in name:
            weight.zero_()
    for coder, mean in ((autoencoder.encoder, 1.0 / 3.0), (autoencoder.decoder, 0.0)):
        coder.conv_in.weight[0, :, 1, 1] = mean
        coder.conv_out.weight[:, 0, 1, 1], coder.conv_out.weight[:, 1, 1, 1] = 1.0, -1.0
    autoencoder.decoder.conv_in.weight[0, 0, 1, 1] = 1.0
    for conv in (autoencoder.quant_conv, autoencoder.post_quant_conv):
        conv.weight[range(len(conv.weight)), range(len(conv.weight))] = 1.0
    for sampler in (
        autoencoder.encoder.down_blocks[0].downsamplers[0],
        autoencoder.decoder.up_blocks[0].upsamplers[0],
    ):
        sampler.conv.weight[range(8), range(8), 1, 1] = 1.0

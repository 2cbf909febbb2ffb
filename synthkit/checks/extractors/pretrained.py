"""A folder of ``transformers`` as an extractor: DINOv2, DINOv3, CLIP, ViT, ResNet, ConvNeXt, timm and others.

Features are the ``pooler_output``; where the network has none, or its weights are not in the folder,
the CLS token; without such a token the mean over places. Of a network of images and text, such as
CLIP, it is the tower of images. Weights are read from safetensors only; a folder that needs code of
its own is refused.

    extractor = pretrained(Path("dinov2-small"), "dinov2-small")
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, AutoModel

from synthkit.checks.extractors.local import LocalExtractor, checkpoint, tried
from synthkit.checks.extractors.processor import preparation
from synthkit.errors import MissingExtra, ModelError
from synthkit.hush import hushed_transformers

CLASS_TOKENS = ("cls_token", "class_embedding")


def pretrained(folder: Path, shown: str) -> LocalExtractor:
    """The extractor in a folder.

    Args:
        folder: what ``save_pretrained`` wrote.
        shown: its path as the user spelled it.

    Raises:
        ModelError: it is damaged, incomplete, or holds no network of images.
        MissingExtra: it holds a network of timm, which is not installed.
    """
    kind = _model_type(folder, shown)
    tower, lacking = _tower(folder, shown)
    files = [*folder.glob("*.safetensors"), *folder.glob("*.json")]
    return tried(
        LocalExtractor(
            f"{kind} (checkpoint {checkpoint(files)})",
            shown,
            _forward(tower, pooled=not lacking),
            preparation(folder, tower.config, shown),
        )
    )


def _model_type(folder: Path, shown: str) -> str:
    """The family of networks that ``config.json`` names."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:  # no JSON, or no text
        config = None
    if not isinstance(config, dict):
        raise ModelError("config.json is damaged", where=shown, expected="JSON of transformers")
    kind = config.get("model_type")
    if config.get("auto_map"):
        raise ModelError(
            "the network needs code of its own, which is not run",
            where=shown,
            remedy="export it with torch.export.save, and name the .pt2 file",
        )
    if kind is None and "architecture" in config and "pretrained_cfg" in config:
        kind = "timm_wrapper"  # as timm itself writes it
    if kind not in CONFIG_MAPPING:
        raise ModelError(
            "config.json names no model_type that transformers knows",
            where=shown,
            expected="a network such as dinov2, clip, vit, resnet or convnext",
            remedy="upgrade transformers, or name a .pt2 file of torch.export.save",
        )
    return str(kind)


def _tower(folder: Path, shown: str) -> tuple[Any, bool]:
    """The network of images, in evaluation mode, and whether only its pooler has no weights."""
    try:
        with hushed_transformers():
            model, found = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except ImportError as error:
        missing = MissingExtra("timm", "images", "the extractor of the checks")
        missing.remedy = "install it with: pip install timm"
        raise missing from error
    except Exception as error:  # of many classes; the texts hold paths of this machine
        raise ModelError(
            "the weights are damaged, or do not go with config.json",
            where=shown,
            expected="a folder that save_pretrained wrote",
            remedy="copy the folder again, or save it again",
        ) from error
    tower = getattr(model, "vision_model", model)
    prefix = "" if tower is model else "vision_model."
    missing_keys = {key for key in found["missing_keys"] if key.startswith(prefix)}
    lacking = {key for key in missing_keys if ".pooler." not in f".{key}"}
    if getattr(tower, "main_input_name", None) != "pixel_values":
        raise ModelError(
            "the folder holds no network of images",
            where=shown,
            expected="a network such as dinov2, clip, vit, resnet or convnext",
        )
    if lacking:
        raise ModelError(
            f"{len(lacking)} of the network's weights are not in the folder",
            where=shown,
            expected="all weights that config.json asks for",
            remedy="save the whole network with save_pretrained",
        )
    return tower.eval(), bool(missing_keys)


def _forward(tower: nn.Module, pooled: bool) -> Callable[[Tensor], Tensor]:
    """(n, channels, height, width) -> (n, k)."""
    has_class = any(name.endswith(CLASS_TOKENS) for name, _ in tower.named_parameters())

    def forward(images: Tensor) -> Tensor:
        output = tower(pixel_values=images)
        features = getattr(output, "pooler_output", None) if pooled else None
        if features is not None:
            return features.flatten(1)
        states = output.last_hidden_state
        if states.ndim == 4:
            return states.mean(dim=(2, 3))
        return states[:, 0] if has_class else states.mean(dim=1)

    return forward

"""What a folder of ``transformers`` says of preparing images, as a ``Preparation``.

It stands in ``preprocessor_config.json``, in the ``image_processor`` of ``processor_config.json``, or,
of a network of timm, in the ``pretrained_cfg`` of ``config.json``. Where nothing is said, images are
stretched to the ``image_size`` of ``config.json`` and normalised as those of ImageNet.

NOTE[DIFF] Of ``resample``, bicubic and Lanczos become bicubic, all else bilinear; keys of single
families, such as ``rescale_offset``, are not known.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from synthkit.checks.extractors.preparation import Preparation
from synthkit.errors import ModelError

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet
GREY_MEAN, GREY_STD = (0.449,), (0.226,)
SIDE = 224
# Of ConvNeXt: from this side on, images are stretched to it instead of cropped.
STRETCHED_FROM = 384
BICUBIC = (1, 3)  # PIL's numbers of Lanczos and bicubic


def preparation(folder: Path, config: Any, shown: str) -> Preparation:
    """How images are brought to the network of a folder.

    Args:
        folder: of the network.
        config: its ``transformers`` config, of the tower of images.
        shown: the folder as the user spelled it.

    Raises:
        ModelError: the file is damaged.
    """
    channels = int(getattr(config, "num_channels", 3))
    try:
        if timm := getattr(config, "pretrained_cfg", None):
            return _of_timm(timm)
        side = getattr(config, "image_size", SIDE)
        stretched = _pair(side) if isinstance(side, int) else (int(side[0]), int(side[1]))
        settings = _settings(folder)
        if settings is None:
            mean, std = (MEAN, STD) if channels == 3 else (GREY_MEAN, GREY_STD)
            return Preparation(channels, stretched, None, mean, std)
        return _of_processor(settings, channels, stretched)
    except (
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    ) as error:
        raise ModelError(
            "what the folder says of preparing images is damaged",
            where=shown,
            expected="a preprocessor_config.json of transformers",
            remedy="save the image processor again, or remove the file",
        ) from error


def _settings(folder: Path) -> dict[str, Any] | None:
    own, shared = folder / "preprocessor_config.json", folder / "processor_config.json"
    if own.is_file():
        return dict(json.loads(own.read_text(encoding="utf-8")))
    if shared.is_file():
        return json.loads(shared.read_text(encoding="utf-8")).get("image_processor")
    return None


def _of_processor(
    settings: dict[str, Any], channels: int, stretched: tuple[int, int]
) -> Preparation:
    size, crop = _size(settings, stretched), None
    if settings.get("do_center_crop") and settings.get("crop_size"):
        crop = _sides(settings["crop_size"])
    percent, side = settings.get("crop_pct"), size
    if percent and isinstance(side, int):
        size, crop = (
            ((side, side), None) if side >= STRETCHED_FROM else (int(side / percent), (side, side))
        )
    levels = 255.0 * float(settings.get("rescale_factor", 1 / 255))
    if not settings.get("do_rescale", True):
        levels = 255.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    if settings.get("do_normalize", True):
        mean, std = (_numbers(settings[f"image_{key}"]) for key in ("mean", "std"))
    return Preparation(
        channels,
        size,
        crop,
        tuple(m / levels for m in mean),
        tuple(s / levels for s in std),
        _mode(settings.get("resample") in BICUBIC),
    )


def _size(settings: dict[str, Any], stretched: tuple[int, int]) -> tuple[int, int] | int:
    size = settings.get("size")
    if not settings.get("do_resize", True) or size is None:
        return stretched
    if isinstance(size, dict) and "shortest_edge" in size:
        return int(size["shortest_edge"])
    return _sides(size)


def _of_timm(settings: dict[str, Any]) -> Preparation:
    channels, height, width = (int(side) for side in settings["input_size"])
    percent = float(settings.get("crop_pct") or 1.0)
    return Preparation(
        channels,
        int(min(height, width) / percent),
        (height, width),
        _numbers(settings["mean"]),
        _numbers(settings["std"]),
        _mode(settings.get("interpolation") == "bicubic"),
    )


def _mode(bicubic: bool) -> Literal["bilinear", "bicubic"]:
    return "bicubic" if bicubic else "bilinear"


def _sides(size: Any) -> tuple[int, int]:
    return _pair(size) if isinstance(size, int) else (int(size["height"]), int(size["width"]))


def _pair(side: int) -> tuple[int, int]:
    return side, side


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)

"""``Checkpoint``: a folder that ``save_pretrained`` of a diffusers pipeline wrote, and what is refused of it.

    checkpoint = Checkpoint.at(Path("my-pipeline"))     # looks at no weights but their headers
    checkpoint.require_shape(64, 64, 3)
    checkpoint.digest                                   # tells it from all others

Nothing is fetched, and weights are read from safetensors only: the other format, pickles, may run
anybody's code. Of a pipeline only those parts are needed that are listed here; a safety checker is not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from safetensors import SafetensorError, safe_open

from synthkit.errors import ModelError, NotSupported

AT = ("generator", "finetune", "checkpoint")  # of a recipe
INDEX = "model_index.json"
WROTE = "a folder that save_pretrained of a diffusers pipeline wrote"
PIXEL_PARTS = {"unet": "UNet2DModel"}
LATENT_PARTS = {
    "unet": "UNet2DConditionModel",
    "vae": "AutoencoderKL",
    "text_encoder": "CLIPTextModel",
}
PIPELINES = {
    "DDPMPipeline": PIXEL_PARTS,
    "DDIMPipeline": PIXEL_PARTS,
    "StableDiffusionPipeline": LATENT_PARTS,
}
PREDICTIONS = ("epsilon", "v_prediction", "sample")
# Of a text-conditioned U-Net: what it asks for beside a text, which we do not have.
FURTHER = ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type", "num_class_embeds")
SCHEDULER, TOKENIZER = "scheduler/scheduler_config.json", "tokenizer"
STEMS = {"text_encoder": "model"}  # of files of weights; others have diffusers' own
STEM = "diffusion_pytorch_model"


@dataclass(frozen=True)
class Checkpoint:
    """A pipeline that can be fine-tuned.

    Args:
        folder: where it is.
        pipeline: its class, a key of ``PIPELINES``.
        configs: of its parts and its scheduler, as they are stored.
        weights: the files of its parts' weights.
    """

    folder: Path
    pipeline: str
    configs: dict[str, dict[str, Any]]
    weights: tuple[Path, ...]

    @classmethod
    def at(cls, folder: Path) -> Checkpoint:
        """The checkpoint of a folder.

        Raises:
            ModelError: a folder that is missing, no checkpoint, incomplete or damaged.
            NotSupported: a pipeline of another class, or whose parts ask for more than we have.
        """
        if not folder.is_dir():
            what = "this is a file" if folder.exists() else "there is no such folder"
            _refuse(folder, what, WROTE, "check the path")
        index = _json(folder, INDEX)
        pipeline = str(index.get("_class_name"))
        if pipeline not in PIPELINES:
            named = f"a {pipeline}" if pipeline.isidentifier() else "of no class that is known"
            raise NotSupported(
                f"the checkpoint is {named}, which cannot be fine-tuned",
                where=folder,
                expected=f"one of {', '.join(PIPELINES)}",
                at=AT,
            )
        configs = {"scheduler": _json(folder, SCHEDULER)}
        weights: list[Path] = []
        for part, expected in PIPELINES[pipeline].items():
            configs[part] = _json(folder, f"{part}/config.json")
            entry = index.get(part)
            found = entry[-1] if isinstance(entry, list) and entry else None
            if found != expected:
                _decline(folder, f"{part} of the checkpoint is {_word(found)}", expected)
            weights += _weights(folder, part)
        checkpoint = cls(folder, pipeline, configs, tuple(weights))
        checkpoint._require_known_terms()
        return checkpoint

    @property
    def has_text(self) -> bool:
        """Whether images are drawn given a text."""
        return PIPELINES[self.pipeline] is LATENT_PARTS

    @property
    def channels(self) -> int:
        """Of its images: 1 or 3."""
        return int(self.configs["vae" if self.has_text else "unet"]["in_channels"])

    @property
    def multiple(self) -> int:
        """Pixels of which each side of an image is a multiple."""
        parts = ("unet", "vae") if self.has_text else ("unet",)
        return int(2 ** sum(len(self.configs[p]["block_out_channels"]) - 1 for p in parts))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all files that are read, weights and settings."""
        settings = [self.folder / INDEX, self.folder / SCHEDULER]
        settings += [self.folder / part / "config.json" for part in PIPELINES[self.pipeline]]
        if self.has_text:
            settings += [p for p in (self.folder / TOKENIZER).iterdir() if p.is_file()]
        whole = hashlib.sha256()
        for file in sorted([*settings, *self.weights]):
            with file.open("rb") as stream:
                own = hashlib.file_digest(stream, "sha256").hexdigest()
            whole.update(f"{file.relative_to(self.folder).as_posix()} {own}\n".encode())
        return whole.hexdigest()

    def require_shape(self, height: int, width: int, channels: int) -> None:
        """Raises ``NotSupported`` for images that its networks cannot take."""
        if height % self.multiple or width % self.multiple:
            raise NotSupported(
                f"the images have {height} x {width} pixels, which the checkpoint cannot halve as often"
                " as it needs",
                where=self.folder,
                expected=f"sides that are multiples of {self.multiple}",
                remedy=f"set source.size to such a number, as {self._nearest(max(height, width))}",
                at=AT,
            )
        if channels > self.channels:
            raise NotSupported(
                "the images are in colour and the checkpoint's are grey",
                where=self.folder,
                expected="grey images",
                remedy="set source.channels to grey, or name a checkpoint for images in colour",
                at=AT,
            )

    def require_steps(self, steps: int) -> None:
        """Raises ``NotSupported`` for more steps than it was trained for."""
        most = int(self.configs["scheduler"].get("num_train_timesteps", 1000))
        if steps > most:
            raise NotSupported(
                f"generator.steps is {steps}, and the checkpoint has {most} steps of noise",
                where=self.folder,
                expected=f"at most {most}",
                at=("generator", "steps"),
            )

    def _nearest(self, side: int) -> int:
        return self.multiple * max(round(side / self.multiple), 1)

    def _require_known_terms(self) -> None:
        unet, scheduler = self.configs["unet"], self.configs["scheduler"]
        prediction = scheduler.get("prediction_type", "epsilon")
        if prediction not in PREDICTIONS or "beta_schedule" not in scheduler:
            found = f"the checkpoint's scheduler is {_word(scheduler.get('_class_name'))}"
            terms = f"one of betas that predicts {', '.join(PREDICTIONS[:-1])} or {PREDICTIONS[-1]}"
            _decline(self.folder, f"{found} with prediction_type {_word(prediction)}", terms)
        try:
            self._require_known_networks(unet)
        except (KeyError, TypeError, ValueError):
            _refuse(self.folder, "a config.json of the checkpoint is incomplete")

    def _require_known_networks(self, unet: dict[str, Any]) -> None:
        if self.channels not in (1, 3) or self.multiple < 1:
            _decline(
                self.folder, f"the checkpoint's images have {self.channels} channels", "1 or 3"
            )
        taken = self.configs["vae"]["latent_channels"] if self.has_text else self.channels
        if not unet["in_channels"] == unet["out_channels"] == taken:
            _decline(
                self.folder,
                f"the checkpoint's U-Net takes {unet['in_channels']} channels and gives"
                f" {unet['out_channels']}",
                f"{taken} and {taken}: no mask, and no variance",
            )
        further = [name for name in FURTHER if self.has_text and unet.get(name) is not None]
        if further:
            _decline(self.folder, f"the checkpoint's U-Net has an {further[0]}", "a text alone")
        hidden = self.configs["text_encoder"]["hidden_size"] if self.has_text else None
        if self.has_text and unet["cross_attention_dim"] != hidden:
            _decline(self.folder, "the checkpoint's U-Net and text encoder differ in width", "one")
        if self.has_text and not (self.folder / TOKENIZER).is_dir():
            _refuse(self.folder, f"the checkpoint has no {TOKENIZER}")


def _weights(folder: Path, part: str) -> list[Path]:
    """The files of a part's weights, whose headers can be read."""
    stem = STEMS.get(part, STEM)
    single, listed = f"{stem}.safetensors", f"{stem}.safetensors.index.json"
    names = {single}
    if not (folder / part / single).exists() and (folder / part / listed).exists():
        shards = _json(folder, f"{part}/{listed}").get("weight_map")
        names = {str(name) for name in shards.values()} if isinstance(shards, dict) else names
    files = [folder / part / Path(name).name for name in sorted(names)]
    for file in files:
        shown = file.relative_to(folder).as_posix()
        if not file.exists():
            pickled = any((folder / part).glob("*.bin"))
            remedy = "save it again with safe_serialization=True" if pickled else "save it again"
            _refuse(folder, f"the checkpoint has no {shown}", WROTE, remedy)
        try:
            with safe_open(file, framework="numpy") as opened:
                opened.keys()
        except (OSError, SafetensorError):
            _refuse(folder, f"{shown} of the checkpoint is damaged", WROTE)
    return files


def _json(folder: Path, name: str) -> dict[str, Any]:
    """A JSON file of the checkpoint, which holds a mapping."""
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        _refuse(folder, f"the folder has no {name}", WROTE)
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        _refuse(folder, f"{name} of the checkpoint is damaged", WROTE)
    return content


def _word(found: object) -> str:
    """A name that a checkpoint gives, if it is one."""
    return found if isinstance(found, str) and found.isidentifier() else "unknown"


def _refuse(
    folder: Path, what: str, expected: str = WROTE, remedy: str = "save the pipeline again"
) -> NoReturn:
    raise ModelError(what, where=folder, expected=expected, remedy=remedy, at=AT)


def _decline(folder: Path, what: str, expected: str) -> NoReturn:
    raise NotSupported(what, where=folder, expected=expected, at=AT)

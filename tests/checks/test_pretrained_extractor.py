"""Folders of ``transformers`` as extractors: whose features, of images prepared how; folders that are none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from synthkit.checks import image_checks
from synthkit.checks.extractors import load_extractor
from synthkit.contracts.checks import image_release, with_synthetic
from synthkit.errors import MissingExtra, ModelError
from synthkit.pictures import cells
from synthkit.run import Run

transformers = pytest.importorskip("transformers")
TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 16,
    "patch_size": 8,
}
TEXT = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 9,
    "bos_token_id": 7,
    "eos_token_id": 8,
}
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)


def saved(network: Any, folder: Path) -> Any:
    network.eval().save_pretrained(folder)
    return network


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("extractor") / "dino"
    saved(transformers.Dinov2Model(transformers.Dinov2Config(**TINY)), folder)
    return folder


def prepared(images: np.ndarray, mean: Any = MEAN, std: Any = STD) -> torch.Tensor:
    return torch.from_numpy(((images / 255 - mean) / std).transpose(0, 3, 1, 2)).float()


def features(folder: Path, images: np.ndarray = IMAGES) -> np.ndarray:
    return load_extractor(str(folder), Path()).features(images)


def equal(found: np.ndarray, expected: torch.Tensor) -> bool:
    return bool(np.allclose(found, expected.detach().numpy(), atol=1e-5))


def test_features_are_the_pooled_ones_of_images_as_imagenet_has_them(dino: Path) -> None:
    network = transformers.Dinov2Model.from_pretrained(dino)
    assert equal(features(dino), network(prepared(IMAGES)).pooler_output)
    name = load_extractor("dino", dino.parent).name
    assert name.startswith("dinov2 (checkpoint ")
    assert name.endswith("), 16 features")
    assert len(name.partition("checkpoint ")[2].partition(")")[0]) == 12
    grey = IMAGES[..., :1]
    assert equal(features(dino, grey), network(prepared(np.repeat(grey, 3, axis=3))).pooler_output)


def test_images_are_prepared_as_the_folder_says(dino: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dino, tmp_path / "dino"))
    settings = {
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.25, 0.25, 0.25],
        "size": {"shortest_edge": 24},
        "crop_size": {"height": 16, "width": 16},
        "do_center_crop": True,
        "resample": 3,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    network = transformers.Dinov2Model.from_pretrained(dino)
    images = np.random.default_rng(1).integers(0, 256, (5, 24, 30, 3), np.uint8)
    cropped = images[:, 4:20, 7:23]
    expected = network(prepared(cropped, 0.5, 0.25)).pooler_output
    assert equal(features(folder, images), expected)
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": settings}))
    assert equal(features(folder, images), expected)
    assert load_extractor(str(folder), Path()).name != load_extractor(str(dino), Path()).name


def test_preparations_of_transformers_agree(dino: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dino, tmp_path / "dino"))
    processor = transformers.BitImageProcessorPil(
        size={"shortest_edge": 20}, crop_size={"height": 16, "width": 16}, resample=3
    )
    processor.save_pretrained(folder)
    smooth = np.add.outer(np.arange(0, 120, 3), np.arange(0, 150, 3)).astype(np.uint8)
    images = np.repeat(smooth[None, ..., None], 3, axis=3)
    theirs = processor(list(images), return_tensors="pt")["pixel_values"]
    ours = load_extractor(str(folder), Path()).prepare(torch.from_numpy(images))
    assert ours.shape == theirs.shape == (1, 3, 16, 16)
    # They round to whole levels twice, after either direction.
    assert (ours - theirs).abs().max() < 1 / 255 / min(processor.image_std) + 1e-4


def test_of_clip_the_tower_of_images_is_taken(tmp_path: Path) -> None:
    config = transformers.CLIPConfig(vision_config=TINY, text_config=TEXT)
    network = saved(transformers.CLIPModel(config), tmp_path / "clip")
    expected = network.vision_model(prepared(IMAGES)).pooler_output
    assert equal(features(tmp_path / "clip"), expected)


def test_a_pooler_without_weights_is_not_used(tmp_path: Path) -> None:
    config = transformers.ViTConfig(**TINY)
    network = saved(transformers.ViTForImageClassification(config), tmp_path / "vit")
    expected = network.vit(prepared(IMAGES)).last_hidden_state[:, 0]
    assert equal(features(tmp_path / "vit"), expected)


def test_maps_of_convolutions_are_averaged(tmp_path: Path) -> None:
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1])
    network = saved(transformers.ResNetModel(config), tmp_path / "resnet")
    settings = {"size": 16, "image_mean": MEAN.tolist(), "image_std": STD.tolist()}
    (tmp_path / "resnet" / "preprocessor_config.json").write_text(json.dumps(settings))
    expected = network(prepared(IMAGES)).last_hidden_state.mean((2, 3))
    assert equal(features(tmp_path / "resnet"), expected)


def test_noise_is_found_with_its_features(dino: Path) -> None:
    honest = image_release(150)
    honest.extractor = load_extractor(str(dino), Path())
    noise = np.random.default_rng(1).integers(0, 256, (150, 8, 8, 1), np.uint8)
    faulty = with_synthetic(honest, honest.synthetic.assign(picture=cells(noise)))
    for evidence, low, high in ((honest, 0.0, 3.0), (faulty, 10.0, np.inf)):
        (result,) = image_checks.get("frechet")().run(evidence, Run(0))
        assert result.detail["extractor"] == honest.extractor.name
        assert low < result.detail["times_reference"] < high


def without(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names] and None


def written(name: str, content: str | bytes) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(data) and None


def halved(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def configured(**entries: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **entries}))

    return change


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"x": torch.zeros(1)}, folder / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without("config.json"), "has no config.json"),
        (without("model.safetensors"), "no weights in the format safetensors"),
        (pickled, "no weights in the format safetensors"),
        (written("config.json", "{"), "config.json is damaged"),
        (written("config.json", b"\xff\xfe"), "config.json is damaged"),
        (written("config.json", "{}"), "no model_type that transformers knows"),
        (configured(model_type="nonesuch"), "no model_type that transformers knows"),
        (configured(auto_map={"AutoModel": "code.Network"}), "code of its own, which is not run"),
        (written("model.safetensors", "x" * 99), "weights are damaged"),
        (halved, "weights are damaged"),
        (configured(hidden_size=32), "weights are damaged, or do not go with config.json"),
        (configured(num_hidden_layers=3), "of the network's weights are not in the folder"),
        (written("preprocessor_config.json", "{"), "preparing images is damaged"),
        (written("preprocessor_config.json", '{"size": "big"}'), "preparing images is damaged"),
        (configured(num_channels=1), "do not go with config.json"),
    ],
)
def test_a_folder_that_does_not_work_is_refused(
    dino: Path, tmp_path: Path, damage: Callable[[Path], None], said: str, capfd: Any
) -> None:
    folder = Path(shutil.copytree(dino, tmp_path / "mine"))
    damage(folder)
    with pytest.raises(ModelError) as caught:
        load_extractor("mine", tmp_path)
    assert str(caught.value).startswith("mine: ")
    assert said in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_network_of_text_is_refused(tmp_path: Path) -> None:
    saved(transformers.BertModel(transformers.BertConfig(**TEXT)), tmp_path / "bert")
    with pytest.raises(ModelError, match="bert: the folder holds no network of images"):
        load_extractor("bert", tmp_path)


def test_packages_that_are_missing_are_named(
    dino: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"architecture": "resnet18", "pretrained_cfg": {}, "model_type": "timm_wrapper"}
    shutil.copytree(dino, tmp_path / "timm")
    (tmp_path / "timm" / "config.json").write_text(json.dumps(config))
    if not transformers.utils.is_timm_available():
        with pytest.raises(MissingExtra, match=r"needs the package timm.*pip install timm"):
            load_extractor("timm", tmp_path)
    monkeypatch.setattr(
        "synthkit.checks.extractors.find_spec", lambda name: name != "transformers" or None
    )
    with pytest.raises(MissingExtra, match=r"the package transformers.*synthkit\[images\]"):
        load_extractor(str(dino), Path())

"""``diffusion`` from a checkpoint: what is learned, what is stored, what is refused."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from pipelines_on_disk import pixel_pipeline, text_pipeline  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

import synthkit as sk  # noqa: E402
from synthkit.checkpoints import Checkpoint as TrainingCheckpoint  # noqa: E402
from synthkit.cli import app  # noqa: E402
from synthkit.errors import MissingExtra, ModelError, NotSupported, RecipeError  # noqa: E402
from synthkit.generators.base import Given  # noqa: E402
from synthkit.generators.images.config import ImageDiffusionConfig  # noqa: E402
from synthkit.generators.images.diffusion import ImageDiffusion  # noqa: E402
from synthkit.nn.images.adapted import Adapted, adapted_layers  # noqa: E402
from synthkit.nn.images.checkpoint import Checkpoint  # noqa: E402
from synthkit.nn.images.pretrained import pretrained  # noqa: E402
from synthkit.pictures import cells  # noqa: E402
from synthkit.recipe_io import json_schema, parse_recipe  # noqa: E402
from synthkit.run import Run  # noqa: E402
from synthkit.transforms.layout import Batch, Categorical, Image, Layout, Numeric  # noqa: E402

BLACK, WHITE = 0, 1
QUICK = {"epochs": 1, "batch_rows": 40, "steps": 2}


def layout(channels: int, side: int = 8) -> Layout:
    return Layout((Image("image", (side, side, channels)), Categorical("label", 2)))


def batch(channels: int, side: int = 8) -> Batch:
    """130 images, black or white by their label."""
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=130).astype(np.int32)
    grain = rng.integers(-20, 20, size=(130, side, side, channels))
    images = np.where(label, 225, 30)[:, None, None, None] + grain
    return {"image": images.astype(np.uint8), "label": label}


def fitted(folder: Path, channels: int = 1, **options: Any) -> ImageDiffusion:
    own = {"checkpoint": str(folder), "learning_rate": 1e-2, **options.pop("finetune", {})}
    backend = ImageDiffusion(ImageDiffusionConfig(**{**QUICK, **options}, finetune=own))
    backend.fit(batch(channels), layout(channels), Run(seed=1))
    return backend


def brightness(backend: ImageDiffusion, channels: int = 1) -> tuple[float, float]:
    """The mean of images drawn as black, and of those drawn as white."""
    label = np.repeat([BLACK, WHITE], 20).astype(np.int32)
    blank = np.zeros((40, 8, 8, channels), np.uint8)
    given = Given({"image": blank, "label": label}, {"label": np.ones(40, bool)})
    images = backend.sample(40, np.random.default_rng(0), given)["image"]
    return float(images[:20].mean()), float(images[20:].mean())


def untrained(folder: Path, channels: int = 1, prompt: str = "") -> Adapted:
    torch.manual_seed(0)
    return Adapted(pretrained(Checkpoint.at(folder), prompt, channels), 4, [2])


def drawn(net: Adapted, codes: list[int], guidance: float = 1.0) -> np.ndarray:
    draws = torch.Generator().manual_seed(0)
    with torch.no_grad():
        return net.sample(torch.tensor(codes)[:, None], (8, 8), 2, guidance, draws).numpy()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint for grey images."""
    return pixel_pipeline(tmp_path_factory.mktemp("grey"), prediction="sample")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that is told a text."""
    return text_pipeline(tmp_path_factory.mktemp("told"), prediction="sample")


@pytest.fixture(scope="module")
def quick(folder: Path) -> ImageDiffusion:
    return fitted(folder)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
def test_a_network_that_knows_the_image_has_no_loss_and_draws_it(
    prediction: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = untrained(pixel_pipeline(tmp_path / "p", prediction=prediction))
    images = torch.full((6, 8, 8, 1), 204, dtype=torch.uint8)
    codes, x = torch.zeros(6, 1, dtype=torch.int64), 204 / 127.5 - 1

    def oracle(at: Any, t: Any, said: Any) -> Any:
        alpha_bar = net.base.schedule.alphas_cumprod[t][:, None, None, None]
        a, s = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        noise = (at - a * x) / s
        return {
            "epsilon": noise,
            "v_prediction": a * noise - s * x,
            "sample": torch.full_like(at, x),
        }[prediction]

    monkeypatch.setattr(net.base, "predict", oracle)
    assert net.loss(images, codes, 0.1).max() < 1e-4
    draws = torch.Generator().manual_seed(0)
    assert torch.equal(net.sample(codes, (8, 8), 5, 1.0, draws), images)


def test_labels_are_learned(folder: Path) -> None:
    black, white = brightness(fitted(folder, finetune={"learning_rate": 1e-9}))
    assert white - black < 5
    black, white = brightness(fitted(folder, epochs=15))
    assert white - black > 100


def test_guidance_says_how_much_labels_are_followed(quick: ImageDiffusion) -> None:
    ignored, followed = (
        [drawn(quick._net, [label], guidance) for label in (BLACK, WHITE)]
        for guidance in (0.0, 2.0)
    )
    assert np.array_equal(*ignored)
    assert not np.array_equal(*followed)


def test_labels_are_learned_as_one_more_token(told: Path) -> None:
    before = fitted(told, 3, finetune={"prompt": "a photo", "learning_rate": 1e-9})
    black, white = brightness(before, 3)
    assert abs(white - black) < 10
    after = fitted(told, 3, epochs=25, finetune={"prompt": "a photo", "learning_rate": 2e-2})
    black, white = brightness(after, 3)
    assert white - black > 25


def test_an_untrained_adapter_changes_nothing(folder: Path) -> None:
    from diffusers import UNet2DModel

    x, t = torch.randn(3, 1, 8, 8), torch.tensor([1, 500, 999])
    own = UNet2DModel.from_pretrained(str(folder / "unet"))(x, t, return_dict=False)[0]
    net = untrained(folder)
    said = net.condition(torch.zeros(3, 1, dtype=torch.int64))
    assert torch.allclose(net.base.predict(x, t, said), own)


def test_the_prompt_is_told(told: Path) -> None:
    one, other = (drawn(untrained(told, 3, p), [0, 1]) for p in ("a photo", "a hat"))
    assert not np.array_equal(one, other)


def test_the_checkpoint_stays_as_it_was(folder: Path, quick: ImageDiffusion) -> None:
    before = pretrained(Checkpoint.at(folder), "", 1).unet.state_dict()
    after = quick._net.base.unet.state_dict()
    for name, weight in before.items():
        place, _, last = name.rpartition(".")
        kept = after.get(name, after.get(f"{place}.base_layer.{last}"))
        assert torch.equal(kept, weight), name
    assert any(array.any() for name, array in quick.state().arrays.items() if "lora_B" in name)


def test_a_seed_gives_the_same_weights(folder: Path, quick: ImageDiffusion) -> None:
    first, second = quick.state().arrays, fitted(folder).state().arrays
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_copies_share_all_but_what_is_trained(folder: Path) -> None:
    net = untrained(folder)
    other = copy.deepcopy(copy.deepcopy(net))
    ours, theirs = (dict(n.base.unet.named_parameters()) for n in (net, other))
    own = {name for name in ours if ours[name] is not theirs[name]}
    assert own == {name for name in ours if ".lora_" in name}
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1.0)
    assert not np.array_equal(drawn(net, [0]), drawn(other, [0]))


def test_the_state_is_small_and_holds_no_weight_of_the_checkpoint(
    folder: Path, quick: ImageDiffusion
) -> None:
    state = quick.state()
    assert set(state.meta) == {"labels", "checkpoint"}
    kinds = {name.split("/")[1].split(".")[0] for name in state.arrays if name.startswith("net/")}
    assert kinds == {"adapters", "condition"}
    assert not any("base_layer" in name for name in state.arrays)
    assert str(folder) not in json.dumps(state.meta)


def test_a_training_goes_on_from_what_was_trained(folder: Path, tmp_path: Path) -> None:
    net, other = untrained(folder), untrained(folder)
    with torch.no_grad():
        for weight in net.parameters():
            weight.normal_()
    kept = TrainingCheckpoint(tmp_path / "diffusion.safetensors")
    kept.write({"trained": net}, [], {"step": 3})
    assert kept.read({"trained": other}, []) == {"step": 3}
    assert np.array_equal(drawn(net, [0, 1]), drawn(other, [0, 1]))


def test_a_model_needs_the_checkpoint_it_came_from(tmp_path: Path) -> None:
    folder = pixel_pipeline(tmp_path / "p")
    backend = fitted(folder)
    again = ImageDiffusion.from_state(backend.config, layout(1), backend.state())
    first, second = (b.sample(9, np.random.default_rng(4)) for b in (backend, again))
    assert np.array_equal(first["image"], second["image"])
    pixel_pipeline(folder, prediction="v_prediction")
    with pytest.raises(ModelError, match="is not the one that the model was fine-tuned from"):
        ImageDiffusion.from_state(backend.config, layout(1), backend.state())
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="there is no such folder"):
        ImageDiffusion.from_state(backend.config, layout(1), backend.state())


@pytest.mark.parametrize("attributes", [False, True], ids=["nothing known", "attributes"])
def test_rows_fit_the_layout_and_follow_from_the_seed(attributes: bool, tmp_path: Path) -> None:
    folder = pixel_pipeline(tmp_path / "p", channels=3)
    beside = (Numeric("size"), Categorical("kind", 4)) if attributes else ()
    own = Layout((Image("image", (9, 12, 3)), *beside))
    rng = np.random.default_rng(0)
    rows: Batch = {"image": rng.integers(256, size=(110, 9, 12, 3), dtype=np.uint8)}
    if attributes:
        rows |= {"size": rng.random(110), "kind": rng.integers(4, size=110).astype(np.int32)}
    config = ImageDiffusionConfig(**QUICK, finetune={"checkpoint": str(folder)})
    backend = ImageDiffusion(config)
    backend.fit(rows, own, Run(seed=3))
    first, again, other = (backend.sample(23, np.random.default_rng(s)) for s in (1, 1, 2))
    assert own.check(first) == 23
    assert all(np.array_equal(first[name], again[name]) for name in own.names)
    assert not np.array_equal(first["image"], other["image"])
    assert own.check(backend.sample(0, np.random.default_rng(1))) == 0


def test_grey_images_fit_a_checkpoint_in_colour(tmp_path: Path) -> None:
    backend = fitted(pixel_pipeline(tmp_path / "p", channels=3))
    assert backend.sample(5, np.random.default_rng(0))["image"].shape == (5, 8, 8, 1)


def test_classes_of_the_checkpoint_are_replaced(tmp_path: Path) -> None:
    folder = pixel_pipeline(tmp_path / "p", num_class_embeds=5)
    own = pretrained(Checkpoint.at(folder), "", 1)
    assert own.start().abs().sum() > 0
    assert fitted(folder).sample(3, np.random.default_rng(0))["image"].shape == (3, 8, 8, 1)


def test_attention_alone_is_adapted_where_a_text_is_told(folder: Path, told: Path) -> None:
    layers = adapted_layers(pretrained(Checkpoint.at(told), "", 3).unet)
    assert {name.rpartition(".attn")[2][2:] for name in layers} == {
        *("to_q", "to_k", "to_v", "to_out.0")
    }
    assert "conv_out" in adapted_layers(pretrained(Checkpoint.at(folder), "", 1).unet)


def rewrite(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


FAULTS: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "missing": (lambda f: shutil.rmtree(f), ModelError, "there is no such folder"),
    "a file": (
        lambda f: (shutil.rmtree(f), f.write_text("x")),
        ModelError,
        "this is a file; expected a folder that save_pretrained",
    ),
    "no index": (
        lambda f: (f / "model_index.json").unlink(),
        ModelError,
        "the folder has no model_index.json",
    ),
    "damaged index": (
        lambda f: (f / "model_index.json").write_text("{"),
        ModelError,
        "model_index.json of the checkpoint is damaged",
    ),
    "another pipeline": (
        lambda f: rewrite(f / "model_index.json", _class_name="FluxPipeline"),
        NotSupported,
        "is a FluxPipeline, which cannot be fine-tuned; expected one of DDPMPipeline",
    ),
    "another U-Net": (
        lambda f: rewrite(f / "model_index.json", unet=["diffusers", "UNet1DModel"]),
        NotSupported,
        "unet of the checkpoint is UNet1DModel; expected UNet2DModel",
    ),
    "another prediction": (
        lambda f: rewrite(f / "scheduler/scheduler_config.json", prediction_type="flow_prediction"),
        NotSupported,
        "with prediction_type flow_prediction; expected one of betas that predicts epsilon",
    ),
    "a variance": (
        lambda f: rewrite(f / "unet/config.json", out_channels=2),
        NotSupported,
        "takes 1 channels and gives 2; expected 1 and 1",
    ),
    "an incomplete config": (
        lambda f: (f / "unet/config.json").write_text("{}"),
        ModelError,
        "a config.json of the checkpoint is incomplete",
    ),
    "no weights": (
        lambda f: (f / "unet/diffusion_pytorch_model.safetensors").unlink(),
        ModelError,
        "the checkpoint has no unet/diffusion_pytorch_model.safetensors",
    ),
    "pickled weights": (
        lambda f: (f / "unet/diffusion_pytorch_model.safetensors").rename(
            f / "unet/diffusion_pytorch_model.bin"
        ),
        ModelError,
        "Save it again with safe_serialization=True",
    ),
    "cut off weights": (
        lambda f: (f / "unet/diffusion_pytorch_model.safetensors").write_bytes(
            (f / "unet/diffusion_pytorch_model.safetensors").read_bytes()[:-100]
        ),
        ModelError,
        "unet/diffusion_pytorch_model.safetensors of the checkpoint is damaged",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_checkpoint_is_refused(fault: str, folder: Path, tmp_path: Path) -> None:
    make, error, message = FAULTS[fault]
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    make(broken)
    config = ImageDiffusionConfig(finetune={"checkpoint": str(broken)})
    with pytest.raises(error) as refused:
        ImageDiffusion(config).require()
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(broken))


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    rewrite(broken / "unet/config.json", block_out_channels=[16])
    with pytest.raises(ModelError, match="unet of the checkpoint is damaged"):
        fitted(broken)


def test_a_damaged_tokenizer_is_refused(told: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(told, broken)
    (broken / "tokenizer/tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="tokenizer of the checkpoint is damaged"):
        fitted(broken, 3)


def test_images_that_do_not_fit_are_refused(told: Path, folder: Path) -> None:
    checkpoint = Checkpoint.at(told)
    assert checkpoint.multiple == 4
    with pytest.raises(NotSupported, match=r"10 x 8 pixels.*multiples of 4.*source.size"):
        checkpoint.require_shape(10, 8, 3)
    with pytest.raises(NotSupported, match=r"in colour.*Set source.channels to grey"):
        Checkpoint.at(folder).require_shape(8, 8, 3)


def test_options_that_do_not_fit_are_refused(folder: Path, told: Path) -> None:
    with pytest.raises(NotSupported, match="the checkpoint is told no text"):
        fitted(folder, finetune={"prompt": "a photo"})
    short = Checkpoint(folder, "DDPMPipeline", {"scheduler": {"num_train_timesteps": 10}}, ())
    with pytest.raises(NotSupported, match=r"generator.steps is 11, and the checkpoint has 10"):
        short.require_steps(11)
    with pytest.raises(NotSupported, match="at most 8 tokens"):
        fitted(told, 3, finetune={"prompt": "a photo a photo a photo"})


def test_a_backend_tells_what_it_started_from(told: Path) -> None:
    config = ImageDiffusionConfig.model_validate({"finetune": {"checkpoint": str(told)}})
    assert ImageDiffusion(config).packages() == ("diffusers", "peft", "transformers")
    assert ImageDiffusion(config).fine_tuned_from() == {
        "pipeline": "StableDiffusionPipeline",
        "sha256": Checkpoint.at(told).digest,
    }
    own = ImageDiffusion(ImageDiffusionConfig())
    assert (own.packages(), own.fine_tuned_from()) == (("diffusers",), {})


def test_absent_packages_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthkit.generators.images.finetuning.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"generator.finetune needs the package peft"):
        fitted(folder)


def recipe(tmp_path: Path, **finetune: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "source": {"kind": "images", "path": "nowhere", "holdout": 0.2},
        "generator": {"backend": "diffusion", **QUICK, "finetune": finetune},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 20},
    }


def test_wrong_options_are_refused_in_the_recipe(tmp_path: Path) -> None:
    content = recipe(tmp_path, checkpoint="p", rank=0, promt="x")
    with pytest.raises(RecipeError) as refused:
        parse_recipe(content)
    assert "generator.finetune.rank: is 0; expected a number at least 1" in str(refused.value)
    assert "Did you mean 'prompt'?" in str(refused.value)
    content = recipe(tmp_path, checkpoint="p")
    content["generator"]["width"] = 8
    with pytest.raises(RecipeError, match="no width beside it"):
        parse_recipe(content)
    own = json_schema()["$defs"]["FinetuneConfig"]["properties"]
    assert all(own[name]["description"] for name in ("checkpoint", "rank", "prompt"))


def test_a_checkpoint_is_refused_before_the_source_is_read(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(recipe(tmp_path, checkpoint="none"), sort_keys=False))
    with pytest.raises(
        RecipeError, match=r"generator.finetune.checkpoint: there is no such folder"
    ):
        sk.generate(file)


@pytest.mark.parametrize(
    ("finetune", "key", "what"),
    [
        ({"checkpoint": "empty"}, "checkpoint", "the folder has no model_index.json"),
        ({"checkpoint": "none"}, "checkpoint", "there is no such folder"),
        ({"checkpoint": "p", "prompt": "a"}, "prompt", "the checkpoint is told no text"),
    ],
)
def test_validate_looks_at_the_checkpoint(
    folder: Path, tmp_path: Path, finetune: dict[str, str], key: str, what: str
) -> None:
    shutil.copytree(folder, tmp_path / "p")
    (tmp_path / "empty").mkdir()
    content = recipe(tmp_path, **finetune) | {"sede": 1}
    content["source"]["path"] = "example:digits"
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    answer = CliRunner().invoke(app, ["validate", str(file)])
    assert answer.exit_code == 2
    line = next(line for line in answer.stderr.splitlines() if f"finetune.{key}: {what}" in line)
    assert line.startswith(f"{file}:")  # with its line, beside every other problem
    assert "there is no such key" in answer.stderr
    content = recipe(tmp_path, checkpoint="p")  # found beside the recipe
    content["source"]["path"] = "example:digits"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    assert CliRunner().invoke(app, ["validate", str(file)]).exit_code == 0


def test_a_run_finds_the_checkpoint_beside_the_recipe(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    shutil.copytree(folder, tmp_path / "recipes" / "p")
    content = recipe(tmp_path, checkpoint="./p", learning_rate=1e-2)
    (tmp_path / "recipes" / "r.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    made = batch(1)
    frame = pd.DataFrame(
        {"image": cells(made["image"]), "label": np.array(["black", "white"])[made["label"]]}
    )
    monkeypatch.chdir(tmp_path)
    run = sk.generate(Path("recipes/r.yaml"), data=frame)
    assert len(run.synthetic) == 20
    assert (
        yaml.safe_load((run.path / "recipe.yaml").read_text())["generator"]["finetune"][
            "checkpoint"
        ]
        == "./p"
    )
    stored = (run.path / "model" / "model.json").read_text()
    assert json.loads(stored)["config"]["finetune"]["checkpoint"] == "recipes/p"
    told = {"pipeline": "DDPMPipeline", "sha256": Checkpoint.at(folder).digest}
    assert run.manifest["fine_tuned_from"] == run.report.facts["fine_tuned_from"] == told
    assert {"torch", "diffusers", "peft"} <= set(run.manifest["versions"])
    assert "transformers" not in run.manifest["versions"]
    page = (run.path / "report.html").read_text()
    assert "Fine-tuned from a checkpoint" in page
    assert told["sha256"] in page
    for written in (page, (run.path / "manifest.json").read_text()):
        assert "recipes/p" not in written
    model = sk.load(run.path / "model")
    assert set(model.sample(5, given={"label": "white"}, seed=1)["label"]) == {"white"}

"""A program of ``torch.export`` as an extractor: its features by hand, planted faults, files that are none."""

from __future__ import annotations

import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from extractor_files import Function, Linear, exported, tampered
from torch import Tensor, nn

from synthkit.checks import image_checks
from synthkit.checks.base import Evidence
from synthkit.checks.extractors import load_extractor
from synthkit.checks.extractors.remembered import Remembered
from synthkit.checks.fidelity.frechet import frechet_distance
from synthkit.checks.gallery import gallery
from synthkit.contracts.checks import image_release, with_synthetic
from synthkit.errors import CheckError, MissingExtra, ModelError
from synthkit.pictures import cells, pixels
from synthkit.results import CheckResult
from synthkit.run import Run

GREY = torch.zeros(2, 1, 8, 8)


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that gives 12 known sums of an 8 x 8 image."""
    folder = tmp_path_factory.mktemp("linear")
    weights = torch.from_numpy(np.random.default_rng(3).normal(size=(64, 12)).astype(np.float32))
    return exported(Linear(weights), folder / "features.pt2", GREY)


def features(file: Path, images: object) -> np.ndarray:
    return load_extractor(str(file), Path()).features(np.array(images, np.uint8))


def refused(file: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_extractor(file.name, file.parent)
    assert str(caught.value).startswith(f"{file.name}: ")
    return str(caught.value)


def changed(file: Path, **entries: object) -> Path:
    """A copy whose ``model.json`` has other entries."""

    def edit(name: str, content: bytes) -> bytes:
        if not name.endswith("model.json"):
            return content
        return json.dumps({**json.loads(content), **entries}).encode()

    return tampered(file, file.with_name("changed.pt2"), edit)


def test_values_are_in_0_to_1_and_resized_by_antialiased_triangles(tmp_path: Path) -> None:
    file = exported(Linear(torch.eye(4)), tmp_path / "f.pt2", torch.zeros(2, 1, 2, 2))
    row = np.array([0, 35, 70, 245])
    images = np.tile(row, (1, 4, 1))[..., None]
    # From 4 pixels to 2 a pixel's triangle reaches over 4: weights 3, 3, 1 and 1, 3, 3 of 7.
    left, right = (3 * 0 + 3 * 35 + 70) / 7 / 255, (35 + 3 * 70 + 3 * 245) / 7 / 255
    assert features(file, images) == pytest.approx(np.array([[left, right, left, right]]), abs=1e-6)


def test_colours_become_luma_and_grey_becomes_colours(tmp_path: Path) -> None:
    one = exported(Linear(torch.eye(4)), tmp_path / "one.pt2", torch.zeros(2, 1, 2, 2))
    three = exported(Linear(torch.eye(12)), tmp_path / "three.pt2", torch.zeros(2, 3, 2, 2))
    colours = np.tile([255, 51, 102], (1, 2, 2, 1))
    luma = 0.299 + 0.587 * 0.2 + 0.114 * 0.4
    assert features(one, colours) == pytest.approx(np.full((1, 4), luma), abs=1e-6)
    grey = np.array([0, 51, 102, 255]).reshape(1, 2, 2, 1)
    assert features(three, grey) == pytest.approx(np.tile([[0, 0.2, 0.4, 1]], 3), abs=1e-6)
    each = np.repeat([1.0, 0.2, 0.4], 4)[None]
    assert features(three, colours) == pytest.approx(each, abs=1e-6)


def test_blocks_make_no_difference_and_no_image_has_no_features(linear: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (70, 8, 8, 1), np.uint8)
    extractor = load_extractor(str(linear), Path())
    found = extractor.features(images)
    assert found.dtype == np.float32
    weights = torch.export.load(linear).state_dict["weights"].detach().numpy()
    assert found == pytest.approx(images.reshape(70, 64) / 255 @ weights, abs=1e-4)
    assert extractor.features(images[69:]) == pytest.approx(found[69:], abs=1e-5)
    assert extractor.features(images[:0]).shape == (0, 12)


def test_its_name_follows_the_weights_and_holds_no_path(linear: Path, tmp_path: Path) -> None:
    name = load_extractor(str(linear), Path()).name
    assert name.startswith("exported program (checkpoint ")
    assert name.endswith("), 12 features")
    assert str(linear.parent) not in name
    copy = tmp_path / "other name.pt2"
    copy.write_bytes(linear.read_bytes())
    assert load_extractor(str(copy), Path()).name == name
    other = exported(Linear(torch.ones(64, 12)), tmp_path / "ones.pt2", GREY)
    assert load_extractor(str(other), Path()).name != name


def test_a_program_that_needs_two_images_gets_them(tmp_path: Path) -> None:
    shapes = ({0: torch.export.Dim.AUTO},)
    program = torch.export.export(Linear(torch.eye(64)), (GREY,), dynamic_shapes=shapes)
    torch.export.save(program, tmp_path / "two.pt2")
    image = np.full((1, 8, 8, 1), 255, np.uint8)
    assert features(tmp_path / "two.pt2", image) == pytest.approx(np.ones((1, 64)))


def test_an_image_is_looked_at_once() -> None:
    seen: list[int] = []

    class Counting:
        name = "counting"

        def features(self, images: np.ndarray) -> np.ndarray:
            seen.append(len(images))
            return images.reshape(len(images), 1).astype(np.float32)

    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    extractor = Remembered(Counting())
    assert extractor.features(images[[0, 1, 1, 2]]).ravel().tolist() == [0, 1, 1, 2]
    assert extractor.features(images[[5, 2, 0]]).ravel().tolist() == [5, 2, 0]
    assert extractor.features(images[[0]]).ravel().tolist() == [0]
    assert seen == [3, 1]
    assert extractor.features(images[:0]).shape == (0, 1)


@pytest.fixture(scope="module")
def honest(linear: Path) -> Evidence:
    evidence = image_release(300)
    evidence.extractor = load_extractor(str(linear), Path())
    return evidence


def found(evidence: Evidence, *names: str) -> dict[str, CheckResult]:
    run = Run(0)
    return {r.name: r for name in names for r in image_checks.get(name)().run(evidence, run)}


@pytest.mark.usefixtures("remembered_classifiers")
def test_checks_compare_its_features_and_classify_by_the_network(honest: Evidence) -> None:
    by_features = ("frechet", "kernel_distance", "manifold", "c2st", "near_copies")
    results = found(honest, *by_features, "label_match", "class_score", "diversity")
    assert honest.extractor is not None
    name = honest.extractor.name
    for check in ("frechet", "kernel_distance", "manifold.recall", "c2st", "near_copies.features"):
        assert results[check].detail["extractor"] == name, check
    for check in ("label_match", "class_score", "diversity.modes"):
        assert "CNN trained" in results[check].detail["extractor"], check
        assert results[check].status == "measured", check
    m = results["frechet"].n
    both = (gallery(honest, role).images[:m] for role in ("synthetic", "holdout"))
    by_hand = frechet_distance(*(honest.extractor.features(x).astype(float) for x in both))
    assert results["frechet"].value == pytest.approx(by_hand, rel=1e-4)
    assert (results["frechet"].value or 0.0) < 3 * (results["frechet"].reference or 0.0)


def test_noise_in_the_place_of_images_is_found(honest: Evidence) -> None:
    frame = honest.synthetic
    noise = np.random.default_rng(1).integers(0, 256, (len(frame), 8, 8, 1), np.uint8)
    results = found(
        with_synthetic(honest, frame.assign(picture=cells(noise))), "frechet", "manifold", "c2st"
    )
    assert results["frechet"].detail["times_reference"] > 30
    assert (results["manifold.precision"].value or 0.0) < 0.05
    assert (results["c2st"].value or 0.0) > 0.95


def test_copies_are_near_copies_by_its_features(honest: Evidence) -> None:
    images = pixels(honest.train["picture"])
    copies = with_synthetic(honest, honest.train.assign(picture=cells(images)))
    result = found(copies, "near_copies")["near_copies.features"]
    assert (result.ci or (0.0, 0.0))[0] > 0.5


def test_features_that_are_not_finite_are_no_evidence(tmp_path: Path) -> None:
    nan = Function(lambda x: (x.mean((2, 3)) - 0.25).log().expand(-1, 3))
    evidence = image_release(120)
    evidence.extractor = load_extractor(str(exported(nan, tmp_path / "nan.pt2", GREY)), Path())
    with pytest.raises(CheckError, match=r"\), 3 features: the features of some .* not finite"):
        found(evidence, "frechet")


@pytest.mark.parametrize(
    ("function", "inputs", "dynamic", "said"),
    [
        (lambda x, y: (x + y).flatten(1), (GREY, GREY), (0,), "takes 2 inputs"),
        (lambda x: x.flatten(1), (torch.zeros(2, 4, 8, 8),), (0,), "takes (n, 4, 8, 8) of"),
        (lambda x: x.double(), (torch.zeros(2, 8, 8),), (0,), "takes (n, 8, 8) of torch.float32"),
        (lambda x: x.flatten(1) * 2, (GREY.double(),), (0,), "of torch.float64"),
        (lambda x: x.flatten(1), (GREY,), (), "takes exactly 2 images at once"),
        (lambda x: x.mean((2, 3)), (GREY,), (0, 2, 3), "takes images of any size"),
        (lambda x: x * 2, (GREY,), (0,), "gives a tensor of shape (3, 1, 8, 8) for 3 images"),
        (lambda x: x.mean(0).flatten(1), (GREY,), (0,), "gives a tensor of shape (1, 64)"),
        (lambda x: x.flatten(1).argmax(1, True), (GREY,), (0,), "expected one tensor of floats"),
        (lambda x: (x.flatten(1), x * 2), (GREY,), (0,), "gives an object of type tuple"),
        (lambda x: x.flatten(1) / 0, (GREY,), (0,), "features are not finite"),
    ],
)
def test_a_program_of_another_kind_is_refused(
    function: object,
    inputs: tuple[Tensor, ...],
    dynamic: tuple[int, ...],
    said: str,
    tmp_path: Path,
) -> None:
    network = Function(function)  # type: ignore[arg-type]
    message = refused(exported(network, tmp_path / "f.pt2", *inputs, dynamic=dynamic))
    assert said in message
    assert "expected" in message


@pytest.mark.parametrize("layer", [nn.BatchNorm2d(1), nn.Dropout(0.5)])
def test_a_program_in_training_mode_is_refused(layer: nn.Module, tmp_path: Path) -> None:
    network = nn.Sequential(layer, nn.Flatten()).train()
    assert "call its eval()" in refused(exported_plainly(network, tmp_path)).lower()


def exported_plainly(network: nn.Module, folder: Path) -> Path:
    shapes = ({0: torch.export.Dim("n")},)
    torch.export.save(
        torch.export.export(network, (GREY,), dynamic_shapes=shapes), folder / "t.pt2"
    )
    return folder / "t.pt2"


def test_what_is_no_program_is_refused(linear: Path, tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "gone.pt2")
    (tmp_path / "weights.pt").write_bytes(b"x")
    assert "ends in .pt2" in refused(tmp_path / "weights.pt")
    (tmp_path / "text.pt2").write_text("no program")
    assert "damaged, or no exported program" in refused(tmp_path / "text.pt2")
    whole = linear.read_bytes()
    (tmp_path / "half.pt2").write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(tmp_path / "half.pt2")
    torch.save({"weights": torch.zeros(3)}, tmp_path / "dict.pt2")
    assert "holds no exported program" in refused(tmp_path / "dict.pt2")
    lost = tampered(
        linear,
        tmp_path / "lost.pt2",
        lambda name, content: None if name.endswith("weight_0") else content,
    )
    assert "damaged" in refused(lost)
    garbled = tampered(
        linear,
        tmp_path / "garbled.pt2",
        lambda name, content: b"{" if name.endswith("model.json") else content,
    )
    assert "damaged" in refused(garbled)


class Trap:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def test_nothing_in_the_file_is_run(linear: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trap, saved = pickle.dumps(Trap(trace)), io.BytesIO()
    torch.save(Trap(trace), saved)
    code = f"__import__('os').mkdir('{trace}')"
    plain = json.loads(_entry(linear, "models/model.json"))
    config = json.loads(_entry(linear, "model_weights_config.json"))
    config["config"]["weights"]["use_pickle"] = True

    def with_graph(old: str, new: str) -> Path:
        text = json.dumps(plain)
        assert old in text
        return changed(linear, **json.loads(text.replace(old, new)))

    def with_entry(ending: str, content: bytes) -> Path:
        return tampered(
            linear,
            tmp_path / "entry.pt2",
            lambda name, old: content if name.endswith(ending) else old,
        )

    for make in (
        lambda: with_entry("sample_inputs/model.pt", saved.getvalue()),
        lambda: with_entry("sample_inputs/model.pt", trap),
        lambda: with_entry("model_weights_config.json", json.dumps(config).encode()),
        lambda: changed(linear, guards_code=[code]),
        lambda: with_graph("torch.ops.aten.matmul.default", "torch.hub.os.mkdir"),
        lambda: with_graph("torch.ops.aten.matmul.default", "torch.ops.aten.from_file.default"),
        lambda: with_graph("torch.ops.aten.matmul.default", "_operator.methodcaller"),
        lambda: with_graph("torch.ops.aten.matmul.default", "exec"),
        lambda: with_graph("positive=True", "positive=Symbol.mro().pop().__subclasses__()"),
        lambda: with_graph('"name": "matmul"', '"name": "m = (exec)"'),
        lambda: with_graph("builtins.tuple", "collections.defaultdict"),
    ):
        assert "more than tensors and operations of torch" in refused(make())
        assert not trace.exists()


def _entry(file: Path, ending: str) -> bytes:
    held: list[bytes] = []
    tampered(
        file,
        file.with_name("copy.pt2"),
        lambda name, content: held.append(content) if name.endswith(ending) else content,
    )
    return held[0]


def test_without_torch_the_extra_is_named(linear: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthkit.checks.extractors.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"needs the package torch.*synthkit\[images\]"):
        load_extractor(str(linear), Path())

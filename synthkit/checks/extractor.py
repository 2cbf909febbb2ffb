"""What gives the features of images, in which distances mean likeness, and what tells their classes.

Classes are told by a small network that learned them from the training images. It gives the features
too, unless the evidence brings an extractor of its own (``checks.extractors``): so they are about what
tells these images apart and not about what the photographs of the internet show; no weights are
fetched. Without classes it is the same network with random weights, and the main axes of its features;
this sees brightness, edges and texture, and little of what an image shows.

Like the trees of ``checks.learner`` it is an instrument: its random numbers are its own, so the same
training images give the same features in every run. It needs torch; ``lack_of_features`` says so.

    extractor_of(evidence).features(images)     # (n, k) float32
    network_of(evidence).classes(images)        # (n, classes) probabilities
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from synthkit.checks.base import Evidence, Extractor
from synthkit.checks.classes import Classes
from synthkit.checks.extractors.remembered import Remembered
from synthkit.checks.gallery import MAX_IMAGES, Role, gallery
from synthkit.checks.outcome import lack_of_rows
from synthkit.errors import MissingExtra

if TYPE_CHECKING:
    from synthkit.nn.classifier import Classifier

MIN_LABELLED = 200
MAX_LEARNED = 30_000
AXES = 64


@dataclass(frozen=True)
class Network:
    """The network that the checks train: a classifier and an extractor, or the beginnings of one.

    Args:
        name: what it is.
        network: the classifier.
        centre, axes: (128,) and (128, k) what its features are taken from and projected on.
    """

    name: str
    network: Classifier
    centre: np.ndarray
    axes: np.ndarray

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, k) float32 of uint8 images (n, height, width, channels); mean square about one."""
        return (_embedded(self.network, images)[0] - self.centre) @ self.axes

    def classes(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float64 probabilities of the classes that ``Classes.of`` finds."""
        return probabilities(self.network, images)


def classifier_of(images: np.ndarray, y: np.ndarray, classes: int, seed: int = 0) -> Classifier:
    """A classifier that learned class numbers y from images; weights and order by the seed."""
    from synthkit.computing import computing
    from synthkit.nn.classifier import Classifier, learn

    rng = np.random.default_rng(seed)
    with computing("cpu", rng):
        network = Classifier(images.shape[1:], classes).eval()
        if len(images):
            learn(network, images, y, rng)
    return network


def probabilities(network: Classifier, images: np.ndarray) -> np.ndarray:
    """(n, classes) float64 probabilities of a classifier."""
    logits = _embedded(network, images)[1].astype(np.float64)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def main_axes(features: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """(k,) mean and (k, axes) main axes of (n, k) features, those without any variance left out."""
    centre = features.mean(axis=0)
    _, strength, axes = np.linalg.svd(features - centre, full_matrices=False)
    return centre, axes[: min(most, max(int((strength > 1e-4 * strength[0]).sum()), 1))].T


def extractor_of(evidence: Evidence) -> Extractor:
    """What gives the features of this evidence: its own extractor, or the network.

    Raises:
        MissingExtra: torch is not installed.
    """
    brought = evidence.extractor
    if brought is None:
        return network_of(evidence)
    return evidence.shared("extractor", lambda: Remembered(brought))


def network_of(evidence: Evidence) -> Network:
    """What tells the classes of this evidence, trained at the first call.

    Raises:
        MissingExtra: torch is not installed.
    """
    if find_spec("torch") is None:
        raise MissingExtra("torch", "neural", "the feature extractor")
    return evidence.shared("network", lambda: _fitted(evidence))


def features_of_role(evidence: Evidence, role: Role, cap: int = MAX_IMAGES) -> np.ndarray:
    """(n, k) features of a role's gallery, computed once."""
    extractor = extractor_of(evidence)
    return evidence.shared(
        f"features/{role}/{cap}", lambda: extractor.features(gallery(evidence, role, cap).images)
    )


def compared_features(evidence: Evidence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, k) float64 features of the synthetic, the holdout and the unseen training images."""
    synthetic, holdout, unseen = (
        features_of_role(evidence, role).astype(np.float64)
        for role in ("synthetic", "holdout", "unseen")
    )
    return synthetic, holdout, unseen


def classes_of_role(evidence: Evidence, role: Role) -> np.ndarray:
    """(n, classes) probabilities of a role's gallery, computed once."""
    network = network_of(evidence)
    return evidence.shared(
        f"classes/{role}", lambda: network.classes(gallery(evidence, role).images)
    )


def is_labelled(evidence: Evidence) -> bool:
    """Whether the network learns classes."""
    return len(evidence.train) >= MIN_LABELLED and isinstance(Classes.of(evidence), Classes)


def lack_of_features(evidence: Evidence, minimum: int) -> str | None:
    """Why features of these images cannot be compared; None if they can."""
    if reason := lack_of_rows(evidence, minimum):
        return reason
    return lack_of_torch() if evidence.modality == "images" else None


def lack_of_torch() -> str | None:
    """What to install for an extractor; None if it is there."""
    if find_spec("torch") is not None:
        return None
    missing = MissingExtra("torch", "neural", "the feature extractor")
    return f"{missing.what}; {missing.remedy}"


def _fitted(evidence: Evidence) -> Network:
    learned = gallery(evidence, "learned", MAX_LEARNED)
    classes = Classes.of(evidence)
    if isinstance(classes, Classes) and is_labelled(evidence):
        y = classes.codes(learned.frame)
        network = classifier_of(learned.images[y >= 0], y[y >= 0], len(classes))
        found = _embedded(network, learned.images[:MAX_IMAGES])[0]
        scale = np.sqrt(np.square(found).mean())
        axes = np.eye(found.shape[1], dtype=np.float32) / max(scale, 1e-6)
        name = f"CNN trained on the training part, {len(axes)} features"
        return Network(name, network, np.zeros(len(axes), np.float32), axes)
    network = classifier_of(learned.images[:0], np.empty(0, np.int64), 1)
    found = _embedded(network, learned.images[:MAX_IMAGES])[0]
    centre, axes = main_axes(found, AXES)
    scale = np.sqrt(np.square((found - centre) @ axes).mean())
    name = f"CNN with random weights, {axes.shape[1]} main axes"
    return Network(name, network, centre, (axes / max(scale, 1e-6)).astype(np.float32))


def _embedded(network: Classifier, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from synthkit.computing import computing
    from synthkit.nn.classifier import embed

    with computing("cpu", np.random.default_rng(0)):
        return embed(network, images)

"""``vae`` for images: an autoencoder with a latent space, and a flow that draws places in it.

Choose it first: it learns in a minute or two what others take far longer for, and draws thousands of
images a second. Its images are a little smoother than real ones, each being the mean of what the
latents leave open. Every image has a place in the latent space (``encode``), and two images have
images between them (``interpolate``).

Kingma and Welling 2014 (VAE); Higgins et al. 2017 (beta); Dai and Wipf 2019 (a second model for the
latents); Lipman et al. 2023 (flow matching, here as that model).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from synthkit.generators.images.config import ImageVaeConfig
from synthkit.generators.images.picturing import Picturing, planned_steps
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run
from synthkit.transforms.layout import Batch

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.vae import ImageVae as VaeNet
    from synthkit.nn.images.vae import LatentFlow

SEEN, MOST_EPOCHS = 700_000, 100
FLOW_SHARE = 0.25  # of the budget, kept for the flow
FLOW_SEEN, FLOW_MOST_EPOCHS, FLOW_ROWS = 3_000_000, 100, 512
FLOW_RATE = 2e-3
DECAY = 0.02
BLOCK = 500  # images at a time


class ImageVae(Picturing):
    """A variational autoencoder of images, given their labels, with a flow as its prior.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageVaeConfig]] = ImageVaeConfig
    name: ClassVar[str] = "vae"
    config: ImageVaeConfig

    def encode(self, batch: Batch) -> np.ndarray:
        """(n, latent) mean of each image's posterior, given what is known of it."""
        found = self._each(batch, lambda vae, images, codes: vae.posterior(images, codes)[0])
        return found.reshape(len(found), self.config.latent)

    def reconstruct(self, batch: Batch) -> Batch:
        """The rows with each image as it is rebuilt from its place: without what is odd about it."""
        images = self._each(
            batch, lambda vae, images, codes: vae.images(vae.posterior(images, codes)[0], codes)
        )
        return {**batch, self._image.name: images.reshape(-1, *self._image.shape)}

    def reconstruction_score(self, batch: Batch) -> np.ndarray:
        """(n,) nats of each image's pixels, as rebuilt from its place; see ``ImageVae.nats``."""
        return self._each(
            batch,
            lambda vae, images, codes: vae.nats(images, codes, vae.posterior(images, codes)[0]),
        )

    def interpolate(
        self, first: Batch, second: Batch, steps: int, rng: np.random.Generator
    ) -> Batch:
        """Images at even places on the line between two, for every pair; labels of the nearer end.

        Args:
            first: where the lines begin.
            second: where they end, as many rows.
            steps: images per line, both ends included; at least 2.
            rng: not needed, as nothing is drawn.

        Returns:
            pairs * steps rows, those of a pair one after the other.
        """
        import torch

        start, end = (self.encode(batch)[:, None] for batch in (first, second))
        share = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
        places = (start * (1 - share) + end * share).reshape(-1, self.config.latent)
        nearer = np.tile(np.arange(steps) * 2 >= steps, len(start))
        known = {
            name: np.where(nearer, second[name].repeat(steps), first[name].repeat(steps))
            for name in self._known.names
        }
        codes = self._encoded(known, len(places))
        with self._running(rng) as (net, device):
            vae, _ = _parts(net)
            made = [
                vae.images(
                    torch.from_numpy(places[rows]).to(device),
                    torch.from_numpy(codes[rows]).to(device),
                )
                for rows in _blocks(len(places))
            ]
        images = (
            torch.cat(made).cpu().numpy() if made else np.zeros((0, *self._image.shape), np.uint8)
        )
        return {**known, self._image.name: images}

    def _each(
        self,
        batch: Batch,
        work: Callable[[VaeNet, torch.Tensor, torch.Tensor], torch.Tensor],
    ) -> np.ndarray:
        """``work(vae, images, codes)`` of all rows, in blocks; nothing is drawn."""
        import torch

        images = batch[self._image.name]
        codes = self._encoded({name: batch[name] for name in self._known.names}, len(images))
        with self._running(np.random.default_rng(0)) as (net, device):
            vae, _ = _parts(net)
            parts = [
                work(vae, *(torch.from_numpy(a[rows]).to(device) for a in (images, codes)))
                for rows in _blocks(len(images))
            ]
        return torch.cat(parts).cpu().numpy() if parts else np.zeros(0, np.float32)

    def _build(self) -> nn.Module:
        from torch import nn

        from synthkit.nn.images.vae import ImageVae as VaeNet
        from synthkit.nn.images.vae import LatentFlow

        config, sizes = self.config, self._codes.sizes
        return nn.ModuleDict(
            {
                "vae": VaeNet(self._image.shape, sizes, config.width, config.latent),
                "flow": LatentFlow(sizes, config.latent, config.flow_width, config.flow_depth),
            }
        )

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        vae, flow = _parts(net)
        self._train_vae(vae, pictures, run, clock)
        vae.requires_grad_(False)
        vae.match(*pictures.some())
        self._train_flow(vae, flow, pictures, run, clock)

    def _train_vae(self, vae: VaeNet, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        from synthkit.generators.images.descending import Descent, learn

        config, n = self.config, len(pictures)

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            said, kl = cast("VaeNet", module).terms(*pictures.at(rows))
            return said + config.beta * kl

        steps = planned_steps(config.epochs, config.batch_rows, n, SEEN, MOST_EPOCHS)
        descent = Descent(steps, config.batch_rows, config.learning_rate, DECAY)
        learn(vae, loss, descent, pictures.rows, run, "vae", clock.left_s(FLOW_SHARE))

    def _train_flow(
        self, vae: VaeNet, flow: LatentFlow, pictures: Pictures, run: Run, clock: TimeLimit
    ) -> None:
        import torch

        from synthkit.computing import spread
        from synthkit.generators.images.descending import Descent, learn

        parts = spread(
            lambda rows: vae.posterior(*pictures.at(rows)),
            pictures.rows.split(BLOCK),
            pictures.rows.device,
        )
        mean, log_variance = (torch.cat(part).clone() for part in zip(*parts, strict=True))
        deviation = (0.5 * log_variance).exp()
        flow.mean.copy_(mean.mean(0))
        flow.deviation.copy_((mean.var(0) + deviation.square().mean(0)).sqrt())

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            latents = mean[rows] + deviation[rows] * torch.randn_like(mean[rows])
            return cast("LatentFlow", module).loss(latents, pictures.codes[rows])

        epochs = self.config.flow_epochs
        steps = planned_steps(epochs, FLOW_ROWS, len(pictures), FLOW_SEEN, FLOW_MOST_EPOCHS)
        descent = Descent(steps, FLOW_ROWS, FLOW_RATE, DECAY)
        learn(flow, loss, descent, pictures.rows, run, "vae-flow", clock.left_s())

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        import torch

        vae, flow = _parts(net)
        shape = (len(codes), self.config.latent)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        return vae.images(flow.sample(noise, codes, self.config.flow_steps), codes)


def _blocks(n: int) -> list[slice]:
    return [slice(i, min(i + BLOCK, n)) for i in range(0, n, BLOCK)]


def _parts(net: nn.Module) -> tuple[VaeNet, LatentFlow]:
    """The autoencoder and the flow of ``_build``."""
    return net["vae"], net["flow"]  # type: ignore[index]

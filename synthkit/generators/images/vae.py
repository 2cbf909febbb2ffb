"""``vae`` for images: an autoencoder with a latent space, and a flow that draws places in it.

Choose it first: it learns in a minute or two what others take far longer for, and draws thousands of
images a second. Its images are a little smoother than real ones, each being the mean of what the
latents leave open. Every image has a place in the latent space (``encode``), and two images have
images between them (``interpolate``).

Kingma and Welling 2014 (VAE); Higgins et al. 2017 (beta); Dai and Wipf 2019 (a second model for the
latents); Lipman et al. 2023 (flow matching, here as that model).
"""

from __future__ import annotations

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

SEEN, MOST_EPOCHS = 700_000, 400
FLOW_SHARE = 0.25  # of the budget, kept for the flow
FLOW_SEEN, FLOW_MOST_EPOCHS, FLOW_ROWS = 3_000_000, 2000, 512
FLOW_RATE = 2e-3
DECAY = 0.02


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
        import torch

        images = batch[self._image.name]
        codes = self._encoded({name: batch[name] for name in self._known.names}, len(images))
        out = np.zeros((len(images), self.config.latent), np.float32)
        with self._running(np.random.default_rng(0)) as (net, device):  # nothing is drawn
            vae, _ = _parts(net)
            for rows in np.array_split(np.arange(len(images)), -(-len(images) // 500) or 1):
                parts = (torch.from_numpy(a[rows]).to(device) for a in (images, codes))
                out[rows] = vae.posterior(*parts)[0].cpu().numpy()
        return out

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

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> nn.Module:
        vae, flow = _parts(net)
        vae.load_state_dict(self._trained_vae(vae, pictures, run, clock).state_dict())
        vae.eval().requires_grad_(False)
        flow.load_state_dict(self._trained_flow(vae, flow, pictures, run, clock).state_dict())
        return net

    def _trained_vae(
        self, vae: VaeNet, pictures: Pictures, run: Run, clock: TimeLimit
    ) -> nn.Module:
        from synthkit.generators.images.descending import Descending
        from synthkit.training import Plan, train

        config, n = self.config, len(pictures)

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            said, kl = cast("VaeNet", module).terms(*pictures.at(rows))
            return said + config.beta * kl

        task = Descending(vae, loss, config.learning_rate, DECAY, config.batch_rows)
        plan = Plan(planned_steps(config, n, SEEN, MOST_EPOCHS), config.batch_rows, validation=0.05)
        left_s = clock.left_s(FLOW_SHARE)
        return train(task, pictures.rows, plan, run, stream="vae", budget_s=left_s).module

    def _trained_flow(
        self, vae: VaeNet, flow: LatentFlow, pictures: Pictures, run: Run, clock: TimeLimit
    ) -> nn.Module:
        import torch

        from synthkit.generators.images.descending import Descending
        from synthkit.training import Plan, train

        with torch.no_grad():
            posteriors = [vae.posterior(*pictures.at(rows)) for rows in pictures.rows.split(500)]
        mean, spread = (torch.cat(part) for part in zip(*posteriors, strict=True))
        deviation = (0.5 * spread).exp()
        flow.mean.copy_(mean.mean(0))
        flow.deviation.copy_((mean.var(0) + deviation.square().mean(0)).sqrt())

        def loss(module: nn.Module, rows: torch.Tensor) -> torch.Tensor:
            latents = mean[rows] + deviation[rows] * torch.randn_like(mean[rows])
            return cast("LatentFlow", module).loss(latents, pictures.codes[rows])

        task = Descending(flow, loss, FLOW_RATE, DECAY, FLOW_ROWS)
        wish = self.config.model_copy(update={"batch_rows": FLOW_ROWS})
        steps = planned_steps(wish, len(pictures), FLOW_SEEN, FLOW_MOST_EPOCHS)
        plan = Plan(steps, FLOW_ROWS, validation=0.05)
        left_s = clock.left_s()
        return train(task, pictures.rows, plan, run, stream="vae-flow", budget_s=left_s).module

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        import torch

        vae, flow = _parts(net)
        shape = (len(codes), self.config.latent)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        return vae.images(flow.sample(noise, codes, self.config.flow_steps), codes)


def _parts(net: nn.Module) -> tuple[VaeNet, LatentFlow]:
    """The autoencoder and the flow of ``_build``."""
    return net["vae"], net["flow"]  # type: ignore[index]

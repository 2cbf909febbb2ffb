"""``gan`` for images: a generator of labels and noise that learns from a critic, in an autoencoder's grids.

Choose it for images drawn at once: one step of a small network each. It learns less evenly than
others: a critic that sees only single images lets it make fewer kinds of them.

Jolicoeur-Martineau 2018 (relativistic pairs); Huang et al. 2024, "The GAN is dead; long live the GAN!"
(R3GAN: with R1 and R2); Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN
training" (what is hidden of real and generated images alike).

NOTE[DIFF]: of these all let the critic see pixels. Of a grid it sees what an image shows, and no longer
tells the two apart by the edges of strokes; and a step takes a fraction of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from synthkit.generators.images.config import ImageGanConfig
from synthkit.generators.images.picturing import Picturing, planned_steps
from synthkit.generators.neural import TimeLimit
from synthkit.run import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from synthkit.generators.images.pictures import Pictures
    from synthkit.nn.images.autoencoder import Autoencoder
    from synthkit.nn.images.gan import GeneratorNet

SEEN, MOST_EPOCHS = 1_500_000, 100  # images that both networks learn from
AVERAGING = 0.995
COLLAPSED = 0.5  # of the real images' variety


class ImageGan(Picturing):
    """A generator of images, given their labels.

    Args:
        config: options.
    """

    Config: ClassVar[type[ImageGanConfig]] = ImageGanConfig
    name: ClassVar[str] = "gan"
    config: ImageGanConfig

    def _build(self) -> nn.Module:
        from torch import nn

        from synthkit.nn.images.autoencoder import Autoencoder
        from synthkit.nn.images.gan import GeneratorNet
        from synthkit.nn.images.grid import Grid

        config = self.config
        grid = Grid(self._image.shape, config.halvings)
        size = (config.latent, *grid.smallest)
        generator = GeneratorNet(size, self._codes.sizes, config.noise, config.width, config.depth)
        autoencoder = Autoencoder(grid, config.coder_width, config.latent)
        return nn.ModuleDict({"autoencoder": autoencoder, "generator": generator})

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> None:
        from synthkit.generators.images.coded import learn_coder
        from synthkit.generators.images.gan_task import GanTask, Nets
        from synthkit.nn.images.gan import CriticNet
        from synthkit.training import Plan, train

        config, (autoencoder, generator) = self.config, _parts(net)
        grids = learn_coder(autoencoder, config.epochs, pictures, run, clock)
        sizes = self._codes.sizes
        critic = CriticNet(generator.size, sizes, config.critic_width, config.depth)
        nets = Nets(generator, critic.to(grids.device))
        steps = planned_steps(config.epochs, config.batch_rows, len(pictures), SEEN, MOST_EPOCHS)
        # Scores of a critic do not compare between rounds: the last weights are taken.
        plan = Plan(steps, config.batch_rows, validation=0.0, averaging=AVERAGING)
        task = GanTask(nets, grids, pictures.codes, config)
        left_s = clock.left_s()
        trained = train(task, pictures.rows, plan, run, stream=self.name, budget_s=left_s).module
        generator.load_state_dict(cast("Nets", trained).generator.state_dict())
        self._note_collapse(generator, grids, pictures, run)

    def _note_collapse(
        self, generator: GeneratorNet, grids: torch.Tensor, pictures: Pictures, run: Run
    ) -> None:
        """Says so if generated grids vary far less than real ones with the same labels."""
        import torch

        from synthkit.generators.neural import generator as seeded

        codes = pictures.codes[:1000]
        draws = seeded(run.rng(self.name, "variety"), codes.device)
        with torch.no_grad():
            noise = torch.randn(len(codes), generator.noise, generator=draws, device=codes.device)
            made = generator.eval()(noise, codes)
        share = float(made.std(0).mean() / grids[:1000].std(0).mean().clamp_min(1e-6))
        if share < COLLAPSED:
            run.notice(
                f"generated images vary {share:.0%} as much as real ones: the generator makes few "
                "kinds of images; raise generator.penalty, or choose backend vae"
            )

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        import torch

        autoencoder, generator = _parts(net)
        shape = (len(codes), self.config.noise)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        return autoencoder.decoded(generator(noise, codes))


def _parts(net: nn.Module) -> tuple[Autoencoder, GeneratorNet]:
    """The autoencoder and the generator of ``_build``."""
    return net["autoencoder"], net["generator"]  # type: ignore[index]

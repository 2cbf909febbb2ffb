"""``gan`` for images: a generator of labels and noise that learns from a critic.

Choose it for sharp images drawn at once, where ``vae`` is too smooth. It learns less evenly than
others: a critic that sees only single images lets it make fewer kinds of them.

Jolicoeur-Martineau 2018 (relativistic pairs); Huang et al. 2024, "The GAN is dead; long live the GAN!"
(R3GAN: with R1 and R2); Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN
training" (shifts).
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
    from synthkit.nn.images.gan import GeneratorNet

SEEN, MOST_EPOCHS = 250_000, 300
AVERAGING = 0.99
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
        from synthkit.nn.images.gan import HALVINGS, GeneratorNet
        from synthkit.nn.images.grid import Grid

        config = self.config
        grid = Grid(self._image.shape, HALVINGS)
        return GeneratorNet(grid, self._codes.sizes, config.noise, config.width)

    def _train(self, net: nn.Module, pictures: Pictures, run: Run, clock: TimeLimit) -> nn.Module:
        from synthkit.generators.images.gan_task import GanTask, Nets
        from synthkit.nn.images.gan import CriticNet
        from synthkit.training import Plan, train

        config, made = self.config, cast("GeneratorNet", net)
        critic = CriticNet(made.grid, self._codes.sizes, config.width).to(pictures.images.device)
        steps = planned_steps(config.epochs, config.batch_rows, len(pictures), SEEN, MOST_EPOCHS)
        # Scores of a critic do not compare between rounds: the last weights are taken.
        plan = Plan(steps, config.batch_rows, validation=0.0, averaging=AVERAGING)
        task = GanTask(Nets(made, critic), pictures, config)
        left_s = clock.left_s()
        trained = train(task, pictures.rows, plan, run, stream=self.name, budget_s=left_s).module
        generator = cast("Nets", trained).generator
        self._note_collapse(generator, pictures, run)
        return generator

    def _note_collapse(self, net: GeneratorNet, pictures: Pictures, run: Run) -> None:
        """Says so if generated images vary far less than real ones with the same labels."""
        import torch

        from synthkit.generators.neural import generator

        draws = generator(run.rng(self.name, "variety"), pictures.images.device)
        images, codes = pictures.at(pictures.rows[:1000])
        with torch.no_grad():
            noise = torch.randn(len(codes), net.noise, generator=draws, device=codes.device)
            made = net.eval()(noise, codes)
        share = float(made.std(0).mean() / net.grid.fold(images).std(0).mean().clamp_min(1e-6))
        if share < COLLAPSED:
            run.notice(
                f"generated images vary {share:.0%} as much as real ones: the generator makes few "
                "kinds of images; raise generator.penalty, or choose backend vae"
            )

    def _draw(self, net: nn.Module, codes: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
        import torch

        shape = (len(codes), self.config.noise)
        noise = torch.randn(shape, generator=draws, device=codes.device)
        return cast("GeneratorNet", net).grid.unfold(net(noise, codes))

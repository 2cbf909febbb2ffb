"""``Task``: one step of critic and generator, and how far generated rows are from unseen ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from synthkit.generators.gan.config import GanConfig
from synthkit.generators.gan.monitor import Monitor
from synthkit.generators.gan.tables import Tables
from synthkit.nn.gan import CriticNet, GeneratorNet, drawn, pairing_loss, straight_through
from synthkit.training import descend

BETAS = (0.0, 0.99)
TEMPERATURE = 1.0
PENALTY_EVERY = 4  # steps, and as much stronger; in every step it would cost a third of the time
LOOK_EVERY = 50  # steps between two looks of the monitor
DRAWS = 2  # generated rows per unseen row, for the criterion


class Nets(nn.Module):
    """Both networks and the steps done; only the generator is kept after training."""

    def __init__(self, generator: GeneratorNet, critic: CriticNet) -> None:
        super().__init__()
        self.steps: Tensor
        # a checkpoint must hold it, or a resumed training would be another one
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.generator = generator
        self.critic = critic


class Task:
    """What ``training.train`` trains.

    Every row of a step gives the condition of one generated row: one of its fields, chosen at
    random, with the row's own code ("training by sampling", Xu et al. 2019). The critic compares the
    two, and both networks know the condition.

    NOTE[DIFF]: CTGAN draws categories by log frequency, which distorts all that goes with them; here
    they come as often as they are. Numbers are conditions, too, by their bins.

    Args:
        nets: both networks.
        sizes: codes of each field.
        tables: see ``Tables``.
        monitor: is shown the codes of a step now and then.
        config: options.
    """

    def __init__(
        self, nets: Nets, sizes: list[int], tables: Tables, monitor: Monitor, config: GanConfig
    ) -> None:
        self.module: nn.Module = nets
        self._nets = nets
        self._sizes, self._tables, self._monitor = sizes, tables, monitor
        self._penalty, self._group = config.penalty, config.group_rows
        device = nets.generator.bias.device
        self._offsets = torch.tensor([0, *sizes[:-1]], device=device).cumsum(0)
        self.optimizers: Sequence[Optimizer] = [
            Adam(net.parameters(), config.learning_rate, BETAS, fused=True)
            for net in (nets.critic, nets.generator)
        ]

    def step(self, rows: Tensor) -> Mapping[str, Tensor]:
        """The critic's step, then the generator's on the same rows."""
        critic, generator = self._nets.critic, self._nets.generator
        real = rows[: max(len(rows) // critic.group, 1) * critic.group] + self._offsets
        field = torch.randint(real.shape[1], (len(real), 1), device=real.device)
        condition = real.gather(1, field)[:, 0]
        noise = torch.randn(len(real), generator.noise, device=real.device)
        codes, noisy = drawn(generator(noise, condition), self._sizes)
        own = codes + self._offsets

        embedded = critic.embedded(torch.cat([real, own]))
        scores = critic(embedded, condition.repeat(2))
        loss = total = pairing_loss(*scores.chunk(2))
        step = int(self._nets.steps)
        if step % PENALTY_EVERY == 0:
            # the mean over real and generated rows is half of R1 + R2
            steepness = critic.steepness(scores, embedded).mean()
            total = loss + PENALTY_EVERY * self._penalty * steepness
        descend(total, self.optimizers[0], critic)

        critic.requires_grad_(False)
        with torch.no_grad():
            others = critic(critic.embedded(real), condition)
        made = straight_through(codes, noisy, TEMPERATURE) @ critic.codes_in()
        fooled = pairing_loss(critic(made, condition), others)
        descend(fooled, self.optimizers[1], generator)
        critic.requires_grad_(True)

        self._nets.steps += 1
        if step % LOOK_EVERY == 0:
            self._look(codes, rows[: len(codes)])
        return {"generator": fooled.detach(), "critic": loss.detach()}

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean distance between tables of two fields, of generated and of unseen rows."""
        generator = module.generator
        assert isinstance(generator, GeneratorNet)
        m = DRAWS * len(rows)
        condition = torch.multinomial(generator.shares, m, replacement=True)
        logits = generator(torch.randn(m, generator.noise, device=rows.device), condition)
        parts = [part.softmax(1) for part in logits.split(self._sizes, dim=1)]
        return self._tables.distance(torch.cat(parts, dim=1), rows)

    def _look(self, codes: Tensor, real: Tensor) -> None:
        """Shows the monitor what a step has made."""
        variety = self._tables.variety(real)
        if variety > 0.0:
            self._monitor.look(self._tables.variety(codes) / variety)

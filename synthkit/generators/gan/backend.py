"""``Gan``: fits and samples. See the package's docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.correction import Correction
from synthkit.generators.gan.config import GanConfig
from synthkit.generators.nested import part_of, within
from synthkit.generators.neural import (
    TimeLimit,
    coded,
    generator,
    require_torch,
    restore,
    weights,
)
from synthkit.generators.thinning import THINNING_SHARE, fit_correction, is_thinned
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout

if TYPE_CHECKING:
    from synthkit.generators.gan.sampling import Draws
    from synthkit.nn.gan import GeneratorNet

WAVES = 12  # see ``Codes.basis``
DEPTH = 1  # residual blocks of each network
BLOCK_ROWS = 4096  # sampled at a time
BLOCK_CODES = 2**20  # logits at a time; more than the caches hold are slower
VALIDATION = 0.1
COOLDOWN = 0.7  # at a constant rate a GAN soon goes round in circles
PATIENCE = 60  # rounds; the criterion of a GAN often stands still for a while


class Gan:
    """A conditional GAN over codes, whose rows are thinned by classifiers.

    Given cells come back as they were given. The others are approximate: of ``candidates`` draws of
    noise, each conditioned on one of the known cells, one is chosen by the probability that it gives
    all of them. That is exact only as candidates grow, and as far as the generator has learned what
    goes with what; combinations that are rarer than one in so many draws come out too much like the
    rest of the table.

    Args:
        config: options.
    """

    Config: ClassVar[type[GanConfig]] = GanConfig

    def __init__(self, config: GanConfig) -> None:
        self.config = config
        self._layout = Layout(())
        self._codes = Codes(())
        self._net: GeneratorNet | None = None
        self._correction: Correction | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            NotSupported: a field that is neither categorical nor numeric.
            MissingExtra: torch is not installed.
            TrainingError: fewer than 100 rows, or a training that diverges or collapses.
        """
        clock = TimeLimit(budget_s)
        codes, table = coded("gan", batch, layout, self.config.bins)
        self._layout, self._codes, self._net, self._correction = layout, codes, None, None
        if not layout.fields:
            return
        rounds = self.config.correction_rounds
        thinned = is_thinned(rounds, len(table), codes)
        self._train(table, run, clock.left_s(THINNING_SHARE if thinned else 0.0))
        if thinned:
            self._correction = fit_correction(
                table, self._unthinned, codes, rounds, run, "gan", clock
            )

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows, in blocks, which cores share; see the class for given cells."""
        if self._net is None:
            return {}
        from synthkit.computing import computing, spread
        from synthkit.generators.gan.sampling import Draws

        rows = BLOCK_ROWS if given is None else max(self._rows() // self.config.candidates, 1)
        starts = range(0, n, rows) or range(1)
        seeds = rng.integers(2**63, size=len(starts))
        with computing(self.config.device, rng) as device:
            net = self._net.to(device)

            def block(i: int) -> Batch:
                own = np.random.default_rng(seeds[i])
                part = slice(starts[i], min(starts[i] + rows, n))
                draws = Draws(net, self._codes.sizes, generator(own, device))
                if given is None:
                    return self._codes.decode(self._free(draws, part.stop - part.start, own), own)
                return self._completed(draws, _part(given, part), own)

            parts = spread(block, range(len(starts)), device)
        return {name: np.concatenate([part[name] for part in parts]) for name in self._layout.names}

    def state(self) -> State:
        """Weights of the generator and trees of the correction."""
        if self._net is None:
            return State()
        arrays = within("generator", weights(self._net))
        if self._correction is not None:
            arrays |= within("correction", self._correction.arrays())
        return State({}, arrays)

    @classmethod
    def from_state(cls, config: GanConfig, layout: Layout, state: State) -> Gan:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of ``gan``."""
        require_torch("gan")
        from synthkit.computing import computing

        gan = cls(config)
        gan._layout, gan._codes = layout, Codes.of(layout, config.bins)
        if not layout.fields:
            return gan
        with computing("cpu", np.random.default_rng(0)):  # nothing drawn here counts
            gan._net = gan._new_net(np.zeros(gan._codes.width, np.float32))
        restore(gan._net, State({}, part_of(state.arrays, "generator")))
        own = part_of(state.arrays, "correction")
        try:
            gan._correction = Correction.from_arrays(own, gan._codes.codings) if own else None
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        return gan

    def _train(self, table: np.ndarray, run: Run, budget_s: float | None) -> None:
        import torch

        from synthkit.computing import computing
        from synthkit.generators.gan.monitor import Monitor
        from synthkit.generators.gan.tables import Tables
        from synthkit.generators.gan.task import Nets, Task
        from synthkit.nn.gan import CriticNet
        from synthkit.training import Plan, train
        from synthkit.unseen import held_out

        config, codes = self.config, self._codes
        with computing(config.device, run.rng("gan", "seed")) as device:
            net = self._new_net(codes.log_shares(table))
            seen = len(table) - held_out(len(table), VALIDATION)
            batch_rows = min(config.batch_rows, seen)
            steps = config.steps(seen // batch_rows)
            plan = Plan(
                steps,
                batch_rows,
                cooldown=COOLDOWN,
                patience=PATIENCE,
                validation=VALIDATION,
            )
            critic = CriticNet(
                torch.from_numpy(codes.basis(WAVES)),
                len(codes.sizes),
                config.width,
                DEPTH,
                min(config.group_rows, batch_rows),
            )
            nets = Nets(net, critic).to(device)
            tables = Tables.of(codes, table, device)
            task = Task(nets, codes.sizes, tables, Monitor(run), config)
            rows = torch.from_numpy(table).to(device)
            trained = train(task, rows, plan, run, stream="gan", budget_s=budget_s)
            assert isinstance(trained.module, Nets)
            self._net = trained.module.generator.cpu()

    def _unthinned(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, fields) codes of the generator alone."""
        from synthkit.computing import computing
        from synthkit.generators.gan.sampling import Draws

        assert self._net is not None
        with computing(self.config.device, rng) as device:
            net = self._net.to(device)
            return self._drawn(Draws(net, self._codes.sizes, generator(rng, device)), n)

    def _new_net(self, log_shares: np.ndarray) -> GeneratorNet:
        import torch

        from synthkit.nn.gan import GeneratorNet

        return GeneratorNet(
            torch.from_numpy(self._codes.basis(WAVES)),
            torch.from_numpy(log_shares),
            torch.from_numpy(self._codes.impossible()),
            self.config.noise,
            self.config.width,
            DEPTH,
        ).eval()

    def _rows(self) -> int:
        """Rows of which all logits are made at once."""
        return max(BLOCK_CODES // self._codes.width, 64)

    def _drawn(self, draws: Draws, n: int) -> np.ndarray:
        """(n, fields) codes, not thinned."""
        rows = self._rows()
        parts = [draws.free(min(rows, n - i)).cpu().numpy() for i in range(0, n, rows) or range(1)]
        return np.concatenate(parts)

    def _free(self, draws: Draws, n: int, rng: np.random.Generator) -> np.ndarray:
        if self._correction is None:
            return self._drawn(draws, n)
        return self._correction.thinned(n, lambda m: self._drawn(draws, m), rng)

    def _completed(self, draws: Draws, given: Given, rng: np.random.Generator) -> Batch:
        """Rows with given cells: one of ``candidates`` each, by weight and correction."""
        import torch

        codes, k = self._codes, self.config.candidates
        n = len(next(iter(given.values.values())))
        table, known = codes.known(given, n)
        present = codes.present(given, n) & ~known
        banned = np.repeat(present, codes.sizes, axis=1) & codes.missing()
        device = draws.net.shares.device
        on_device = [torch.from_numpy(array).to(device) for array in (table, known, banned)]
        found, log = draws.completed(on_device[0], on_device[1], on_device[2], k)
        candidates, weight = found.cpu().numpy(), log.cpu().numpy().astype(np.float64)
        if self._correction is not None:
            weight = weight + self._correction.log_kept(candidates)
        weight = weight.reshape(n, k)
        best = (weight + rng.gumbel(size=weight.shape)).argmax(1)
        return codes.completed(candidates[np.arange(n) * k + best], given, rng)


def _part(given: Given, block: slice) -> Given:
    """Some rows of given cells."""
    return Given(
        {name: values[block] for name, values in given.values.items()},
        {name: marks[block] for name, marks in given.known.items()},
        {name: marks[block] for name, marks in given.present.items()},
    )

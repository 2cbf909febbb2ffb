"""``VAEGenerator``: fits the networks and the prior, and draws from them. See the package's docstring."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.neural import (
    TimeLimit,
    coded,
    generator,
    require_torch,
    restore,
    weights,
)
from synthkit.generators.vae.config import VAEConfig
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout

if TYPE_CHECKING:
    import torch

    from synthkit.nn.vae import VAE

BLOCK_CELLS = 2**24  # numbers of the largest array that sampling works on at a time
BLOCK_ROWS = (64, 16_384)
SHARES = 4  # parts of such a block that cores share among them
REFINE_ROUNDS = 20
REFINE_ROWS, REFINE_BLOCK = 30_000, 8192
REFINE_SHARE = 0.1  # of the budget, kept for the refitting of the prior
EPOCH_ROWS = 250_000  # rows seen in training, where epochs are left out
EPOCHS = (2, 200)


class VAEGenerator:
    """A variational autoencoder: rows from a latent space with a learned prior.

    Given cells are kept and the others drawn in their light, approximately: for each row
    ``candidates`` latents are drawn, half from the prior and half from the encoder's posterior of the
    known cells; free cells are decoded in order, and one candidate is chosen with odds of its
    importance weight, the likelihood of the known cells times prior over proposal. That is exact in
    the limit of many candidates only: with few, rare combinations of given cells get free cells
    nearer to what the encoder expects than to what the model holds likely.

    Args:
        config: options.
    """

    Config: ClassVar[type[VAEConfig]] = VAEConfig

    def __init__(self, config: VAEConfig) -> None:
        self.config = config
        self._layout = Layout(())
        self._codes = Codes(())
        self._vae: VAE | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            MissingExtra: torch is not installed.
            NotSupported: a field that is neither categorical nor numeric, or CUDA that is absent.
            TrainingError: fewer than 100 rows, or a training that came to nothing.
        """
        clock = TimeLimit(budget_s)
        codes, table = coded("vae", batch, layout, self.config.bins)
        self._layout, self._codes, self._vae = layout, codes, None
        if not layout.fields:
            return
        import torch

        from synthkit.computing import computing
        from synthkit.generators.vae.networks import build
        from synthkit.generators.vae.task import VAETask
        from synthkit.training import Plan, train

        n = len(table)
        with computing(self.config.device, run.rng("vae", "seed")) as device:
            vae = build(self.config, codes, codes.log_shares(table)).to(device)
            rows = torch.from_numpy(table).to(device)
            epochs = self.config.epochs or int(np.clip(round(EPOCH_ROWS / n), *EPOCHS))
            steps = max(epochs * n // self.config.batch_rows, epochs)
            plan = Plan(steps, self.config.batch_rows)
            task = VAETask(vae, self.config, steps)
            left_s = clock.left_s(REFINE_SHARE)
            trained = train(task, rows, plan, run, stream="vae", budget_s=left_s)
            vae.load_state_dict(trained.module.state_dict())
            vae.eval().requires_grad_(False)
            self._refine(vae, rows, run, clock)
        self._vae = vae

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; see the class for given cells."""
        if self._vae is None:
            return self._codes.decode(np.zeros((n, 0), np.int64), rng)
        if given is None:
            return self._codes.decode(self._free(n, rng), rng)
        return self._codes.completed(self._completed(n, rng, given), given, rng)

    def encode(self, batch: Batch) -> np.ndarray:
        """(n, latent) mean of each row's posterior."""
        import torch

        table = self._table(batch)
        out = np.zeros((len(table), self.config.latent))
        with self._running(np.random.default_rng(0)) as (vae, device):  # nothing is drawn
            for block in self._blocks(len(table)):
                places = torch.from_numpy(table[block]).to(device) + vae.offsets
                out[block] = vae.encoder(places)[0].cpu().numpy()
        return out

    def interpolate(
        self, first: Batch, second: Batch, steps: int, rng: np.random.Generator
    ) -> Batch:
        """Rows drawn at even places on the line between the latents of two rows, for every pair.

        The places of a pair share the random numbers of their codes, so that a code changes only
        where the latents say so.

        Args:
            first: where the lines begin.
            second: where they end, as many rows.
            steps: rows per line, both ends included; at least 2.
            rng: of the draws.

        Returns:
            pairs * steps rows, those of a pair one after the other.
        """
        import torch

        start, end = (self.encode(batch)[:, None] for batch in (first, second))
        share = np.linspace(0.0, 1.0, steps)[:, None]
        places = (start * (1 - share) + end * share).reshape(-1, self.config.latent)
        uniforms = rng.random((len(start), len(self._codes.sizes)), np.float32).repeat(steps, 0)
        table = np.zeros(uniforms.shape, np.int64)
        with self._running(rng) as (vae, device):
            for block in self._blocks(len(table)):
                parts = (places[block].astype(np.float32), uniforms[block], table[block])
                drawn, _ = vae.decoder.draw(*(torch.from_numpy(part).to(device) for part in parts))
                table[block] = drawn.cpu().numpy()
        return self._codes.decode(table, rng)

    def reconstruction_score(self, batch: Batch) -> np.ndarray:
        """(n,) minus the log density of each row under the decoder, at the mean of its posterior."""
        import torch

        table = self._table(batch)
        score = np.zeros(len(table))
        with self._running(np.random.default_rng(0)) as (vae, device):  # nothing is drawn
            for block in self._blocks(len(table)):
                codes = torch.from_numpy(table[block]).to(device)
                places = codes + vae.offsets
                said = vae.decoder(vae.encoder(places)[0], codes, places)
                score[block] = -said.sum(1).cpu().numpy()
        for i, base in enumerate(self._codes.log_base()):
            score += base[table[:, i]]
        return score

    def state(self) -> State:
        """The weights of all parts."""
        return State({}, {} if self._vae is None else weights(self._vae))

    @classmethod
    def from_state(cls, config: VAEConfig, layout: Layout, state: State) -> VAEGenerator:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of ``vae``."""
        require_torch("vae")
        from synthkit.computing import computing
        from synthkit.generators.vae.networks import build

        own = cls(config)
        own._layout, own._codes = layout, Codes.of(layout, config.bins)
        if layout.fields:
            with computing("cpu", np.random.default_rng(0)):
                vae = build(config, own._codes, np.zeros(own._codes.width, np.float32))
            restore(vae, state)
            own._vae = vae.eval().requires_grad_(False)
        return own

    @contextlib.contextmanager
    def _running(self, rng: np.random.Generator) -> Iterator[tuple[VAE, torch.device]]:
        """The networks on their device, where no gradient is kept."""
        import torch

        from synthkit.computing import computing

        assert self._vae is not None, "a layout without fields has no networks"
        with computing(self.config.device, rng) as device, torch.inference_mode():
            yield self._vae.to(device), device

    def _table(self, batch: Batch) -> np.ndarray:
        """(n, d) codes of whole rows."""
        self._layout.check(batch)
        return self._codes.encode(batch)

    def _refine(self, vae: VAE, rows: torch.Tensor, run: Run, clock: TimeLimit) -> None:
        """Refits the prior to draws from the posteriors of the training rows, by EM.

        Every round draws anew, which keeps components from settling on single rows.
        """
        import torch

        rng = run.rng("vae", "prior")
        noise = generator(rng, rows.device)
        some = torch.from_numpy(rng.permutation(len(rows))[:REFINE_ROWS]).to(rows.device)
        with torch.no_grad():
            parts = [vae.encoder(part + vae.offsets) for part in rows[some].split(REFINE_BLOCK)]
        mean = torch.cat([part[0] for part in parts])
        deviation = (0.5 * torch.cat([part[1] for part in parts])).exp()
        for done in range(REFINE_ROUNDS):
            if clock.is_over:
                run.notice(
                    f"the budget ended early: the prior was refitted in {done} of {REFINE_ROUNDS}"
                    " rounds, so a run with the same seed may differ"
                )
                break
            draws = torch.randn(mean.shape, generator=noise, device=mean.device)
            vae.prior.update(mean + deviation * draws)

    def _blocks(self, n: int, copies: int = 1) -> Iterator[slice]:
        """Rows to work on at a time, each in some copies."""
        sizes = self._codes.sizes
        cells = max(*sizes, len(sizes) * self.config.decoder_width)
        size = int(np.clip(BLOCK_CELLS // cells, *BLOCK_ROWS)) // copies
        for start in range(0, n, max(size, 1)):
            yield slice(start, min(start + max(size, 1), n))

    def _free(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, d) codes of new rows, in blocks, which cores share."""
        import torch

        from synthkit.computing import spread

        d, blocks = len(self._codes.sizes), list(self._blocks(n, SHARES))
        seeds = rng.integers(2**63, size=len(blocks))
        with self._running(rng) as (vae, device):

            def drawn(i: int) -> np.ndarray:
                m = blocks[i].stop - blocks[i].start
                noise = generator(np.random.default_rng(seeds[i]), device)
                latents = vae.prior.sample(m, noise)
                uniforms = torch.rand(m, d, generator=noise, device=device)
                empty = torch.zeros(m, d, dtype=torch.int64, device=device)
                table: np.ndarray = vae.decoder.draw(latents, uniforms, empty)[0].cpu().numpy()
                return table

            parts = spread(drawn, range(len(blocks)), device)
        return np.concatenate([np.zeros((0, d), np.int64), *parts])

    def _completed(self, n: int, rng: np.random.Generator, given: Given) -> np.ndarray:
        """(n, d) codes of rows whose known cells are as given."""
        import torch

        from synthkit.generators.vae.completion import Completion

        table, known = self._codes.known(given, n)
        present = self._codes.present(given, n) & ~known
        with self._running(rng) as (vae, device):
            gone = torch.from_numpy(self._codes.missing()).to(device)
            completion = Completion(vae, gone, self.config.candidates, generator(rng, device))
            for block in self._blocks(n, self.config.candidates):
                parts = (table[block], known[block], present[block])
                drawn = completion.draw(*(torch.from_numpy(part).to(device) for part in parts))
                table[block] = drawn.cpu().numpy()
        return table

"""``Transformer``: fits the network and the correction, and samples. See the package's docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.errors import ModelError, NotSupported
from synthkit.generators.base import Given, State
from synthkit.generators.completing import WAVES, Completing
from synthkit.generators.transformer.config import TransformerConfig
from synthkit.transforms.layout import Batch, Layout

if TYPE_CHECKING:
    import torch

    from synthkit.generators.predicting import Predicting
    from synthkit.generators.transformer.orders import Ordered
    from synthkit.nn.conditionals import Conditionals


class Transformer(Completing):
    """Sampling, imputation and likelihood given any set of fields, from one network.

    Given cells come first in the orders along which rows are sampled.

    Args:
        config: options.
    """

    Config: ClassVar[type[TransformerConfig]] = TransformerConfig
    name: ClassVar[str] = "transformer"
    seen_rows: ClassVar[int] = 850_000
    config: TransformerConfig

    def log_prob(self, batch: Batch, given: Given | None = None) -> np.ndarray:
        """Log density of each row, or of its free cells given the known ones.

        Raises:
            NotSupported: cells are known and rows are thinned, which changes what is likely given
                them.
        """
        from synthkit.generators.transformer.orders import Ordered

        table = self._codes.encode(batch)
        n = len(next(iter(batch.values()))) if batch else 0
        known = np.zeros(table.shape, bool)
        if given is not None:
            known = self._codes.known(given, n)[1]
        if self._net is None:
            return np.zeros(n)
        if self._correction is not None and known.any():
            raise NotSupported(
                "the likelihood given some fields is not known where rows are thinned",
                expected="no given fields, or a model fitted with correction_rounds 0",
            )
        with self._running(np.random.default_rng(0)) as (ordered, _):  # nothing is drawn
            assert isinstance(ordered, Ordered)
            log = ordered.log_prob(table, known)
        for i, base in enumerate(self._codes.log_base()):
            log -= np.where(known[:, i], 0.0, base[table[:, i]])
        if self._correction is not None:
            log += self._correction.log_ratio(table)
        return log

    @classmethod
    def from_state(cls, config: TransformerConfig, layout: Layout, state: State) -> Transformer:  # type: ignore[override]
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of its own."""
        own = super().from_state(config, layout, state)
        from synthkit.nn.masked import MaskedNet  # there is a torch, or this was not reached

        if isinstance(own._net, MaskedNet) and not own._net.has_orders():
            raise ModelError("the model's orders are not such", remedy="fit the model again")
        return own

    def _build(self, log_shares: np.ndarray) -> Conditionals:
        import torch

        from synthkit.nn.masked import MaskedNet

        return MaskedNet(
            self._codes.sizes,
            torch.from_numpy(self._codes.basis(WAVES)),
            torch.from_numpy(log_shares),
            self.config.width,
            self.config.head_width,
            self.config.dropout,
            self.config.orders,
        )

    def _task(self) -> type[Predicting]:
        from synthkit.generators.transformer.task import MaskedTask

        return MaskedTask

    def _completer(self, net: Conditionals, device: torch.device) -> Ordered:
        import torch

        from synthkit.generators.transformer.orders import Ordered
        from synthkit.nn.masked import MaskedNet

        assert isinstance(net, MaskedNet)
        excluded = torch.from_numpy(self._codes.impossible()).to(device)
        return Ordered(net, excluded, self.config.temperature)

"""What a training step of ``transformer`` is: hide some fields of each row, and predict them all."""

from __future__ import annotations

from torch import Tensor, nn

from synthkit.generators.predicting import Predicting
from synthkit.nn.conditionals import ranks, visible_counts
from synthkit.nn.masked import MaskedNet


class MaskedTask(Predicting):
    """A random number of fields is visible, and which ones is random."""

    def criterion(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean nats per row along a random order, estimated from one place in it.

        Of a row with v visible fields each hidden one is predicted from v fields and each visible one
        from v - 1. With v even over 0 … d that makes every place in an order equally frequent.
        """
        assert isinstance(module, MaskedNet)
        n, fields = rows.shape
        visible = visible_counts(n, fields, rows.device)
        return module.nll(module.states(rows, ranks(n, fields, rows.device) < visible), rows)

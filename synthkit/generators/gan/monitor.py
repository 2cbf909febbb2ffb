"""``Monitor``: says when the generator makes ever the same rows, and stops it if that goes on."""

from __future__ import annotations

from synthkit.errors import TrainingError
from synthkit.run import Run

LEAST = 0.5  # of the real rows' variety; chosen, not derived
WARN_AFTER, STOP_AFTER = 3, 10  # looks in a row


class Monitor:
    """Watches the variety of generated rows as a share of that of as many real ones.

    A run that is resumed counts anew.

    Args:
        run: is told of a collapse that may still pass.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._low = 0

    def look(self, share: float) -> None:
        """Takes a look.

        Args:
            share: generated rows' variety over real rows'; 1 is as it should be.

        Raises:
            TrainingError: the share was too low ``STOP_AFTER`` times in a row.
        """
        self._low = self._low + 1 if share < LEAST else 0
        if self._low == WARN_AFTER:
            self._run.notice(
                f"mode collapse: rows of the GAN in training have {share:.0%} of the variety of real"
                f" ones; it is stopped if that does not pass within {STOP_AFTER - WARN_AFTER} looks"
            )
        if self._low >= STOP_AFTER:
            raise TrainingError(
                f"mode collapse: rows of the GAN have {share:.0%} of the variety of real ones",
                where="backend gan",
                expected=f"at least {LEAST:.0%}",
                remedy="raise generator.penalty, lower generator.learning_rate, or choose backend trees",
            )

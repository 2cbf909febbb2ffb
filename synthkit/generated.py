"""``GeneratedRun``: a finished run as Python sees it; ``synthkit.generate`` gives one.

run.verdict.word, run.report["c2st"].value, run.path
run.synthetic                                       # DataFrame
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from synthkit import artifacts, pipeline
from synthkit.errors import SynthkitError
from synthkit.results import Report, Verdict


@dataclass(frozen=True, repr=False)
class GeneratedRun:
    """A finished run: verdict, evidence, and where its files are."""

    outcome: pipeline.Outcome

    def __repr__(self) -> str:
        return f"<GeneratedRun: {self.verdict.word}, in {self.path}>"

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.outcome.path

    @property
    def report(self) -> Report:
        """Every check's numbers."""
        return self.outcome.report

    @property
    def verdict(self) -> Verdict:
        """The policy's decision; ``run.verdict.word`` is ``passed``, ``failed`` or ``not_assessed``."""
        return self.outcome.verdict

    @property
    def manifest(self) -> dict[str, Any]:
        """Fingerprint, versions, seed, timings and counts."""
        return self.outcome.manifest

    @property
    def synthetic(self) -> pd.DataFrame:
        """The synthetic rows, read from the run's files.

        Raises:
            SynthkitError: the policy withheld them.
        """
        if self.outcome.withheld:
            raise SynthkitError(
                "the data was withheld because the policy did not pass",
                where=self.path,
                remedy="read run.verdict.reasons, or set privacy.on_fail to warn",
            )
        return artifacts.read_data(self.path, self.manifest)

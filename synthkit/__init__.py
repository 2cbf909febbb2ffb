"""synthkit: synthetic data with the evidence.

The public names below load on first use, so that ``import synthkit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthkit.api import (
        audit,
        fit,
        from_sdv_metadata,
        generate,
        load,
        pseudonymise,
        save_report,
        to_sdv_metadata,
    )
    from synthkit.errors import SynthkitError
    from synthkit.fitted import FittedModel
    from synthkit.generated import GeneratedRun
    from synthkit.results import CheckResult, Report, Verdict

__version__ = "0.1.0"

_HOMES = {
    "FittedModel": "fitted",
    "GeneratedRun": "generated",
    "audit": "api",
    "fit": "api",
    "from_sdv_metadata": "api",
    "generate": "api",
    "load": "api",
    "pseudonymise": "api",
    "save_report": "api",
    "to_sdv_metadata": "api",
    "SynthkitError": "errors",
    "CheckResult": "results",
    "Report": "results",
    "Verdict": "results",
}

__all__ = [
    "CheckResult",
    "FittedModel",
    "GeneratedRun",
    "Report",
    "SynthkitError",
    "Verdict",
    "__version__",
    "audit",
    "fit",
    "from_sdv_metadata",
    "generate",
    "load",
    "pseudonymise",
    "save_report",
    "to_sdv_metadata",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'synthkit' has no attribute '{name}'")
    return getattr(import_module(f"synthkit.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

"""Transformers without its bars of progress, its reports and its warnings, which know no listener.

with hushed_transformers():
    network = AutoModel.from_pretrained(folder, local_files_only=True)
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hushed_transformers() -> Iterator[None]:
    """Silence inside, and afterwards everything as it was."""
    from transformers.utils import logging as reports

    level, bars = reports.get_verbosity(), reports.is_progress_bar_enabled()
    reports.set_verbosity(logging.CRITICAL)
    reports.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        reports.set_verbosity(level)
        if bars:
            reports.enable_progress_bar()

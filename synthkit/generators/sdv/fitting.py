"""SDV itself: is it here, and one synthesizer fitted with nothing of it left outside.

SDV, rdt and ctgan draw from the global random numbers of NumPy and torch, warn and print, and
transform columns in processes of their own, each with random numbers of its own. Here the
global state is seeded and put back, columns are transformed one after another, and warnings and prints
are dropped: what they advise (saving metadata, fewer categories) is not in the hands of our users.
"""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from synthkit.errors import MissingExtra, TrainingError
from synthkit.generators.sdv.columns import Column

TABLE = "table"


def require_sdv(backend: str) -> None:
    """Raises ``MissingExtra`` where SDV is not installed, or of a version that speaks otherwise."""
    try:
        with _silence():
            import sdv.single_table  # noqa: F401
    except ImportError as error:
        raise MissingExtra("sdv", "sdv", f"the backend {backend}") from error
    if int(version("sdv").partition(".")[0]) < 2:
        raise MissingExtra("sdv 2", "sdv", f"the backend {backend}")


def fitted(
    synthesizer: str,
    table: Mapping[str, np.ndarray],
    columns: Sequence[Column],
    rng: np.random.Generator,
    options: Mapping[str, Any],
    training: contextlib.AbstractContextManager[Any],
) -> Any:
    """A fitted synthesizer of SDV.

    Args:
        synthesizer: name of a class in ``sdv.single_table``.
        table: codes and scores by column, at least one.
        columns: of the table.
        rng: seeds NumPy's global random numbers.
        options: of the class.
        training: entered around the training proper; may swallow an exception that ends it.

    Raises:
        TrainingError: SDV gives up.
    """
    import pandas as pd
    from joblib import parallel_config

    frame = pd.DataFrame({column.name: _cells(column, table[column.name]) for column in columns})
    with _silence(), _numpy_seeded(rng), parallel_config(backend="sequential"), _explained():
        from sdv import single_table
        from sdv.metadata import Metadata

        metadata = Metadata.load_from_dict(_metadata(table, columns))
        model = getattr(single_table, synthesizer)(metadata, **options)
        with contextlib.redirect_stdout(io.StringIO()):
            processed = model.preprocess({TABLE: frame})
        with training:
            model.fit_processed_data(processed)
    return model


def code_of(label: object) -> int:
    """The code that a category stands for."""
    return int(str(label).removeprefix("c"))


def _labels(codes: np.ndarray, size: int) -> np.ndarray:
    """Codes as text, which is what SDV takes for categories."""
    return np.array([f"c{code}" for code in range(size)], object)[codes]


def _cells(column: Column, values: np.ndarray) -> np.ndarray:
    return values if column.size is None else _labels(values, column.size)


def _metadata(table: Mapping[str, np.ndarray], columns: Sequence[Column]) -> dict[str, Any]:
    """What SDV shall know of the columns. The order of codes names those that occur."""
    about: dict[str, dict[str, Any]] = {}
    for column in columns:
        about[column.name] = {"sdtype": "numerical" if column.size is None else "categorical"}
        if column.size is not None and column.ordered:
            seen = np.unique(table[column.name])
            about[column.name] = {
                "sdtype": "ordinal",
                "range_values": _labels(seen, column.size).tolist(),
            }
    return {
        "tables": {TABLE: {"columns": about}},
        "relationships": [],
        "METADATA_SPEC_VERSION": "V2",
    }


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _numpy_seeded(rng: np.random.Generator) -> Iterator[None]:
    """NumPy's global random numbers, seeded for the block and put back after it."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """SDV's own errors as ours; they could only quote codes and scores, and quote nothing here."""
    try:
        yield
    except (ValueError, RuntimeError, MemoryError) as error:
        raise TrainingError(
            f"SDV could not fit this table ({type(error).__name__})",
            remedy="choose backend trees",
        ) from error


@contextlib.contextmanager
def after_each_step(tell: Callable[[], None]) -> Iterator[None]:
    """Calls ``tell`` after every step of an optimizer in the block, which it may end by ``StopFit``."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    own = threading.get_ident()  # the hook is torch's, for optimizers of all threads

    def hook(*_: object) -> None:
        if threading.get_ident() == own:
            tell()

    handle = register_optimizer_step_post_hook(hook)
    try:
        with contextlib.suppress(StopFit):
            yield
    finally:
        handle.remove()


class StopFit(Exception):
    """Ends a training of SDV at a step; what was learned so far stays in the synthesizer."""

"""More rows from a finished run's model: what ``synthkit sample`` does.

sample_run(Path("out/adult"), 1000, Path("more.csv"), ["income=>50K"], None, Run())
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from synthkit import artifacts
from synthkit.assignments import assigned, weighed
from synthkit.balance import Balance
from synthkit.counts import counted
from synthkit.dialect import Dialect
from synthkit.model import Draws
from synthkit.near_copies import NOT_APPLIED
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.shards import SHARD_IMAGES, note_shortages, shards

MORE_ROWS = 250_000  # at a time


def sample_run(
    run_path: Path,
    rows: int,
    output: Path,
    given: Sequence[str],
    seed: int | None,
    run: Run,
    balance: Sequence[str] = (),
) -> int:
    """More rows from a finished run's model, into a file or a folder of parts; returns their number.

    Identifiers go on after those of the run's own rows; two calls give the same ones.

    Args:
        run_path: folder of the run.
        rows: to make.
        output: file, or folder of parts.
        given: what every row shall have, as ``COLUMN=VALUE``; ``COLUMN=`` for a missing cell.
        seed: of the rows; the run's own when None.
        run: receives progress.
        balance: a column whose categories shall be equally frequent, or shares of some of its values
            as ``COLUMN=VALUE:SHARE``; see ``weighed``.

    Raises:
        ModelError: not a finished run, or one whose model was withheld.
        SchemaError: an unknown column or value in ``given`` or ``balance``.
        SynthkitError: a text in ``given`` or ``balance`` that is not of its form, or a column given
            twice.
        ConstraintError: values in ``given`` that cannot go together.
        SinkError: a file without an ending that names a format, too many rows for one, or a place
            that cannot be written.
    """
    artifacts.require_output(output)
    model = artifacts.load_model(run_path)
    facts = artifacts.read_manifest(run_path)
    most = MORE_ROWS if model.schema.modality == "table" else SHARD_IMAGES
    artifacts.require_place(output, -(-rows // most), model.schema.modality)
    plan = shards(rows, most, model.schema)
    cells = assigned(given, model.schema.names, "--given")
    for notice in model.check_given(cells):
        run.notice(notice)
    if model.near_copies:
        run.notice(NOT_APPLIED)
    source = Run(facts["seed"] if seed is None else seed)
    after = int(facts["rows"]["drawn"])  # new identifiers go on where the run's own ended
    draws = Draws()
    shares = None
    if balance:
        wish = Balance.read(weighed(balance, model.schema.names, "--balance"))
        shares = model.shares(wish, source.rng("balance"), cells)

    def parts() -> Iterator[pd.DataFrame]:
        for number, (start, size) in enumerate(plan):
            rng = source.rng("sample more", number)
            own = Draws()
            yield model.sample(size, rng, cells or None, after + draws.drawn, own, shares)
            draws.add(own)
            run.report(Step("sample", start + size, rows))

    with run.stage("sample", f"{counted(rows, model.schema.unit)} to make"):
        dialect = Dialect.model_validate(facts["source"].get("dialect", {}))
        artifacts.write_more(model, parts(), len(plan), output, dialect)
        note_shortages(model, after + draws.drawn, run)
    return rows

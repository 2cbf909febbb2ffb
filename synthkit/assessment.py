"""The evidence of a set of synthetic rows: checks, verdict, finding and what the report draws.

report = assess(evidence, run, policy, thresholds, facts)     # of a run
report = audit(real, synthetic, declared, "release", run, holdout=holdout)   # of rows made by anything
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthkit import __version__
from synthkit.checks import NEAREST_CHECKS, run_checks
from synthkit.checks.base import Evidence, Extractor
from synthkit.columns import detect, note_personal, to_typed
from synthkit.comparable import refuse_other_kinds, shared_rows, without_shared
from synthkit.constraints import Rules
from synthkit.errors import SchemaError
from synthkit.finding import finding
from synthkit.labelled import labelled
from synthkit.people import people_in
from synthkit.policy import Policy, judge, load_policy
from synthkit.recipe import ChecksSpec, SchemaSpec, Threshold
from synthkit.records import note_repeated
from synthkit.report.profile import describe_columns, describe_pairs
from synthkit.results import CheckResult, Report
from synthkit.run import Run
from synthkit.schema import Schema
from synthkit.soundness.unknown_columns import no_such_column
from synthkit.sources import RawTable

UNREADABLE = 0.5  # share of a column's cells, beyond which the column is another one


def assess(
    evidence: Evidence,
    run: Run,
    policy: Policy,
    thresholds: dict[str, Threshold],
    report_facts: dict[str, Any],
) -> Report:
    """Checks, verdict and what the report draws."""
    real = (evidence.train, evidence.holdout, evidence.synthetic, evidence.schema)
    if evidence.schema.person_column is not None:
        sides = {"people_train": evidence.train, "people_holdout": evidence.holdout}
        report_facts = report_facts | {
            key: people_in(rows, evidence.schema) for key, rows in sides.items() if rows is not None
        }
    with run.stage("checks"):
        results, verdict = judge(run_checks(evidence, run), policy, thresholds, evidence.modality)
        found = finding(results)
    with run.stage("report"):
        columns = describe_columns(*real)
        pairs = describe_pairs(*real, run.rng("report"))
    return Report(verdict, tuple(results), columns, pairs, report_facts, found)


def with_unfiltered(
    report: Report, evidence: Evidence, run: Run, policy: Policy, rejection: dict[str, Any]
) -> Report:
    """The report with the checks that near-copy rejection may sway, asked of the rows without it.

    Args:
        report: of the rows as released.
        evidence: whose synthetic rows are those that would be there without rejection.
        rejection: its factor, and how many rows were rejected.
    """
    with run.stage("checks", "without near-copy rejection"):
        results = run_checks(evidence, run, NEAREST_CHECKS)
        results, _ = judge(results, policy, {}, evidence.modality)
    both = {
        result.name: {
            "without_rejection": _number_of(result),
            "as_released": _number_of(report[result.name]),
        }
        for result in results
    }
    return replace(report, facts={**report.facts, "near_copies": {**rejection, "checks": both}})


def _number_of(result: CheckResult) -> dict[str, Any]:
    ends = None if result.ci is None else list(result.ci)
    return {"value": result.value, "ci": ends, "status": result.status}


def audit(
    real: RawTable,
    synthetic: RawTable,
    declared: SchemaSpec,
    policy_name: str,
    run: Run,
    *,
    holdout: RawTable | None = None,
    thresholds: dict[str, Threshold] | None = None,
    base: Path = Path(),
    extractor: Extractor | None = None,
    controls: int = ChecksSpec().controls,
    quasi_identifiers: Sequence[str] = (),
) -> Report:
    """The checks alone, on rows made by anything.

    Args:
        real: rows the generator was trained on.
        synthetic: rows under test.
        declared: roles and overrides of columns (``SchemaSpec``).
        policy_name: name or path of the policy.
        run: seed and listener.
        holdout: real rows the generator did not see; without it privacy is not assessed.
        thresholds: of fidelity checks.
        base: folder of a relative policy path.
        extractor: what gives the features of images, in place of the network that the checks train.
        controls: as ``checks.controls`` in a recipe.
        quasi_identifiers: columns that an outsider may know of a person.

    Raises:
        SchemaError: the tables' columns differ, or there is an extractor and no column of images.
    """
    policy = load_policy(policy_name, base)
    with run.stage("schema"):
        schema = _schema(real, declared, extractor, quasi_identifiers)
        note_personal(schema, run)
        train, _ = to_typed(real.frame, schema, strict=True)
        Rules.fit(schema, train)
        held, left_out = None, 0
        if holdout is not None:
            refuse_other_kinds(real.frame, holdout.frame, schema, "the holdout")
            given, _ = to_typed(holdout.frame, schema, strict=True, where="the holdout")
            held = without_shared(train, given, schema, run)
            left_out = len(given) - len(held)
        refuse_other_kinds(real.frame, synthetic.frame, schema, "the synthetic table")
        rows, invalid = to_typed(synthetic.frame, schema, where="the synthetic table")
        if any(count > UNREADABLE * len(rows) for count in invalid.values()):
            to_typed(synthetic.frame, schema, strict=True, where="the synthetic table")
    if rows.empty:
        raise SchemaError(f"there are no synthetic {schema.unit}s", where="the synthetic table")
    report_facts = {
        "name": "audit",
        "modality": schema.modality,
        "seed": run.seed,
        "rows_train": len(train),
        "rows_holdout": 0 if held is None else len(held),
        "rows_shared": shared_rows(train, held),
        "rows_left_out": left_out,
        "rows_synthetic": len(rows),
        "columns": len(schema.columns),
        "target": schema.target,
        "sensitive": list(schema.sensitive),
        "person": schema.person,
        "known": list(quasi_identifiers),
        "policy": policy_name,
        "controls": controls,
        "files": {
            role: _stored(table)
            for role, table in (("real", real), ("holdout", holdout), ("synthetic", synthetic))
            if table is not None
        },
        "synthkit": __version__,
    }
    evidence = Evidence(
        train,
        held,
        rows,
        schema,
        invalid,
        extractor,
        limits=policy.checks,
        controls=controls,
        quasi_identifiers=tuple(quasi_identifiers),
    )
    people = evidence.of_people()
    note_repeated(len(train), len(people.train), schema, f"real {schema.unit}", run)
    if held is not None and people.holdout is not None:
        note_repeated(len(held), len(people.holdout), schema, f"holdout {schema.unit}", run)
    return assess(evidence, run, policy, thresholds or {}, report_facts)


def _stored(table: RawTable) -> str:
    """What tells a table from all others: its file's name, and the hash of its bytes."""
    return ", ".join([*table.origin.files, f"SHA-256 {table.origin.sha256}"])


def _schema(
    real: RawTable,
    declared: SchemaSpec,
    extractor: Extractor | None,
    quasi_identifiers: Sequence[str],
) -> Schema:
    schema = detect(real.frame, labelled(declared, real.frame))
    if extractor is not None and schema.modality != "images":
        raise SchemaError(
            "there is no column of images",
            where="the real table",
            expected="images, which an extractor is for",
            remedy="leave the extractor out",
        )
    for name in quasi_identifiers:
        if name not in schema.names:
            what, expected, remedy = no_such_column(name, schema.names)
            where = "quasi_identifiers"
            raise SchemaError(what, where=where, expected=expected, remedy=remedy)
    return schema

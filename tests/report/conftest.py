"""A small table of every kind, its description, and a whole report on it, all from one seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.report.profile import describe_columns, describe_pairs
from synthkit.results import CheckResult, Report, Verdict
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="age", kind="integer", reason="every cell is a whole number"),
        Column(name="income", kind="real"),
        Column(name="member", kind="boolean"),
        Column(name="city", kind="categorical", nullable=True),
        Column(name="size", kind="ordinal", order=("small", "medium", "large")),
        Column(name="since", kind="datetime"),
        Column(name="visit", kind="duration"),
        Column(name="code", kind="identifier"),
        Column(name="remark", kind="text"),
        Column(name="country", kind="constant"),
        Column(name="anything", kind="mixed"),
    ),
    target="member",
    sensitive=("city",),
)


def make_table(n: int, seed: int) -> pd.DataFrame:
    """``n`` typed rows of ``SCHEMA``."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    city = rng.choice(["Arden", "Brill", "Cley", None], n, p=[0.6, 0.25, 0.1, 0.05])
    start = np.datetime64("2019-01-01", "us")
    return pd.DataFrame(
        {
            "age": pd.array(age, dtype="Int64"),
            "income": np.where(rng.random(n) < 0.4, 0.0, rng.lognormal(8, 1, n)),
            "member": pd.array(age + rng.normal(0, 9, n) > 50, dtype="boolean"),
            "city": pd.Series(city, dtype=object),
            "size": pd.Series(rng.choice(["large", "medium", "small"], n), dtype=object),
            "since": start + (rng.random(n) * 700 * 86_400e6).astype("timedelta64[us]"),
            "visit": (rng.random(n) * 3_600e6).astype("timedelta64[us]"),
            "code": pd.Series([f"K-{seed}-{i:05d}" for i in range(n)], dtype=object),
            "remark": pd.Series(["so " * k for k in rng.integers(1, 30, n)], dtype=object),
            "country": pd.Series(["Utopia"] * n, dtype=object),
            "anything": pd.Series([1, "one"] * (n // 2), dtype=object),
        }
    )


@pytest.fixture(scope="session")
def schema() -> Schema:
    return SCHEMA


@pytest.fixture
def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Train, holdout and synthetic rows of one distribution; safe to change."""
    return make_table(600, 1), make_table(600, 2), make_table(600, 3)


def make_checks() -> tuple[CheckResult, ...]:
    """One result of every registered name, with numbers as they really come out."""
    telling = [
        {"column": "age", "gain": 0.7, "alone": 0.55},
        {"column": "city", "gain": 0.3, "alone": 0.5},
    ]
    return (
        CheckResult("validity.cells", "validity", 0.0, "lower", title="Cells of the declared kind"),
        CheckResult(
            "shapes",
            "fidelity",
            0.0112,
            "lower",
            detail={"columns": [{"column": "age", "value": 0.01}]},
        ),
        CheckResult("pairs", "fidelity", 0.024, "lower", (0.022, 0.026), 0.018, 0.096),
        CheckResult("triples", "fidelity", 0.044, "lower", reference=0.036, floor=0.17),
        CheckResult(
            "c2st",
            "fidelity",
            0.5402,
            "lower",
            ci=(0.5331, 0.5479),
            reference=0.5012,
            floor=0.987,
            n=600,
            status="passed",
            threshold={"max": 0.6},
            detail={"rows_used": 600, "columns": telling},
        ),
        CheckResult(
            "utility.target",
            "fidelity",
            0.9221,
            "higher",
            (0.918, 0.926),
            0.9283,
            0.5,
            status="passed",
            threshold={"min_of_reference": 0.95},
        ),
        CheckResult("utility.global", "fidelity", 0.81, "higher", reference=0.83, floor=0.5),
        CheckResult("exact_copies", "privacy", 0.0005, "near_reference", reference=0.0004),
        CheckResult(
            "dcr_share",
            "privacy",
            0.5347,
            "lower",
            (0.5281, 0.5413),
            0.5,
            status="failed",
            threshold={"max": 0.53},
            detail={"p_value": 0.0004},
        ),
        CheckResult("membership_nearest", "privacy", 0.507, "lower", reference=0.5),
        CheckResult(
            "representation",
            "bias",
            None,
            "lower",
            status="not_applicable",
            detail={"reason": "no sensitive column is given"},
        ),
        CheckResult("outcome_gap", "bias", 0.03, "lower", reference=0.02),
    )


@pytest.fixture
def report(tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], schema: Schema) -> Report:
    """A whole report that failed one bound of its policy."""
    return Report(
        Verdict("failed", "release", ("dcr_share is 0.535, above the bound of 0.530",)),
        make_checks(),
        describe_columns(*tables, schema),
        describe_pairs(*tables, schema, np.random.default_rng(0)),
        {
            "name": "towns",
            "backend": "trees",
            "seed": 7,
            "rows_train": 600,
            "rows_holdout": 600,
            "rows_synthetic": 600,
            "rows_rejected": {"age below 0": 3},
            "on_fail": "withhold",
        },
    )

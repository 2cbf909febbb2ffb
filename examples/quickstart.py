"""Sixty seconds: learn a table, sample it, fill its gaps, audit the result."""

from __future__ import annotations

import pandas as pd

import synthkit as sk
from synthkit.resources import find

adult = pd.read_csv(find("examples", "adult"), na_values="?").head(10_000)
train, holdout = adult.iloc[:5_000], adult.iloc[5_000:]

model = sk.fit(train, backend="trees", seed=7)
synthetic = model.sample(5_000)
wealthy = model.sample(5, given={"income": ">50K"})
filled = model.impute(train.head(200))

report = sk.audit(train, synthetic, holdout=holdout, target="income", sensitive=["sex", "race"])

print(synthetic.head(3).to_string())
print(f"five rows with income >50K: {sorted(set(wealthy['income']))}")
print(
    f"missing cells before and after imputation: {int(train.head(200).isna().sum().sum())}, "
    f"{int(filled.isna().sum().sum())}"
)
print(f"verdict: {report.verdict.word}")
for name in ("c2st", "utility.target", "dcr_share"):
    check = report[name]
    print(f"{name}: {check.value:.3f} (real holdout: {check.reference:.3f})")

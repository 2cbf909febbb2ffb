"""Names and numbers that stay usable: made-up ones, the same in every table and every run."""

from __future__ import annotations

import numpy as np
import pandas as pd

import synthkit as sk

KEY = "5f1c0a61d3c84d0c"  # of this example only: yours comes from the environment
rng = np.random.default_rng(7)
names = np.array(["Ines Okafor", "Tomas Brandt", "Li Wen", "Sara Lindqvist", "Omar Haddad"])
accounts = np.array([f"HN-{400217 + 7919 * i}" for i in range(60)])

staff = pd.DataFrame({"name": names, "ward": ["A", "A", "B", "B", "C"]})
visits = pd.DataFrame(
    {
        "doctor": names[rng.integers(0, 5, 1000)],
        "referred_by": names[rng.integers(0, 5, 1000)],
        "account": accounts[rng.integers(0, 60, 1000)],
        "minutes": rng.integers(5, 60, 1000),
    }
)

words = {"doctor": "person names", "referred_by": "person names", "account": "format"}
hidden = sk.pseudonymise(visits, words, KEY)
known = sk.pseudonymise(staff, {"name": "person names"}, KEY)
wards = hidden.merge(known, left_on="doctor", right_on="name")["ward"]

synthetic = sk.fit(hidden, seed=7).sample(1000)

print(hidden.head(3).to_string())
print(f"visits that still find their ward: {len(wards):,} of {len(visits):,}")
print(f"doctors in synthetic rows: {', '.join(sorted(set(synthetic['doctor'])))}")
print(f"real names among them: {len(set(synthetic['doctor']) & set(names))}")

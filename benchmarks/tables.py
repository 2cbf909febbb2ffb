"""The tables that the benchmarks measure on, as the yardstick takes them.

train, holdout = halves(TABLES["adult"].read(Path("data")))
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Table:
    """A benchmark table.

    Args:
        path: below the data folder.
        target: column that TSTR predicts.
        drop: columns left out.
        present: rows without this column are left out.
    """

    path: str
    target: str
    drop: tuple[str, ...] = ()
    present: tuple[str, ...] = ()

    def read(self, folder: Path) -> pd.DataFrame:
        """The table as the yardstick takes it."""
        table = pd.read_csv(folder / self.path, na_values=["?"], skipinitialspace=True)
        table = table.drop(columns=list(self.drop)).dropna(subset=list(self.present))
        return table.reset_index(drop=True)


TABLES = {
    "adult": Table("adult/adult.csv.gz", "income"),
    "shoppers": Table("online_shoppers/online_shoppers.csv.gz", "Revenue"),
    "magic": Table("magic/magic.csv.gz", "class"),
    # TabSyn's convention: the row number is dropped, and so are the rows without a measurement
    "beijing": Table("beijing_pm25/beijing_pm25.csv.gz", "pm", drop=("No",), present=("pm",)),
}

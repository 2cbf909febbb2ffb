"""Rules over rows: which rows break them (``rules``), and which hold in a table (``discovery``)."""

from synthkit.constraints.rules import Rules, has_unique, row_hashes

__all__ = ["Rules", "has_unique", "row_hashes"]

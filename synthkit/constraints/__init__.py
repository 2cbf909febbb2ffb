"""Rules over rows: which rows break them (``rules``), and which hold in a table (``discovery``)."""

from synthkit.constraints.rules import Rules, columns_of, has_unique, label, row_hashes

__all__ = ["Rules", "columns_of", "has_unique", "label", "row_hashes"]

"""Columns: what a raw table's columns are, and the way between the raw and the typed table.

schema = detect(raw)                       # kinds, memory, reasons
typed, invalid = to_typed(raw, schema)     # canonical dtypes of synthkit.schema
raw_again = to_raw(typed, schema)          # dtypes, order and spelling of the input
"""

from synthkit.columns.cast import contradicting, to_raw, to_typed
from synthkit.columns.contents import note_personal
from synthkit.columns.detect import detect
from synthkit.columns.filling import filled_in
from synthkit.columns.given import read_given
from synthkit.columns.natural import natural_dtypes, to_python

__all__ = [
    "contradicting",
    "detect",
    "filled_in",
    "natural_dtypes",
    "note_personal",
    "read_given",
    "to_python",
    "to_raw",
    "to_typed",
]

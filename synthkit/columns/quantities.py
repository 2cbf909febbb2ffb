"""Recognisers of numbers: integer, real, counters and keys made of digits, dates like 20240320.

Text and native columns meet here: both come as distinct values with their counts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synthkit import patterns
from synthkit.columns import dates, missing, numbers
from synthkit.columns.distinct import matches, stripped
from synthkit.columns.evidence import Evidence, Fields
from synthkit.counts import counted_are

_SMALL = 50  # rows below which only clear names and counters make a key


def spelled_numbers(evidence: Evidence) -> Fields | None:
    """Text that is all integers or all reals, in one style of marks."""
    text = evidence.column.text
    style = numbers.find_style(text)
    if style is None:
        return None
    if style.exponent or style.more or matches(stripped(text), numbers.INFINITE).any():
        return spelled_reals(evidence, style)
    values, valid = numbers.parse_integers(text, style)
    if valid.all():
        return integers(evidence, values, style)
    return spelled_reals(evidence, style) if style.least else too_large(evidence)


def integers(evidence: Evidence, values: np.ndarray, style: numbers.Style) -> Fields:
    """Whole numbers: a counter, a key, a compact date, or a quantity.

    Args:
        values: (k,) int64, the distinct values in order of first appearance.
        style: of their spelling; ``PLAIN`` for native columns.
    """
    found = (counter(evidence, values) or key(evidence, values)) if style.is_plain else None
    found = found or (compact_dates(evidence, values) if style.is_plain else None)
    if found:
        return found
    codes = missing.sentinels(values, evidence.column.counts)
    reason = f"whole numbers, {evidence.spread}"
    if style.prefix or style.suffix:
        reason += "; written with a currency or unit"
    if evidence.all_differ and evidence.column.n_present >= _SMALL:
        reason += "; all differ, but they are no counter and the name does not say key"
    if evidence.column.n_values == 2 and set(values.tolist()) == {0, 1}:
        reason += "; only 0 and 1, kept as numbers so that the output spells them alike"
    if style.least:
        reason += "; written with a fraction that is always zero"
    return {
        "kind": "integer",
        "reason": reason,
        "format": None if style.is_plain else str(style),
        "sentinels": coded(values, codes, evidence),
    }


def coded(values: np.ndarray, codes: np.ndarray, evidence: Evidence) -> dict[str, int]:
    """``{code: cells}`` of the numeric codes for missing cells, the most frequent first."""
    counts = evidence.column.counts
    places = np.flatnonzero(codes)
    places = places[np.argsort(-counts[places], kind="stable")]
    return {str(int(values[place])): int(counts[place]) for place in places}


def counter(evidence: Evidence, values: np.ndarray) -> Fields | None:
    """A row counter: whole numbers with one fixed step, in file order or shuffled."""
    if not evidence.all_differ or evidence.named_like_year or len(values) < 3:
        return None
    steps = np.diff(values)
    in_order = bool((steps == steps[0]).all())
    shuffled = int(values.max()) - int(values.min()) == len(values) - 1
    enough = 3 if evidence.named_like_key else 20 if in_order else _SMALL
    if not (in_order or shuffled) or len(values) < enough:
        return None
    where = "in file order" if in_order else "in shuffled order"
    return {
        "kind": "identifier",
        "pattern": patterns.SEQUENCE,
        "unique": True,
        "reason": f"a counter: {len(values):,} whole numbers with one fixed step {where}",
    }


def key(evidence: Evidence, values: np.ndarray) -> Fields | None:
    """Whole numbers that all differ, in a column whose name says key."""
    if not (evidence.named_like_key and evidence.all_differ and len(values) >= 3):
        return None
    spelled = [str(value) for value in values.tolist()]
    return {
        "kind": "identifier",
        "pattern": patterns.infer(spelled),
        "unique": True,
        "reason": f"{len(values):,} whole numbers that all differ, and the name says key",
    }


def compact_dates(evidence: Evidence, values: np.ndarray) -> Fields | None:
    """Whole numbers such as 20240320, if every one is a date between 1900 and 2100."""
    if len(values) < 3 or values.min() < 19000101 or values.max() > 21001231:
        return None
    moments, valid = dates.parse(pa.array([str(v) for v in values.tolist()]), "%Y%m%d")
    if not (valid.all() and dates.plausible(moments)):
        return None
    return {
        "kind": "datetime",
        "format": "%Y%m%d",
        "reason": f"whole numbers that are all dates of 8 digits, {evidence.spread}",
    }


def too_large(evidence: Evidence) -> Fields:
    """Whole numbers beyond a signed 64-bit number: keys or labels, not quantities."""
    text = "whole numbers, some beyond 64 bits with a sign, so they are not learned as numbers"
    if evidence.all_differ:
        spelled = [str(v) for v in evidence.column.values.tolist()]
        return {
            "kind": "identifier",
            "pattern": patterns.infer(spelled),
            "unique": True,
            "reason": f"{text}; {evidence.column.n_values:,} cells, all differ",
        }
    return {"kind": "categorical", "reason": f"{text}; {evidence.spread}"}


def spelled_reals(evidence: Evidence, style: numbers.Style) -> Fields:
    """Numbers with a fraction, spelled."""
    column = evidence.column
    values = numbers.parse_reals(column.text, style)
    infinite = matches(stripped(column.text), numbers.INFINITE)
    decimals, noisy = spelled_precision(column.text, style, column.counts)
    fields = reals(evidence, values, decimals)
    if noisy:
        fields["reason"] += f"; beyond that, {counted_are(noisy, 'value')} noisy in the last digits"
    if infinite.any():
        fields["reason"] += f"; {counted_are(int(column.counts[infinite].sum()), 'cell')} infinite"
    return {**fields, "format": str(style)}


def spelled_precision(
    text: pa.StringArray, style: numbers.Style, counts: np.ndarray
) -> tuple[int | None, int]:
    """Decimals of spelled numbers, and how many values are these plus floating-point noise.

    None if values have more significant digits than people write, unless the others agree on a
    number of decimals that explains the long ones, all of 16 digits or more, to within 1e-12, as
    sums of floating-point numbers come out (0.30000000000000004).
    """
    digits, significant = numbers.fraction_digits(text, style), numbers.significant_digits(text)
    long = significant > numbers.MAX_DIGITS
    if not long.any():
        most = int(digits.max(initial=0))
        return most if most <= 17 else None, 0
    noisy = significant[long].min() >= 16 and counts[long].sum() <= counts[~long].sum()
    if not noisy:
        return None, 0
    decimals = int(digits[~long].max())
    values = numbers.parse_reals(text.filter(pa.array(long)), style)
    error = np.abs(values - np.round(values, decimals))
    if (error <= 1e-12 * np.maximum(1.0, np.abs(values))).all():
        return decimals, int(long.sum())
    return None, 0


def reals(evidence: Evidence, values: np.ndarray, decimals: int | None) -> Fields:
    """Numbers with a fraction.

    Args:
        values: (k,) float64 distinct values, NaN where infinite.
        decimals: digits after the point, None where there is no fixed precision.
    """
    finite = np.isfinite(values)
    codes = np.zeros(len(values), bool)
    codes[finite] = missing.sentinels(values[finite], evidence.column.counts[finite])
    precision = (
        "of full precision"
        if decimals is None
        else f"with up to {decimals} decimal{'s' * (decimals != 1)}"
    )
    return {
        "kind": "real",
        "decimals": decimals,
        "reason": f"numbers {precision}, {evidence.spread}",
        "sentinels": coded(values, codes, evidence),
    }


def native_integers(evidence: Evidence) -> Fields:
    """A column of an integer dtype or of Python integers."""
    values = evidence.column.values
    if any(not -(2**63) <= int(v) < 2**63 for v in (min(values), max(values))):
        return too_large(evidence)
    return integers(evidence, values.astype(np.int64), numbers.PLAIN)


def native_reals(evidence: Evidence) -> Fields:
    """A column of a float or decimal dtype; whole numbers in it are an integer column with gaps."""
    values = evidence.column.values.astype(np.float64)
    infinite = np.isinf(values)
    finite = values[~infinite]
    if len(finite) == len(values) and _all_whole(finite):
        codes = missing.sentinels(finite, evidence.column.counts)
        return {
            "kind": "integer",
            "reason": f"whole numbers stored as {evidence.dtype}, {evidence.spread}",
            "sentinels": coded(finite, codes, evidence),
        }
    values[infinite] = np.nan
    exact = 1e-6 if "32" in evidence.dtype or "16" in evidence.dtype else 1e-9
    fields = reals(evidence, values, native_decimals(finite, exact))
    if infinite.any():
        cells = int(evidence.column.counts[infinite].sum())
        fields["reason"] += f"; {counted_are(cells, 'cell')} infinite"
    return fields


def _all_whole(values: np.ndarray) -> bool:
    return bool(len(values)) and bool((np.abs(values) <= 2**53).all() and (values % 1 == 0).all())


def native_decimals(values: np.ndarray, exact: float) -> int | None:
    """Smallest number of decimals, up to 9, that gives every value back within ``exact``."""
    largest = max(1.0, float(np.abs(values).max(initial=0.0)))
    for decimals in range(10):
        if largest * 10.0**decimals > 10.0**numbers.MAX_DIGITS:
            return None
        error = np.abs(values - np.round(values, decimals))
        if (
            error <= exact * np.minimum(10.0**-decimals, 1.0) * np.maximum(1.0, np.abs(values))
        ).all():
            return decimals
    return None

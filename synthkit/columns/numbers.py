"""Spelled numbers: their style, their value, and the way back.

A ``Style`` is written like a spreadsheet's number format, with the marks as they stand in the file:

| format | spelling of 1234.5 |
| --- | --- |
| ``0.#`` | ``1234.5``, no digits after the point where there are none |
| ``0.0#`` | as ``0.#`` but at least one digit (``12.0``) |
| ``0.00`` | exactly two digits (``1234.50``) |
| ``#,##0.00`` | comma between thousands |
| ``#.##0,00`` | point between thousands, decimal comma |
| ``0.#e0`` | ``1234.5``, but ``1e-07`` below 0.0001 and from 1e16, as Python does |
| ``0.00e+00`` | ``1.23e+03``, always an exponent and two digits |
| ``0.#E+00`` | ``1.2345E+03``, always an exponent and as many digits as needed |
| ``$#,##0.00`` | ``$1,234.50``; any of ``$ € £ ¥ ₹ USD EUR GBP CHF`` in front or behind |
| ``0.#%`` | ``1234.5%``; or a unit such as ``kg`` behind, with or without a blank |

Zeros after the mark are always written, ``#`` stands for "and more, up to the column's decimals".
A leading zero (``007``) is never part of a number: such columns are codes. A leading plus, a bare
point (``.5``, ``5.``) and blanks around a number are read, and written back in the plain form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.columns.distinct import matches, stripped

INFINITE = r"(?i)[+-]?inf(?:inity)?"
MAX_DIGITS = 12  # chosen, not derived: more significant digits than a person writes
_INT64 = 2**63
_MONEY = r"[$€£¥₹]|USD|EUR|GBP|CHF"
_UNITS = r"%|kg|g|lbs?|km|cm|mm|m|ml|l|km/h|mph|kWh|°C|°F|GB|MB|kB"
_PREFIX = rf"(?P<prefix>(?:{_MONEY})[ \u00a0]?)"
_SUFFIX = rf"(?P<suffix>[ \u00a0]?(?:{_MONEY}|{_UNITS}))"
_FORMAT = re.compile(
    rf"{_PREFIX}?"
    r"(?:#(?P<group>[^#0])##)?0(?:(?P<mark>[.,])(?P<zeros>0*)(?P<more>#?))?(?P<exponent>e0|[eE][+]00)?"
    rf"{_SUFFIX}?"
)


@dataclass(frozen=True)
class Style:
    """How numbers are spelled.

    Args:
        group: mark between thousands, empty for none.
        mark: decimal mark.
        least: digits after the mark that are always written.
        more: further digits are written where needed.
        exponent: ``e0`` writes very large and very small numbers with an exponent, ``e+00`` and
            ``E+00`` all numbers; empty for none.
        prefix, suffix: currency or unit around the number; a sign stands before the prefix.
    """

    group: str = ""
    mark: str = "."
    least: int = 0
    more: bool = True
    exponent: str = ""
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, text: str | None) -> Style:
        """The style of a format, see the module's table. Raises ``ValueError`` for another text."""
        if text is None:
            return cls()
        match = _FORMAT.fullmatch(text)
        if match is None or match["group"] == (match["mark"] or "."):
            raise ValueError("a number format such as 0, 0.00, 0.0#, #,##0.00 or #.##0,00")
        zeros = len(match["zeros"] or "")
        return cls(
            match["group"] or "",
            match["mark"] or ".",
            zeros,
            bool(match["more"]),
            match["exponent"] or "",
            match["prefix"] or "",
            match["suffix"] or "",
        )

    def __str__(self) -> str:
        digits = "0" * self.least + ("#" if self.more else "")
        lead = f"#{self.group}##0" if self.group else "0"
        number = lead + (self.mark + digits if digits else "") + self.exponent
        return self.prefix + number + self.suffix

    @property
    def is_plain(self) -> bool:
        """Whether integers in this style are bare digits."""
        return not (self.least or self.group or self.prefix or self.suffix)

    @property
    def pattern(self) -> str:
        """RE2 pattern of a finite number in this style, without prefix and suffix."""
        group, mark = re.escape(self.group), re.escape(self.mark)
        whole = f"(?:0|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})*)" if group else "(?:0|[1-9][0-9]*)"
        return f"[+-]?(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?"


PLAIN = Style()
GROUPED = (
    Style(",", "."),
    Style(".", ","),
    Style("", ","),
    *(Style(group, mark) for group in " '\u2019\u00a0\u202f_" for mark in ".,"),
)


def find_style(text: pa.StringArray) -> Style | None:
    """The style in which every spelling is a finite or infinite number; None without one.

    ``1,234`` is read with a comma between thousands as long as every comma has three digits
    behind it; one ``0,5`` or ``12,5`` makes it a decimal comma.
    """
    around = _affixes(text)
    bare = _bare(text, around)
    finite = bare.filter(pa.array(~matches(bare, INFINITE)))
    if not len(finite):
        return None
    head = finite.slice(0, 20)
    for style in (PLAIN, *GROUPED):
        if not (matches(head, style.pattern).all() and matches(finite, style.pattern).all()):
            continue
        if not style.group or pc.any(pc.match_substring(finite, style.group)).as_py():
            found = _with_digits(style, finite)
            return replace(found, prefix=around.prefix, suffix=around.suffix)
    return None


def _affixes(text: pa.StringArray) -> Style:
    """The prefix and suffix that all spellings have, as far as they are money or units."""
    first = text[0].as_py().strip() if len(text) else ""
    prefix, suffix = re.match(f"[+-]?{_PREFIX}", first), re.search(f"[0-9]{_SUFFIX}$", first)
    around = Style(
        prefix=prefix["prefix"] if prefix else "", suffix=suffix["suffix"] if suffix else ""
    )
    return (
        around if matches(stripped(text), f"{_before(around)}.*{_behind(around)}").all() else PLAIN
    )


def _before(style: Style) -> str:
    return f"(?P<sign>[+-]?){re.escape(style.prefix)}"


def _behind(style: Style) -> str:
    return re.escape(style.suffix)


def _bare(text: pa.StringArray, style: Style) -> pa.StringArray:
    """Spellings without blanks, prefix and suffix around the number; null where these differ."""
    bare = stripped(text)
    if not style.prefix and not style.suffix:
        return bare
    framed = matches(bare, f"{_before(style)}.*{_behind(style)}")
    bare = pc.replace_substring_regex(bare, f"^{_before(style)}", r"\1")
    bare = pc.replace_substring_regex(bare, f"{_behind(style)}$", "")
    return pc.if_else(pa.array(framed), bare, pa.scalar(None, pa.string()))


def _with_digits(style: Style, finite: pa.StringArray) -> Style:
    """The style with the digits and the exponent that the spellings show."""
    scientific = matches(finite, ".*[eE].*")
    if scientific.all():
        return _scientific(style, finite)
    fixed = finite.filter(pa.array(~scientific))
    digits = fraction_digits(fixed, style)
    least, most = int(digits.min()), int(digits.max())
    if least < most and not matches(fixed.filter(pa.array(digits == least)), ".*0").any():
        least = min(least, 1)  # no padding was seen; the shortest cell has so many by chance
    more = least < most or bool(scientific.any())
    return replace(style, least=least, more=more, exponent="e0" if scientific.any() else "")


def _scientific(style: Style, finite: pa.StringArray) -> Style:
    """All cells have an exponent: its letter, and the digits of the mantissa if all have as many."""
    mantissas = pc.replace_substring_regex(finite, "[eE].*", "")
    digits = fraction_digits(mantissas, style)
    least, most = int(digits.min()), int(digits.max())
    letter = "E" if matches(finite.slice(0, 1), ".*E.*").all() else "e"
    return replace(
        style, least=least if least == most else 0, more=least < most, exponent=f"{letter}+00"
    )


def fraction_digits(text: pa.StringArray, style: Style) -> np.ndarray:
    """(k,) digits after the decimal mark that each spelling needs, its exponent counted in."""
    bare = _bare(text, style)
    mark = _array(pc.find_substring(bare, style.mark))
    end = _array(pc.find_substring_regex(bare, "[eE]"))
    scientific = end >= 0
    end = np.where(scientific, end, _array(pc.binary_length(bare)))  # marks are places in bytes
    digits = np.where(mark >= 0, end - mark - 1, 0)
    if scientific.any():
        powers = pc.replace_substring_regex(bare.filter(pa.array(scientific)), "^.*[eE]", "")
        digits[scientific] -= np.array([int(power) for power in powers.to_pylist()])
    return np.maximum(digits, 0)


def _array(lengths: pa.Int32Array) -> np.ndarray:
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64)


def significant_digits(text: pa.StringArray) -> np.ndarray:
    """(k,) digits of each spelling without leading zeros and the exponent."""
    mantissa = pc.replace_substring_regex(text, r"[eE].*$", "")
    digits = pc.replace_substring_regex(mantissa, r"[^0-9]", "")
    return pc.utf8_length(pc.utf8_ltrim(digits, "0")).to_numpy(zero_copy_only=False)


def _plain(text: pa.StringArray, style: Style) -> pa.StringArray:
    """Spellings with point and no thousands marks; null where not a number of this style."""
    bare = _bare(text, style)
    found = np.asarray(pc.fill_null(pc.match_substring_regex(bare, f"^{style.pattern}$"), False))
    if style.group:
        bare = pc.replace_substring(bare, style.group, "")
    if style.mark != ".":
        bare = pc.replace_substring(bare, style.mark, ".")
    bare = pc.utf8_ltrim(bare, "+")
    return pc.if_else(pa.array(found), bare, pa.scalar(None, pa.string()))


def parse_reals(text: pa.StringArray, style: Style) -> np.ndarray:
    """(k,) float64 in this style or the plain one; NaN where neither fits, infinities included."""
    values = np.full(len(text), np.nan)
    for form in dict.fromkeys((style, PLAIN)):
        plain = _plain(text, form)
        found = np.asarray(plain.is_valid()) & np.isnan(values)
        if found.any():
            values[found] = plain.filter(pa.array(found)).cast(pa.float64()).to_numpy()
    values[np.isinf(values)] = np.nan  # 1e999
    return values


def parse_integers(text: pa.StringArray, style: Style) -> tuple[np.ndarray, np.ndarray]:
    """``(values (k,) int64, valid (k,) bool)``; ``39.0`` and ``4e1`` are integers, ``39.5`` is not."""
    plain = _plain(text, style)
    digits = pc.replace_substring_regex(plain, r"\.0*$", "")
    simple = np.asarray(pc.fill_null(pc.match_substring_regex(digits, r"^-?[0-9]{1,18}$"), False))
    values = np.zeros(len(text), np.int64)
    if simple.any():
        values[simple] = digits.filter(pa.array(simple)).cast(pa.int64()).to_numpy()
    valid = simple.copy()
    hard = pc.match_substring_regex(digits, r"^-?[0-9]{19}$|[eE]")
    for place in np.flatnonzero(np.asarray(pc.fill_null(hard, False))):
        whole = _whole(digits[place].as_py())
        if whole is not None:
            values[place], valid[place] = whole, True
    rest = np.flatnonzero(~valid)
    if len(rest) and style != PLAIN:
        values[rest], valid[rest] = parse_integers(text.take(pa.array(rest)), PLAIN)
    return values, valid


def _whole(digits: str) -> int | None:
    """An int64 from 19 digits or an exponent form; None for a fraction or a larger number."""
    if re.fullmatch(r"-?[0-9]+", digits):
        value = int(digits)
        return value if -_INT64 <= value < _INT64 else None
    number = float(digits)
    return int(number) if abs(number) <= 2**53 and number.is_integer() else None


def spell_reals(values: np.ndarray, style: Style, decimals: int | None) -> list[str]:
    """Each finite number in this style; ``decimals`` None writes the shortest exact form."""
    if style.exponent.endswith("+00"):
        spelled = [_with_exponent(value, style) for value in values]
    elif decimals is None:
        spelled = [_at_least(np.format_float_positional(v, trim="-"), style.least) for v in values]
    else:
        spelled = [_at_least(f"{v:.{decimals}f}", style.least) for v in values]
    if style.exponent == "e0":
        size = np.abs(values)
        for place in np.flatnonzero((size > 0) & ((size < 1e-4) | (size >= 1e16))):
            spelled[place] = repr(float(values[place]))
    return _marked(spelled, style)


def _with_exponent(value: float, style: Style) -> str:
    if style.more:
        text = np.format_float_scientific(value, trim="-", exp_digits=2)
    else:
        text = f"{value:.{style.least}e}"
    return text.upper() if "E" in style.exponent else text


def spell_integers(values: np.ndarray, style: Style) -> list[str]:
    """Each integer in this style (``least`` zeros after the mark)."""
    tail = "." + "0" * style.least if style.least else ""
    spelled = [f"{value}{tail}" for value in values.tolist()]
    return _marked(spelled, style)


def _at_least(text: str, least: int) -> str:
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0")
    whole = "0" if whole == "-0" and not digits else whole
    digits = digits.ljust(least, "0")
    return f"{whole}.{digits}" if digits else whole


def _marked(spelled: list[str], style: Style) -> list[str]:
    """Plain spellings with the style's marks."""
    if style.mark == "." and not (style.group or style.prefix or style.suffix):
        return spelled
    marked = []
    for text in spelled:
        whole, point, digits = text.partition(".")
        if style.group:
            whole = f"{int(whole):,}".replace(",", style.group) if whole != "-0" else whole
        number = whole + (style.mark if point else "") + digits
        sign = "-" if style.prefix and number[0] == "-" else ""
        marked.append(sign + style.prefix + number.removeprefix(sign) + style.suffix)
    return marked

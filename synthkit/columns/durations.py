"""Spelled durations: clock forms (``36:05:09``), ISO 8601 (``PT1H30M``) and ``1 days 02:00:00``.

The format of a schema column is one of ``FORMATS``. A form is recognised only if spelling its
values gives every cell back, so the round trip is exact.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.columns.distinct import groups, stripped

FORMATS = ("H:MM:SS", "HH:MM:SS", "H:MM:SS.f", "HH:MM:SS.f", "H:MM", "HH:MM", "ISO", "days")
_US = 1_000_000
_SIZES = {"D": 86_400 * _US, "H": 3600 * _US, "M": 60 * _US, "S": _US}

_SIXTY = "[0-5][0-9]"
_PATTERNS = {
    "H:MM:SS": rf"(?P<sign>-?)(?P<H>[0-9]+):(?P<M>{_SIXTY}):(?P<S>{_SIXTY})",
    "H:MM:SS.f": rf"(?P<sign>-?)(?P<H>[0-9]+):(?P<M>{_SIXTY}):(?P<S>{_SIXTY})\.(?P<f>[0-9]{{1,6}})",
    "H:MM": rf"(?P<sign>-?)(?P<H>[0-9]+):(?P<M>{_SIXTY})",
    "ISO": (
        r"(?P<sign>-?)P(?:(?P<D>[0-9]+)D)?"
        r"(?:T(?:(?P<H>[0-9]+)H)?(?:(?P<M>[0-9]+)M)?(?:(?P<S>[0-9]+)(?:\.(?P<f>[0-9]{1,6}))?S)?)?"
    ),
    "days": (
        rf"(?P<sign>-?)(?P<D>[0-9]+) days?,? \+?(?P<H>[0-9]{{1,2}}):(?P<M>{_SIXTY}):(?P<S>{_SIXTY})"
        r"(?:\.(?P<f>[0-9]{1,6}))?"
    ),
}


def infer(text: pa.StringArray) -> str | None:
    """The form that gives every spelling back, or None."""
    for format in FORMATS:
        if not parse(text.slice(0, 20), format)[1].all():
            continue
        values, valid = parse(text, format)
        if valid.all() and (spell(values, format) == np.asarray(text)).all():
            return format
    return None


def parse(text: pa.StringArray, format: str) -> tuple[np.ndarray, np.ndarray]:
    """``(durations (k,) timedelta64[us], valid (k,) bool)``; hours may be padded or not."""
    key = format.replace("HH", "H")
    parts, valid = groups(stripped(text), _PATTERNS[key])
    if key == "ISO":
        valid &= np.any([_length(parts[unit]) > 0 for unit in "DHMS"], axis=0)
    valid &= np.all([_length(part) <= 9 for part in parts.values()], axis=0)
    micros = np.zeros(len(text), np.int64)
    for unit, size in _SIZES.items():
        if unit in parts:
            micros += _integers(parts[unit], valid) * size
    if "f" in parts:
        micros += _integers(pc.utf8_rpad(parts["f"], 6, padding="0"), valid)
    negative = np.asarray(pc.fill_null(pc.equal(parts["sign"], "-"), False))
    return np.where(negative, -micros, micros).astype("timedelta64[us]"), valid


def _length(part: pa.StringArray) -> np.ndarray:
    return pc.fill_null(pc.utf8_length(part), 0).to_numpy(zero_copy_only=False)


def _integers(digits: pa.StringArray, valid: np.ndarray) -> np.ndarray:
    """(k,) int64, zero where a part is absent or the spelling is not valid."""
    present = valid & (_length(digits) > 0)
    values = np.zeros(len(digits), np.int64)
    values[present] = digits.filter(pa.array(present)).cast(pa.int64()).to_numpy()
    return values


def spell(durations: np.ndarray, format: str) -> np.ndarray:
    """(k,) object str: each present duration in this form."""
    micros = durations.astype("timedelta64[us]").astype(np.int64)
    known, codes = np.unique(micros, return_inverse=True)
    return np.array([_spelled(int(value), format) for value in known], object)[codes]


def _spelled(micros: int, format: str) -> str:
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    seconds, fraction = divmod(micros, _US)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if format == "ISO":
        return sign + _iso(hours, minute, second, fraction)
    if format == "days":
        tail = f".{fraction:06d}" if fraction else ""
        return f"{sign}{hours // 24} days {hours % 24:02d}:{minute:02d}:{second:02d}{tail}"
    width = 2 if format.startswith("HH") else 1
    text = f"{sign}{hours:0{width}d}:{minute:02d}"
    text += f":{second:02d}" if ":SS" in format else ""
    return text + (f".{fraction:06d}".rstrip("0").ljust(2, "0") if format.endswith(".f") else "")


def _iso(hours: int, minute: int, second: int, fraction: int) -> str:
    days, hour = divmod(hours, 24)
    seconds = f"{second}.{fraction:06d}".rstrip("0") if fraction else f"{second}"
    clock = "".join(
        f"{part}{unit}"
        for part, unit in ((hour, "H"), (minute, "M"), (seconds, "S"))
        if part not in (0, "0")
    )
    date = f"{days}D" if days else ""
    if not date and not clock:
        return "PT0S"
    return f"P{date}" + (f"T{clock}" if clock else "")

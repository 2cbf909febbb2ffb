"""Spelled datetimes: formats, their values, and the way back; all on arrays of distinct spellings.

A format is written in ``strftime``'s language with three additions for what files do:

| directive | meaning |
| --- | --- |
| ``%Y %y %m %d %H %I %M %S`` | digits, padded with zero; ``%-m %-d %-H %-I`` without |
| ``%b %B %a %A %p %P`` | English names of month and weekday; AM/PM, am/pm |
| ``%3f %6f %9f`` ... (``%f`` = ``%6f``) | that many digits of the second's fraction |
| ``%.f`` | point and six digits, or nothing where the fraction is zero (Python's ``isoformat``) |
| ``%z``, ``%:z`` | offset ``+0100``, ``+01:00`` |
| ``%Z`` | the letter ``Z`` |

    moments, valid = parse(text, "%Y-%m-%d %H:%M")       # datetime64[us]
    text_again = spell(moments, "%Y-%m-%d %H:%M")
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.columns.distinct import groups, stripped

MONTHS = (
    "January February March April May June July August September October November December"
).split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
Parts = dict[str, pa.StringArray]
_US = 1_000_000
_DAY_US = 86_400 * _US

_PATTERNS = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    **{d: rf"(?P<{d}>[0-9]{{2}})" for d in "mdHIMS"},
    **{f"-{d}": rf"(?P<{d}>[0-9]{{1,2}})" for d in "mdHI"},
    "b": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<B>[A-Za-z]{3,9})",
    "a": r"(?P<a>[A-Za-z]{3})",
    "A": r"(?P<A>[A-Za-z]{6,9})",
    "p": r"(?P<p>[AaPp][Mm])",
    "P": r"(?P<p>[AaPp][Mm])",
    ".f": r"(?:\.(?P<f>[0-9]{6}))?",
    "z": r"(?P<z>[+-][0-9]{4})",
    ":z": r"(?P<z>[+-][0-9]{2}:[0-9]{2})",
    "Z": "Z",
    **{f"{n}f": rf"(?P<f>[0-9]{{{n}}})" for n in range(1, 10)},
}
_TOKEN = re.compile(r"%([-.:]?[A-Za-z]|[1-9]f)|%%|[^%]")


def check_format(format: str) -> None:
    """``ValueError`` unless ``format`` holds supported directives, at least a year, none twice."""
    directives = [match[1] for match in tokens(format) if match[1]]
    unknown = [d for d in directives if d != "f" and d not in _PATTERNS]
    if unknown or "".join(m[0] for m in tokens(format)) != format:
        raise ValueError(f"directives of {' '.join(f'%{d}' for d in _PATTERNS)}")
    parts = [d[-1] for d in directives]
    if len(set(parts)) < len(parts) or not {"Y", "y"} & set(parts):
        raise ValueError("a year and no directive twice")


def parse(text: pa.StringArray, format: str) -> tuple[np.ndarray, np.ndarray]:
    """``(moments (k,) datetime64[us], valid (k,) bool)``; UTC where the format holds an offset.

    Unpadded digits are read where padded ones are declared.
    """
    parts, valid = groups(stripped(text), regex(format))
    year = _integers(parts, "Y", valid, 0)
    if "y" in parts:
        short = _integers(parts, "y", valid, 0)
        year = np.where(short >= 69, 1900, 2000) + short  # POSIX pivot
    month = _integers(parts, "m", valid, 1)
    for group, width in (("b", 3), ("B", 9)):
        if group in parts:
            month = _lookup(parts[group], [name[:width] for name in MONTHS]) + 1
    for group, width in (("a", 3), ("A", 9)):
        if group in parts:
            valid &= _lookup(parts[group], [name[:width] for name in WEEKDAYS]) >= 0
    day = _integers(parts, "d", valid, 1)
    hour = _integers(parts, "H", valid, 0)
    if "I" in parts:
        hour = _integers(parts, "I", valid, 12)
        valid &= (hour >= 1) & (hour <= 12)
        late = _lookup(parts["p"], ["am", "pm"]) == 1 if "p" in parts else np.zeros(len(text), bool)
        hour = hour % 12 + np.where(late, 12, 0)
    minute, second = _integers(parts, "M", valid, 0), _integers(parts, "S", valid, 0)
    valid &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    valid &= (hour < 24) & (minute < 60) & (second < 60)
    days, exists = _days(year, month, day)
    valid &= exists
    micros = ((hour * 60 + minute) * 60 + second) * _US + _fraction(parts, valid)
    micros = days.astype(np.int64) * _DAY_US + micros - _offset_us(parts)
    moments = micros.astype("datetime64[us]")
    moments[~valid] = np.datetime64("NaT")
    return moments, valid


def regex(format: str) -> str:
    """RE2 pattern with a group per directive; a padded number may be unpadded after a separator."""
    pieces = []
    compact = bool(re.search(r"%[mdH]%|%Y%[mdb]|%d%b", format))
    for match in tokens(format):
        directive = match[1]
        if not directive:
            pieces.append(re.escape("%" if match[0] == "%%" else match[0]))
            continue
        directive = "6f" if directive == "f" else directive
        if directive in "mdHI" and not compact:
            directive = f"-{directive}"
        pieces.append(_PATTERNS[directive])
    return "".join(pieces)


def tokens(format: str) -> list[re.Match[str]]:
    """Literals and directives of a format in order; group 1 is the directive without ``%``."""
    return list(_TOKEN.finditer(format))


def _integers(parts: Parts, group: str, valid: np.ndarray, default: int) -> np.ndarray:
    values = np.full(len(valid), default, np.int64)
    if group in parts and valid.any():
        values[valid] = parts[group].filter(pa.array(valid)).cast(pa.int64()).to_numpy()
    return values


def _lookup(words: pa.StringArray, names: list[str]) -> np.ndarray:
    """Place of each word among the names, whatever its case; -1 for none."""
    known = pa.array([name.lower() for name in names])
    places = pc.index_in(pc.utf8_lower(words), value_set=known)
    return pc.fill_null(places, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970-01-01 of each calendar date, and whether the date exists."""
    months = (year - 1970).astype("M8[Y]").astype("M8[M]") + (month - 1).astype("m8[M]")
    days = months.astype("M8[D]") + (day - 1).astype("m8[D]")
    return days, days.astype("M8[M]") == months


def _fraction(parts: Parts, valid: np.ndarray) -> np.ndarray:
    """Microseconds of the fraction group, further digits cut."""
    if "f" not in parts:
        return np.zeros(len(valid), np.int64)
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(parts["f"], 0, 6), 6, padding="0")
    return _integers({"f": digits}, "f", valid, 0)


def _offset_us(parts: Parts) -> np.ndarray | int:
    if "z" not in parts:
        return 0
    return np.array([offset_us(z) if z else 0 for z in parts["z"].to_pylist()], np.int64)


def offset_us(text: str) -> int:
    """Microseconds east of UTC of ``+0100`` or ``+01:00``."""
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return (-minutes if text[0] == "-" else minutes) * 60 * _US


def spell(moments: np.ndarray, format: str, zone: str = "+00:00") -> np.ndarray:
    """(k,) object str: each present moment in ``format``.

    Args:
        moments: (k,) datetime64[us], UTC where the format holds an offset; no NaT.
        zone: whose local time and offset are spelled where the format holds an offset; a name or
            ``+01:00``.
    """
    offsets = np.zeros(len(moments), np.int64)
    if re.search("%:?z", format):
        offsets = offsets_us(moments, zone)
        moments = moments + offsets.astype("m8[us]")
    text = np.full(len(moments), "", object)
    for match in tokens(format):
        directive = match[1]
        if directive in ("z", ":z"):
            text = text + _spelled_offsets(offsets, ":" if directive == ":z" else "")
        elif directive and directive != "Z":
            text = text + _piece(moments, "6f" if directive == "f" else directive)
        else:
            text = text + (match[0][-1])
    return text


def _spelled_offsets(offsets: np.ndarray, colon: str) -> np.ndarray:
    known, codes = np.unique(offsets // (60 * _US), return_inverse=True)
    spelled = [
        f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"
        for minutes in known.tolist()
    ]
    return np.array(spelled, object)[codes]


def _piece(moments: np.ndarray, directive: str) -> np.ndarray:
    days = moments.astype("M8[D]")
    months = moments.astype("M8[M]").astype(np.int64)
    micros = (moments - days).astype(np.int64)
    hours = micros // (3600 * _US)
    letter = directive[-1]
    if letter == "f":
        return _spelled_fraction(micros % _US, directive)
    if letter in "aA":
        names = np.array([n[:3] if letter == "a" else n for n in WEEKDAYS], object)
        return names[(days.astype(np.int64) + 3) % 7]
    if letter in "bB":
        names = np.array([n[:3] if letter == "b" else n for n in MONTHS], object)
        return names[months % 12]
    if letter in "pP":
        return np.array(["AM", "PM"] if letter == "p" else ["am", "pm"], object)[hours // 12]
    numbers = {
        "Y": months // 12 + 1970,
        "y": (months // 12 + 1970) % 100,
        "m": months % 12 + 1,
        "d": (days - days.astype("M8[M]")).astype(np.int64) + 1,
        "H": hours,
        "I": (hours + 11) % 12 + 1,
        "M": micros // (60 * _US) % 60,
        "S": micros // _US % 60,
    }[letter]
    width = 4 if letter == "Y" else 1 if directive[0] == "-" else 2
    low, high = int(numbers.min(initial=9999)), int(numbers.max(initial=0))
    spelled = [f"{number:0{width}d}" for number in range(low, high + 1)]
    return np.array(spelled, object)[numbers - low]


def _spelled_fraction(micros: np.ndarray, directive: str) -> np.ndarray:
    known, codes = np.unique(micros, return_inverse=True)
    if directive == ".f":
        spelled = [f".{value:06d}" if value else "" for value in known]
    else:
        width = int(directive[0])
        spelled = [f"{value:06d}"[:width].ljust(width, "0") for value in known]
    return np.array(spelled, object)[codes]


def offsets_us(moments: np.ndarray, zone: str) -> np.ndarray:
    """(k,) microseconds east of UTC of a zone (a name, or ``+01:00``) at UTC moments."""
    if zone[0] in "+-":
        return np.full(len(moments), offset_us(zone), np.int64)
    local = pd.Series(moments).dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    minutes = (local.to_numpy(dtype="M8[us]") - moments).astype(np.int64) // (60 * _US)
    return minutes * 60 * _US  # local mean times of the past have seconds, which no format spells


def is_zoned(format: str) -> bool:
    """Whether the format tells the zone of a moment."""
    return bool(re.search("%:?z|%Z| UTC", format))


def plausible(moments: np.ndarray) -> bool:
    """Whether every moment lies in 1900 ... 2100, as dates of people and records do."""
    years = moments.astype("M8[Y]").astype(np.int64) + 1970
    return bool(len(years) and years.min() >= 1900 and years.max() <= 2100)


def parse_iso(text: pa.StringArray, zone: str | None) -> tuple[np.ndarray, np.ndarray]:
    """``(moments, valid)`` of spellings in any ISO 8601 form.

    Args:
        zone: of the column. With one, moments are in UTC and a spelling without offset is local
            time of the zone; without one, moments are naive.
    """
    bare = stripped(text)
    shaped = np.asarray(pc.match_substring_regex(bare, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"), bool)
    moments = np.full(len(text), np.datetime64("NaT"), "M8[us]")
    for format in _ISO:
        rest = np.flatnonzero(shaped & np.isnat(moments))
        if not len(rest):
            break
        parsed, _ = parse(bare.take(pa.array(rest)), format)
        if zone and not is_zoned(format):
            parsed = to_utc(parsed, zone)
        moments[rest] = parsed
    return moments, ~np.isnat(moments)


def to_utc(local: np.ndarray, zone: str) -> np.ndarray:
    """(k,) datetime64[us] in UTC of local times of a zone (a name, or an offset as ``+01:00``).

    Of an hour that comes twice, the second is meant; one that is skipped moves to its end.
    """
    moments = pd.Series(local).dt.tz_localize(
        zone, ambiguous=np.zeros(len(local), bool), nonexistent="shift_forward"
    )
    return moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="M8[us]")


_SECONDS = ("", *(f".%{digits}f" for digits in (3, 6, 9, 1, 2, 4, 5, 7, 8)))
_ISO = tuple(
    f"%Y-%m-%d{clock}{zone}"
    for clock in (
        "",
        *(f"{t}%H:%M" for t in " T"),
        *(f"{t}%H:%M:%S{s}" for t in " T" for s in _SECONDS),
    )
    for zone in ("", "%Z", "%:z", "%z")
)

"""Recognisers of datetimes and durations, spelled and native."""

from __future__ import annotations

from synthkit.columns import date_formats, durations
from synthkit.columns.dtypes import raw_zone
from synthkit.columns.evidence import Evidence, Fields


def spelled_datetimes(evidence: Evidence) -> Fields | None:
    """Text that is all datetimes of one format."""
    guess = date_formats.infer(evidence.column.text)
    if guess is None:
        return None
    reason = f"datetimes of one format, {evidence.spread}"
    if guess.zone and guess.zone != "UTC" and guess.zone[0] not in "+-":
        reason += f"; their offsets are those of {guess.zone}"
    if guess.ambiguous:
        reason += "; day and month could be the other way round: declare the format if they are"
    if not guess.lossless:
        variant = "a variant of it or with another offset" if guess.zone else "a variant of it"
        reason += f"; some are spelled in {variant} and are written in the usual one"
    return {"kind": "datetime", "format": guess.format, "zone": guess.zone, "reason": reason}


def native_datetimes(evidence: Evidence) -> Fields:
    """A column of a datetime dtype, or of Python dates."""
    zone = raw_zone(evidence.dtype)
    what = f"datetimes in zone {zone}" if zone else "datetimes"
    reason = f"{what} by dtype, {evidence.spread}"
    if any(getattr(value, "nanosecond", 0) for value in evidence.column.values):
        reason += "; digits beyond the microsecond are cut"
    return {"kind": "datetime", "zone": zone, "reason": reason}


def spelled_durations(evidence: Evidence) -> Fields | None:
    """Text that is all durations of one form."""
    form = durations.infer(evidence.column.text)
    if form is None:
        return None
    return {
        "kind": "duration",
        "format": form,
        "reason": f"durations of one form, {evidence.spread}",
    }


def native_durations(evidence: Evidence) -> Fields:
    """A column of a duration dtype, or of times of day (as time since midnight)."""
    what = "times of day" if evidence.family == "time" else "durations"
    return {"kind": "duration", "reason": f"{what} by dtype, {evidence.spread}"}

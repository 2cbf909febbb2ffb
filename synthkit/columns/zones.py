"""The time zone of spelled datetimes, found from their offsets.

    zone_of(pa.array(["2024-03-30 12:00+0100", "2024-04-01 12:00+0200"]), "%Y-%m-%d %H:%M%z")

gives ``Europe/Berlin``: with it every cell can be spelled as it was, summer time included. Zones
that agree on all cells are as good as each other; the best known is taken.
"""

from __future__ import annotations

from zoneinfo import available_timezones

import numpy as np
import pyarrow as pa

from synthkit.columns import dates
from synthkit.columns.distinct import groups, stripped

KNOWN = (
    *("Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York", "America/Chicago"),
    *("America/Denver", "America/Los_Angeles", "America/Halifax", "America/St_Johns"),
    *("America/Anchorage", "America/Sao_Paulo", "Australia/Sydney", "Australia/Adelaide"),
    *("Pacific/Auckland", "Asia/Jerusalem", "Africa/Cairo"),
)
GLANCE = 50  # moments by which most zones are ruled out


def zone_of(text: pa.StringArray, format: str) -> str | None:
    """The zone that all cells are spelled in, or their most frequent offset if there is none.

    Returns:
        a name, or an offset as ``+01:00`` where all have the same or no zone fits; ``UTC`` where
        the format says so; None for a format without zone.
    """
    if not dates.is_zoned(format):
        return None
    parts, valid = groups(stripped(text), dates.regex(format))
    moments, exist = dates.parse(text, format)
    valid = valid & exist
    if "z" not in parts or not valid.any():
        return "UTC"
    spelled = [z.replace(":", "") for z in parts["z"].filter(pa.array(valid)).to_pylist()]
    known, codes, counts = np.unique(spelled, return_inverse=True, return_counts=True)
    if len(known) > 1:
        offsets = np.array([dates.offset_us(z) for z in known])[codes]
        if (name := _fitting(moments[valid], offsets)) is not None:
            return name
    usual = str(known[np.argmax(counts)])
    return f"{usual[:3]}:{usual[3:]}"


def _fitting(moments: np.ndarray, offsets: np.ndarray) -> str | None:
    """The first zone whose offsets (in microseconds) at all UTC moments are these."""
    glance = np.linspace(0, len(moments) - 1, GLANCE).astype(int)
    for zone in (*KNOWN, *sorted(available_timezones() - {*KNOWN})):
        try:
            if all(
                np.array_equal(dates.offsets_us(moments[rows], zone), offsets[rows])
                for rows in (glance, slice(None))
            ):
                return zone
        except KeyError:  # a zone of the machine that pandas does not know
            continue
    return None

"""The small chart of one column: synthetic rows as a filled shape, real rows as an outline over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from synthkit.report.histogram import single_values
from synthkit.report.numbers import calendar_parts, exact, share, tick
from synthkit.report.svg import path, rect, shorten, svg, text

WIDTH = 320.0
ROW, BAR = 18.0, 10.0
LABEL_WIDTH, SHARE_WIDTH = 122.0, 46.0
PLOT_HEIGHT, TICK_HEIGHT = 96.0, 18.0
OVERFLOW, GAP = 7.0, 4.0
MAX_ROWS = 8
LABEL_LENGTH = 19
MAX_TICKS = 5
CHARACTER = 6.2  # about the width of one in a label under the axis
STRIDES = (1, 2, 4, 5, 10, 20, 50, 100)

Row = tuple[str, float, float]  # label, real share, synthetic share


def chart(column: dict[str, Any]) -> Markup:
    """The drawing of one entry of ``Report.columns``."""
    distribution = column["distribution"]
    what = "lengths" if distribution.get("unit") == "length" else "distribution"
    label = f"{column['name']}: {what} of real against synthetic"
    if distribution["type"] == "categories":
        rows = category_rows(distribution, column["missing"]) or [("no rows", 0.0, 0.0)]
        return svg(WIDTH, _rows_height(rows), label, *_bars(rows))
    spikes = [
        (
            f"exactly {exact(spike['value'], distribution['unit'])}",
            spike["real"],
            spike["synthetic"],
        )
        for spike in distribution["spikes"]
    ]
    if column["missing"]["real"] or column["missing"]["synthetic"]:
        spikes.append(("missing", column["missing"]["real"], column["missing"]["synthetic"]))
    top = _rows_height(spikes)
    parts = [*_bars(spikes), *_histogram(distribution, top)]
    return svg(WIDTH, top + PLOT_HEIGHT + TICK_HEIGHT, label, *parts)


def category_rows(distribution: dict[str, Any], missing: dict[str, Any]) -> list[Row]:
    """At most eight rows: the first labels, the rest in one, and missing cells."""
    rows: list[Row] = list(
        zip(distribution["labels"], distribution["real"], distribution["synthetic"], strict=True)
    )
    tail: list[Row] = []
    if missing["real"] or missing["synthetic"]:
        tail.append(("missing", missing["real"], missing["synthetic"]))
    other = distribution["other"]
    lumped = max(other["levels"]["real"] or 0, other["levels"]["synthetic"] or 0)
    real, synthetic = float(other["real"]), float(other["synthetic"])
    room = MAX_ROWS - len(tail)
    if len(rows) + (lumped > 0) > room:
        lumped += len(rows) - (room - 1)
        real += sum(row[1] for row in rows[room - 1 :])
        synthetic += sum(row[2] for row in rows[room - 1 :])
        rows = rows[: room - 1]
    if lumped:
        rows.append((f"{lumped} other{'s' * (lumped > 1)}", real, synthetic))
    return rows + tail


def edge_label(distribution: dict[str, Any], value: float | str) -> str:
    """A value of the histogram's axis as text."""
    return tick(value, distribution["unit"], _step(distribution["edges"], distribution))


def tick_places(distribution: dict[str, Any]) -> list[int]:
    """Which edges get a label: at most five, the rounder ones first."""
    edges, scale = distribution["edges"], distribution["scale"]
    places = range(len(edges))
    rounder: list[Callable[[int], bool]]
    if scale == "log":
        first = [f"{edge:e}"[0] + f"{edge:e}"[2] for edge in edges]
        rounder = [lambda i: first[i] in ("10", "20", "50"), lambda i: first[i] == "10"]
    elif distribution["unit"] == "datetime":
        rounder = _calendar(edges)
    else:
        step = _step(edges, distribution)
        rounder = [lambda i, k=k: round(edges[i] / step) % k == 0 for k in STRIDES]  # type: ignore[misc]
    for is_round in rounder:
        chosen = [i for i in places if is_round(i)]
        if 2 <= len(chosen) <= MAX_TICKS:
            return chosen
    return list(places[:: -(-len(edges) // MAX_TICKS) or 1])


def _calendar(edges: Sequence[str]) -> list[Callable[[int], bool]]:
    """Ever rounder dates: days, months, quarters, years, decades."""
    parts = [calendar_parts(edge) for edge in edges]
    midnight = [clock == "00:00:00" for *_, clock in parts]
    months = [
        12 * year + month - 1 if day == 1 and at_midnight else None
        for (year, month, day, _), at_midnight in zip(parts, midnight, strict=True)
    ]

    def every(k: int) -> Callable[[int], bool]:
        return lambda i: months[i] is not None and months[i] % k == 0  # type: ignore[operator]

    spans = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
    return [lambda i: True, lambda i: midnight[i], *(every(k) for k in spans)]


def _step(edges: Sequence[Any], distribution: dict[str, Any]) -> float:
    """Distance of the first two edges, dates in seconds; 1 if there are none."""
    if len(edges) < 2:
        return 1.0
    if distribution["unit"] == "datetime":
        span = np.datetime64(edges[1]) - np.datetime64(edges[0])
        return float(span / np.timedelta64(1, "s"))
    return float(edges[1]) - float(edges[0])


def _rows_height(rows: Sequence[Row]) -> float:
    return ROW * len(rows) + 4 if rows else 0.0


def _bars(rows: Sequence[Row]) -> list[Markup]:
    """One horizontal pair of bars per row, on the scale of the largest share."""
    most = max((max(real, synthetic) for _, real, synthetic in rows), default=0.0) or 1.0
    room = WIDTH - LABEL_WIDTH - SHARE_WIDTH
    parts = []
    for i, (label, real, synthetic) in enumerate(rows):
        y = i * ROW + 4
        tip = f"{label}: real {share(real)}, synthetic {share(synthetic)}"
        parts += [
            text(LABEL_WIDTH - 8, y + BAR - 1, shorten(label, LABEL_LENGTH), "label", "end"),
            rect(LABEL_WIDTH, y, room * synthetic / most, BAR, "synthetic"),
            rect(LABEL_WIDTH, y, room * real / most, BAR, "real", tip),
            text(WIDTH, y + BAR - 1, share(synthetic), "tick", "end"),
        ]
    return parts


def _histogram(distribution: dict[str, Any], top: float) -> list[Markup]:
    """Bins at equal widths, with the rows off the axis set apart at either end."""
    bins = len(distribution["real"])
    base = top + PLOT_HEIGHT
    if bins == 0:
        return [text(WIDTH / 2, top + PLOT_HEIGHT / 2, "too few values to draw", "tick", "middle")]
    sides = OVERFLOW + GAP
    left, width = sides, (WIDTH - 2 * sides) / bins
    ends = (distribution["below"], distribution["above"])
    most = max(max(end[t] for end in ends) for t in ("real", "synthetic"))
    most = max(most, *distribution["real"], *distribution["synthetic"]) or 1.0

    def y(value: float) -> float:
        return base - (PLOT_HEIGHT - 8) * value / most

    parts = [
        path(_steps(distribution["synthetic"], left, width, y, base) + "z", "synthetic"),
        path(f"M0 {base:.1f}H{WIDTH:g}", "axis"),
        path(_steps(distribution["real"], left, width, y, base), "real"),
    ]
    for x, end, mark in ((0.0, ends[0], "‹"), (WIDTH - OVERFLOW, ends[1], "›")):
        if not (end["real"] or end["synthetic"]):
            continue
        name = "below" if mark == "‹" else "above"
        tip = f"{name} the axis: real {share(end['real'])}, synthetic {share(end['synthetic'])}"
        parts += [
            rect(x, y(end["synthetic"]), OVERFLOW, base - y(end["synthetic"]), "synthetic"),
            rect(x, y(end["real"]), OVERFLOW, base - y(end["real"]), "real", tip),
            text(x + OVERFLOW / 2, base + 13, mark, "tick", "middle"),
        ]
    single = single_values(distribution["edges"], distribution["unit"], distribution["scale"])
    centre = 0.5 if single else 0.0
    taken = 0.0  # by the labels so far
    for i in tick_places(distribution):
        if centre and i == bins:
            continue
        x = left + (i + centre) * width
        anchor = "start" if x < OVERFLOW * 2 else "end" if x > WIDTH - OVERFLOW * 2 else "middle"
        parts.append(path(f"M{x:.1f} {base:.1f}v4", "axis"))
        label = edge_label(distribution, distribution["edges"][i])
        wide = len(label) * CHARACTER
        start = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        if start >= taken:
            parts.append(text(x, base + 15, label, "tick", anchor))
            taken = start + wide
    return parts


def _steps(
    shares: Sequence[float], left: float, width: float, y: Callable[[float], float], base: float
) -> str:
    """Drawing commands of a step line from the base line, over all bins, and back to it."""
    steps = "".join(f"V{y(s):.1f}H{left + (i + 1) * width:.1f}" for i, s in enumerate(shares))
    return f"M{left:.1f} {base:.1f}{steps}V{base:.1f}"

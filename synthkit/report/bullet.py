"""One number on a scale: its interval, the holdout's number, the floor and what the policy allows."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from synthkit.report.axis import number_edges
from synthkit.report.numbers import number, tick
from synthkit.report.svg import element, line, path, rect, svg, text
from synthkit.results import CheckResult

WIDTH, HEIGHT, MARGIN = 320.0, 62.0, 12.0
AXIS_Y, BAND = 26.0, 12.0
LEAST_SPAN = 0.02


def limits(check: CheckResult) -> tuple[float | None, float | None]:
    """Lower and upper bound that the check's threshold comes to; a bound of the interval counts too."""
    asked: Mapping[str, float | None] = check.threshold or {}
    lower, upper = [asked.get("min")], [asked.get("max"), asked.get("max_ci_low")]
    over, of = asked.get("max_over_reference"), asked.get("min_of_reference")
    if check.reference is not None:
        upper.append(None if over is None else check.reference + over)
        lower.append(None if of is None else check.reference * of)
    return (
        max((bound for bound in lower if bound is not None), default=None),
        min((bound for bound in upper if bound is not None), default=None),
    )


def marks(check: CheckResult) -> list[float]:
    """All numbers that the scale has to cover; none if the check has no value."""
    if check.value is None:
        return []
    places = [*(check.ci or ()), check.reference, check.floor, *limits(check)]
    return [check.value, *(place for place in places if place is not None)]


def bullet(check: CheckResult) -> Markup:
    """The drawing of a check whose ``marks`` are finite, and at least one."""
    assert check.value is not None
    low, high = limits(check)
    least, most = min(marks(check)), max(marks(check))
    pad = max(0.0, LEAST_SPAN - (most - least)) / 2
    edges = number_edges(least - pad, most + pad, bins=5)
    if len(edges) > 2 and edges[-2] >= most + pad:
        edges = edges[:-1]

    def x(value: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * (value - edges[0]) / (edges[-1] - edges[0])

    parts = [rect(MARGIN, AXIS_Y - BAND / 2, WIDTH - 2 * MARGIN, BAND, "track", rx=3)]
    if low is not None or high is not None:
        left, right = x(edges[0] if low is None else low), x(edges[-1] if high is None else high)
        parts.append(rect(left, AXIS_Y - BAND / 2, max(right - left, 0.0), BAND, "allowed", rx=3))
        parts += [
            line(x(bound), AXIS_Y - 11, x(bound), AXIS_Y + 11, "limit")
            for bound in (low, high)
            if bound is not None
        ]
    if check.floor is not None:
        at = x(check.floor)
        parts.append(path(f"M{at:.1f} {AXIS_Y + 5:.1f}l-5 -10h10z", "floor"))
    if check.reference is not None:
        parts.append(
            line(x(check.reference), AXIS_Y - 12, x(check.reference), AXIS_Y + 12, "reference")
        )
    if check.ci is not None:
        parts.append(line(x(check.ci[0]), AXIS_Y, x(check.ci[1]), AXIS_Y, "whisker"))
    parts.append(element("circle", cx=x(check.value), cy=AXIS_Y, r=5.5, class_="value"))
    step = float(edges[1] - edges[0])
    for i, edge in enumerate(edges):
        anchor = "start" if i == 0 else "end" if i == len(edges) - 1 else "middle"
        at = {"start": 0.0, "end": WIDTH, "middle": x(edge)}[anchor]
        parts.append(text(at, HEIGHT - 6, tick(edge, "real", step), "tick", anchor))
    label = f"{check.name}: synthetic {number(check.value)}"
    if check.reference is not None:
        label += f", holdout {number(check.reference)}"
    if check.floor is not None:
        label += f", floor {number(check.floor)}"
    return svg(WIDTH, HEIGHT, label, *parts, class_="chart bullet")

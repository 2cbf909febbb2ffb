"""The pair matrices: association of every pair of columns, and how it differs from the real one.

Each picture holds two triangles. In the first, real rows stand below the diagonal and synthetic
ones above, so a faithful table is its own mirror image. In the second, the difference of the
synthetic rows stands below and that of the holdout, which is chance, above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from synthkit.report.numbers import number, signed
from synthkit.report.svg import element, rect, shorten, svg, text

SIZE = 540.0
LABEL = 118.0
LEGEND = 46.0
FULL_SCALE = 0.2  # least difference at full colour, so that noise stays pale


def pair_columns(pairs: Sequence[dict[str, Any]], columns: Sequence[dict[str, Any]]) -> list[str]:
    """The columns that occur in the pairs, in the order of the report's columns."""
    used = {name: None for pair in pairs for name in (pair["a"], pair["b"])}
    order = [column["name"] for column in columns if column["name"] in used]
    return order + [name for name in used if name not in set(order)]


def association_matrix(pairs: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    """Cramér's V per pair: real rows in the lower triangle, synthetic rows in the upper one."""
    cells = []
    for row, column, pair in _placed(pairs, names):
        value = pair["real" if row > column else "synthetic"]
        tip = f"{pair['a']} × {pair['b']}: real {number(pair['real'])}, synthetic {number(pair['synthetic'])}"
        cells.append(_cell(row, column, len(names), "assoc", value, tip))
    legend = _legend([("assoc", step / 4) for step in range(5)], "0", "1")
    label = "Association of column pairs: real below the diagonal, synthetic above"
    return svg(SIZE, SIZE + LEGEND, label, *_frame(names), *cells, *legend, class_="chart matrix")


def difference_matrix(pairs: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    """Difference from the real rows on one scale: synthetic below the diagonal, holdout above."""
    full = max([FULL_SCALE, *(abs(pair["difference"]) for pair in pairs)])
    cells = []
    for row, column, pair in _placed(pairs, names):
        table, key = (
            ("synthetic", "difference") if row > column else ("holdout", "holdout_difference")
        )
        difference = pair.get(key)
        if difference is not None:
            tip = f"{pair['a']} × {pair['b']}: {table} {signed(difference)}"
            sign = "more" if difference > 0 else "less"
            cells.append(_cell(row, column, len(names), sign, abs(difference) / full, tip))
    steps = [("less", 1.0), ("less", 0.5), ("less", 0.0), ("more", 0.5), ("more", 1.0)]
    legend = _legend(steps, f"weaker {signed(-full)}", f"{signed(full)} stronger")
    label = "Difference from the real association: synthetic below the diagonal, holdout above"
    return svg(SIZE, SIZE + LEGEND, label, *_frame(names), *cells, *legend, class_="chart matrix")


def _placed(
    pairs: Sequence[dict[str, Any]], names: Sequence[str]
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Every pair at both of its places: ``(row, column, pair)``."""
    place = {name: i for i, name in enumerate(names)}
    for pair in pairs:
        a, b = place[pair["a"]], place[pair["b"]]
        yield a, b, pair
        yield b, a, pair


def _cell(row: int, column: int, n: int, class_: str, strength: float, tip: str) -> Markup:
    side = (SIZE - LABEL) / n
    x, y = LABEL + column * side, LABEL + row * side
    gap = 1.0 if side > 8 else 0.4
    opacity = round(min(max(strength, 0.0), 1.0), 2)
    return rect(x, y, side - gap, side - gap, class_, tip, fill_opacity=opacity)


def _frame(names: Sequence[str]) -> list[Markup]:
    """Labels on the left and on top, and the diagonal."""
    side = (SIZE - LABEL) / len(names)
    size = min(12.0, max(side * 0.8, 6.0))
    parts = []
    for i, name in enumerate(names):
        middle = LABEL + (i + 0.5) * side
        short = shorten(name, int(1.75 * (LABEL - 8) / size))
        parts += [
            rect(LABEL, LABEL + i * side, SIZE - LABEL, side - 1, "row"),
            element(
                "text", short, x=LABEL - 8, y=middle + size / 3, font_size=size, text_anchor="end"
            ),
            element(
                "text",
                short,
                transform=f"translate({middle + size / 3:.1f} {LABEL - 8:g}) rotate(-90)",
                font_size=size,
            ),
        ]
    parts += [
        rect(LABEL + i * side, LABEL + i * side, side - 1, side - 1, "diagonal")
        for i in range(len(names))
    ]
    return parts


def _legend(steps: Sequence[tuple[str, float]], low: str, high: str) -> list[Markup]:
    width, y = 26.0, SIZE + 18
    start = LABEL + (SIZE - LABEL - width * len(steps)) / 2
    swatches = [
        rect(start + i * width, y, width - 1, 12, class_, fill_opacity=strength)
        for i, (class_, strength) in enumerate(steps)
    ]
    outline = rect(start - 0.5, y - 0.5, width * len(steps), 13, "legend")
    return [
        outline,
        *swatches,
        text(start - 8, y + 10.5, low, "tick", "end"),
        text(start + width * len(steps) + 8, y + 10.5, high, "tick"),
    ]

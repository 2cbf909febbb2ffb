"""The little SVG that the charts need: elements as escaped text, colours by CSS class.

    svg(320, 40, "age: real against synthetic", rect(0, 0, 10, 10, "synthetic"))

Colours live in the style sheet, so one drawing serves light, dark and print. Everything is valid
XML: names and values are escaped, characters that XML forbids are replaced.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """The text without the characters that neither XML nor UTF-8 can carry."""
    return FORBIDDEN.sub("\ufffd", str(text))


def shorten(text: object, length: int) -> str:
    """At most ``length`` characters, the last one an ellipsis if something is cut."""
    cleaned = " ".join(clean(text).split())
    return cleaned if len(cleaned) <= length else cleaned[: length - 1].rstrip() + "…"


def element(name: str, *children: str, **attributes: object) -> Markup:
    """``<name attributes>children</name>``; ``class_`` is class, ``_`` in names becomes ``-``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(
        str(escape(child if isinstance(child, Markup) else clean(child))) for child in children
    )
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")


def svg(width: float, height: float, label: str, *children: str, class_: str = "chart") -> Markup:
    """A drawing with a text alternative. Width and height are the view box, in px."""
    return element(
        "svg",
        *children,
        class_=class_,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=label,
    )


def rect(
    x: float, y: float, width: float, height: float, class_: str, title: str = "", **rest: object
) -> Markup:
    """A rectangle, with a tooltip if there is a title."""
    tip = (element("title", title),) if title else ()
    return element("rect", *tip, x=x, y=y, width=width, height=height, class_=class_, **rest)


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> Markup:
    """One line of text; ``anchor`` is start, middle or end."""
    return element("text", content, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(d: str, class_: str) -> Markup:
    """A path from its drawing commands."""
    return element("path", d=d, class_=class_)


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else clean(value)

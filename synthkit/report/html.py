"""The report as one page: ``render(report)`` is a complete HTML file that loads nothing.

Fonts are the reader's, drawings are inline SVG, the few lines of script only sort and filter, and
a content security policy in the page forbids any request. Every name and number is escaped.
"""

from __future__ import annotations

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined

from synthkit.report.svg import clean
from synthkit.report.view import view
from synthkit.results import Report


def render(report: Report, sheet: bytes | None = None, internal: bool = False) -> str:
    """The report as the text of an HTML file (UTF-8).

    Args:
        report: the evidence.
        sheet: a PNG of synthetic images; of real ones there is none on the page.
        internal: whether it is for people who may see the real rows, and says so.
    """
    environment = Environment(
        loader=PackageLoader("synthkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    picture = "" if sheet is None else base64.b64encode(sheet).decode()
    return environment.get_template("report.html").render(
        view(report), sheet=picture, internal=internal
    )

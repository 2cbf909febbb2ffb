"""The report as one page: ``render(report)`` is a complete HTML file that loads nothing.

Fonts are the reader's, drawings are inline SVG, the few lines of script only sort and filter, and
a content security policy in the page forbids any request. Every name and number is escaped.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from synthkit.report.svg import clean
from synthkit.report.view import view
from synthkit.results import Report


def render(report: Report) -> str:
    """The report as the text of an HTML file (UTF-8)."""
    environment = Environment(
        loader=PackageLoader("synthkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(view(report))

"""Near-copy rejection in words: what the rows would be without it, beside what they are.

lines(report.facts["near_copies"])     # {"dcr_share": "without rejection: 0.613 …; as released: 0.512 …"}
hidden_line(report)                    # for the terminal and the top of the page
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthkit.report.numbers import interval, number
from synthkit.results import Report


def lines(rejection: Mapping[str, Any]) -> dict[str, str]:
    """What the page says of it, by name: settings, counts, and each check without and with it.

    Args:
        rejection: the fact ``near_copies`` of a run; empty if nothing was rejected by distance.
    """
    if not rejection:
        return {}
    return {
        "factor": number(rejection["factor"]),
        "rejected": number(rejection["rejected"]),
        **{
            name: f"without rejection: {_told(both['without_rejection'])}; "
            f"as released: {_told(both['as_released'])}"
            for name, both in rejection["checks"].items()
        },
    }


def hidden_line(report: Report) -> str:
    """That a check passes only because near copies were rejected; empty if none does."""
    checks = (report.facts.get("near_copies") or {}).get("checks", {})
    hidden = {
        name: both
        for name, both in checks.items()
        if both["without_rejection"]["status"] == "failed"
        and both["as_released"]["status"] == "passed"
    }
    if not hidden:
        return ""
    told = ", ".join(
        f"{name} (without it {_told(both['without_rejection'])}; as released "
        f"{_told(both['as_released'])})"
        for name, both in hidden.items()
    )
    return (
        f"Near-copy rejection hides a leak of the generator, which fails {told}: "
        f"{report.unit}s that are drawn from the stored model show it"
    )


def _told(result: Mapping[str, Any]) -> str:
    """``0.613 (95 %: 0.601 to 0.625)``."""
    if result["value"] is None:
        return str(result["status"]).replace("_", " ")
    around = f" (95 %: {interval(result['ci'])})" if result["ci"] else ""
    return number(result["value"]) + around

"""From a ``Report`` to what the page shows: words, rows and drawings, ready for the template.

Nothing here knows HTML; nothing in the template computes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from synthkit.counts import counted
from synthkit.report import glossary, near_copies
from synthkit.report.bullet import bullet, marks
from synthkit.report.detail import cell_text, details, words
from synthkit.report.distribution import chart, edge_label
from synthkit.report.histogram import single_values
from synthkit.report.matrix import association_matrix, difference_matrix, pair_columns
from synthkit.report.numbers import exact, interval, number, share, signed, threshold
from synthkit.report.race import race_table
from synthkit.report.summary import DIRECTIONS, finding_sentence, notes, undecided_line
from synthkit.report.wording import in_units
from synthkit.results import CheckResult, Report, Status

OPEN_COLUMNS = 24  # more columns than that start folded away
TOP_PAIRS = 10
FAMILIES = {
    "fidelity": ("Fidelity", "How faithful are the synthetic rows to the real ones?"),
    "privacy": ("Privacy", "What do the synthetic rows give away about the real people?"),
    "bias": ("Bias", "Are groups of people treated as in the real rows, for better or worse?"),
    "validity": ("Validity", "Could these cells have stood in the original table?"),
}
FACTS = {
    "modality": "Kind of data",
    "backend": "Generator",
    "fine_tuned_from": "Fine-tuned from a checkpoint",
    "seed": "Seed",
    "policy": "Policy",
    "rows_train": "Real rows the generator learned from",
    "rows_holdout": "Real rows held back for the checks",
    "people_train": "People of whom it learned",
    "people_holdout": "People held back for the checks",
    "rows_shared": "Held back rows that equal a training row",
    "rows_left_out": "Held back rows left out, as they are training rows",
    "rows_synthetic": "Synthetic rows",
    "rows_drawn": "Rows drawn in all",
    "rows_rejected": "Rows rejected, by rule",
    "balanced": "Balanced on purpose",
    "quasi_identifiers": "Quasi-identifiers",
    "known": "Quasi-identifiers that attackers know",
    "controls": "Releases without a leak tried as controls",
    "files": "Tables",
    "synthkit": "Version of synthkit",
    "near_copies": "Near copies rejected",
    "columns": "Columns",
    "target": "Target column",
    "sensitive": "Sensitive columns",
    "person": "Column that tells people apart",
    "protected": "Values protected before training",
    "pseudonyms": "Columns with pseudonyms in place of real values",
    "timings_s": "Seconds per stage",
    "on_fail": "If the policy is not met",
    "closest_pairs": "Closest pairs, with real images",
}
ELSEWHERE = ("name", "race")  # facts with a place of their own on the page


def view(report: Report) -> dict[str, Any]:
    """Everything the template needs, by section."""
    return {
        "title": report.facts.get("name") or "Synthetic data",
        "subtitle": _subtitle(report),
        "verdict": _verdict(report),
        "finding": {
            "text": "" if report.privacy is None else str(report.privacy),
            "sentence": finding_sentence(report),
        },
        "row": report.unit,
        "rows": f"{report.unit}s",
        "part": report.part,
        "headlines": [_headline(check, report.unit) for check in glossary.headlines(report)],
        "giveaway": giveaway(report),
        "families": list(_families(report)),
        "columns": _columns(report),
        "open_columns": OPEN_COLUMNS,
        "pairs": _pairs(report),
        "facts": [_fact(key, value, report.unit) for key, value in _ordered(_told(report.facts))],
        "race": race_table(report.facts.get("race")),
        "glossary": glossary.used_terms(report.checks, report.unit),
        "limits": [in_units(limit, report.unit) for limit in _limits(report)],
    }


def _subtitle(report: Report) -> str:
    facts = report.facts
    parts = [
        counted(facts["rows_synthetic"], f"synthetic {report.unit}")
        if "rows_synthetic" in facts
        else "",
        counted(len(report.columns), "column") if report.columns else "",
        f"made by {facts['backend']}" if facts.get("backend") else "",
        f"seed {facts['seed']}" if "seed" in facts else "",
    ]
    return " · ".join(part for part in parts if part)


def _verdict(report: Report) -> dict[str, Any]:
    verdict = report.verdict
    judged = sum(check.is_judged for check in report.checks)
    met = (
        "and none is shown to fail, though not all are shown to hold."
        if undecided_line(report)
        else "and met its bound."
    )
    sentence = {
        "passed": f"Every check that this policy asks for ran {met}"
        if judged
        else "This policy sets no bound that these rows could break.",
        "failed": "The rows do not meet what this policy asks for.",
        "not_assessed": "This policy asks for evidence that is missing, so nothing was cleared.",
    }[verdict.word]
    consequence = ""
    if not verdict.passed and "on_fail" in report.facts:
        consequence = {
            "withhold": "The data and its model were withheld; this report is what remains.",
            "warn": "The data was written all the same, as the recipe demands with a warning.",
        }.get(str(report.facts["on_fail"]), "")
    counts = Counter(_badge(check) for check in report.checks)
    order = list(get_args(Status))
    order.insert(order.index("passed") + 1, UNDECIDED)
    return {
        "word": verdict.word,
        "label": words(verdict.word).capitalize(),
        "policy": verdict.policy,
        "sentence": in_units(sentence, report.unit),
        "consequence": consequence,
        "reasons": verdict.reasons,
        "notes": notes(report),
        "tally": [
            (word, _TALLY.get(word, words(word)), counts[word]) for word in order if word in counts
        ],
    }


UNDECIDED = "undecided"
_TALLY = {
    "measured": "measured, for which the policy sets no limit",
    UNDECIDED: "not shown to fail",
}


def _badge(check: CheckResult) -> str:
    """The look of a result: its status, but no pass where the limit lies inside the interval."""
    return UNDECIDED if check.undecided else check.status


def _check(check: CheckResult) -> dict[str, Any]:
    """The words of one result that the headline and the table share."""
    return {
        "name": check.name,
        "title": glossary.title(check),
        "summary": check.summary,
        "value": number(check.value),
        "score": check.score,
        "ci": interval(check.ci),
        "reference": number(check.reference),
        "floor": number(check.floor),
        "threshold": threshold(check.threshold),
        "direction": DIRECTIONS[check.direction],
        "status": _badge(check),
        "status_word": check.standing,
        "doubt": "not shown to fail, nor to hold: the limit lies inside the interval"
        if check.undecided
        else "",
        "reason": check.detail.get("reason", ""),
    }


def _headline(check: CheckResult, unit: str) -> dict[str, Any]:
    known = glossary.term(check.name)
    return _check(check) | {
        "title": glossary.short_title(check, unit),
        "question": known.of(unit).question if known else "",
        "drawing": bullet(check) if math.isfinite(sum(marks(check) or [math.nan])) else "",
    }


def giveaway(report: Report) -> dict[str, Any]:
    """Which columns betray the synthetic rows, from the detail of ``c2st``."""
    check = report.get("c2st")
    entries = check.detail.get("columns", []) if check else []
    largest = max((entry["gain"] for entry in entries), default=0.0) or 1.0
    return {
        "value": number(check.value) if check else "",
        "guessed": check is not None and check.ci is not None and check.ci[0] <= 0.5,
        "rows": [
            {
                "column": entry["column"],
                "gain": share(entry["gain"]),
                "width": f"{100 * entry['gain'] / largest:.1f}",
                "alone": number(entry["alone"]),
            }
            for entry in entries
        ],
    }


def _families(report: Report) -> Iterator[dict[str, Any]]:
    for family, (name, question) in FAMILIES.items():
        checks = [
            _check(check)
            | {
                "n": number(check.n),
                "details": list(details(_facts(check, report.unit), report.unit)),
            }
            for check in report.family(family)  # type: ignore[arg-type]
        ]
        if checks:
            question = in_units(question, report.unit)
            yield {"id": family, "name": name, "question": question, "checks": checks}


def _facts(check: CheckResult, unit: str) -> dict[str, Any]:
    """A result's detail; with the policy's reason and the listing, where the report has them."""
    why = {"why_this_limit": in_units(check.why, unit)} if check.why else {}
    return why | check.detail | ({"listing": list(check.listing)} if check.listing else {})


def _columns(report: Report) -> list[dict[str, Any]]:
    """The cards, the most different column first."""
    cards = [
        {
            "name": column["name"],
            "kind": column["kind"],
            "reason": column.get("reason", ""),
            "roles": column.get("roles", []),
            "place": place,
            "gap": number(column["gap"]["synthetic"]),
            "holdout_gap": number(column["gap"]["holdout"]),
            "sort": column["gap"]["synthetic"] or 0.0,
            "of_lengths": column["distribution"].get("unit") == "length",
            "drawing": chart(column),
            "distinct": column.get("distinct"),
            "reused": share(column["reused"]["synthetic"]) if "reused" in column else "",
            "table": list(_shares(column)),
        }
        for place, column in enumerate(report.columns)
    ]
    return sorted(cards, key=lambda card: -card["sort"])


def _shares(column: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Every cell of a column's chart in figures: label, real, holdout, synthetic."""
    distribution = column["distribution"]

    def row(label: str, cell: Mapping[str, Any]) -> tuple[str, str, str, str]:
        return (label, share(cell["real"]), share(cell["holdout"]), share(cell["synthetic"]))

    def nth(i: int) -> dict[str, Any]:
        return {t: distribution[t] and distribution[t][i] for t in ("real", "holdout", "synthetic")}

    if distribution["type"] == "categories":
        for i, label in enumerate(distribution["labels"]):
            yield row(label, nth(i))
        yield row("all others", distribution["other"])
    else:
        for spike in distribution["spikes"]:
            yield row(f"exactly {exact(spike['value'], distribution['unit'])}", spike)
        single = single_values(distribution["edges"], distribution["unit"], distribution["scale"])
        edges = [edge_label(distribution, edge) for edge in distribution["edges"]]
        if edges:
            yield row(f"below {edges[0]}", distribution["below"])
        for i in range(len(distribution["real"])):
            yield row(edges[i] if single else f"{edges[i]} up to {edges[i + 1]}", nth(i))
        if edges:
            yield row(f"{edges[-1]} and above", distribution["above"])
    yield row("missing", column["missing"])


def _pairs(report: Report) -> dict[str, Any] | None:
    if not report.pairs:
        return None
    names = pair_columns(report.pairs, report.columns)
    return {
        "association": association_matrix(report.pairs, names),
        "difference": difference_matrix(report.pairs, names),
        "names": len(names),
        "holdout": report.pairs[0].get("holdout") is not None,
        "rows": [
            {
                "a": pair["a"],
                "b": pair["b"],
                "real": number(pair["real"]),
                "synthetic": number(pair["synthetic"]),
                "difference": signed(pair["difference"]),
                "holdout_difference": signed(pair.get("holdout_difference")),
            }
            for pair in report.pairs[:TOP_PAIRS]
        ],
    }


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, the nested ones in words."""
    return {**facts, "near_copies": near_copies.lines(facts.get("near_copies") or {})}


def _ordered(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Facts that are known first, in the page's order, then any others."""
    shown = {k: v for k, v in facts.items() if k not in ELSEWHERE and v not in (None, [], {}, "")}
    known = [(key, shown.pop(key)) for key in FACTS if key in shown]
    return [*known, *shown.items()]


def _fact(key: str, value: Any, unit: str) -> dict[str, Any]:
    entries = [(str(k), cell_text(v)) for k, v in value.items()] if isinstance(value, dict) else []
    return {
        "label": in_units(FACTS.get(key, words(key).capitalize()), unit),
        # A seed or a version is a name, not a quantity.
        "text": str(value) if key in ("seed", "synthkit") else "" if entries else cell_text(value),
        "entries": entries,
    }


def _limits(report: Report) -> Iterator[str]:
    if not report.facts.get("rows_holdout", 1):
        yield (
            "No real rows were held back, so nothing here can tell learning from copying. "
            "Privacy was not assessed."
        )
    if report.facts.get("fine_tuned_from"):
        yield (
            "The generator was fine-tuned from a checkpoint. What that remembers of the rows that it "
            "was trained on by others is in no check's sight."
        )
    yield (
        "The privacy checks play attacks. That none of them found a leak of a size that this many rows "
        "show does not mean that no attack will, and makes nothing anonymous by law. An epsilon that they "
        "prove is a lower bound, and no guarantee."
    )
    yield (
        "If the generator has differential privacy, this report has not: its numbers are of the real rows. "
        "Share it as you would share a statistic of them."
    )
    yield (
        "A classifier finds the differences that it can learn from this many rows. Rules that span "
        "several rows or tables are outside its sight."
    )
    yield (
        "Intervals cover the chance in drawing rows (95 %). They do not cover another seed of the "
        "generator, or another sample of the population."
    )
    yield (
        "Faithful data keeps the real world's unfairness. The bias checks show whether synthesis "
        "changed it, not whether it is right."
    )
    yield (
        "Charts keep people out of sight: real groups of fewer than five rows are drawn as empty, "
        "rare labels are counted as others, and axes end at round numbers before the extremes."
    )

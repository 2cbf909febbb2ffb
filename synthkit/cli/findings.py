"""What ``synthkit init`` says of a table on the terminal: kinds, roles, rules, and too few rows.

    1,200 rows; 5 columns: 2 integer, 1 identifier, 1 categorical, 1 real
    identifiers and texts, made anew: id
    target, guessed from its name: churn

Names and counts of columns appear in it; no value of the data does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.cli.starter import HOLDOUT, likely_groups
from synthkit.constraints.proposals import Proposal
from synthkit.counts import counted, few
from synthkit.schema import Column, Schema


def findings(
    schema: Schema,
    rows: str,
    total: int,
    target: str | None,
    proposals: Sequence[Proposal],
) -> list[str]:
    """The lines.

    Args:
        schema: as detected.
        rows: how many rows were looked at, in words.
        total: rows of the table.
        target: see ``starter.likely_target``.
        proposals: see ``constraints.proposals``.
    """
    columns = schema.columns
    kinds = Counter(column.kind for column in columns).most_common()
    groups, _ = likely_groups(schema, target)
    lines = [
        f"{rows}; {counted(len(columns), 'column')}: "
        + ", ".join(f"{number:,} {kind}" for kind, number in kinds),
        _named("identifiers and texts, made anew", [c.name for c in columns if not c.is_modelled]),
        _named("with missing cells", [c.name for c in columns if c.nullable]),
        _named("of these, spelled by a placeholder", [c.name for c in columns if _spelled(c)]),
        _named(
            "of these, a number that stands for missing", [c.name for c in columns if c.sentinels]
        ),
        f"target, guessed from its name: {target}"
        if target
        else "no target guessed; schema.target names one",
        _named("sensitive, guessed from the names", groups),
        f"several rows are of one person, told apart by: {schema.person}" if schema.person else "",
        _rules(proposals),
        _personal([c.name for c in columns if c.personal]),
        too_few(total),
    ]
    return [line for line in lines if line]


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {few(names)}" if names else ""


def _spelled(column: Column) -> bool:
    """Whether missing cells are spelled by more than blanks or the format's own null."""
    return any(spelling is not None and spelling.strip() for spelling in column.missing)


def _rules(proposals: Sequence[Proposal]) -> str:
    active = sum(proposal.active for proposal in proposals)
    doubtful = len(proposals) - active
    if not proposals:
        return ""
    shown = f", {doubtful:,} more as comments with the reason why not" if doubtful else ""
    return f"rules between columns: {active:,} declared{shown}"


def _personal(names: list[str]) -> str:
    """A warning where values that seem to be people's are learned as they are."""
    if not names:
        return ""
    return (
        f"warning: {few(names)}: seems to be personal data by name and cells, and frequent values are "
        "kept as categories; if these are people, give them pseudonyms (protect.pseudonyms), declare "
        "kind identifier or text, or leave it out"
    )


def too_few(total: int, unit: str = "row") -> str:
    """A warning where the privacy checks, which every policy requires, will lack rows."""
    held = round(total * HOLDOUT)
    if min(held, total - held) >= MIN_ROWS:
        return ""
    return (
        f"warning: too few {unit}s to judge: the privacy checks need {MIN_ROWS} to train on and "
        f"{MIN_ROWS} held out, and holdout {HOLDOUT} leaves {total - held} and {held}; they can only "
        f"say 'not assessed', and the {unit}s are withheld unless privacy.on_fail is warn"
    )

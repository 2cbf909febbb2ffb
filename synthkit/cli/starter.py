"""The text of a starter recipe: what was detected in a table and why, ready to run and to edit.

Column names, kinds and reasons appear in it; no value of the data does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synthkit.cli.roles import guess_sensitive, guess_target
from synthkit.constraints.proposals import Proposal
from synthkit.document import scalar
from synthkit.recipe import ColumnSpec
from synthkit.schema import EACH_ROW, Column, Constraint, Schema

HOLDOUT = 0.5
_PLAIN = re.compile(r"[A-Za-z_.][\w./-]*")


def likely_target(schema: Schema) -> str | None:
    """The column that a model is likely to predict, by its name."""
    return guess_target([c.name for c in schema.columns if c.is_modelled and c.kind != "constant"])


def likely_person(schema: Schema) -> str | None:
    """The column that tells people apart where they have several rows: the first such key."""
    return next((column.name for column in schema.columns if column.recurring_key), None)


def likely_groups(schema: Schema, target: str | None) -> tuple[list[str], list[str]]:
    """Columns that are sensitive by their names: those that form groups of people, and the others.

    Numbers and dates form groups too: the bias checks cut them at their quartiles.
    """
    sensitive = [name for name in guess_sensitive(schema.modelled) if name != target]
    groups = [n for n in sensitive if schema[n].kind not in ("constant", "mixed")]
    return groups, [name for name in sensitive if name not in groups]


def starter(
    path: str,
    name: str,
    schema: Schema,
    rows: str,
    target: str | None,
    proposals: Sequence[Proposal],
    declared: Mapping[str, ColumnSpec] | None = None,
) -> str:
    """A recipe for a table.

    Args:
        path: of the data, as the recipe shall name it.
        name: of the recipe and of its output folder.
        schema: as detected.
        rows: how many rows were looked at, in words.
        target: see ``likely_target``.
        proposals: rules that hold in these rows.
        declared: what is known of columns beforehand, and shall not be detected.
    """
    groups, others = likely_groups(schema, target)
    lines = [
        f"# {name}: a starter recipe, written from {rows}.",
        "#",
        "#   synthkit validate FILE     every problem at once",
        "#   synthkit generate FILE     the data, if the evidence passes the policy",
        "version: 1",
        f"name: {word(name)}",
        "seed: 7 # same seed, same data",
        "",
        "source:",
        f"  path: {word(path)}",
        f"  holdout: {HOLDOUT} # share of rows kept away from training; the checks compare with them",
        "",
        "schema:",
        *_target(target),
        *_sensitive(groups, others),
        *_person(schema),
        *_columns(schema.columns, declared or {}),
        *_constraints(proposals),
        "",
        *_pseudonyms(schema.columns),
        "generator:",
        "  backend: trees # see: synthkit list backends",
        "  # budget: 60s # wall-clock limit of the fit",
        "",
        "privacy:",
        "  policy: internal # see: synthkit list policies",
        "  on_fail: withhold # or warn: write the data although the policy does not pass",
        "",
        "output:",
        f"  path: {word('out/' + name)}",
        "  # rows: 10000 # as many as training rows when left out",
        "  format: csv # csv, parquet or jsonl",
    ]
    return "\n".join(lines) + "\n"


def word(text: str) -> str:
    """Text as YAML on one line, in quotes where it needs them."""
    if _PLAIN.fullmatch(text) and scalar(text) is text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _target(name: str | None) -> list[str]:
    if name is None:
        return ["  # target: COLUMN # what a model trained on the rows shall predict; none guessed"]
    return [f"  target: {word(name)} # guessed from its name: what a model shall predict"]


def _sensitive(groups: list[str], others: list[str]) -> list[str]:
    lines = []
    if groups:
        names = ", ".join(word(name) for name in groups)
        lines.append(f"  sensitive: [{names}] # guessed from the names: groups to compare")
    else:
        lines.append("  # sensitive: [COLUMN] # groups that the bias checks compare; none guessed")
    if others:
        names = ", ".join(word(name) for name in others)
        lines.append(f"  # sensitive too, by name, but not made of groups: {names}")
    return lines


def _person(schema: Schema) -> list[str]:
    if schema.person is None:
        return ["  # person: COLUMN # whose a row is, where people have several rows"]
    why = f"# guessed: several rows are of one; or say {word(EACH_ROW)}"
    return [f"  person: {word(schema.person)} {why}"]


def _columns(columns: tuple[Column, ...], declared: Mapping[str, ColumnSpec]) -> list[str]:
    known = {name: spec for name, spec in declared.items() if spec != ColumnSpec()}
    said = "declared or detected" if known else "detected"
    pin = "its line" if known else "its line and from columns"
    shown = [_column(column, known.get(column.name)) for column in columns]
    width = max(len(line) for line in shown)
    reasons = [" ".join(column.reason.split()) for column in columns]
    return [
        f"  # What was {said}, and why. To pin a kind, take the # from {pin}.",
        "  columns:" if known else "  # columns:",
        *(f"{line:<{width}} # {why}" for line, why in zip(shown, reasons, strict=True)),
    ]


def _column(column: Column, spec: ColumnSpec | None) -> str:
    """A column's line; what was only detected is a comment."""
    if spec is None:
        return f"  #   {word(column.name)}: {{kind: {column.kind}}}"
    said = spec.model_dump(mode="json", exclude_none=True)
    keys = ", ".join(f"{key}: {_value(value)}" for key, value in said.items())
    return f"    {word(column.name)}: {{{keys}}}"


def _value(value: Any) -> str:
    """A value of a declaration as YAML on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return word(value) if isinstance(value, str) else json.dumps(value)


def _constraints(proposals: Sequence[Proposal]) -> list[str]:
    if not proposals:
        return [
            "  # Rules that every synthetic row must meet; none was found. Such as:",
            "  # constraints:",
            "  #   - {kind: inequality, low: start, high: end}",
        ]
    active = [proposal for proposal in proposals if proposal.active]
    doubtful = [proposal for proposal in proposals if not proposal.active]
    lines = ["  # Rules that every synthetic row must meet, as found in the data."]
    lines.append("  constraints:" if active else "  # constraints:")
    lines += [f"    - {_rule(p.rule)} # {p.reason}" for p in active]
    return lines + [f"  #   - {_rule(p.rule)} # {p.reason}" for p in doubtful]


def _pseudonyms(columns: tuple[Column, ...]) -> list[str]:
    """Where values seem to be people's, how to have made-up ones in their place, as a comment."""
    words = [
        f"{word(column.name)}: {column.content or 'person names'}"
        for column in columns
        if column.personal
    ]
    if not words:
        return []
    return [
        "# protect:",
        "#   pseudonyms: # made-up values in place of people's, the same wherever one recurs",
        "#     key: ${SYNTHKIT_KEY} # a secret to export first, such as of: openssl rand -hex 32",
        f"#     columns: {{{', '.join(words)}}} # or: e-mail addresses, format, ...",
        "",
    ]


def _rule(rule: Constraint) -> str:
    """A rule as one line of YAML."""
    said = rule.model_dump(by_alias=True, exclude_defaults=True)
    shown = (
        f"[{', '.join(map(word, value))}]" if isinstance(value, tuple) else word(str(value))
        for value in said.values()
    )
    return "{" + ", ".join(f"{k}: {v}" for k, v in zip(said, shown, strict=True)) + "}"

"""Recognisers of text that is not a number or a date: booleans, ordered labels, keys, free text,
numbers mixed with labels, and, when nothing else fits, categories."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from synthkit import patterns
from synthkit.columns import numbers
from synthkit.columns.contents import EMAIL
from synthkit.columns.dates import MONTHS, WEEKDAYS
from synthkit.columns.distinct import matches, stripped
from synthkit.columns.evidence import Evidence, Fields
from synthkit.counts import counted, counted_are

BOOLEANS = tuple(
    form
    for true, false in (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"))
    for form in dict.fromkeys(
        ((true, false), (true.title(), false.title()), (true.upper(), false.upper()))
    )
)
SCALES = tuple(
    tuple(scale.split("|"))
    for scale in (
        "very low|low|medium|high|very high|critical",
        "low|moderate|high|severe",
        "low|normal|high|urgent|critical",
        "tiny|small|medium|large|huge",
        "xxs|xs|s|m|l|xl|xxl|xxxl",
        "never|rarely|sometimes|often|always",
        "very poor|poor|fair|good|very good|excellent",
        "very bad|bad|average|good|very good",
        "strongly disagree|disagree|neutral|agree|strongly agree",
        "very dissatisfied|dissatisfied|neutral|satisfied|very satisfied",
        "first|second|third|fourth|fifth",
        "bronze|silver|gold|platinum",
    )
)
_PHONE = r"[+(]?[0-9][0-9 ()./-]{5,18}[0-9]"
_CODE = r"\S*[^\s\pL'-]\S*|[A-Z-]+"  # not a word as a name is one
_PADDED = "0[0-9]+"
_SMALL = 50  # rows below which uniqueness alone proves nothing
_HARDLY = 0.9  # distinct values per cell of what hardly ever repeats: a key, a name, not a label


def boolean(evidence: Evidence) -> Fields | None:
    """Exactly one of the usual pairs of spellings."""
    pair = set(evidence.column.values)
    for true, false in BOOLEANS:
        if pair == {true, false}:
            return {
                "kind": "boolean",
                "true": true,
                "false": false,
                "reason": f"one of the usual pairs for yes and no, {evidence.spread}",
            }
    return None


def ordinal(evidence: Evidence, fewest: int = 3) -> Fields | None:
    """At least ``fewest`` labels, all from one well-known scale, or weekdays, or months."""
    values = [str(value) for value in evidence.column.values]
    if not fewest <= len(values) <= 12:
        return None
    for rank, what in (
        (_calendar_rank(MONTHS), "months"),
        (_calendar_rank(WEEKDAYS), "weekdays"),
        *((_scale_rank(scale), "labels of a well-known scale") for scale in SCALES),
    ):
        ranks = [rank.get(value.strip().lower()) for value in values]
        if None not in ranks and len(set(ranks)) == len(ranks):
            order = tuple(values[place] for place in np.argsort(np.array(ranks, float)))
            return {"kind": "ordinal", "order": order, "reason": f"{what}, {evidence.spread}"}
    return None


def _calendar_rank(names: list[str]) -> dict[str, int]:
    ranks = {name.lower(): place for place, name in enumerate(names)}
    for width in (3, 4):
        ranks |= {name.lower()[:width]: place for place, name in enumerate(names)}
    return ranks


def _scale_rank(scale: tuple[str, ...]) -> dict[str, int]:
    return {label: place for place, label in enumerate(scale)}


def identifier(evidence: Evidence) -> Fields | None:
    """UUIDs, e-mail addresses, phone numbers, and single-word codes that hardly ever repeat."""
    column = evidence.column
    unique = evidence.uniqueness
    enough = column.n_present >= (3 if evidence.named_like_key else _SMALL)
    text = stripped(column.text)

    def share(pattern: str) -> float:
        return float(column.counts[matches(text, pattern)].sum()) / column.n_present

    if column.n_values >= 3 and unique >= 0.5 and share(f"(?i){patterns.UUID}") == 1.0:
        return _key(evidence, "UUIDs", patterns.UUID4)
    if unique >= 0.5 and column.n_present >= 10 and share(EMAIL) >= 0.95:
        return _key(evidence, "e-mail addresses")
    if not enough or unique < _HARDLY:
        return None
    if share(_PHONE) >= 0.95:
        return _key(evidence, "phone numbers or codes of digits")
    if share(r"\S+") >= 0.95 and (evidence.named_like_key or share(_CODE) >= 0.5):
        what = "codes" if share(_CODE) >= 0.95 else "single words or codes"
        return _key(evidence, f"{what} that hardly ever repeat")
    if evidence.named_like_key:
        return _key(evidence, "texts that hardly ever repeat, and the name says key")
    return None


def _key(evidence: Evidence, what: str, pattern: str | None = None) -> Fields:
    return {
        "kind": "identifier",
        "pattern": pattern or patterns.infer([str(v) for v in evidence.column.values]),
        "unique": evidence.all_differ,
        "reason": f"{what}, {evidence.spread}",
    }


def free_text(evidence: Evidence) -> Fields | None:
    """Names, addresses and phrases that hardly ever repeat, or sentences that seldom do."""
    column = evidence.column
    if column.n_present < _SMALL:
        return None
    words = pc.count_substring_regex(column.text, r"\S+").to_numpy(zero_copy_only=False)
    mean_words = float(np.average(words, weights=column.counts))
    unique = evidence.uniqueness
    enough = _HARDLY if mean_words < 6.0 else 0.3  # sentences may be templates
    if unique < enough:
        return None
    return {
        "kind": "text",
        "reason": f"{mean_words:.1f} words per cell on average, {evidence.spread}",
    }


def mixed(evidence: Evidence) -> Fields | None:
    """Mostly numbers, and a few labels that repeat; none where zeros pad numbers to codes."""
    column = evidence.column
    text = stripped(column.text)
    is_number = matches(text, numbers.PLAIN.pattern)
    others = ~is_number
    if not (is_number.sum() >= 5 and others.any()):
        return None
    if 2 * matches(text, _PADDED).sum() >= others.sum():
        return None
    number_cells = int(column.counts[is_number].sum())
    few = others.sum() <= max(3, 0.05 * column.n_values)
    if number_cells < 0.6 * column.n_present or not few:
        return None
    label_cells = column.n_present - number_cells
    return {
        "kind": "mixed",
        "reason": f"{counted_are(number_cells, 'cell')} numbers and the other {label_cells:,} hold "
        f"{counted(int(others.sum()), 'label')}",
    }


def categorical(evidence: Evidence) -> Fields:
    """Everything else."""
    text = stripped(evidence.column.text)
    what = "labels"
    if matches(text, _PADDED).any() and matches(text, "[0-9]+").all():
        what = "codes of digits, some with leading zeros"
    reason = f"{what}, {evidence.spread}"
    if evidence.kept_words:
        reason += "; the label none (or a two-letter code NA) is taken as a category"
    return {"kind": "categorical", "reason": reason}


def constant(evidence: Evidence) -> Fields:
    """The same value in every row."""
    return {
        "kind": "constant",
        "reason": f"all {evidence.column.n_present:,} rows hold the same value",
    }


def native_booleans(evidence: Evidence) -> Fields:
    """A column of a boolean dtype, or of Python booleans."""
    return {"kind": "boolean", "reason": f"booleans by dtype, {evidence.spread}"}


def objects(evidence: Evidence) -> Fields:
    """Python values of several types."""
    types = {type(value).__name__ for value in evidence.column.values}
    numeric = bool(types & {"int", "float"}) and "str" in types
    return {
        "kind": "mixed" if numeric else "categorical",
        "reason": f"values of {len(types)} Python types, {evidence.spread}",
    }

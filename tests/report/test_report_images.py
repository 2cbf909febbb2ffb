"""Of images, report and terminal speak of images; of tables, of rows."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from synthkit.checks import run_checks
from synthkit.checks.base import Evidence
from synthkit.contracts import checks as contract
from synthkit.policy import judge, load_policy
from synthkit.report.html import render
from synthkit.report.profile import describe_columns, describe_pairs
from synthkit.report.summary import summary_lines
from synthkit.report.wording import in_units
from synthkit.results import Report
from synthkit.run import Run

pytestmark = pytest.mark.usefixtures("remembered_classifiers")


class Words(HTMLParser):
    """All that a reader sees or is read: text, and the alternatives of drawings."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inside: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        self.words += [text for name, text in attrs if text and name in ("aria-label", "alt")]

    def handle_endtag(self, tag: str) -> None:
        self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not {"style", "script", "code"} & set(self.inside[-1:]):
            self.words.append(data)


def told(evidence: Evidence) -> str:
    """Everything that is said of a release."""
    results, verdict = judge(run_checks(evidence, Run(0)), load_policy("internal"), {}, "images")
    assert evidence.holdout is not None
    real = (evidence.train, evidence.holdout, evidence.synthetic, evidence.schema)
    facts = {
        "modality": evidence.modality,
        "rows_train": len(evidence.train),
        "rows_holdout": len(evidence.holdout),
        "rows_synthetic": len(evidence.synthetic),
        "on_fail": "withhold",
    }
    columns, pairs = describe_columns(*real), describe_pairs(*real, np.random.default_rng(0))
    report = Report(verdict, tuple(results), columns, pairs, facts)
    return " ".join([*Words(render(report)).words, *summary_lines(report)])


@pytest.mark.parametrize("n", [40, 400])
def test_nothing_said_of_images_calls_them_rows(n: int) -> None:
    text = told(contract.image_release(n))
    assert not re.findall(r".{30}\brows?\b.{30}", text, re.DOTALL)
    assert "synthetic images" in text
    assert "Nearer to training images" in text


def test_what_gives_images_away_is_named_for_a_reader() -> None:
    (result,) = (r for r in run_checks(contract.image_release(400), Run(0)) if r.name == "c2st")
    names = {row["column"] for row in result.detail["columns"]}
    axes = [name for name in names if name not in ("label", "group")]
    assert axes
    for name in axes:
        assert re.fullmatch(r"feature \d+ of 32 of the images", name)


def test_words_for_rows_are_read_for_images() -> None:
    said = "A row is a row; rows lie nearer to a training row. Arrows, rowing and ROW stay."
    assert in_units(said, "row") == said
    assert in_units(said, "image") == (
        "An image is an image; images lie nearer to a training image. Arrows, rowing and ROW stay."
    )

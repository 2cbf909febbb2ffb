"""The page: complete, self-contained, escaped, well-formed, and silent about real cells."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from synthkit.report.html import render
from synthkit.report.profile import describe_columns, describe_pairs
from synthkit.results import CheckResult, Report, Verdict
from synthkit.schema import Column, Schema

VOID = {"meta", "input", "br", "link", "img", "hr"}
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


class Page(HTMLParser):
    """Collects tags and ids, and checks that every element is closed in turn."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def drawings(source: str) -> list[ElementTree.Element]:
    """Every SVG of the page, parsed as XML."""
    return [ElementTree.fromstring(drawing) for drawing in SVG.findall(source)]


@pytest.mark.parametrize(("low", "guessed"), [(0.49, True), (0.51, False)])
def test_columns_give_synthetic_rows_away_only_where_a_model_does_not_guess(
    report: Report, low: float, guessed: bool
) -> None:
    checks = [replace(c, ci=(low, 0.6)) if c.name == "c2st" else c for c in report.checks]
    text = Page(render(replace(report, checks=checks))).text
    assert ("does no better than guessing" in text) == guessed
    assert ("by which a model recognises" in text) != guessed


def test_the_page_tells_the_whole_report_verdict_first(report: Report) -> None:
    page = Page(render(report))
    assert page.open == []
    assert (
        page.text.index("Failed") < page.text.index("In three numbers") < page.text.index("0.540")
    )
    assert "above the bound of 0.530" in page.text
    assert "were withheld" in page.text
    for check in report.checks:
        assert check.name in page.text
        assert check.status.replace("_", " ") in page.text
    assert "no sensitive column is given" in page.text
    assert "at least 0.950 of holdout" in page.text
    assert "age below 0" in page.text


def test_a_number_without_a_limit_is_told_from_a_judged_one(report: Report) -> None:
    count = sum(check.status == "measured" for check in report.checks)
    assert f"{count} measured, for which the policy sets no limit" in Page(render(report)).text


@pytest.mark.parametrize("word", ["passed", "failed", "not_assessed"])
def test_every_verdict_is_said_in_a_word(report: Report, word: str) -> None:
    verdict = Verdict(word, "internal")  # type: ignore[arg-type]
    source = render(replace(report, verdict=verdict))
    assert f'class="verdict {word}"' in source
    assert word.replace("_", " ").capitalize() in Page(source).text


def test_every_column_has_a_chart_with_a_text_alternative(report: Report) -> None:
    labels = [drawing.get("aria-label") or "" for drawing in drawings(render(report))]
    for column in report.columns:
        assert any(label.startswith(f"{column['name']}: ") for label in labels)
    assert any("real below the diagonal" in label for label in labels)
    assert any(label.startswith("dcr_share: synthetic 0.535, holdout 0.500") for label in labels)


def test_the_page_loads_nothing(report: Report) -> None:
    source = render(report)
    assert "http:" not in source
    assert "https:" not in source
    assert "url(" not in source
    assert "@import" not in source
    page = Page(source)
    assert not {tag for tag, _ in page.tags} & {"link", "img", "iframe", "object"}
    assert not any("src" in attributes for _, attributes in page.tags)
    links = [attributes["href"] or "" for _, attributes in page.tags if "href" in attributes]
    targets = {attributes.get("id") for _, attributes in page.tags}
    assert links
    assert all(link.startswith("#") and link[1:] in targets for link in links)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


HOSTILE = "<script>alert('x')</script>\"&\x00\ud800"


def test_hostile_names_and_texts_are_escaped() -> None:
    frame = pd.DataFrame({HOSTILE: ["<b>", "]]>"] * 40, "n": np.arange(80.0)})
    schema = Schema(
        columns=(
            Column(name=HOSTILE, kind="categorical", reason=HOSTILE),
            Column(name="n", kind="real"),
        )
    )
    telling = [{"column": HOSTILE, "gain": 1.0, "alone": 0.9}]
    check = CheckResult(
        "c2st",
        "fidelity",
        0.9,
        "lower",
        title=HOSTILE,
        summary=HOSTILE,
        detail={"columns": telling},
    )
    rng = np.random.default_rng(0)
    report = Report(
        Verdict("failed", HOSTILE, (HOSTILE,)),
        (check,),
        describe_columns(frame, None, frame, schema),
        describe_pairs(frame, None, frame, schema, rng),
        {"name": HOSTILE, HOSTILE: {HOSTILE: HOSTILE}},
    )
    source = render(report)
    assert source.count("<script") == 1
    assert "\x00" not in source
    assert source.encode("utf-8")
    page = Page(source)
    assert page.open == []
    assert "alert('x')" in page.text
    assert len(drawings(source)) == 6  # mark, bullet, two columns, two matrices


def test_planted_secrets_are_not_on_the_page(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], schema: Schema, report: Report
) -> None:
    train, holdout, synthetic = tables
    train.loc[3, "city"] = "Zanzibar-Canary"
    train.loc[4, ["age", "income"]] = [987_654_321, 987_654_321.5]
    columns = describe_columns(train, holdout, synthetic, schema)
    source = render(replace(report, columns=columns))
    for secret in ("Zanzibar", "987,654", "987654", "988M", "987M", "K-1-000"):
        assert secret not in source


def test_reports_with_gaps_render(report: Report) -> None:
    failed = tuple(
        replace(check, value=None, ci=None, reference=None, floor=None, status="error", detail={})
        for check in report.checks
    )
    undefined = tuple(replace(check, value=float("nan")) for check in report.checks)
    bare = Report(Verdict("not_assessed", "release"), ())
    variants = [
        replace(report, pairs=()),
        replace(report, columns=()),
        replace(report, columns=(), pairs=()),
        replace(report, facts={}),
        replace(report, checks=failed),
        replace(report, checks=undefined),
        replace(report, checks=report.checks[-1:]),
        bare,
    ]
    for variant in variants:
        source = render(variant)
        page = Page(source)
        assert page.open == []
        assert "What this report cannot tell" in page.text
        assert all(drawing.tag == "svg" for drawing in drawings(source))
    assert "None of the headline checks ran" in render(bare)


def test_empty_columns_tiny_and_absent_tables_render(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], schema: Schema, report: Report
) -> None:
    train, _, synthetic = tables
    blank = train.mask(np.ones(train.shape, dtype=bool))
    facts = report.facts | {"rows_holdout": 0}
    for real, other in (
        (blank, blank),
        (train.head(1), synthetic.head(1)),
        (train, synthetic.head(0)),
    ):
        columns = describe_columns(real, None, other, schema)
        pairs = describe_pairs(real, None, other, schema, np.random.default_rng(0))
        source = render(replace(report, columns=columns, pairs=pairs, facts=facts))
        assert len(drawings(source)) == 1 + 3 + len(schema.columns) + 2
        assert "No real rows were held back" in source


def test_a_wide_table_stays_small_and_folded() -> None:
    rng = np.random.default_rng(0)
    names = [f"a rather long column name {i:03d}" for i in range(128)]
    frame = pd.DataFrame(rng.normal(size=(1_200, 128)), columns=names)
    schema = Schema(columns=tuple(Column(name=name, kind="real") for name in names))
    columns = describe_columns(frame, frame, frame, schema)
    pairs = describe_pairs(frame, frame, frame, schema, rng)
    rows = [{"column": name, "value": 0.1} for name in names]
    check = CheckResult("shapes", "fidelity", 0.1, "lower", detail={"columns": rows})
    source = render(Report(Verdict("passed", "internal"), (check,), columns, pairs))
    assert len(source.encode()) < 3_000_000
    assert "104 more columns" in source
    assert "68 more in report.json" in source
    assert len(drawings(source)) == 1 + 128 + 2


def test_the_same_report_is_the_same_page(report: Report) -> None:
    assert render(report) == render(report)

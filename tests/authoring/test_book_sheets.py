"""Score sheets in the rulebook say in words how each item is scored."""

from __future__ import annotations

import pytest

from rules_service.authoring.book import rulebook
from rules_service.authoring.pages import Page, Table
from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.values.dates import parse_date
from tests.paths.cases import RULESET


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    bundle = compile_bundle(read_ruleset(RULESET))
    day = parse_date("2021-01-01")
    return {language: rulebook(bundle, bundle.view("全国", day), day, language) for language in ("zh", "en")}


def table(page: Page, title: str) -> Table:
    return next(one for one in page.tables if one.title == title)


def scored(page: Page, title: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """How each item is scored, by sheet and item."""
    return {(row[0][0], row[2][0]): row[4] for row in table(page, title).rows}


@pytest.mark.parametrize(
    ("item", "zh", "en"),
    [
        ("Outcome", "按规则AMT-01的结果：通过 10、不通过 2", "by the outcome of AMT-01: pass 10, fail 2"),
        ("Share", "占满分的比率为：项目的本年申报除以项目的总投资", "share of the maximum: "),
        ("First", "由财政评分", "by 财政"),
        ("Veto", "规则PRE-01不通过即发生", "occurs if PRE-01 fails"),
    ],
)
def test_how_an_item_is_scored(pages: dict[str, Page], item: str, zh: str, en: str) -> None:
    chinese = {"Outcome": "结果", "Share": "比例", "First": "第一项", "Veto": "否决"}[item]
    assert scored(pages["zh"], "评分项")["mixed", chinese][0] == zh
    assert scored(pages["en"], "Items of the score sheets")["mixed", item][0].startswith(en)


def test_deductions_and_scope(pages: dict[str, Page]) -> None:
    said = scored(pages["zh"], "评分项")
    taken = "从满分扣：规则AMT-07每处不通过扣0.2，最多扣0.5、规则PRE-02不通过扣1、"
    taken += "有下列情形扣3：项目的项目内容为空"
    assert said["mixed", "扣分"] == (taken,)
    assert said["mixed", "第二项"] == ("由财政评分", "适用情形：并非项目新增")


def test_scorers_marks_and_bands(pages: dict[str, Page]) -> None:
    """Who scores and how totals become one, marks by round, bands with their starts, and templates."""
    rows = {row[0][0]: row for row in table(pages["zh"], "评分表").rows}
    assert [rows[name][4][1:] for name in ("between", "mean", "lowest", "shares")] == [
        ("各评整张表，怎样合成没有规定",),
        ("各评整张表，取平均",),
        ("各评整张表，取低分",),
        ("各评整张表，按占比合成：甲方 40%、乙方 60%",),
    ]
    assert [line.partition("（")[0] for line in rows["mixed"][6]] == [
        "早——合格线：达到或超过60",
        "晚——后来的合格线：达到或超过75",
        "未定——没有规定的合格线：未规定",
    ]
    assert [line.partition("（")[0] for line in rows["mixed"][7]] == [
        "甲——甲档起点：达到或超过90",
        "乙——乙档起点：达到或超过60",
        "丙",
    ]
    assert rows["empty"][2] == ("模板，没有启用",)
    assert rows["unlimited"][5] == ("未规定",)


def test_what_the_documents_leave_open(pages: dict[str, Page]) -> None:
    assert (("无满分：满分",), ("没有写",)) in table(pages["zh"], "文件没有规定的事项").rows

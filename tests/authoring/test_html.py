"""Reports as HTML: every text is escaped, nothing is loaded, charts say their numbers."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.authoring.charts import Bar, Part, bars, stacked
from rules_service.authoring.html import (
    document,
    element,
    escaped,
    facts,
    heading,
    listing,
    paragraph,
    table,
)
from rules_service.authoring.pages import Table

VOID = {"meta", "br"}


class Reading(HTMLParser):
    """A page as a browser takes it: its elements in order, texts, attributes; every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def whole(text: str) -> str:
    """A page that holds a text in every place where one can stand."""
    blocks = [
        heading(text),
        paragraph(text, "note"),
        listing([text]),
        facts([(text, text)]),
        table(Table(text, (text,), (((text, text),),))),
        bars(text, [Bar(text, 3, text)]),
        stacked(text, [Part(text, "good")], [(text, (2,), text)]),
    ]
    return document("zh", text, blocks)


EXPECTED = Reading(whole("x")).elements


@given(
    st.text(min_size=1, max_size=40)
    | st.sampled_from(["</title><script>alert(1)</script>", '" onload="x', "<!--"])
)
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever a text holds, the page has the same elements and attributes of the same names."""
    read = Reading(whole(text))
    assert read.elements == EXPECTED
    assert "script" not in read.elements
    assert {name for name, _ in read.attributes} == {name for name, _ in Reading(whole("x")).attributes}
    whole(text).encode("utf-8")


def test_a_text_is_read_as_it_was_written() -> None:
    assert "5 < 6 & \"a\" 'b'" in Reading(document("zh", "", [paragraph("5 < 6 & \"a\" 'b'")])).text


@pytest.mark.parametrize(
    ("text", "seen"), [("a\x00b", "a\\u0000b"), ("x\u202ey", "x\\u202ey"), ("\ud800", "\\ud800")]
)
def test_what_nobody_sees_is_written_out(text: str, seen: str) -> None:
    """A mark that turns the direction of reading round would let a line say something else."""
    assert escaped(text) == seen


def test_a_page_may_load_nothing() -> None:
    """Its policy names its own style alone, by its hash."""
    page = whole("x")
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    read = Reading(page)
    [policy] = [
        value or "" for name, value in read.attributes if name == "content" and "default-src" in (value or "")
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not {name for name, _ in read.attributes} & {"src", "href", "style", "xlink:href"}
    assert "url(" not in page
    assert "@import" not in page


def test_a_table_has_head_rows_and_columns_of_numbers() -> None:
    shown = table(Table("表", ("甲", "乙"), ((("a", "b"), ("1",)),)), numbers={1})
    assert shown == (
        '<table><caption>表</caption><thead><tr><th scope="col">甲</th><th scope="col">乙</th></tr></thead>'
        '<tbody><tr><td>a<br>b</td><td class="number">1</td></tr></tbody></table>'
    )


def test_attributes_are_escaped() -> None:
    assert (
        element("i", escaped("x"), class_='a"b', aria_label="<")
        == '<i class="a&quot;b" aria-label="&lt;">x</i>'
    )


def widths(markup: str, tone: str) -> list[int]:
    """How long the bars of a tone are, without the mark of the legend."""
    found = re.findall(r'<rect x="\d+" y="\d+" width="(\d+)" height="16" class="(\w+)">', markup)
    return [int(width) for width, of in found if of == tone]


def test_bars_are_as_long_as_their_numbers() -> None:
    """The longest takes the room there is; one of a million can still be seen; nothing is no bar's length."""
    drawn = bars("t", [Bar("a", 10**18, "1"), Bar("b", 5 * 10**17, "2"), Bar("c", 1, "3"), Bar("d", 0, "4")])
    assert widths(drawn, "plain") == [550, 275, 1, 0]


def test_parts_of_a_bar_follow_each_other() -> None:
    """Parts begin where the one before ends; a part of nothing is not drawn."""
    drawn = stacked("t", [Part("p", "good"), Part("q", "bad")], [("r", (1, 3), "4"), ("s", (0, 2), "2")])
    assert widths(drawn, "good") == [137]
    assert widths(drawn, "bad") == [413, 275]
    assert re.findall(r'<rect x="(\d+)" y="31"', drawn) == ["260", "397"]


def test_a_chart_of_nothing_is_empty() -> None:
    assert widths(bars("t", []) + stacked("t", [], []), "plain") == []


def test_long_labels_are_cut_and_told_in_full() -> None:
    label = "西河镇第一初级中学学生宿舍楼改扩建工程项目支出"
    drawn = bars("t", [Bar(label, 1, "1")])
    assert f"<title>{label}</title>" in drawn
    assert re.search(rf">{label[:18]}…<", drawn)

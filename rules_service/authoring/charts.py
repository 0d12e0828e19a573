"""Bar charts for reports, as SVG inside the page; every bar has its number written beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rules_service.authoring.html import Markup, element, escaped

__all__ = ["Bar", "Part", "Tone", "bars", "stacked"]

Tone = Literal["plain", "good", "mild", "bad", "worst", "quiet"]
"""What a bar stands for; the style sheet gives each its colour."""

_WIDTH, _ROW, _THICK = 960, 26, 16
_LABEL, _SHOWN = 260, 150  # room for labels on the left and numbers on the right
_ROOM = _WIDTH - _LABEL - _SHOWN
_WIDE, _NARROW = 13, 7  # how broad a character of either kind is


class Bar(NamedTuple):
    """A bar: a whole number of at least 0, and how it is written beside the bar."""

    label: str
    value: int
    shown: str
    tone: Tone = "plain"


class Part(NamedTuple):
    """What one colour of stacked bars stands for."""

    name: str
    tone: Tone


def bars(title: str, drawn: Sequence[Bar]) -> Markup:
    """One bar a row, the longest as long as there is room."""
    most = max((bar.value for bar in drawn), default=0)
    rows: list[Markup] = []
    for number, bar in enumerate(drawn):
        width = _share(bar.value, most)
        rows += _label(number, bar.label)
        rows.append(_bar(number, 0, width, bar.tone, f"{bar.label}: {bar.shown}"))
        rows.append(_text(_LABEL + width + 6, number, bar.shown))
    return _figure(title, len(drawn), rows)


def stacked(title: str, parts: Sequence[Part], rows: Sequence[tuple[str, Sequence[int], str]]) -> Markup:
    """One bar a row, made of parts: label, the whole number of each part, and what is written beside.

    A legend names the parts.
    """
    most = max((sum(values) for _, values, _ in rows), default=0)
    drawn = list(_legend(parts))
    for number, (label, values, shown) in enumerate(rows, start=1):
        drawn += _label(number, label)
        before = 0
        for part, value in zip(parts, values, strict=True):
            start, end = _share(before, most), _share(before + value, most)
            before += value
            if value:
                drawn.append(_bar(number, start, max(end - start, 1), part.tone, f"{part.name}: {value}"))
        drawn.append(_text(_LABEL + _share(before, most) + 6, number, shown))
    return _figure(title, len(rows) + 1, drawn)


def _share(value: int, most: int) -> int:
    """Its length; what is not nothing can be seen."""
    return max(value * _ROOM // most, 1) if value else 0


def _legend(parts: Iterable[Part]) -> Iterable[Markup]:
    place = _LABEL
    for part in parts:
        yield element("rect", x=place, y=6, width=12, height=12, class_=part.tone)
        yield _text(place + 17, 0, part.name)
        place += 17 + _breadth(part.name) + 24


def _label(number: int, label: str) -> tuple[Markup, Markup]:
    """The name of a row, cut where there is no room; whoever points at it is told the whole of it."""
    shown = _cut(label)
    whole = element("title", escaped(label))
    return (
        element("text", whole, escaped(shown), x=_LABEL - 8, y=number * _ROW + 18, text_anchor="end"),
        element("line", x1=_LABEL, y1=number * _ROW, x2=_LABEL, y2=(number + 1) * _ROW, class_="axis"),
    )


def _bar(number: int, start: int, width: int, tone: Tone, said: str) -> Markup:
    return element(
        "rect",
        element("title", escaped(said)),
        x=_LABEL + start,
        y=number * _ROW + (_ROW - _THICK) // 2,
        width=width,
        height=_THICK,
        class_=tone,
    )


def _text(place: int, number: int, text: str) -> Markup:
    return element("text", escaped(text), x=place, y=number * _ROW + 18)


def _figure(title: str, rows: int, drawn: Iterable[Markup]) -> Markup:
    picture = element("svg", *drawn, viewBox=f"0 0 {_WIDTH} {rows * _ROW + 4}", role="img", aria_label=title)
    return element("figure", element("figcaption", escaped(title)), picture)


def _breadth(text: str) -> int:
    return sum(_WIDE if unicodedata.east_asian_width(char) in "WF" else _NARROW for char in text)


def _cut(text: str) -> str:
    if _breadth(text) <= _LABEL - 12:
        return text
    while text and _breadth(text) > _LABEL - 12 - _WIDE:
        text = text[:-1]
    return text + "…"

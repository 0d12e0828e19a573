"""A comparison for people: lines of text, and one HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rules_service.authoring import html
from rules_service.authoring.charts import Bar, bars
from rules_service.authoring.diff_changes import Change, Compared, Comparison
from rules_service.authoring.html import Markup
from rules_service.authoring.pages import Row, Table
from rules_service.authoring.texts import Texts
from rules_service.values.dates import date_text

__all__ = ["comparison_html", "comparison_lines"]

_COLUMNS = ("change", "before", "after", "places", "own", "files")
_MANY = 6  # places are counted rather than named if they are more and none has its own


def comparison_lines(found: Comparison, language: str) -> Iterator[str]:
    """The comparison as lines of ``zh`` or ``en``, grouped by what they are about."""
    texts = Texts(language)
    yield _sides(found, texts)
    if not found.changes:
        yield texts("diff.none")
        return
    for title, changes in _groups(found, texts):
        yield ""
        yield title
        for change in changes:
            yield f"  {change.text.text(language)}"
    yield ""
    yield texts("diff.count", count=len(found.changes))


def comparison_html(found: Comparison, language: str) -> str:
    """The comparison as one HTML page of ``zh`` or ``en``."""
    texts = Texts(language)
    blocks = [html.paragraph(_sides(found, texts))]
    if not found.changes:
        blocks.append(html.paragraph(texts("diff.none")))
    else:
        blocks.append(html.paragraph(texts("diff.count", count=len(found.changes))))
        drawn = [
            Bar(texts(f"diff_subject.{subject}"), count, str(count))
            for subject, count in found.counts().items()
        ]
        blocks.append(bars(texts("diff.chart"), drawn))
    for title, changes in _groups(found, texts):
        blocks += _section(title, changes, texts)
    return html.document(language, texts("diff.title"), blocks)


def _sides(found: Comparison, texts: Texts) -> str:
    return texts("diff.sides", old=_side(found.old, texts), new=_side(found.new, texts))


def _side(side: Compared, texts: Texts) -> str:
    said = texts("diff.side", bundle=side.id, version=side.version, hash=side.hash[:12])
    if side.date is None:
        return said
    return texts("diff.side_at", side=said, region=side.region, date=date_text(side.date))


def _groups(found: Comparison, texts: Texts) -> Iterator[tuple[str, list[Change]]]:
    for subject, group in groupby(found.changes, key=lambda change: change.subject):
        changes = list(group)
        name = texts(f"diff_subject.{subject}")
        yield texts("diff.group", subject=name, count=len(changes)), changes


def _section(title: str, changes: list[Change], texts: Texts) -> tuple[Markup, Markup]:
    header = tuple(texts(f"diff.head_{name}") for name in _COLUMNS)
    rows = tuple(_row(change, texts) for change in changes)
    used = [place for place in range(len(header)) if any(row[place] != ("",) for row in rows)]
    kept = tuple(tuple(row[place] for place in used) for row in rows)
    return html.heading(title), html.table(Table("", tuple(header[place] for place in used), kept))


def _row(change: Change, texts: Texts) -> Row:
    language = texts.language
    return (
        (change.text.text(language),),
        ("" if change.before is None else change.before.text(language),),
        ("" if change.after is None else change.after.text(language),),
        (_places(change, texts),),
        (texts.list(change.overridden),),
        change.files or ("",),
    )


def _places(change: Change, texts: Texts) -> str:
    if len(change.holds) > _MANY and not change.overridden:
        return texts("diff.places", count=len(change.holds))
    return texts.list(change.holds)

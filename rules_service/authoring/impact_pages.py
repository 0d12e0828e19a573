"""An impact for people: lines of text, and one HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from rules_service.authoring import html
from rules_service.authoring.charts import Bar, Part, Tone, bars, stacked
from rules_service.authoring.html import Markup
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_tables import (
    FLIP_COLUMNS,
    alerts,
    facts,
    flip_cells,
    grades,
    header,
    levels,
    matrices,
    refusal,
    rules_table,
    yuan,
)
from rules_service.authoring.impact_tally import ByRule
from rules_service.authoring.pages import Table
from rules_service.authoring.texts import Texts

__all__ = ["impact_html", "impact_lines"]

_SHOWN: Final = 200  # flips, and lines that could not be answered, on the page; engineering default
_BARS: Final = 20  # departments and rules that are drawn


def impact_lines(found: Impact, language: str) -> Iterator[str]:
    """The figures as lines of ``zh`` or ``en``."""
    texts = Texts(language)
    yield from (texts("diff.pair", name=name, value=value) for name, value in facts(found, texts))
    for table in (*matrices(found, texts), grades(found, texts), rules_table(found, texts)):
        if table.rows:
            yield ""
            yield table.title
            yield from (
                "  " + "  ".join(" ".join(cell) or "-" for cell in row)
                for row in (tuple((name,) for name in table.header), *table.rows)
            )
    for refused in found.tally.refused[:_SHOWN]:
        yield refusal(refused, texts)


def impact_html(found: Impact, language: str) -> str:
    """The impact as one HTML page of ``zh`` or ``en``."""
    texts = Texts(language)
    return html.document(language, texts("impact.title"), _blocks(found, texts))


def _blocks(found: Impact, texts: Texts) -> Iterator[Markup]:
    yield html.facts(facts(found, texts))
    yield html.paragraph(texts("impact.method", day=found.setting.evaluated_on), "note")
    if not found.tally.flips:
        yield html.paragraph(texts("impact.nothing"))
    for table in (*matrices(found, texts), grades(found, texts), alerts(found, texts)):
        if table.rows:
            yield html.table(table, numbers=range(2, 6))
    yield from _departments(found, texts)
    yield from _of_rules(found, texts)
    yield from _flips(found, texts)
    refused = found.tally.refused
    if refused:
        yield html.heading(texts("impact.refused", count=len(refused)))
        yield html.listing(refusal(one, texts) for one in refused[:_SHOWN])
        if len(refused) > _SHOWN:
            yield html.paragraph(texts("impact.more", shown=_SHOWN, count=len(refused)), "note")


def _departments(found: Impact, texts: Texts) -> Iterator[Markup]:
    moved = [
        (name or texts("impact.no_department"), one)
        for name, one in found.tally.departments.items()
        if one.worse.projects or one.better.projects or one.alerts_gained or one.alerts_lost
    ]
    moved.sort(key=lambda pair: (-pair[1].worse.projects - pair[1].better.projects, pair[0]))
    if not moved:
        return
    yield html.heading(texts("impact.departments", count=len(moved)))
    parts = [Part(texts("impact.worse"), "worst"), Part(texts("impact.better"), "good")]
    drawn = [
        (name, (one.worse.projects, one.better.projects), f"{one.worse.projects} / {one.better.projects}")
        for name, one in moved[:_BARS]
    ]
    yield stacked(texts("impact.department_chart"), parts, drawn)
    columns = header(
        texts,
        *("department", "projects", "worse", "worse_amount", "better", "better_amount"),
        "gained",
        "lost",
    )
    rows = tuple(
        (
            (name,),
            (str(one.every.projects),),
            (str(one.worse.projects),),
            (yuan(one.worse.amount_fen),),
            (str(one.better.projects),),
            (yuan(one.better.amount_fen),),
            (levels(one.alerts_gained, texts),),
            (levels(one.alerts_lost, texts),),
        )
        for name, one in moved
    )
    yield html.table(Table("", columns, rows), numbers=range(1, 6))


def _of_rules(found: Impact, texts: Texts) -> Iterator[Markup]:
    rules = found.tally.rules
    if not rules:
        return
    yield html.heading(texts("impact.rules"))
    for key, tone in (("gained", "worst"), ("lost", "good")):
        counts = sorted(((-sum(getattr(one, key).values()), name) for name, one in rules.items()))
        yield _bars(texts(f"impact.findings_{key}"), [(name, -n) for n, name in counts[:_BARS] if n], tone)
    table = rules_table(found, texts)
    yield html.table(Table("", table.header, table.rows), numbers=(2, 4, 5))
    for name, one in sorted(rules.items()):
        if one.examples:
            yield from _reasons(name, one, texts)


def _bars(title: str, counts: list[tuple[str, int]], tone: str) -> Markup:
    if not counts:
        return Markup()
    good: Tone = "good"
    drawn_tone: Tone = good if tone == good else "worst"
    return bars(title, [Bar(name, count, str(count), drawn_tone) for name, count in counts])


def _reasons(name: str, one: ByRule, texts: Texts) -> Iterator[Markup]:
    title = one.examples[0][1].title
    yield html.heading(texts("impact.reasons", rule=name, title=title, count=one.flips), 3)
    parameters = dict.fromkeys(said for _, reason in one.examples for said in reason.parameters)
    if parameters:
        yield html.listing(parameters)
    rows = tuple(
        (
            (place,),
            (reason.before or texts("impact.no_finding"),),
            (reason.after or texts("impact.no_finding"),),
            (reason.message,),
        )
        for place, reason in one.examples
    )
    yield html.table(Table("", header(texts, "place", "old", "new", "message"), rows))
    if one.flips > len(rows):
        yield html.paragraph(texts("impact.more", shown=len(rows), count=one.flips), "note")


def _flips(found: Impact, texts: Texts) -> Iterator[Markup]:
    rows = tuple(tuple((cell,) for cell in flip_cells(row, texts)) for row in islice(found.flips(), _SHOWN))
    if not rows:
        return
    yield html.heading(texts("impact.flip_list", count=found.tally.flips))
    yield html.table(Table("", header(texts, *FLIP_COLUMNS), rows), numbers={4})
    if found.tally.flips > _SHOWN:
        yield html.paragraph(texts("impact.more", shown=_SHOWN, count=found.tally.flips), "note")

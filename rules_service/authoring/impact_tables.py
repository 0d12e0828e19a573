"""The tables of an impact: figures, matrices, grades, alerts, rules, and a flip in cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rules_service.authoring.history_files import Refused
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_rows import Row
from rules_service.authoring.impact_tally import Cell
from rules_service.authoring.pages import Row as TableRow
from rules_service.authoring.pages import Table
from rules_service.authoring.texts import Texts
from rules_service.values.numbers import fixed_text

__all__ = [
    "FLIP_COLUMNS",
    "alerts",
    "facts",
    "flip_cells",
    "grades",
    "header",
    "levels",
    "matrices",
    "refusal",
    "rules_table",
    "yuan",
]

FLIP_COLUMNS: Final = (
    *("place", "service", "region", "department", "amount", "old", "new", "old_grade", "new_grade"),
    *("rules", "parameters"),
)


def facts(found: Impact, texts: Texts) -> Iterator[tuple[str, str]]:
    """The figures by name."""
    tally, summary = found.tally, found.summary
    for name, bundle in (("live", found.live), ("draft", found.draft)):
        side = texts("diff.side", bundle=bundle.id, version=bundle.version, hash=bundle.hash[:12])
        yield texts(f"impact.{name}"), side
    if found.setting.rule_date:
        yield texts("impact.rule_date"), found.setting.rule_date
    yield texts("impact.lines"), str(tally.lines)
    yield texts("impact.projects"), _money(tally.every, texts)
    yield texts("impact.flips"), str(tally.flips)
    share = _percent(summary.newly_failing_share)
    failing = tally.newly_failing
    yield texts("impact.newly_failing"), texts("impact.share", money=_money(failing, texts), share=share)
    for name, count in (
        ("same", tally.same),
        ("elsewhere", tally.elsewhere),
        ("unanswerable", len(tally.refused)),
        ("differing_records", tally.differing_records),
    ):
        if count:
            yield texts(f"impact.{name}"), str(count)


def _percent(share: str) -> str:
    """A share between 0 and 1 with at most six decimals, as a percentage."""
    whole, _, decimals = share.partition(".")
    return f"{fixed_text(int(whole + decimals.ljust(6, '0')), 4)}%"


def yuan(fen: int) -> str:
    """Money of 分 in 万元, exactly."""
    return fixed_text(fen, 6)


def _money(cell: Cell, texts: Texts) -> str:
    return texts("impact.money", **_cell(cell))


def _cell(cell: Cell) -> dict[str, str]:
    return {"projects": str(cell.projects), "amount": yuan(cell.amount_fen), "unknown": str(cell.unknown)}


def _counted(cell: Cell) -> TableRow:
    return tuple((text,) for text in _cell(cell).values())


def header(texts: Texts, *names: str) -> tuple[str, ...]:
    """Names of columns."""
    return tuple(texts(f"impact.head_{name}") for name in names)


_COUNTS: Final = ("projects", "amount", "unknown")


def _word(service: str, word: str, texts: Texts) -> str:
    return texts(f"{'decision' if service == 'review' else 'level'}.{word}")


def matrices(found: Impact, texts: Texts) -> Iterator[Table]:
    """For each service every pair of old and new with its projects; all pairs together are all projects."""
    for service in ("review", "assess"):
        rows = tuple(
            ((_word(service, old, texts),), (_word(service, new, texts),), *_counted(cell))
            for (of, old, new), cell in sorted(found.tally.matrix.items())
            if of == service
        )
        yield Table(texts(f"impact.matrix_{service}"), header(texts, "old", "new", *_COUNTS), rows)


def grades(found: Impact, texts: Texts) -> Table:
    """Projects whose word in the place's vocabulary changed."""
    rows = tuple(((old,), (new,), *_counted(cell)) for (old, new), cell in sorted(found.tally.grades.items()))
    return Table(texts("impact.grades"), header(texts, "old", "new", *_COUNTS), rows)


def alerts(found: Impact, texts: Texts) -> Table:
    """Reports that come to a level of alert, and that leave one."""
    rows = tuple(
        ((texts(f"impact.alerts_{name}"),), (texts(f"level.{level}"),), *_counted(cell))
        for name, cells in (("gained", found.tally.alerts_gained), ("lost", found.tally.alerts_lost))
        for level, cell in sorted(cells.items())
    )
    return Table(texts("impact.alerts"), header(texts, "what", "level", *_COUNTS), rows)


def levels(counted: Mapping[str, int], texts: Texts) -> str:
    """Levels with their numbers."""
    said = [
        texts("impact.times", word=texts(f"level.{level}"), count=n) for level, n in sorted(counted.items())
    ]
    return texts.list(said)


def rules_table(found: Impact, texts: Texts) -> Table:
    """For each rule its findings gained and lost, and the projects that changed with it."""
    rows = tuple(
        (
            (name,),
            (_findings(one.gained, texts),),
            (str(one.projects_gained),),
            (_findings(one.lost, texts),),
            (str(one.projects_lost),),
            (str(one.flips),),
        )
        for name, one in sorted(found.tally.rules.items())
    )
    names = ("rule", "findings_gained", "projects_gained", "findings_lost", "projects_lost", "flips")
    return Table(texts("impact.rules"), header(texts, *names), rows)


def _findings(counted: Mapping[str, int], texts: Texts) -> str:
    said = []
    for key, count in sorted(counted.items()):
        outcome, level = key.split(" ")
        word = texts(f"level.{level}") if outcome == "FAIL" else texts(f"outcome.{outcome}")
        said.append(texts("impact.times", word=word, count=count))
    return texts.list(said)


def flip_cells(row: Row, texts: Texts) -> tuple[str, ...]:
    """A project that changed, by ``FLIP_COLUMNS``."""
    rules = [
        texts(
            "impact.rule",
            rule=reason.rule,
            before=reason.before or texts("impact.no_finding"),
            after=reason.after or texts("impact.no_finding"),
        )
        for reason in row.reasons
    ]
    parameters = dict.fromkeys(said for reason in row.reasons for said in reason.parameters)
    return (
        row.place,
        texts(f"service.{row.service}"),
        row.region,
        row.department,
        "" if row.amount_fen is None else yuan(row.amount_fen),
        _word(row.service, row.old.word, texts),
        _word(row.service, row.new.word, texts),
        row.old.grade,
        row.new.grade,
        texts("diff.and").join(rules),
        texts("diff.and").join(parameters),
    )


def refusal(refused: Refused, texts: Texts) -> str:
    """Why a line could not be answered."""
    return texts(refused.key, **refused.values)

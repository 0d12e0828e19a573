"""Score sheets of an answer as text for people: totals, and item by item who or what gave which points."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rules_service.cli.words import Words
from rules_service.pb.budget.rules.v1 import score_pb2

__all__ = ["show_sheets"]


def show_sheets(out: Console, sheets: Sequence[score_pb2.ScoreSheetResult], words: Words) -> None:
    """Each sheet with its state; one that was worked out, with its items."""
    for sheet in sheets:
        name = sheet.title or sheet.sheet_id
        out.print(Text(words("sheet.line", title=name, message=sheet.message)))
        facts = [_fact(words, name, text) for name, text in _facts(sheet) if text]
        if facts:
            out.print(Text(words("show.between").join(facts)))
        items = [item for part in sheet.dimensions for item in part.items]
        items += sheet.adjustments
        if items:
            out.print(_table(items, words))
        for path in sheet.ignored:
            out.print(Text(words("sheet.ignored", path=path)), style="dim")


def _facts(sheet: score_pb2.ScoreSheetResult) -> list[tuple[str, str]]:
    facts = [(f"{one.scorer}", _range(one.worst, one.best)) for one in sheet.scorers]
    facts += [("gap", sheet.gap.display), ("pass", sheet.pass_score.display), ("band", sheet.band)]
    return facts


def _fact(words: Words, name: str, text: str) -> str:
    label = words(f"sheet.{name}") if words.has(f"sheet.{name}") else name
    return words("sheet.fact", name=label, value=text)


def _range(worst: score_pb2.Points, best: score_pb2.Points) -> str:
    """One number where both are the same, ``2–5`` else; open upwards without an end."""
    if worst == best:
        return worst.display
    return f"{worst.display}–{best.display}"


def _table(items: Sequence[score_pb2.ScoreItemResult], words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    table.add_column(words("sheet.item"), overflow="fold")
    table.add_column(words("sheet.points"), no_wrap=True)
    table.add_column(words("sheet.max"), no_wrap=True)
    table.add_column(words("sheet.how"), ratio=1, overflow="fold")
    for item in items:
        points = _range(item.worst, item.best)
        if item.HasField("occurred"):
            points = words("sheet.occurred" if item.occurred else "sheet.not_occurred")
        table.add_row(item.title, points, item.max.display, _how(item, words))
    return table


def _how(item: score_pb2.ScoreItemResult, words: Words) -> str:
    """What was said of the points, and the rules beside them that did not pass."""
    failed = [
        words("sheet.rule", rule=rule.rule_id, failed=rule.failed, undecided=rule.undecided)
        for rule in item.rules
        if rule.failed or rule.undecided
    ]
    return "\n".join([item.message, *failed])

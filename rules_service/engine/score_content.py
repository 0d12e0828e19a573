"""What the digest of an answer covers of its score sheets: everything but texts and displays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rules_service.pb.budget.rules.v1 import score_pb2

__all__ = ["sheet_content"]


def sheet_content(sheet: score_pb2.ScoreSheetResult) -> tuple[Any, ...]:
    """The content of one sheet, as it stands in an answer; parameters are left to the caller."""
    return (
        (sheet.sheet_id, sheet.layer, sheet.object, sheet.state, sheet.round),
        [
            (entry.code, *map(_points, (entry.max, entry.best, entry.worst)), _items(entry.items))
            for entry in sheet.dimensions
        ],
        _items(sheet.adjustments),
        [(entry.scorer, *map(_points, (entry.total, entry.best, entry.worst))) for entry in sheet.scorers],
        [_points(one) for one in (sheet.full, sheet.total, sheet.best, sheet.worst, sheet.gap)],
        (sheet.band, _flag(sheet, "excellent"), _flag(sheet, "veto"), _flag(sheet, "passes")),
        (_points(sheet.pass_score), sheet.pass_parameter),
        [(one.name, one.reason, one.path) for one in sheet.missing],
        list(sheet.ignored),
    )


def _points(points: score_pb2.Points) -> tuple[str, str]:
    return (points.numerator, points.denominator)


def _flag(message: Any, name: str) -> bool | None:
    return bool(getattr(message, name)) if message.HasField(name) else None


def _items(items: Iterable[score_pb2.ScoreItemResult]) -> list[tuple[Any, ...]]:
    return [
        (
            (item.item_code, item.kind, item.mode, item.reason, _flag(item, "occurred")),
            [_points(one) for one in (item.max, item.best, item.worst)],
            [
                (given.scorer, _points(given.score), _flag(given, "occurred"), given.reason, given.path)
                for given in item.given
            ],
            [(rule.rule_id, rule.outcome, rule.failed, rule.undecided) for rule in item.rules],
        )
        for item in items
    ]

"""An impact as JSON: figures, matrices, departments, rules with examples, every flip, every refused line."""

from __future__ import annotations

from typing import Any

from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_rows import Row
from rules_service.authoring.impact_tables import refusal
from rules_service.authoring.impact_tally import Cell
from rules_service.authoring.texts import Texts

__all__ = ["impact_plain"]


def impact_plain(found: Impact, language: str) -> dict[str, Any]:
    """The impact as JSON, with texts of ``zh`` or ``en``; keys are stable."""
    texts, tally = Texts(language), found.tally
    return {
        "summary": found.summary.plain(),
        "lines": tally.lines,
        "elsewhere": tally.elsewhere,
        "same_by_construction": tally.same,
        "differing_records": tally.differing_records,
        "evaluated_on": found.setting.evaluated_on,
        "rule_date": found.setting.rule_date,
        "projects": _plain(tally.every),
        "newly_failing": _plain(tally.newly_failing),
        "matrix": [
            {"service": service, "old": old, "new": new, **_plain(cell)}
            for (service, old, new), cell in sorted(tally.matrix.items())
        ],
        "grades": [
            {"old": old, "new": new, **_plain(cell)} for (old, new), cell in sorted(tally.grades.items())
        ],
        "alerts_gained": {level: _plain(cell) for level, cell in sorted(tally.alerts_gained.items())},
        "alerts_lost": {level: _plain(cell) for level, cell in sorted(tally.alerts_lost.items())},
        "departments": [
            {
                "department": name,
                "projects": _plain(one.every),
                "worse": _plain(one.worse),
                "better": _plain(one.better),
                "alerts_gained": dict(sorted(one.alerts_gained.items())),
                "alerts_lost": dict(sorted(one.alerts_lost.items())),
            }
            for name, one in sorted(tally.departments.items())
        ],
        "rules": [
            {
                "rule": name,
                "gained": dict(sorted(one.gained.items())),
                "lost": dict(sorted(one.lost.items())),
                "projects_gained": one.projects_gained,
                "projects_lost": one.projects_lost,
                "flips": one.flips,
                "examples": [{"place": place, **reason._asdict()} for place, reason in one.examples],
            }
            for name, one in sorted(tally.rules.items())
        ],
        "flips": [_plain_flip(row) for row in found.flips()],
        "unanswerable": [{"place": one.place, "why": refusal(one, texts)} for one in tally.refused],
    }


def _plain(cell: Cell) -> dict[str, int]:
    return {"projects": cell.projects, "amount_fen": cell.amount_fen, "amount_unknown": cell.unknown}


def _plain_flip(row: Row) -> dict[str, Any]:
    return {
        "place": row.place,
        "service": row.service,
        "region": row.region,
        "department": row.department,
        "amount_fen": row.amount_fen,
        "old": row.old._asdict(),
        "new": row.new._asdict(),
        "rules": [[reason.rule, reason.before, reason.after] for reason in row.reasons],
    }

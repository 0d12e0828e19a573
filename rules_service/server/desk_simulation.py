"""What a draft would change for the requests that a caller sends along: the impact, as a message."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from google.protobuf import json_format

from rules_service import api
from rules_service.authoring.history_files import Line, Refused
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_pair import Setting
from rules_service.authoring.impact_rows import Reason, Row
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.server.desk_work import Manner, bundle_of
from rules_service.values.dates import date_text

__all__ = ["simulate"]

_MOST_TOLD: Final = 500


def simulate(request: pb.SimulateRequest, manner: Manner) -> pb.SimulateResponse:
    """Answer all requests under both contents."""
    base = bundle_of("base", request.base, manner.language)
    draft = bundle_of("draft", request.draft, manner.language)
    asked = {
        f"{name}[{position}]": each
        for name in ("review_requests", "assess_requests")
        for position, each in enumerate(getattr(request, name))
    }
    setting = Setting(evaluated_on=date_text(api.today()), language=manner.language)
    lines = (Line(place, json_format.MessageToJson(each)) for place, each in asked.items())
    with Impact(base, draft, setting) as impact:
        impact.over(lines)
        tally, summary = impact.tally, impact.summary
        return pb.SimulateResponse(
            base_hash=base.hash,
            draft_hash=draft.hash,
            summary=pb.SimulatedSummary(
                projects=summary.projects,
                unanswerable=summary.unanswerable,
                flips=summary.flips,
                newly_failing=summary.newly_failing,
                newly_failing_share=summary.newly_failing_share,
            ),
            moves=[
                pb.SimulatedMove(old=old, new=new, projects=cell.projects)
                for (_, old, new), cell in sorted(tally.matrix.items())
                if old != new
            ],
            flips=[_flip(row) for row in islice(impact.flips(), _MOST_TOLD)],
            refused=[
                _refused(each, classified=asked[each.place].project.classified)
                for each in tally.refused[:_MOST_TOLD]
            ],
        )


def _flip(row: Row) -> pb.SimulatedFlip:
    return pb.SimulatedFlip(
        place=row.place,
        old=row.old.word,
        new=row.new.word,
        old_grade=row.old.grade,
        new_grade=row.new.grade,
        reasons=_reasons(row.reasons),
    )


def _reasons(reasons: tuple[Reason, ...]) -> Iterator[pb.SimulatedReason]:
    for reason in reasons:
        yield pb.SimulatedReason(
            rule_id=reason.rule,
            title=reason.title,
            before=reason.before,
            after=reason.after,
            parameters=reason.parameters,
        )


def _refused(each: Refused, *, classified: bool) -> review_pb.FieldViolation:
    """Why a request got no answer; of a classified project no value is repeated, even to its caller."""
    why = "" if classified else each.values.get("why", "")
    return review_pb.FieldViolation(field=each.place, code=each.key, description=why)

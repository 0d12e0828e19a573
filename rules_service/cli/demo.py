"""`rules-service demo`: the real service as a child process, and what it says of the samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from rich.console import Console
from rich.text import Text

from rules_service.cli.child import served
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import sources, verb
from rules_service.cli.reading import read_documents, to_message
from rules_service.cli.show import Answer, console, headline, show_table
from rules_service.cli.words import Words
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2_grpc, result_pb2, review_service_pb2_grpc
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.places import samples

__all__ = ["command"]

_SHOWN = 6
"""Failing rules told of one project; the rest is counted."""
_CALL_S = 60


@verb("demo")
@sources
def command(words: Words, rulesets: tuple[Path, ...], bundles: Path | None) -> Exit:
    """Show what the service says of the samples."""
    folder = samples()
    if folder is None:
        raise Problem(Exit.INVALID, "demo.none")
    named = () if bundles is not None and not rulesets else roots(rulesets)
    options = [part for root in named for part in ("--rulesets", str(root))]
    options += ["--bundles", str(bundles)] if bundles is not None else []
    reviews = _requests(folder / "review", review_pb.ReviewRequest)
    assessments = _requests(folder / "assess", monitoring_pb.AssessRequest)
    out = console()
    out.print(words("demo.starting"))
    with served(options) as service:
        review = review_service_pb2_grpc.ReviewServiceStub(service.channel).Review
        assess = monitoring_service_pb2_grpc.MonitoringServiceStub(service.channel).Assess
        reviewed = [(request, _answer(review, request)) for request in reviews]
        assessed = [(request, _answer(assess, request)) for request in assessments]
    _table(out, words, "demo.reviews", ("project", "decision", "grade", "failing"), reviewed)
    _table(out, words, "demo.assessments", ("project", "level", "actions", "failing"), assessed)
    _summary(out, words, [answer for _, answer in reviewed], [answer for _, answer in assessed])
    out.print(words("demo.over"))
    failed = any(isinstance(answer, grpc.RpcError) for _, answer in (*reviewed, *assessed))
    return Exit.SERVICE if failed else Exit.OK


def _requests(folder: Path, kind: type[Any]) -> list[Any]:
    return [
        to_message(kind, item)
        for path in sorted(folder.glob("*.json"))
        if path.stem != "index"
        for item in read_documents(str(path))
    ]


def _answer(method: Any, request: Any) -> Any:
    try:
        return method(request, timeout=_CALL_S)
    except grpc.RpcError as error:
        return error


def _table(
    out: Console, words: Words, title: str, heads: Sequence[str], pairs: Sequence[tuple[Any, Any]]
) -> None:
    rows: list[Sequence[str | Text]] = []
    for request, answer in pairs:
        project = request.project
        # The region is part of the name: many sample projects are called alike.
        name = " ".join(filter(None, (project.region_code, project.project_name or project.project_code)))
        if isinstance(answer, grpc.RpcError):
            rows.append((name, "", "", words("demo.error", why=f"{answer.code().name} {answer.details()}")))
        else:
            decision, rest = headline(answer, words)
            rows.append((name, decision, rest, _failing(answer, words)))
    out.rule(Text(words(title)), align="left")
    show_table(out, [words(f"demo.{head}") for head in heads], rows, shares=(3, 2, 2, 6))
    out.print()


def _failing(answer: Answer, words: Words) -> str:
    failing = [finding for finding in answer.findings if finding.outcome == result_pb2.OUTCOME_FAIL]
    lines = [
        words("demo.finding", rule=finding.rule_id, message=finding.message or finding.title)
        for finding in failing[:_SHOWN]
    ]
    if len(failing) > _SHOWN:
        lines.append(words("demo.and_more", count=len(failing) - _SHOWN))
    undecided = {f.rule_id for f in answer.findings if f.outcome == result_pb2.OUTCOME_INDETERMINATE}
    if undecided:
        lines.append(words("demo.undecided", count=len(undecided)))
    return "\n".join(lines) or words("demo.none_failing")


def _summary(out: Console, words: Words, reviewed: Sequence[Any], assessed: Sequence[Any]) -> None:
    answers = [answer for answer in reviewed if not isinstance(answer, grpc.RpcError)]
    manual = sum(answer.decision == result_pb2.DECISION_MANUAL for answer in answers)
    share = f"{manual * 100 // len(answers)}%" if answers else "-"
    reports = [answer for answer in assessed if not isinstance(answer, grpc.RpcError)]
    open_ = sum(bool(answer.tally.indeterminate) for answer in reports)
    values = {"total": len(answers), "count": manual, "share": share, "reports": len(reports), "open": open_}
    out.print(words("demo.manual", **values))

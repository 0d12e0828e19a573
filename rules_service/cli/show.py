"""Answers as text for people: the decision, what fails and why, parameters, what was not checked."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from rules_service.cli.show_sheets import show_sheets
from rules_service.cli.words import Words
from rules_service.pb.budget.rules.v1 import application_pb2, result_pb2
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["Answer", "console", "headline", "show_answer", "show_table"]

Answer = review_pb.ReviewResponse | monitoring_pb.AssessResponse

_STYLES = {
    "APPROVE": "green", "EXEMPT": "green", "APPROVE_AFTER_FIX": "yellow", "RETURN": "red", "BAR": "bold red",
    "MANUAL": "cyan", "NOT_DECIDED": "cyan", "YELLOW": "yellow", "ORANGE": "dark_orange", "RED": "bold red",
}  # fmt: skip
_LISTED = (result_pb2.OUTCOME_FAIL, result_pb2.OUTCOME_ERROR, result_pb2.OUTCOME_INDETERMINATE)


def console() -> Console:
    """Standard output; a file or a pipe gets lines of 120 columns without colours."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout, width=None if terminal else 120, highlight=False, markup=False, emoji=False
    )


def outcome_word(answer: Answer) -> str:
    """The contract's word for the decision of a review or the level of an assessment."""
    if isinstance(answer, review_pb.ReviewResponse):
        return result_pb2.Decision.Name(answer.decision).removeprefix("DECISION_")
    return result_pb2.Severity.Name(answer.level).removeprefix("SEVERITY_")


def headline(answer: Answer, words: Words) -> tuple[Text, str]:
    """The decision or alert level, and beside it the place's grade or the actions recommended."""
    word = outcome_word(answer)
    if isinstance(answer, review_pb.ReviewResponse):
        return Text(words(f"decision.{word}"), style=_STYLES.get(word, "")), answer.verdict.grade
    told = Text(words(f"level.{word}"), style=_STYLES.get(word, ""))
    if answer.level_open:
        open_ = result_pb2.Severity.Name(answer.level_open).removeprefix("SEVERITY_")
        told.append(words("show.open", level=words(f"level.{open_}")))
    actions = [result_pb2.RecommendedAction.Name(action) for action in answer.recommended_actions]
    said = [words(f"action.{name.removeprefix('RECOMMENDED_ACTION_')}") for name in actions]
    return told, words("show.between").join(said)


def show_answer(
    out: Console, project: application_pb2.BudgetApplication, answer: Answer, words: Words
) -> None:
    """Everything that a person needs of one answer."""
    name = "" if project.classified else project.project_name
    code = "" if project.classified else project.project_code
    out.rule(Text(" ".join(filter(None, (code, name))) or words("show.unnamed")), align="left")
    result, beside = headline(answer, words)
    if isinstance(answer, review_pb.ReviewResponse):
        beside = answer.verdict.label or beside
    parts = [result, Text(beside)] if beside else [result]
    out.print(Text(words("show.result")).append_text(Text(words("show.between")).join(parts)))
    listed = [finding for finding in answer.findings if finding.outcome in _LISTED]
    if listed:
        table = Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False, pad_edge=False)
        table.add_column(words("show.rule"), no_wrap=True)
        table.add_column(words("show.severity"), no_wrap=True)
        table.add_column(words("show.reason"), ratio=1, overflow="fold")
        for same in _alike(listed):
            table.add_row(same[0].rule_id, _severity(same[0], words), _reason(same, words))
        out.print(table)
    if isinstance(answer, review_pb.ReviewResponse):
        show_sheets(out, answer.score_sheets, words)
    tally = answer.tally
    out.print(
        words(
            "show.tally",
            passed=tally.passed,
            failed=tally.failed,
            indeterminate=tally.indeterminate,
            not_applicable=tally.not_applicable,
            exempt=tally.exempt,
            error=tally.error,
        )
    )
    if isinstance(answer, review_pb.ReviewResponse) and answer.reference_values:
        _show_offered(out, answer, words)
    if answer.unchecked:
        _show_unchecked(out, answer, words)
    stamp = answer.stamp
    out.print(
        words(
            "show.stamp",
            bundle=stamp.bundle,
            version=stamp.version,
            hash=stamp.hash[:12],
            region="→".join(stamp.region_chain),
            rule_date=stamp.rule_date,
            digest=answer.digest[:12],
        ),
        style="dim",
    )
    out.print()


def _severity(finding: result_pb2.Finding, words: Words) -> Text:
    if finding.outcome == result_pb2.OUTCOME_FAIL:
        word = result_pb2.Severity.Name(finding.severity).removeprefix("SEVERITY_")
        return Text(words(f"level.{word}"), style=_STYLES.get({"BLOCK": "BAR"}.get(word, word), ""))
    word = result_pb2.Outcome.Name(finding.outcome).removeprefix("OUTCOME_")
    return Text(words(f"outcome.{word}"), style="cyan")


def _alike(findings: Sequence[result_pb2.Finding]) -> list[list[result_pb2.Finding]]:
    """Findings of one rule that say the same of several cells stand together."""
    groups: dict[tuple[object, ...], list[result_pb2.Finding]] = {}
    for finding in findings:
        key = (finding.rule_id, finding.outcome, finding.severity, finding.message, finding.remedy)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _reason(same: Sequence[result_pb2.Finding], words: Words) -> RenderableType:
    finding, between = same[0], words("show.listed")
    lines = [Text(finding.message or finding.title)]
    lacking: dict[str, list[str]] = {}
    for one in same:
        for missing in one.missing:
            what = missing.message or missing.reason
            where = words("show.where", label=missing.label or missing.name, path=missing.path)
            lacking.setdefault(what, []).append(where)
    for what, places in lacking.items():
        shown = between.join(dict.fromkeys(places))
        lines.append(Text(words("show.missing", what=what, places=shown), style="cyan"))
    paths = between.join(dict.fromkeys(one.path for one in same if one.path))
    if paths:
        lines.append(Text(words("show.at", path=paths), style="dim"))
    for parameter in finding.parameters:
        text = words("show.parameter", title=parameter.title, words=parameter.words or parameter.value)
        lines.append(
            Text(text + (words("show.note", note=parameter.note) if parameter.note else ""), style="dim")
        )
    if finding.remedy:
        lines.append(Text(words("show.remedy", remedy=finding.remedy)))
    for basis in finding.basis:
        about = " ".join(filter(None, (basis.document, basis.article, basis.proof_words)))
        lines.append(Text(words("show.basis", basis=about), style="dim"))
    return Group(*lines)


def _show_offered(out: Console, answer: review_pb.ReviewResponse, words: Words) -> None:
    """Reference values, apart from the verdicts and below them."""
    out.print(words("show.offered"))
    for one in answer.reference_values:
        value = words("show.range").join(filter(None, (one.value, one.value_to))) + one.unit
        about = " ".join(filter(None, (one.document, one.proof_words)))
        out.print(words("show.offer", path=one.path, name=one.name, value=value, note=one.note, about=about))


def _show_unchecked(out: Console, answer: Answer, words: Words) -> None:
    by_reason: dict[str, list[str]] = {}
    for unchecked in answer.unchecked:
        by_reason.setdefault(unchecked.reason, []).append(unchecked.rule_id)
    for reason, rules in sorted(by_reason.items()):
        word = words(f"unchecked.{reason}") if words.has(f"unchecked.{reason}") else reason
        out.print(
            words("show.unchecked", reason=word, count=len(rules), rules=" ".join(sorted(set(rules)))),
            style="dim",
        )


def show_table(
    out: Console, heads: Sequence[str], rows: Sequence[Sequence[str | Text]], shares: Sequence[int] = ()
) -> None:
    """A plain table; ``shares`` part the width among the columns, else the last one takes the rest."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    for number, head in enumerate(heads):
        last = number == len(heads) - 1
        share = shares[number] if shares else 1 if last else None
        table.add_column(head, overflow="fold", ratio=share, no_wrap=share is None)
    for row in rows:
        table.add_row(*row)
    out.print(table)

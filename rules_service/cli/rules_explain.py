"""`rules-service rules explain RULE FILE…`: what one rule says of requests, and from which values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from rules_service import api
from rules_service.cli.answering import ASSESS, REVIEW
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import load
from rules_service.cli.options import file_arguments, sources, verb
from rules_service.cli.reading import Item, read_documents, to_message
from rules_service.cli.show import console
from rules_service.cli.words import Words
from rules_service.model.subjects import SUBJECTS
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["command"]

_ASSESS_ONLY = frozenset({"report", "history", "scheduled_checkpoints", "scheduledCheckpoints", "goals"})


@verb("rules explain")
@click.argument("rule")
@file_arguments
@sources
def command(
    words: Words, rule: str, files: tuple[str, ...], *, rulesets: tuple[Path, ...], bundles: Path | None
) -> Exit:
    """Explain one rule on the files' requests."""
    out = console()
    with load(rulesets, bundles, words) as rules:
        for name in files:
            for item in read_documents(name):
                answer = _answer(rules, item, words)
                out.rule(Text(item.place), align="left")
                lines = list(_unchecked(rule, answer, words))
                for finding in answer.findings:
                    if finding.rule_id == rule:
                        lines += _finding(finding, words)
                for line in lines or [words("explain.nothing", rule=rule)]:
                    out.print(Text(line))
    return Exit.OK


def _answer(rules: api.Rules, item: Item, words: Words) -> Any:
    """The answer with everything in it, whatever the request asked for."""
    document = item.document.get("request", item.document)
    kind = ASSESS if _ASSESS_ONLY & document.keys() else REVIEW
    request = to_message(kind.request, Item(item.place, document))
    request.context.detail = review_pb.FINDING_DETAIL_ALL
    request.context.language = review_pb.LANGUAGE_EN if words.language == "en" else review_pb.LANGUAGE_ZH
    try:
        return getattr(rules, kind.method)(request)
    except api.RulesError as error:
        raise Problem(
            Exit.INVALID, "input.refused", place=item.place, why=error.text(words.language)
        ) from None


def _unchecked(rule: str, answer: Any, words: Words) -> Iterator[str]:
    for unchecked in answer.unchecked:
        if unchecked.rule_id == rule:
            word = words(f"unchecked.{unchecked.reason}")
            yield words("explain.unchecked", rule=rule, reason=word, why=unchecked.message)


def _finding(finding: result_pb2.Finding, words: Words) -> Iterator[str]:
    outcome = words(f"outcome.{result_pb2.Outcome.Name(finding.outcome).removeprefix('OUTCOME_')}")
    subject = SUBJECTS[finding.subject_kind].label(words.language) if finding.subject_kind else ""
    values = {"rule": finding.rule_id, "subject": f"{subject} {finding.subject_id}".strip()}
    yield words("explain.head", **values, outcome=outcome, path=finding.path)
    if finding.message:
        yield f"  {finding.message}"
    for fact in finding.facts:
        values = {"label": fact.label, "name": fact.name, "value": fact.normalised, "raw": fact.raw}
        yield words("explain.fact", **values)
    for computed in finding.computed:
        exact = f"{computed.numerator}/{computed.denominator}" if computed.denominator else computed.numerator
        label = computed.label or computed.name
        yield words("explain.computed", label=label, display=computed.display, exact=exact)
    for parameter in finding.parameters:
        said = parameter.words or parameter.value
        yield "  " + words("show.parameter", title=parameter.title, words=said)
    for missing in finding.missing:
        what = missing.message or f"{missing.label or missing.name} {missing.reason}"
        yield "  " + words("show.missing", what=what)

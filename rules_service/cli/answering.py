"""What `review` and `assess` share: files to requests, requests to answers, answers to text and exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from google.protobuf import json_format
from google.protobuf.message import Message

from rules_service import api
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import load
from rules_service.cli.reading import Item, read_documents, to_message
from rules_service.cli.show import console, outcome_word, show_answer
from rules_service.cli.words import Words
from rules_service.facts.violation_texts import violation_text
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["ASSESS", "REVIEW", "Kind", "answer_files", "replay_files"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two services: its messages and the name of its method in the API."""

    method: str
    request: type[Any]
    record: type[Any]


REVIEW = Kind("review", review_pb.ReviewRequest, review_pb.ReviewRecord)
ASSESS = Kind("assess", monitoring_pb.AssessRequest, monitoring_pb.AssessRecord)

# How a decision or level ends the command; the worst of all answers counts.
_EXIT_OF = {
    "APPROVE": Exit.OK, "EXEMPT": Exit.OK, "UNSPECIFIED": Exit.OK, "INFO": Exit.OK,
    "MANUAL": Exit.MANUAL, "NOT_DECIDED": Exit.MANUAL,
    "APPROVE_AFTER_FIX": Exit.FAILING, "RETURN": Exit.FAILING, "BAR": Exit.FAILING,
    "YELLOW": Exit.FAILING, "ORANGE": Exit.FAILING, "RED": Exit.FAILING,
}  # fmt: skip
_WORST_FIRST = (Exit.SERVICE, Exit.RULESET, Exit.INVALID, Exit.DIFFERENT, Exit.FAILING, Exit.MANUAL, Exit.OK)


def worst(codes: Iterable[Exit]) -> Exit:
    """The exit code of several answers."""
    return min(codes, key=_WORST_FIRST.index, default=Exit.OK)


def exit_of(answer: Any) -> Exit:
    """The exit code of one answer; a level that may be higher than told leaves it to a person."""
    code = _EXIT_OF[outcome_word(answer)]
    if (
        code is Exit.OK
        and isinstance(answer, monitoring_pb.AssessResponse)
        and (answer.level_open or answer.tally.indeterminate or answer.tally.error)
    ):
        return Exit.MANUAL
    return code


def answer_files(
    kind: Kind,
    files: Sequence[str],
    *,
    rulesets: Sequence[Path],
    bundles: Path | None,
    form: str,
    words: Words,
) -> Exit:
    """Answer every request of the files; an invalid one is told and the others are answered."""
    with load(rulesets, bundles, words) as rules:
        return _each(kind, files, form, words, lambda record: getattr(rules, kind.method)(record.request))


def replay_files(
    kind: Kind,
    files: Sequence[str],
    *,
    rulesets: Sequence[Path],
    bundles: Path | None,
    form: str,
    words: Words,
) -> Exit:
    """Answer the records' requests anew, under the rules and dates of their stamps, and compare."""
    codes = []
    lines = []
    with load(rulesets, bundles, words) as rules:
        for item in _items(files):
            if "response" not in item.document:
                raise Problem(Exit.INVALID, "replay.no_record", place=item.place)
            record = to_message(kind.record, item)
            before, after = record.response.digest, ""
            try:
                after = rules.replay(record).digest
            except api.RulesError as error:
                codes.append(_told(error, item.place, words))
                continue
            same = bool(before) and before == after
            codes.append(Exit.OK if same else Exit.DIFFERENT)
            if form == "json":
                lines.append({"place": item.place, "same": same, "before": before, "after": after})
            else:
                key = "replay.same" if same else "replay.different"
                click.echo(words(key, place=item.place, before=before[:12], after=after[:12]))
    if lines:
        _write_json(lines)
    return worst(codes)


def _items(files: Sequence[str]) -> Iterator[Item]:
    for name in files:
        yield from read_documents(name)


def _record(kind: Kind, item: Item) -> Any:
    """The record with the request of a document, which may be a request or a record."""
    if "request" in item.document:
        record = to_message(kind.record, item)
        record.ClearField("response")
        return record
    return kind.record(request=to_message(kind.request, item))


def _each(kind: Kind, files: Sequence[str], form: str, words: Words, answer: Any) -> Exit:
    out = console()
    codes, records = [], []
    for item in _items(files):
        try:
            record = _record(kind, item)
            record.response.CopyFrom(answer(record))
        except Problem as problem:
            click.echo(words(problem.key, **problem.values), err=True)
            codes.append(problem.code)
            continue
        except api.RulesError as error:
            codes.append(_told(error, item.place, words))
            continue
        codes.append(exit_of(record.response))
        if form == "json":
            records.append(record)
        else:
            show_answer(out, record.request.project, record.response, words)
    if form == "json":
        _write_json([_plain(record) for record in records])
    if not codes:
        raise Problem(Exit.INVALID, "input.nothing")
    return worst(codes)


def _plain(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def _write_json(documents: Sequence[dict[str, Any]]) -> None:
    """One document in full, indented; several one a line, so that a long run can be read as it comes."""
    out = sys.stdout.buffer
    sys.stdout.flush()
    option = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if len(documents) == 1 else 0)
    for document in documents:
        out.write(orjson.dumps(document, option=option))
    out.flush()


def _told(error: api.RulesError, place: str, words: Words) -> Exit:
    """Tell an error of one request; returns its exit code."""
    if isinstance(error, api.InvalidRequest):
        for fault in error.violations:
            values = {"path": fault.path, "code": fault.code, "text": violation_text(fault, words.language)}
            click.echo(words("input.violation", place=place, **values), err=True)
        return Exit.INVALID
    click.echo(words("input.refused", place=place, why=error.text(words.language)), err=True)
    return Exit.RULESET if isinstance(error, api.NotFound | api.NotReady) else Exit.INVALID

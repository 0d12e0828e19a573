"""Long work of the policy desk, done in a process of its own: checking, comparing, simulating."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from rules_service.authoring.content_check import Checked, check_content
from rules_service.authoring.diff import diff
from rules_service.authoring.diff_changes import Change
from rules_service.authoring.diff_places import Place, diff_places
from rules_service.compile.archive import content_hash
from rules_service.compile.bundle import Bundle, UnknownRegionError, compile_bundle, lint
from rules_service.compile.sources import RulesetFaultsError
from rules_service.model.ruleset import parse_ruleset
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.server.desk_contents import files_of
from rules_service.server.desk_messages import diagnostic_message
from rules_service.server.desk_refusals import faulty_content, invalid
from rules_service.server.refusals import FieldError
from rules_service.server.words import Language, text
from rules_service.values.dates import CHINA_TIME, date_text, parse_date

__all__ = ["Manner", "bundle_of", "compare", "validate"]

_MOST_DIAGNOSTICS: Final = 500
_MOST_FAILURES: Final = 100
_MOST_DIFFERENCES: Final = 10


class Manner(NamedTuple):
    """The language of texts, and how many processes may run tests."""

    language: Language
    workers: int


def validate(request: pb.ValidateRequest, manner: Manner) -> pb.ValidateResponse:
    """Lint and test a content."""
    files = files_of("content", request.content, manner.language)
    checked = _linted(files) if request.skip_tests else check_content(files, workers=manner.workers)
    return pb.ValidateResponse(hash=content_hash(files), report=_report(checked, manner.language))


def _linted(files: dict[str, bytes]) -> Checked:
    source, found = parse_ruleset(files)
    return Checked(tuple(found if source is None else lint(source)), None)


def _report(checked: Checked, language: Language) -> pb.CheckReport:
    tests = checked.tests
    body = checked.body()
    failed = tests.failed if tests is not None else []
    errors_first = sorted(checked.diagnostics, key=lambda each: not each.is_error)
    return pb.CheckReport(
        ok=checked.ok if tests is not None else not body["errors"],
        errors=body["errors"],
        warnings=body["warnings"],
        diagnostics=[diagnostic_message(each, language) for each in errors_first[:_MOST_DIAGNOSTICS]],
        tested=tests is not None,
        tests=body["tests"],
        failures=body["failures"],
        failed=[
            pb.TestFailure(
                place=result.test.place,
                name=result.test.name,
                differences=result.differences[:_MOST_DIFFERENCES],
            )
            for result in failed[:_MOST_FAILURES]
        ],
        codes=body["codes"],
    )


def compare(request: pb.DiffRequest, manner: Manner) -> pb.DiffResponse:
    """What changed between two contents, or between what places have of them on dates."""
    language = manner.language
    old = bundle_of("old", request.old, language)
    new = bundle_of("new", request.new, language) if request.HasField("new") else old
    if request.HasField("old_place") or request.HasField("new_place"):
        old_place = request.old_place if request.HasField("old_place") else request.new_place
        new_place = request.new_place if request.HasField("new_place") else request.old_place
        found = diff_places(
            _place("old_place", old, old_place, language), _place("new_place", new, new_place, language)
        )
    else:
        found = diff(old, new)
    return pb.DiffResponse(
        old_hash=old.hash,
        new_hash=new.hash,
        changes=[_change(change, language) for change in found.changes],
    )


def _place(field: str, bundle: Bundle, place: pb.RulesetPlace, language: Language) -> Place:
    day = parse_date(place.rule_date) if place.rule_date else datetime.now(CHINA_TIME).date().toordinal()
    try:
        return Place(bundle, bundle.region(place.region_code), day)
    except UnknownRegionError:
        said = text("REGION_UNKNOWN", language, region=place.region_code[:40])
        raise invalid([FieldError(f"{field}.region_code", "REGION_UNKNOWN", said)], language) from None


def _change(change: Change, language: Language) -> pb.RulesetChange:
    return pb.RulesetChange(
        subject=change.subject,
        verb=change.verb,
        id=change.id,
        layer=change.layer,
        text=change.text.text(language),
        files=change.files,
        field=change.field,
        before="" if change.before is None else change.before.text(language),
        after="" if change.after is None else change.after.text(language),
        since="" if change.since is None else date_text(change.since),
        holds=change.holds,
        overridden=change.overridden,
    )


def bundle_of(field: str, content: pb.RulesetContent, language: Language) -> Bundle:
    """The content that a field holds, compiled.  Raises ``Refusal`` with all of its faults."""
    files = files_of(field, content, language)
    source, diagnostics = parse_ruleset(files)
    if source is None:
        raise faulty_content(field, [each for each in diagnostics if each.is_error], language)
    try:
        return compile_bundle(source)
    except RulesetFaultsError as error:
        raise faulty_content(
            field, [each for each in error.diagnostics if each.is_error], language
        ) from error

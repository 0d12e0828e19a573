"""Every case of `testdata/semantics/answers` on every route: the expected answer, and one digest for all."""

from __future__ import annotations

from rules_service.engine.digest import digest_of
from tests.paths.cases import Case, cases, differences
from tests.paths.routes import Refused, record, replayed

TELLS_KIND = {"python", "grpc"}
TELLS_VIOLATIONS = {"python", "grpc", "batch"}


def test_a_case_has_its_answer_on_every_route(case: Case, route: str, results):
    result = results.of(route, case)
    if case.error is not None:
        _check_refusal(case, route, result)
        return
    assert not isinstance(result, Refused), result
    assert differences(result, case.expect or {}) == []
    assert result.digest == digest_of(result)
    assert result.digest == results.of("python", case).digest
    assert result.request_id == case.request.context.request_id


def _check_refusal(case: Case, route: str, result) -> None:
    wanted = sorted(case.error.get("violations", ()))
    assert isinstance(result, Refused), result
    if route in TELLS_KIND:
        assert result.kind == case.error["kind"]
    if route in TELLS_VIOLATIONS and wanted:
        assert sorted(result.violations) == wanted
    if route in {"command", "process"}:
        assert result.told
        for violation in wanted:
            assert all(word in result.told for word in violation.split())


def test_records_of_all_cases_are_replayed_by_the_command(results, roots, tmp_path):
    answered = [case for case in cases() if case.error is None]
    records = [record(case.request, results.of("python", case)) for case in answered]
    again = replayed(roots, tmp_path, records)
    assert len(again) == len(records)
    assert all(before and before == after for before, after in again)


def test_a_record_that_was_changed_is_found_out(results, roots, tmp_path):
    case = next(case for case in cases() if case.id == "numbers: one 分 above the line")
    kept = record(case.request, results.of("python", case))
    kept.request.project.requested_fen -= 1
    ((before, after),) = replayed(roots, tmp_path, [kept])
    assert before != after

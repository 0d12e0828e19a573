"""A fault of ours in a fact, a check, an explanation or a text is an ERROR for people, never a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rules_service.engine import engine
from rules_service.engine.digest import digest_of
from rules_service.facts import extract
from rules_service.language.program import Program
from rules_service.language.template import Template
from rules_service.pb.budget.rules.v1 import result_pb2
from tests.paths.cases import differences, request_of

ERROR = result_pb2.OUTCOME_ERROR


class OursError(Exception):
    """What no part of the service expects."""


def outcomes(answer, rule):
    return [one.outcome for one in answer.findings if one.rule_id == rule]


def check_answer(answer):
    """An answer with an ERROR: it says so, counts it once, leaves it to people, and can be compared."""
    errors = [one for one in answer.findings if one.outcome == ERROR]
    assert errors
    assert answer.tally.error == len(errors)
    assert all(one.message and one.severity for one in errors)
    assert answer.decision == result_pb2.DECISION_MANUAL
    assert not answer.verdict.grade
    assert answer.digest == digest_of(answer)
    listed = [one.outcome for one in answer.findings]
    assert listed.count(result_pb2.OUTCOME_PASS) == answer.tally.passed  # the base asks for all of them


def check_next(own, healthy):
    """The next request is answered as if nothing had been."""
    faults = len(own.faults)
    answer = own.answer(request_of("review"))
    assert answer == healthy
    assert len(own.faults) == faults


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a computed fact fail where one of its inputs is the text 爆."""

    def make(name: str) -> None:
        step = extract.COMPUTATIONS[name]

        def function(context: Any, *inputs: Any) -> Any:
            if "爆" in map(str, inputs):
                raise OursError
            return step.function(context, *inputs)

        monkeypatch.setitem(extract.COMPUTATIONS, name, replace(step, function=function))

    return make


def test_a_fault_in_reading_the_facts(own, spoil):
    spoil("indicator.value")
    healthy = own.answer(request_of("review"))
    request = request_of("review")
    for indicator in request.project.goals[0].indicators:
        indicator.unit_raw = "爆"
    answer = own.answer(request)
    check_answer(answer)
    assert {one.outcome for one in answer.findings} == {ERROR}
    assert [fault.rule for fault in own.faults] == [""]
    assert answer.stamp.rule_date == "2021-01-01"
    check_next(own, healthy)


def test_a_fault_in_reading_the_facts_of_a_report(own, monkeypatch):
    healthy = own.answer(request_of("assess"))
    prepared = own.prepared(request_of("assess"))
    with monkeypatch.context() as patch:
        patch.setattr(prepared.extractor, "_facts", _fail)
        answer = own.answer(request_of("assess"))
    assert {one.outcome for one in answer.findings} == {ERROR}
    assert result_pb2.RECOMMENDED_ACTION_ASK_HUMAN in answer.recommended_actions
    assert answer.level_open == result_pb2.SEVERITY_ORANGE
    assert {entry.outcome for entry in answer.history_entries} == {"INDETERMINATE"}
    assert own.answer(request_of("assess")) == healthy


def _fail(*_: Any) -> Any:
    raise OursError


def _spoil(patch: pytest.MonkeyPatch, method: str, first: int) -> None:
    """Make ``method`` of the generated programs fail for this first argument: a stratum, a check."""
    whole = getattr(Program, method)

    def spoilt(program: Program, *args: Any) -> Any:
        return _fail() if args[0] == first else whole(program, *args)

    patch.setattr(Program, method, spoilt)


@pytest.mark.parametrize("stratum", [0, 1])
def test_a_fault_in_the_generated_checks(own, monkeypatch, stratum):
    healthy = own.answer(request_of("review"))
    with monkeypatch.context() as patch:
        _spoil(patch, "evaluate", stratum)
        answer = own.answer(request_of("review"))
    check_answer(answer)
    assert outcomes(answer, "AMT-08") == ([ERROR] if stratum else outcomes(answer, "AMT-08"))
    assert outcomes(answer, "AMT-01") == [result_pb2.OUTCOME_PASS if stratum else ERROR]
    assert len(own.faults) == 1
    check_next(own, healthy)


@pytest.mark.parametrize("outcome", ["PASS", "FAIL", "INDETERMINATE"])
def test_a_fault_in_one_explanation(own, monkeypatch, outcome):
    healthy = own.answer(request_of("review"))
    amounts = {"PASS": "20000000", "FAIL": "30000001", "INDETERMINATE": None}
    request = request_of("review", {"project": {"requested_fen": amounts[outcome], "total_fen": "40000000"}})
    prepared = own.prepared(request)
    number = next(one.number for one in prepared.view.checks if one.id == "AMT-01")
    with monkeypatch.context() as patch:
        _spoil(patch, "explain", number)
        answer = own.answer(request)
    assert outcomes(answer, "AMT-01") == [ERROR]
    assert answer.tally.error == 1
    assert answer.digest == digest_of(answer)
    assert [fault.rule for fault in own.faults] == ["AMT-01"]
    assert answer.decision != result_pb2.DECISION_APPROVE
    check_next(own, healthy)


def test_a_fault_in_a_text_leaves_nothing_of_the_finding_behind(own, monkeypatch):
    healthy = own.answer(request_of("review"))
    request = request_of("review", {"project": {"requested_fen": "30000001"}})
    with monkeypatch.context() as patch:
        patch.setattr(Template, "render", _fail)
        answer = own.answer(request)
    check_answer(answer)
    assert outcomes(answer, "AMT-01") == [ERROR]
    assert answer.tally.failed == 0
    assert [fault.rule for fault in own.faults] == ["AMT-01"]
    check_next(own, healthy)


def test_a_fault_beside_a_finding_that_bars_does_not_lift_the_bar(own, monkeypatch):
    request = request_of("review", {"project": {"goals": None}})
    prepared = own.prepared(request)
    number = next(one.number for one in prepared.view.checks if one.id == "AMT-01")
    _spoil(monkeypatch, "explain", number)
    answer = own.answer(request)
    assert answer.decision == result_pb2.DECISION_BAR
    assert outcomes(answer, "AMT-01") == [ERROR]


def test_a_spoilt_fail_is_no_fail_in_the_history(own, monkeypatch):
    request = request_of("assess", {"report": {"spent_fen": "0"}})
    with monkeypatch.context() as patch:
        patch.setattr(Template, "render", _fail)
        answer = own.answer(request)
    said = {entry.rule_id: (entry.outcome, entry.level) for entry in answer.history_entries}
    assert said["MON-01"] == ("INDETERMINATE", "")
    assert answer.level == result_pb2.SEVERITY_UNSPECIFIED
    assert answer.level_open == result_pb2.SEVERITY_ORANGE
    assert own.answer(request).level == result_pb2.SEVERITY_ORANGE


def test_what_was_asked_for_in_families_is_all_that_fails(own, monkeypatch):
    request = request_of("review", {"context": {"families": ["words"]}})
    prepared = own.prepared(request)
    monkeypatch.setattr(prepared.extractor, "_facts", _fail)
    answer = own.answer(request)
    assert {one.family for one in answer.findings} == {"words"}
    assert differences(answer, {"decision": "NOT_DECIDED"}) == []


def test_another_fail_of_the_same_rule_still_counts(own, monkeypatch):
    rows = [{"indicator_id": name, "likelihood": "完全不可能"} for name in ("i1", "i2")]
    request = request_of("assess", {"report": {"indicator_actuals": rows}})
    calls = iter([_fail])
    whole = Template.render

    def render(*args):
        return next(calls, whole)(*args)

    with monkeypatch.context() as patch:
        patch.setattr(Template, "render", render)
        answer = own.answer(request)
    assert outcomes(answer, "MON-02") == [ERROR, result_pb2.OUTCOME_FAIL]
    said = {entry.rule_id: (entry.outcome, entry.level) for entry in answer.history_entries}
    assert said["MON-02"] == ("FAIL", "ORANGE")
    assert answer.tally.failed == answer.tally.error == 1


def test_a_fault_in_the_score_sheets(own, monkeypatch):
    """Checks that come after the sheets are errors, the others stand; no sheet is answered half."""
    request = request_of("review", {"project": {"category_code": "混合"}})
    healthy = own.answer(request)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "sheets_of", _fail)
        answer = own.answer(request)
    check_answer(answer)
    assert not answer.score_sheets
    assert outcomes(answer, "SCO-01") == outcomes(answer, "AMT-08") == [ERROR]
    assert outcomes(answer, "AMT-01") == [result_pb2.OUTCOME_PASS]
    assert own.answer(request) == healthy

"""Properties of answers: what must not matter, what may only make an answer stricter, what is shared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from google.protobuf import json_format
from hypothesis import assume, given
from hypothesis import strategies as st

from rules_service.engine.digest import digest_of
from rules_service.pb.budget.rules.v1 import options_pb2, result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from tests.paths.cases import cases, request_of
from tests.paths.corpus import made
from tests.paths.routes import Refused, by_python, by_replay

FAIL = result_pb2.OUTCOME_FAIL
SECTIONS = [number for number in options_pb2.Section.values() if number]
ANSWERED = [case for case in cases() if case.error is None and not case.request.context.HasField("pin")]
# A ruleset of its own: regions that it does not know are replaced by one that it does.
MADE = made(200, seed=3)
for _request in MADE:
    _request.project.region_code = "省甲"
    _request.context.families[:] = []


def failing(rules, request):
    (answer,) = by_python(rules)([request])
    return {(one.rule_id, one.subject_id) for one in answer.findings if one.outcome == FAIL}


@given(st.permutations(SECTIONS), st.sampled_from(ANSWERED))
def test_the_order_of_the_provided_sections_does_not_matter(rules, order, case):
    request = type(case.request)()
    request.CopyFrom(case.request)
    known = set(request.context.provided)
    request.context.provided[:] = [section for section in order if section in known]
    (before,), (after,) = by_python(rules)([case.request]), by_python(rules)([request])
    assert before.digest == after.digest


def test_a_section_named_twice_is_provided_once(rules):
    request = request_of("review")
    twice = request_of("review")
    twice.context.provided.extend(request.context.provided)
    assert rules.review(request).digest == rules.review(twice).digest


def test_the_request_id_does_not_matter(rules):
    digests = set()
    for name in ("", "a", "b"):
        request = request_of("review", {"context": {"request_id": name}})
        digests.add(rules.review(request).digest)
    assert len(digests) == 1


@pytest.mark.parametrize("request_", MADE, ids=lambda one: one.context.request_id)
def test_a_replay_has_the_same_digest(rules, request_):
    (answer,), (again,) = by_python(rules)([request_]), by_replay(rules)([request_])
    assert not isinstance(answer, Refused)
    assert answer.digest == again.digest == digest_of(answer)


@given(data=st.data())
def test_a_change_of_what_the_digest_covers_changes_it(rules, data):
    case = data.draw(st.sampled_from(ANSWERED))
    (answer,) = by_python(rules)([case.request])
    changed = type(answer)()
    changed.CopyFrom(answer)
    assume(changed.findings)  # the short detail may have nothing to list
    finding = changed.findings[data.draw(st.integers(0, len(changed.findings) - 1))]
    finding.outcome = result_pb2.OUTCOME_PASS if finding.outcome == FAIL else FAIL
    assert digest_of(changed) != answer.digest


@given(data=st.data())
def test_texts_that_follow_from_the_bundle_are_not_in_the_digest(rules, data):
    case = data.draw(st.sampled_from(ANSWERED))
    (answer,) = by_python(rules)([case.request])
    changed = type(answer)()
    changed.CopyFrom(answer)
    changed.request_id = "another"
    for finding in changed.findings:
        finding.title, finding.message, finding.remedy = "", "", ""
    changed.stamp.concluded_by = "chainer"
    assert digest_of(changed) == answer.digest


# -- thresholds --------------------------------------------------------------------------------------

amounts = st.integers(0, 10**10) | st.sampled_from([29_999_999, 30_000_000, 30_000_001, 10**16])


@pytest.fixture(scope="module")
def lines(rules, variant):
    """The same rules with the line of MON-01 at 5, 10 and 15 points."""
    file = "national/parameters/gap_yellow.yaml"
    return [variant(file, "2015-01-01: 10pp", f"2015-01-01: {line}") for line in ("5pp", "15pp")] + [rules]


@given(
    spent=st.integers(0, 200_000),
    budget=st.integers(0, 200_000),
    as_of=st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 12, 31)),
)
def test_a_lower_line_never_removes_an_alert(lines, spent, budget, as_of):
    patch = {"spent_fen": str(spent), "original_budget_fen": str(budget), "as_of": as_of.isoformat()}
    request = request_of("assess", {"report": patch})
    low, high, middle = (("MON-01", "r1") in failing(rules, request) for rules in lines)
    assert high <= middle <= low


@pytest.fixture(scope="module")
def mosts(rules, variant):
    file = "national/parameters/most.yaml"
    return [variant(file, "2015-01-01: 30万元", f"2015-01-01: {line}") for line in ("29万元", "31万元")] + [
        rules
    ]


@given(requested=amounts)
def test_a_lower_most_never_removes_a_fail(mosts, requested):
    request = request_of("review", {"project": {"requested_fen": str(requested)}})
    low, high, middle = (("AMT-01", "p-1") in failing(rules, request) for rules in mosts)
    assert high <= middle <= low


# -- missing data ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.id)
def test_leaving_something_out_never_turns_into_a_pass(rules, case):
    """A section that is not sent any more turns no FAIL, and nothing undecided, into a PASS."""
    (before,) = by_python(rules)([case.request])
    stuck = {(one.rule_id, one.outcome) for one in before.findings}
    for section in set(case.request.context.provided):
        request = type(case.request)()
        request.CopyFrom(case.request)
        request.context.provided[:] = [one for one in case.request.context.provided if one != section]
        (after,) = by_python(rules)([request])
        for finding in after.findings:
            if finding.outcome == result_pb2.OUTCOME_PASS:
                assert (finding.rule_id, result_pb2.OUTCOME_PASS) in stuck


# -- what is shared ----------------------------------------------------------------------------------


def test_regions_without_rules_of_their_own_share_what_is_prepared(rules):
    prepared = {
        code: rules.prepared(rules.snapshot().view(request_of("review", {"project": {"region_code": code}})))
        for code in ("全国", "省空", "350200", "省甲")
    }
    assert prepared["全国"].extractor is prepared["省空"].extractor is prepared["350200"].extractor
    assert prepared["全国"].extractor is not prepared["省甲"].extractor
    chains = {code: tuple(one.view.region_chain) for code, one in prepared.items()}
    assert chains["省空"] == ("全国", "省空")
    assert chains["350200"] == ("全国", "350200")


def test_threads_get_the_answers_that_one_gets(rules):
    requests = MADE[:100]
    ask = by_python(rules)
    alone = [answer.digest for answer in ask(requests)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda request: ask([request])[0].digest, requests * 3))
    assert together == alone * 3


def test_an_answer_does_not_keep_hold_of_its_request(rules):
    request = request_of("review")
    before = json_format.MessageToDict(request)
    answer = rules.review(request)
    text = answer.SerializeToString()
    assert json_format.MessageToDict(request) == before
    request.project.project_name = "另一个"
    assert answer.SerializeToString() == text
    assert isinstance(request, ReviewRequest)

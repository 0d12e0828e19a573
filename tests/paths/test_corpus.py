"""One corpus, one digest: samples and made requests on every route, in both languages, and read back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from google.protobuf import json_format

from rules_service import api
from rules_service.engine.digest import digest_of
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN, LANGUAGE_ZH, ReviewRequest
from tests.paths.corpus import Request, made, samples
from tests.paths.routes import (
    Answer,
    Refused,
    by_command,
    by_python,
    by_replay,
    record,
    replayed,
    served,
)

SEED = 20241122


def _corpus(count: int, seed: int) -> list[Request]:
    """The samples, then made requests, each with an id of its own."""
    requests = [request for _, request in samples()] + made(count, seed)
    for number, request in enumerate(requests):
        request.context.request_id = f"r{number:05}"
    return requests


def _digests(results: Sequence[object]) -> list[str]:
    refused = [result for result in results if isinstance(result, Refused)]
    assert not refused, refused[0]
    return [result.digest for result in results]


def _compare(rules: api.Rules, roots: Sequence[Path], requests: list[Request], folder: Path) -> list[Answer]:
    """Assert that every route gives the digests of the Python API; returns its answers."""
    answers = by_python(rules)(requests)
    digests = _digests(answers)
    with served(rules) as service:
        assert _digests(service.review(requests)) == digests
        reviews = [one for one, request in zip(digests, requests, strict=True) if _is_review(request)]
        batch = service.batch([request for request in requests if _is_review(request)])
        assert _digests(batch) == reviews
    assert _digests(by_command(roots, folder)(requests)) == digests
    assert _digests(by_replay(rules)(requests)) == digests
    return answers


def _is_review(request: Request) -> bool:
    return isinstance(request, ReviewRequest)


def _in(language: int, requests: list[Request]) -> list[Request]:
    turned = []
    for request in requests:
        copy = type(request)()
        copy.CopyFrom(request)
        copy.context.language = language
        turned.append(copy)
    return turned


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    return _corpus(300, SEED)


def test_every_route_gives_one_digest(national, national_roots, requests, tmp_path):
    _compare(national, national_roots, requests, tmp_path)


def test_chinese_and_english_answers_have_one_digest(national, requests):
    ask = by_python(national)
    assert _digests(ask(_in(LANGUAGE_ZH, requests))) == _digests(ask(_in(LANGUAGE_EN, requests)))


def test_a_digest_can_be_worked_out_from_the_answer_read_back(national, requests):
    for answer in by_python(national)(requests):
        read = json_format.Parse(json_format.MessageToJson(answer), type(answer)())
        assert digest_of(read) == answer.digest
        assert type(answer).FromString(answer.SerializeToString()) == answer


def test_the_corpus_is_worth_its_time(national, requests):
    """It reaches every outcome but ERROR, and most decisions; else it would prove little."""
    answers = by_python(national)(requests)
    outcomes = {finding.outcome for answer in answers for finding in answer.findings}
    assert outcomes == {1, 2, 3, 4, 5}
    assert not sum(answer.tally.error for answer in answers)
    decisions = {
        answer.decision for answer, request in zip(answers, requests, strict=True) if _is_review(request)
    }
    assert len(decisions) >= 5
    assert len({answer.digest for answer in answers}) > 0.9 * len(answers)  # a classified one says little


def test_another_project_beside_it_changes_nothing(national, requests):
    """Each answer depends on its request alone: in another order there are the same digests."""
    ask = by_python(national)
    shuffled = list(requests)
    random.Random(7).shuffle(shuffled)  # noqa: S311 - chance, no secret
    digests = dict(zip((one.context.request_id for one in shuffled), _digests(ask(shuffled)), strict=True))
    assert [digests[one.context.request_id] for one in requests] == _digests(ask(requests))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_many_requests_have_one_digest_on_every_route(national, national_roots, tmp_path, seed):
    requests = _corpus(2_500, seed)
    answers = _compare(national, national_roots, requests, tmp_path)
    records = [record(request, answer) for request, answer in zip(requests, answers, strict=True)]
    again = replayed(national_roots, tmp_path, records, process=True)
    assert len(again) == len(records)
    assert all(before == after for before, after in again)

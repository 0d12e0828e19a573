"""Reference values stand beside the answer: they change no verdict, a fault in them costs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from rules_service import api
from rules_service.engine.digest import digest_of
from rules_service.engine.engine import Fault
from rules_service.facts import offers
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest, ReviewResponse

RULESETS = Path(__file__).parents[2] / "rulesets"
ITEM = {
    "item_id": "k1",
    "item_code": "会议费",
    "name": "会议费综合定额",
    "meeting_class": "三类会议",
    "unit_price_yuan": "605.01",
    "price_unit": "元/人天",
}


@pytest.fixture(scope="module")
def faults() -> list[Fault]:
    return []


@pytest.fixture(scope="module")
def rules(faults: list[Fault]) -> Iterator[api.Rules]:
    with api.Rules.load(RULESETS, concluder="chainer", on_fault=faults.append) as loaded:
        yield loaded


def review(rules: api.Rules, region: str, *, language: str = "LANGUAGE_ZH", **project: Any) -> ReviewResponse:
    """The answer to one cost item above the reference of its standard."""
    document = {
        "context": {
            "evaluated_on": "2024-09-01",
            "language": language,
            "provided": ["SECTION_COST_ITEMS"],
        },
        "project": {"region_code": region, "fiscal_year": 2025, "cost_items": [ITEM]} | project,
    }
    return rules.review(json_format.ParseDict(document, ReviewRequest()))


def test_the_digest_covers_them(rules: api.Rules) -> None:
    """A stored answer whose reference value was changed or taken out is found."""
    answer = review(rules, "厦门")
    assert [one.standard_id for one in answer.reference_values] == ["CN-MEETING-3-TOTAL"]
    assert answer.digest == digest_of(answer)
    answer.reference_values[0].value = "650"
    assert answer.digest != digest_of(answer)
    del answer.reference_values[:]
    assert answer.digest != digest_of(answer)


def test_both_languages_have_one_digest(rules: api.Rules) -> None:
    """What is said of a value follows from the bundle."""
    zh, en = review(rules, "厦门"), review(rules, "厦门", language="LANGUAGE_EN")
    assert zh.digest == en.digest
    assert zh.reference_values[0].note == "支出标准的上限，仅供参考"
    assert en.reference_values[0].note == "Upper limit of an expenditure standard, for reference only"


def test_a_suggestion_names_the_standard_and_its_proof(rules: api.Rules) -> None:
    """Where the value of a finding comes from, and how well it is known, stands beside it."""
    (finding,) = (one for one in review(rules, "全国").findings if one.rule_id == "STD-02")
    suggestion = finding.suggestion
    assert suggestion.reference_value == "550"
    assert suggestion.source == "中央和国家机关会议费管理办法 财行〔2016〕214号"
    assert (suggestion.proof, suggestion.is_sample) == ("V2", False)
    assert suggestion.proof_words == "据转引或同类表式，未见原文"


def test_nothing_of_a_classified_project(rules: api.Rules) -> None:
    """A reference value would tell what a classified project buys."""
    assert not review(rules, "厦门", classified=True).reference_values


def test_a_fault_costs_the_reference_values_only(
    rules: api.Rules, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours while offering is told, and the answer is given without them."""
    healthy = review(rules, "厦门")

    def broken(*_: object) -> Iterator[offers.Offer]:
        yield from list(offers._standards(*_))  # type: ignore[arg-type]
        raise RuntimeError

    monkeypatch.setattr(offers, "SOURCES", (broken,))
    answer = review(rules, "厦门")
    assert not answer.reference_values
    assert [(one.rule, type(one.error)) for one in faults] == [("", RuntimeError)]
    assert answer.decision == healthy.decision
    assert list(answer.findings) == list(healthy.findings)
    assert answer.digest == digest_of(answer)
    assert all(one.outcome != result_pb2.OUTCOME_ERROR for one in answer.findings)

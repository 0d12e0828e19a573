"""Places in answers: the cell of what is missing, and the pieces of text that a finding quotes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict

from rules_service.api import Rules
from rules_service.engine.digest import digest_of
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(RULESETS, concluder="chainer") as loaded:
        yield loaded


def answer(rules, project, *, classified=False):
    """The answer to an application with goals, indicators and cost items."""
    context = {
        "provided": ["SECTION_GOALS", "SECTION_INDICATORS", "SECTION_COST_ITEMS"],
        "evaluatedOn": "2024-06-30",
    }
    head = {"regionCode": "全国", "fiscalYear": 2024, "classified": classified}
    return rules.review(ParseDict({"context": context, "project": head | project}, ReviewRequest()))


def of_rule(found, rule):
    (finding,) = [each for each in found.findings if each.rule_id == rule]
    return finding


def test_an_item_is_named_by_its_place_in_the_request_whatever_totals_stand_before_it(rules):
    items = [
        {"name": "合计", "isTotal": True, "amountFen": "300"},
        {"amountFen": "100"},
        {"name": "小计", "isTotal": True, "amountFen": "200"},
        {"name": "未填金额"},
    ]
    finding = of_rule(answer(rules, {"requestedFen": "300", "costItems": items}), "CBM-01")
    assert finding.outcome == result_pb2.OUTCOME_INDETERMINATE
    assert [each.path for each in finding.missing] == ["project.cost_items[3].amount_fen"]


# Characters beyond the basic plane (𠮷, 🏫) count as two UTF-16 units, as they do in Java and JavaScript.
@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("有效改善办学条件。培训教师300人次，显著提高教学水平。", ["有效", "显著"]),
        ("🏫𠮷林小学改造，显著提高教学水平", ["显著"]),
        ("𠮷𠮷。🏫有效改善🏫，显著提高🏫", ["有效", "显著"]),
    ],
)
def test_a_finding_quotes_vague_terms_by_their_places_in_the_text(rules, text, quoted):
    found = answer(rules, {"goals": [{"goalId": "g", "goalText": text}]})
    facts = of_rule(found, "QNT-03").facts
    (fact,) = [each for each in facts if each.name == "goal.vague_clauses"]
    units = text.encode("utf-16-le")
    assert fact.raw == text
    assert [units[2 * span.start : 2 * span.end].decode("utf-16-le") for span in fact.spans] == quoted
    assert not any(each.spans for each in facts if each.name != fact.name)
    assert found.digest == digest_of(found)


def test_nothing_of_a_classified_text_is_quoted(rules):
    found = answer(rules, {"goals": [{"goalId": "g", "goalText": "显著提高"}]}, classified=True)
    assert not any(finding.facts for finding in found.findings)

"""A severity that a place sets by its own document: the finding shows that document and its wording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.values.dates import parse_date
from rules_service.values.outcomes import Proof

if TYPE_CHECKING:
    from rules_service.compile.view import ViewCheck
    from tests.compile.conftest import Rulesets

CITY = """\
region: 市乙
title: {zh: 乙市规则, en: Rules of city B}
documents: [{id: doc-b, title: 乙市办法, number: 乙发〔2022〕1号, proof: S}]
severity:
  GATE-01: {levels: [{level: BLOCK}], document: doc-b, article: 第三条, override_allowed: true}
"""


def _gate(rulesets: Rulesets, city: str) -> ViewCheck:
    bundle = rulesets.bundle({"add": {"overlays/省甲/市乙/overlay.yaml": city}})
    view = bundle.view("市乙", parse_date("2022-01-01"))
    return next(check for check in view.checks if check.id == "GATE-01")


def test_the_document_that_set_the_severity_comes_first(rulesets: Rulesets) -> None:
    """With its number, article and proof, before what the rule itself rests on."""
    first, second = _gate(rulesets, CITY).basis
    assert (first.document, first.article, first.proof) == ("乙市办法 乙发〔2022〕1号", "第三条", Proof.SEED)
    assert second.document == "财预〔2015〕88号"


def test_a_place_may_leave_room_for_people(rulesets: Rulesets) -> None:
    """“In principle” is the place's wording, not the rule's."""
    assert _gate(rulesets, CITY).override_allowed
    assert not _gate(rulesets, CITY.replace(", override_allowed: true", "")).override_allowed


def test_without_a_document_the_rule_rests_on_its_own(rulesets: Rulesets) -> None:
    """A severity without a document adds none."""
    bare = CITY.replace(", document: doc-b, article: 第三条", "").replace("level: BLOCK", "level: WARN")
    assert [basis.document for basis in _gate(rulesets, bare).basis] == ["财预〔2015〕88号"]

"""Requests that get no answer say why, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import rules_service
from rules_service.api import InvalidRequest, LoadError, NotFound, Rules, UnknownRegion
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

RULESETS = Path(__file__).parents[2] / "rulesets"


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(RULESETS, concluder="chainer") as loaded:
        yield loaded


def _request() -> ReviewRequest:
    request = ReviewRequest()
    request.project.region_code = "安康"
    request.project.fiscal_year = 2024
    return request


def test_a_missing_region_is_a_violation(rules: Rules) -> None:
    """Without a region nobody knows whose rules apply: no national answer is given instead."""
    request = _request()
    request.project.region_code = ""
    with pytest.raises(InvalidRequest) as raised:
        rules.review(request)
    assert [(fault.path, fault.code) for fault in raised.value.violations] == [
        ("project.region_code", "REGION_MISSING")
    ]


def test_a_missing_rule_date_is_a_violation(rules: Rules) -> None:
    """Without fiscal year and rule date no version can be chosen."""
    request = _request()
    request.project.ClearField("fiscal_year")
    with pytest.raises(InvalidRequest) as raised:
        rules.review(request)
    assert [fault.code for fault in raised.value.violations] == ["RULE_DATE_UNKNOWN"]


def test_unknown_families_and_verdict_maps_are_named(rules: Rules) -> None:
    """An unknown family would silently check nothing."""
    request = _request()
    request.context.families.append("quantfication")
    request.context.verdict_map = "nat99"
    with pytest.raises(InvalidRequest) as raised:
        rules.review(request)
    assert [(fault.path, fault.code) for fault in raised.value.violations] == [
        ("context.families[0]", "FAMILY_UNKNOWN"),
        ("context.verdict_map", "VERDICT_MAP_UNKNOWN"),
    ]
    assert "quantfication" in raised.value.text("zh")
    assert "quantification" in raised.value.text("en")


def test_unknown_pin_and_region(rules: Rules) -> None:
    """Both are errors of their own kind, with a text in each language."""
    pinned = _request()
    pinned.context.pin.hash = "0" * 64
    with pytest.raises(NotFound) as unknown_pin:
        rules.review(pinned)
    elsewhere = _request()
    elsewhere.project.region_code = "亚特兰蒂斯"
    with pytest.raises(UnknownRegion) as unknown_region:
        rules.review(elsewhere)
    for error in (unknown_pin.value, unknown_region.value):
        assert error.text("zh") != error.text("en")


def test_no_ruleset_is_a_load_error(tmp_path: Path) -> None:
    """An empty folder is refused with a diagnostic."""
    with pytest.raises(LoadError) as raised:
        Rules.load(tmp_path)
    assert [item.code for item in raised.value.diagnostics] == ["FILE-MISSING"]


def test_the_package_offers_the_api() -> None:
    """What the documentation imports is there, and an unknown name is an AttributeError."""
    assert rules_service.Rules is Rules
    assert set(rules_service.__all__) - {"__version__"} <= set(dir(rules_service.api))
    with pytest.raises(AttributeError):
        _ = rules_service.Ruless  # type: ignore[attr-defined]

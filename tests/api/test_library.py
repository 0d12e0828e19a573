"""Looking up core indicators: choices level by level, rows by name, pages, refusals with their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rules_service import api
from rules_service.engine import lookup
from rules_service.pb.budget.rules.v1 import library_service_pb2 as pb
from rules_service.pb.budget.rules.v1.application_pb2 import (
    INDICATOR_OPERATOR_LE,
    INDICATOR_OPERATOR_UNSPECIFIED,
    POLARITY_NEGATIVE,
)
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN, RequestContext, RulesetPin
from rules_service.values.dates import fiscal_year_start
from tests import sample_city


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[api.Rules]:
    """The shipped rules and an invented city where the sample library is in force."""
    with api.Rules.load(sample_city.build(tmp_path_factory.mktemp("rules")), concluder="chainer") as loaded:
        yield loaded


def request(**fields: Any) -> pb.LookUpRequest:
    return pb.LookUpRequest(**{"region_code": "示例市", "fiscal_year": 2025} | fields)


def codes(answer: pb.LookUpResponse) -> list[str]:
    return [each.core_indicator_code for each in answer.indicators]


def choices(answer: pb.LookUpResponse) -> list[tuple[str, str, int]]:
    return [(each.code, each.name, each.indicator_count) for each in answer.classes]


def test_from_industry_to_indicator(rules: api.Rules) -> None:
    """A form asks level by level, and at the use has the core indicators to choose from."""
    top = rules.look_up(request())
    assert choices(top)[:3] == [("JY", "教育", 5), ("WS", "卫生健康", 2), ("NY", "农业农村", 15)]
    assert {each.level for each in top.classes} == {pb.LIBRARY_LEVEL_INDUSTRY}
    categories = rules.look_up(request(industry_code="NY"))
    assert choices(categories) == [("NTJS", "农田建设", 6), ("TSCY", "特色产业", 4), ("XCLY", "乡村旅游", 5)]
    uses = rules.look_up(request(industry_code="NY", category_code="NTJS"))
    assert choices(uses) == [("GBZNT", "高标准农田建设", 6)]
    answer = rules.look_up(request(industry_code="NY", category_code="NTJS", use_code="GBZNT"))
    assert choices(answer) == []
    assert codes(answer) == ["YS-01", "JS-01", "NY-01", "NY-02", "NY-03", "MY-01"]
    assert [each.core_indicator_code for each in answer.indicators if each.required] == [
        "YS-01",
        "JS-01",
        "MY-01",
    ]
    assert (answer.total_count, answer.next_page_token) == (6, "")
    last = answer.indicators[-1]
    assert (last.lv1_code, last.lv2_code, last.unit, last.reference_value) == (
        "满意度",
        "服务对象满意度",
        "%",
        "≥95%",
    )
    assert last.source.startswith("G014 ")


def test_everything_of_a_row(rules: api.Rules) -> None:
    """Operators and polarities are the contract's; a row without them says so."""
    found = rules.look_up(request(name_contains="维护响应")).indicators
    assert len(found) == 1
    assert (found[0].operator, found[0].polarity) == (INDICATOR_OPERATOR_LE, POLARITY_NEGATIVE)
    assert list(found[0].aliases) == ["维护及时性"]
    dated = rules.look_up(request(name_contains="完工时间")).indicators[0]
    assert dated.operator != INDICATOR_OPERATOR_UNSPECIFIED
    assert dated.reference_value == "2021年12月31日"


def test_by_name(rules: api.Rules) -> None:
    """A part of a name, or of another spelling, in everything or below a class."""
    everywhere = rules.look_up(request(name_contains="满意度"))
    assert codes(everywhere) == ["MY-01", "MY-02", "MY-03", "MY-04"]
    assert codes(rules.look_up(request(name_contains="满意度", industry_code="CX"))) == ["MY-04"]
    assert codes(rules.look_up(request(name_contains="建档立卡学生全面"))) == ["JY-02"], "an alias"
    assert codes(rules.look_up(request(name_contains="没有这样的名称"))) == []


def test_common_indicators(rules: api.Rules) -> None:
    """Common indicators are asked for by their classes."""
    answer = rules.look_up(request(common=True))
    assert [each.level for each in answer.classes] == [pb.LIBRARY_LEVEL_COMMON] * 3
    assert choices(answer)[0] == ("GXCC", "共性产出指标", 1)
    assert codes(rules.look_up(request(common=True, category_code="GXMY"))) == ["GX-03"]


def test_pages(rules: api.Rules) -> None:
    """Pages give every row once, whatever their size; the count is that of all."""
    whole = codes(rules.look_up(request()))
    assert len(whole) == 38
    for size in (1, 7, 37, 38, 500):
        found: list[str] = []
        token = ""
        while True:
            answer = rules.look_up(request(page_size=size, page_token=token))
            assert len(answer.indicators) <= size
            assert answer.total_count == 38
            found += codes(answer)
            token = answer.next_page_token
            if not token:
                break
        assert found == whole


def test_many_names_are_not_counted_to_the_end(rules: api.Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit the answer says that there are more, and the pages still give all of them."""
    monkeypatch.setattr(lookup, "COUNTED", 3)
    first = rules.look_up(request(name_contains="率", page_size=10))
    assert (first.total_count, first.total_is_minimum) == (3, True)
    second = rules.look_up(request(name_contains="率", page_size=10, page_token=first.next_page_token))
    assert len(second.indicators) == 10
    few = rules.look_up(request(name_contains="亩", page_size=10))
    assert (few.total_count, few.total_is_minimum) == (0, False)


def test_where_no_library_is_in_force(rules: api.Rules) -> None:
    """The answer says which libraries could be named; a named one is searched and told not to be in force."""
    answer = rules.look_up(request(region_code="安康"))
    assert (list(answer.searched), list(answer.indicators), list(answer.classes)) == ([], [], [])
    assert [(each.library_id, each.sample, each.in_force) for each in answer.available] == [
        ("sample-core", True, False)
    ]
    named = rules.look_up(request(region_code="安康", library_id="sample-core", name_contains="疫苗"))
    assert codes(named) == ["WS-01"]
    assert not named.searched[0].in_force
    assert rules.look_up(request()).searched[0].in_force
    before = rules.look_up(request(fiscal_year=2021, region_code="全国"))
    assert list(before.available) == [], "the sample begins in August 2021"


def test_stamp_and_language(rules: api.Rules) -> None:
    """An answer says by which bundle, library version, place and date it was given; texts as asked."""
    context = RequestContext(request_id="r-1", rule_date="2024-05-06", language=LANGUAGE_EN)
    answer = rules.look_up(request(context=context))
    stamp = answer.stamp
    assert (answer.request_id, stamp.rule_date) == ("r-1", "2024-05-06")
    assert list(stamp.region_chain) == ["全国", "示例市"]
    assert stamp.hash == rules.snapshot().bundles[0].hash
    assert (answer.searched[0].version, answer.searched[0].effective_from) == ("2026.1", "2021-08-18")
    assert answer.searched[0].title == "Sample library of core indicators"
    assert rules.look_up(request()).searched[0].title == "核心指标示例库"
    assert rules.look_up(request()).stamp.rule_date == "2025-01-01"
    pinned = RequestContext(pin=RulesetPin(hash=stamp.hash[:12]))
    assert rules.look_up(request(context=pinned)).stamp.hash == stamp.hash


def refused(rules: api.Rules, **fields: Any) -> list[str]:
    """What a request is refused for."""
    with pytest.raises(api.InvalidRequest) as caught:
        rules.look_up(request(**fields))
    for language in ("zh", "en"):
        assert "{" not in caught.value.text(language)
    return [f"{each.path} {each.code}" for each in caught.value.violations]


def test_everything_wrong_is_told_at_once(rules: api.Rules) -> None:
    """A request with several faults is refused for all of them."""
    assert refused(rules, region_code="", fiscal_year=None, name_contains="长" * 201) == [
        "name_contains ID_TOO_LONG",
        "region_code REGION_MISSING",
        "fiscal_year RULE_DATE_UNKNOWN",
    ]
    assert refused(rules, library_id="x", use_code="GBZNT", page_size=-1, page_token="2") == [  # noqa: S106 - of a page
        "library_id LIBRARY_UNKNOWN",
        "use_code LIBRARY_CLASS_GAP",
        "page_size PAGE_SIZE",
        "page_token PAGE_TOKEN",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"region_code": ""}, "region_code REGION_MISSING"),
        ({"fiscal_year": None}, "fiscal_year RULE_DATE_UNKNOWN"),
        ({"fiscal_year": 25}, "fiscal_year YEAR_RANGE"),
        ({"context": RequestContext(rule_date="昨天")}, "context.rule_date DATE_SYNTAX"),
        ({"name_contains": "长" * 201}, "name_contains ID_TOO_LONG"),
        ({"library_id": "bengbu"}, "library_id LIBRARY_UNKNOWN"),
        ({"industry_code": "XX"}, "industry_code LIBRARY_CLASS_UNKNOWN"),
        ({"industry_code": "NY", "category_code": "XXSL"}, "category_code LIBRARY_CLASS_UNKNOWN"),
        ({"industry_code": "NY", "use_code": "GBZNT"}, "use_code LIBRARY_CLASS_GAP"),
        ({"category_code": "NTJS"}, "category_code LIBRARY_CLASS_GAP"),
        ({"common": True, "industry_code": "NY"}, "industry_code LIBRARY_COMMON_CLASS"),
        ({"common": True, "category_code": "NTJS"}, "category_code LIBRARY_CLASS_UNKNOWN"),
        ({"page_size": 501}, "page_size PAGE_SIZE"),
        ({"page_size": -1}, "page_size PAGE_SIZE"),
        ({"page_token": "2"}, "page_token PAGE_TOKEN"),
        ({"page_token": f"2-{'0' * 12}-{'0' * 12}"}, "page_token PAGE_TOKEN_STALE"),
    ],
)
def test_refusals(rules: api.Rules, fields: dict[str, Any], expected: str) -> None:
    """Whatever is wrong is refused with its field and a stable code."""
    assert refused(rules, **fields) == [expected]


def test_a_page_of_another_question(rules: api.Rules) -> None:
    """A token belongs to its question; the size of the page may change."""
    token = rules.look_up(request(industry_code="NY", page_size=2)).next_page_token
    assert refused(rules, industry_code="JY", page_token=token) == ["page_token PAGE_TOKEN_OTHER"]
    assert codes(rules.look_up(request(industry_code="NY", page_token=token, page_size=1))) == ["NY-01"]


def test_selection_errors_name_the_fields_of_this_request(rules: api.Rules) -> None:
    """Unknown regions and pins are the errors of a review, at the fields of a look-up."""
    with pytest.raises(api.UnknownRegion) as region:
        rules.look_up(request(region_code="乌有市"))
    assert region.value.field == "region_code"
    with pytest.raises(api.NotFound) as pin:
        rules.look_up(request(context=RequestContext(pin=RulesetPin(bundle="other"))))
    assert pin.value.field == "context.pin"


def test_dates_choose_the_version(rules: api.Rules) -> None:
    """The rule date is the first day of the fiscal year, unless it is given."""
    assert lookup.rule_date_of(request()) == fiscal_year_start(2025)
    dated = request(context=RequestContext(rule_date="2022-12-31"))
    assert list(rules.look_up(dated).searched) == [], "in force here from 2023 on"

"""What differs between two places, two dates, or two versions as a place has them."""

from __future__ import annotations

import pytest

from rules_service.authoring.diff_places import Place, diff_places
from rules_service.values.dates import parse_date
from tests.authoring.small_ruleset import bundle_of, small_files

FILES = small_files()
BASE = bundle_of(FILES)
DAY = parse_date("2025-01-01")


def told(old: Place, new: Place) -> list[str]:
    return [change.text.zh for change in diff_places(old, new).changes]


def test_a_place_has_nothing_against_itself() -> None:
    assert told(Place(BASE, "市乙", DAY), Place(BASE, "市乙", DAY)) == []


def test_a_place_without_rules_has_nothing_against_the_one_above() -> None:
    assert told(Place(BASE, "市乙", DAY), Place(BASE, "县丙", DAY)) == []


def test_a_city_against_the_nation() -> None:
    """Values that differ, and where they come from."""
    orange, amount = "（参数）gap_orange 滞后预警线", "（参数）min_amount 须报目标的起点金额"
    engineering, law = "source.engineering、proof.P", "source.sourced、财预〔2015〕88号、proof.V"
    province, city = "source.sourced、甲省办法 甲财〔2021〕1号、proof.S", "source.sourced、乙市办法、proof.S"
    assert told(Place(BASE, "全国", DAY), Place(BASE, "市乙", DAY)) == [
        f"{orange} 值：超过20个百分点 → 超过15个百分点",
        f"{orange} 来源：{engineering} → {province}",
        f"{amount} 值：达到或超过10万元 → 达到或超过30万元",
        f"{amount} 来源：{law} → {city}",
    ]


def test_two_dates_of_a_place() -> None:
    before, after = parse_date("2021-06-01"), DAY
    assert told(Place(BASE, "全国", before), Place(BASE, "全国", after)) == [
        "（参数）min_amount 须报目标的起点金额 值：达到或超过0元 → 达到或超过10万元"
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "text"),
    [
        (
            "national/standards/meeting.csv",
            "760",
            "800",
            "（支出标准）CN-MEETING-1-TOTAL 会议费综合定额 值：760 → 800",
        ),
        ("national/wordlists/placeholders.yaml", "[无, 略]", "[无]", "删去（词表的词）placeholders.yaml 略"),
        (
            "national/checks/gates.yaml",
            "没有绩效目标。",
            "没有目标。",
            "（规则）GATE-01 无目标不预算 说明文字 第1条 中文：",
        ),
        ("national/verdict_maps/abc.yaml", "grade: C", "grade: D", "（结论用语）BAR 不得安排 等级：C → D"),
        ("national/scoresheets/s.yaml", "each: 0.5", "each: 1.5", "怎样评分："),
        ("national/calendars/2025.yaml", "元旦", "新年", "（节假日表）2025 增加节假日 “新年”"),
        ("national/decisions/review.yaml", "priority: 100", "priority: 90", "优先次序：100 → 90"),
    ],
)
def test_two_versions_as_a_place_has_them(path: str, old: str, new: str, text: str) -> None:
    other = bundle_of(FILES | {path: FILES[path].decode().replace(old, new, 1).encode()})
    said = told(Place(BASE, "县丙", DAY), Place(other, "县丙", DAY))
    assert any(text in one for one in said), said


def test_the_sides_are_named() -> None:
    found = diff_places(Place(BASE, "全国", DAY), Place(BASE, "市乙", DAY)).plain("zh")
    assert found["old"]["region"] == "全国"
    assert found["new"] == {**found["old"], "region": "市乙", "date": "2025-01-01"}

"""Applications to measure with: 13 indicators and 20 cost items each, all different, clean or full of faults.

Names, amounts and places are made up; they only have the form and the length of real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from rules_service.pb.budget.rules.v1 import application_pb2 as application_pb
from rules_service.pb.budget.rules.v1 import options_pb2 as options_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["INDICATORS", "ITEMS", "application"]

INDICATORS: Final = 13
ITEMS: Final = 20
_FAULTS_EACH: Final = 9  # of the faults below; most give one finding, some two to four
_YEAR: Final = 2025

_PROVIDED: Final = (
    options_pb.SECTION_GOALS,
    options_pb.SECTION_INDICATORS,
    options_pb.SECTION_COST_ITEMS,
    options_pb.SECTION_FUNDING,
    options_pb.SECTION_EX_ANTE,
    options_pb.SECTION_PRIOR_EVALUATION,
    options_pb.SECTION_BUDGET_REVIEW,
)

_FIELDS = (
    "村道硬化",
    "农村改水",
    "校舍修缮",
    "河道清淤",
    "教师培训",
    "养老服务",
    "文化惠民",
    "医疗设备",
    "林区防火",
)
_TOWNS = ("城关镇", "流水镇", "大河镇", "关庙镇", "恒口镇", "石梯镇", "双龙镇", "茨沟镇", "瀛湖镇", "吉河镇")
_GOODS = (
    "水泥",
    "砂石",
    "管材",
    "工时",
    "教材",
    "场地",
    "课桌",
    "电缆",
    "路灯",
    "标牌",
    "灌木",
    "网线",
    "化验",
    "印刷",
)
_CODES = ("材料购置", "劳务费", "设备购置", "印刷费", "委托业务费")
_GOODS_UNITS = ("吨", "套", "米", "台", "个")


@dataclass(frozen=True, slots=True)
class _Row:
    """One indicator of the form: levels, name, unit, and the least and the greatest target."""

    lv1: str
    lv2: str
    name: str
    unit: str
    low: int
    high: int
    weight: str


_ROWS: Final = (
    _Row("产出指标", "数量指标", "完成{field}任务数", "个", 5, 90, "10"),
    _Row("产出指标", "数量指标", "{town}受益村组数", "个", 3, 60, "10"),
    _Row("产出指标", "数量指标", "{field}培训人次", "人次", 100, 900, "5"),
    _Row("产出指标", "质量指标", "{field}验收合格率", "%", 90, 99, "10"),
    _Row("产出指标", "质量指标", "{field}资料归档率", "%", 85, 99, "5"),
    _Row("产出指标", "时效指标", "{field}按期完成率", "%", 90, 99, "5"),
    _Row("产出指标", "时效指标", "{town}资金拨付及时率", "%", 90, 99, "5"),
    _Row("效益指标", "经济效益指标", "{town}带动就业人数", "人", 20, 300, "5"),
    _Row("效益指标", "社会效益指标", "{field}覆盖群众数", "人", 300, 9000, "10"),
    _Row("效益指标", "社会效益指标", "{town}服务覆盖率", "%", 80, 99, "5"),
    _Row("效益指标", "生态效益指标", "{town}垃圾处理率", "%", 80, 99, "5"),
    _Row("效益指标", "可持续影响指标", "{field}设施使用年限", "年", 5, 20, "5"),
    _Row("满意度指标", "服务对象满意度指标", "{town}群众满意度", "%", 85, 99, "10"),
)


def application(number: int, *, faulty: bool, texts: int = 0) -> review_pb.ReviewRequest:
    """Application number ``number``: without findings, or with nine faults.

    Two numbers give different texts, amounts and faults; another ``texts`` gives the same faults among
    other texts and amounts.
    """
    chance = Random(f"{number} {texts}")  # noqa: S311 - reproducible variety, nothing secret
    request = _clean(number, texts, chance)
    if faulty:
        chosen = Random(f"faults {number}").sample(_FAULTS, _FAULTS_EACH)  # noqa: S311 - the same
        for fault in sorted(chosen, key=_FAULTS.index):
            fault(request.project, chance)
    return request


def _clean(number: int, texts: int, chance: Random) -> review_pb.ReviewRequest:
    field, town = chance.choice(_FIELDS), chance.choice(_TOWNS)
    title = f"{_YEAR}年{town}{field}项目（{texts}-{number}）"
    items = [_item(index, chance) for index in range(ITEMS)]
    indicators = [_indicator(index, row, field, town, chance) for index, row in enumerate(_ROWS)]
    first, share = indicators[0], indicators[3]
    items[0].linked_indicator_ids.append(first.indicator_id)
    items[0].quantity, items[0].quantity_unit, items[0].price_unit = first.target_value, "个", "元/个"
    items[0].amount_fen = int(items[0].quantity) * int(items[0].unit_price_yuan) * 100
    requested = sum(item.amount_fen for item in items)
    return review_pb.ReviewRequest(
        context=review_pb.RequestContext(
            request_id=f"bench-{texts}-{number}",
            provided=_PROVIDED,
            evaluated_on="2024-09-01",
        ),
        project=application_pb.BudgetApplication(
            project_code=f"bench-{texts}-{number}",
            project_name=title,
            region_code="安康",
            agency_code=f"{town}人民政府",
            fiscal_year=_YEAR,
            stage="一上",
            project_category="特定目标类",
            spend_form="服务",
            is_new=False,
            is_major=False,
            requested_fen=requested,
            readiness=application_pb.Readiness(permits_ok=True, plan_ok=True, land_ok=True),
            ex_ante=application_pb.ExAnteEvaluation(
                conclusion="支持",
                applied_fen=requested,
                approved_fen=requested,
                completed_at="2024-06-30",
                valid_for_fiscal_years=[_YEAR],
            ),
            budget_review=application_pb.BudgetReview(
                applied_fen=requested, approved_fen=requested, result="通过", closed=True
            ),
            cost_items=items,
            goals=[
                application_pb.PerformanceGoal(
                    goal_id="g1",
                    goal_type="年度",
                    fiscal_year=_YEAR,
                    version_no=1,
                    is_current=True,
                    tree_version="2015",
                    form_code="项目支出绩效目标申报表",
                    status=application_pb.GOAL_STATUS_FILED,
                    goal_text=f"{title}：年内完成{field}{first.target_value}个，验收合格率达到{share.target_value}%，"
                    f"惠及群众{indicators[8].target_value}人。",
                    indicators=indicators,
                )
            ],
        ),
    )


def _indicator(
    index: int, row: _Row, field: str, town: str, chance: Random
) -> application_pb.PerformanceIndicator:
    value = str(chance.randint(row.low, row.high))
    return application_pb.PerformanceIndicator(
        indicator_id=f"i{index}",
        lv1_code=row.lv1,
        lv2_code=row.lv2,
        lv3_name=row.name.format(field=field, town=town),
        kind=application_pb.INDICATOR_KIND_QUANTITATIVE,
        operator=application_pb.INDICATOR_OPERATOR_GE,
        target_raw=f"≥{value}{row.unit}",
        target_value=value,
        unit_raw=row.unit,
        polarity=application_pb.POLARITY_POSITIVE,
        weight=row.weight,
        value_basis_code="计划",
        evidence_source="验收报告和台账",
    )


def _item(index: int, chance: Random) -> application_pb.CostItem:
    goods, unit = chance.choice(_GOODS), chance.choice(_GOODS_UNITS)
    quantity, price = chance.randint(2, 400), chance.randint(10, 3000)
    return application_pb.CostItem(
        item_id=f"k{index}",
        item_code=chance.choice(_CODES),
        name=f"{goods}（第{chance.randint(1, 60)}批）",
        quantity=str(quantity),
        quantity_unit=unit,
        unit_price_yuan=str(price),
        price_unit=f"元/{unit}",
        amount_fen=quantity * price * 100,
        is_total=False,
        basis_text="三家询价取中间价",
    )


# -- faults, each on fields that no other touches ------------------------------------------------


def _value_differs(project: Any, chance: Random) -> None:
    one = project.goals[0].indicators[1]
    one.target_value = str(int(one.target_value) + chance.randint(1, 9))


def _no_number(project: Any, chance: Random) -> None:
    one = project.goals[0].indicators[2]
    one.target_raw, one.target_value, one.unit_raw = chance.choice(("较好", "明显改善", "逐步提高")), "", ""


def _wrong_direction(project: Any, chance: Random) -> None:
    one = project.goals[0].indicators[7 + chance.randrange(2)]
    one.operator = application_pb.INDICATOR_OPERATOR_LE
    one.target_raw = one.target_raw.replace("≥", "≤")


def _trivial(project: Any, chance: Random) -> None:
    one = project.goals[0].indicators[4 + chance.randrange(2)]
    one.target_raw, one.target_value = "≥0%", "0"


def _repeated(project: Any, _: Random) -> None:
    indicators = project.goals[0].indicators
    indicators[10].lv3_name = indicators[9].lv3_name


def _misplaced(project: Any, chance: Random) -> None:
    project.goals[0].indicators[11].lv2_code = chance.choice(("数量指标", "质量指标", "时效指标"))


def _below_last_year(project: Any, _: Random) -> None:
    one = project.goals[0].indicators[12]
    one.prior_actual_raw = f"{int(one.target_value) + 1}%"


def _weights(project: Any, chance: Random) -> None:
    project.goals[0].indicators[6].weight = str(chance.randint(6, 30))


def _vague(project: Any, chance: Random) -> None:
    words = chance.choice(("进一步提升服务水平", "显著改善农村面貌", "逐步完善基础设施"))
    project.goals[0].goal_text += f"{words}。"


def _line_sums(project: Any, chance: Random) -> None:
    for index in range(1, 4):
        project.cost_items[index].amount_fen += 100 * chance.randint(1, 900)


def _request(project: Any, chance: Random) -> None:
    project.requested_fen += 1_000_000 * chance.randint(1, 50)


def _quantity(project: Any, chance: Random) -> None:
    project.cost_items[0].linked_indicator_ids[:] = []
    item = project.cost_items[4]
    item.linked_indicator_ids.append("i0")
    item.quantity, item.quantity_unit, item.price_unit = str(chance.randint(500, 900)), "个", "元/个"


def _lodging(project: Any, chance: Random) -> None:
    for index in (5, 6):
        item = project.cost_items[index]
        item.name, item.item_code, item.price_unit = f"{item.name}差旅住宿", "差旅住宿费", "元/人天"
        item.place_code, item.personnel_grade = "北京", "其他人员"
        item.unit_price_yuan = str(chance.randint(510, 900))
        item.amount_fen = int(item.quantity) * int(item.unit_price_yuan) * 100


def _no_standard(project: Any, chance: Random) -> None:
    project.cost_items[7].item_code = chance.choice(("会议费", "培训费"))


def _above_review(project: Any, chance: Random) -> None:
    project.budget_review.approved_fen -= chance.randint(1, 90) * 10_000


def _no_evaluation(project: Any, _: Random) -> None:
    project.is_new = project.is_major = True
    project.ex_ante.ClearField("completed_at")


def _not_ready(project: Any, _: Random) -> None:
    project.readiness.permits_ok = False


def _draft(project: Any, _: Random) -> None:
    project.goals[0].status = application_pb.GOAL_STATUS_DRAFT


_FAULTS: Final[tuple[Callable[[Any, Random], None], ...]] = (
    _value_differs,
    _no_number,
    _wrong_direction,
    _trivial,
    _repeated,
    _misplaced,
    _below_last_year,
    _weights,
    _vague,
    _line_sums,
    _request,
    _quantity,
    _lodging,
    _no_standard,
    _above_review,
    _no_evaluation,
    _not_ready,
    _draft,
)

"""Requests in numbers: all samples, and requests made by chance from a seed, the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf import json_format

from rules_service.pb.budget.rules.v1 import application_pb2, options_pb2, review_service_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
EVALUATED_ON = "2024-09-01"  # fixed, so that a run over midnight is no other run

Request = ReviewRequest | AssessRequest

_SECTIONS = [number for number in options_pb2.Section.values() if number]
_REGIONS = ["全国", "安康", "湖南省湘潭市", "山东省济南市历城区", "厦门", "陕西"]
_STAGES = ["申报", "一上", "二上", "入库", "批复", "执行", "自评", "编制", ""]
_CATEGORIES = ["特定目标类", "其他运转类", "人员类", "公用经费", "专项资金", "部门整体", "没有的类别", ""]
_LEVEL1 = ["产出", "效益", "满意度", "成本", "产出指标", "决策", ""]
_LEVEL2 = ["数量", "质量", "时效", "经济效益", "社会效益", "服务对象满意度", "可持续影响", "怪", ""]
_NAMES = ["校舍改造面积", "受益学生数", "验收合格率", "群众满意度", "项目按时完成率", "𠮷野小学改造"]
_NAMES += ["设备购置数量", "　", ""]
_TEXTS = [
    "完成校舍改造3所，改造面积５０００平方米，受益学生２０００人次，群众满意度达到95%以上。",
    "进一步加强管理，不断提升服务水平，取得较好效果。",
    "无",
    "详见附件",
    "",
    "按时发放补助",
    "①完成道路硬化12.5㎞；②绿化10㎡；③惠及１．２万人",
    "全面推进\u200b乡村振兴\r\n加快建设",
]
_TARGETS = [
    "≥95%",
    "２００人次",
    "三所",
    "百分之九十五",
    "1.2万",
    "12月底前",
    "较好",
    "有所提高",
    "若干",
    "100%",
]
_TARGETS += [
    "≤5天",
    "5-10个",
    "2023年12月31日",
    "0",
    "1e5",
    "≥0%",
    "大于等于80",
    "约30套",
    "100.00元",
    "3.5‰",
]
_TARGETS += ["-5%", "1/3", "无", ""]
_UNITS = ["%", "人次", "所", "万元", "元", "㎡", "怪单位", ""]
_GRADES = ["支持", "调整后支持", "不予支持", "退回不予评审", "看看再说", ""]
_ITEMS = ["会议费", "培训费", "差旅住宿费", "讲课费", "台式计算机", "没有的事项", ""]
_FUNDS = ["DEPARTMENT", "SPECIAL", "OTHER", ""]
_MONEY = [0, 1, 99, 100, 5_000, 29_999_999, 30_000_000, 30_000_001, 100_000_000, 936_947_000_000, 10**16, -1]
_DECIMALS = ["0", "1", "5.9", "10", "15.2", "26.0", "28.7", "90", "100", "0.000000000001", "-3", ""]
_DECIMALS += ["999999999999999999"]
_DAYS = ["2024-01-01", "2024-02-29", "2024-07-31", "2024-12-31", "2023-06-15", "2026-01-01", "2024-02", ""]
_NOT_HELD = ["indicator.weight", "goal.goal_text", "project.exempt", "item.quantity", "report.spent_fen"]


class _Maker:
    """Makes one request from a stream of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def one(self, values: list[Any]) -> Any:
        return self.random.choice(values)

    def maybe(self, share: float = 0.7) -> bool:
        return self.random.random() < share

    def money(self) -> int:
        return self.one(_MONEY) if self.maybe(0.5) else self.random.randrange(1, 10**9) * 100

    def fill(self, message: Any, values: dict[str, Any], share: float = 0.75) -> None:
        """Set some of the fields; a blank text is as good as none."""
        for name, make in values.items():
            if self.maybe(share):
                setattr(message, name, make())

    def context(self, context: review_service_pb2.RequestContext, number: int) -> None:
        context.request_id = f"made-{number:05}"
        context.evaluated_on = EVALUATED_ON
        chosen = _SECTIONS if self.maybe(0.4) else self.random.sample(_SECTIONS, self.random.randrange(12))
        context.provided.extend(chosen)
        if self.maybe(0.2):
            context.not_held.extend(self.random.sample(_NOT_HELD, 2))
        context.detail = self.one([0, 0, 1, 2])
        context.language = self.one([0, 1, 2])
        context.partial = self.maybe(0.05)
        if self.maybe(0.05):
            context.families.append(self.one(["completeness", "gates", "progress", "quantification"]))

    def project(self, project: application_pb2.BudgetApplication, number: int) -> None:
        project.project_code = f"P{number}"
        project.region_code = self.one(_REGIONS)
        project.fiscal_year = self.one([2016, 2020, 2022, 2023, 2024, 2025])
        one, flag = self.one, lambda: self.maybe(0.5)
        self.fill(
            project,
            {
                "project_name": lambda: one(_NAMES),
                "stage": lambda: one(_STAGES),
                "project_category": lambda: one(_CATEGORIES),
                "sector": lambda: one(["产业", "民生", "航天", ""]),
                "spend_form": lambda: one(["工程基建", "服务", "补助", ""]),
                "fund_category": lambda: one(_FUNDS),
                "is_new": flag,
                "is_major": flag,
                "is_large": flag,
                "is_continuing": flag,
                "recipients": lambda: one([0, 1, 2, 3, 4]),
                "content_text": lambda: one(_TEXTS),
                "duration_start": lambda: one(_DAYS),
                "duration_end": lambda: one(_DAYS),
                "requested_fen": self.money,
                "total_fen": self.money,
                "prior_year_budget_fen": self.money,
            },
        )
        if self.maybe(0.2):
            project.source_precision_fen = one([0, 5_000])
        if self.maybe(0.15):
            self.fill(
                project.exempt,
                {
                    "reason": lambda: one(["涉密", "特殊资金", "应急", "领导同意", ""]),
                    "approval_no": lambda: one(["密〔2024〕1号", " ", ""]),
                    "approver": lambda: one(["张三", ""]),
                },
            )
        project.classified = self.maybe(0.1)
        for row in range(self.random.choice([0, 0, 1, 2, 4])):
            self.item(project.cost_items.add(item_id=f"k{row}"))
        if self.maybe(0.4):
            self.reviews(project)

    def reviews(self, project: application_pb2.BudgetApplication) -> None:
        self.fill(
            project.ex_ante,
            {
                "conclusion": lambda: self.one(_GRADES),
                "approved_fen": self.money,
                "completed_at": lambda: self.one(_DAYS),
            },
        )
        project.ex_ante.valid_for_fiscal_years.extend(self.random.sample([2022, 2023, 2024, 2025], 2))
        self.fill(
            project.budget_review,
            {"result": lambda: self.one(["通过", "未通过", ""]), "approved_fen": self.money},
        )
        self.fill(
            project.readiness,
            {name: lambda: self.maybe(0.7) for name in ("permits_ok", "plan_ok", "land_ok")},
        )

    def item(self, item: application_pb2.CostItem) -> None:
        one = self.one
        self.fill(
            item,
            {
                "item_code": lambda: one(_ITEMS),
                "name": lambda: one(_NAMES),
                "quantity": lambda: one(_DECIMALS),
                "unit_price_yuan": lambda: one(["0.5483", "550", "1000", "4500.5", "-1", ""]),
                "price_unit": lambda: one(["元/人天", "元/台", "元", ""]),
                "amount_fen": self.money,
                "is_total": lambda: self.maybe(0.2),
                "place_code": lambda: one(["北京", "上海", ""]),
            },
        )
        if self.maybe(0.3):
            item.linked_indicator_ids.extend(["g0i0"])

    def goal(self, goal: application_pb2.PerformanceGoal, number: int) -> None:
        one = self.one
        self.fill(
            goal,
            {
                "goal_type": lambda: one(["年度", "中长期", "部门整体", "政策", "怪", ""]),
                "fiscal_year": lambda: one([2023, 2024, 2025]),
                "tree_version": lambda: one(["2015", "2021", "dept6", "1999", ""]),
                "form_code": lambda: one(["项目支出绩效目标申报表", "无分值权重表", ""]),
                "status": lambda: one([0, 1, 2, 3, 4, 5]),
                "goal_stage": lambda: one(_STAGES),
                "goal_text": lambda: one(_TEXTS),
            },
        )
        for row in range(self.random.choice([0, 1, 3, 5, 8])):
            indicator = goal.indicators.add(indicator_id=f"g{number}i{row}")
            self.fill(
                indicator,
                {
                    "lv1_code": lambda: one(_LEVEL1),
                    "lv2_code": lambda: one(_LEVEL2),
                    "lv3_name": lambda: one(_NAMES),
                    "kind": lambda: one([0, 1, 1, 2]),
                    "operator": lambda: one([0, 1, 2, 3, 4, 5, 6, 7]),
                    "target_raw": lambda: one(_TARGETS),
                    "target_value": lambda: one(_DECIMALS),
                    "unit_raw": lambda: one(_UNITS),
                    "polarity": lambda: one([0, 1, 2, 3]),
                    "weight": lambda: one(_DECIMALS),
                    "prior_actual_raw": lambda: one(_TARGETS),
                },
                share=0.6,
            )

    def review(self, number: int) -> ReviewRequest:
        request = ReviewRequest()
        self.context(request.context, number)
        self.project(request.project, number)
        for place in range(self.random.choice([0, 1, 1, 2])):
            self.goal(request.project.goals.add(goal_id=f"g{place}"), place)
        return request

    def assess(self, number: int) -> AssessRequest:
        request = AssessRequest()
        self.context(request.context, number)
        self.project(request.project, number)
        report = request.report
        report.as_of = self.one(["2024-07-31", "2024-06-30", "2024-12-31", "2023-08-15"])
        self.fill(
            report,
            {
                "checkpoint_id": lambda: self.one(["c1", "c2", "c3", "c9", ""]),
                "revision": lambda: self.random.randrange(3),
                "original_budget_fen": self.money,
                "spent_fen": self.money,
                "project_progress": lambda: self.one(["0", "0.5", "0.61", "1", "1.2"]),
            },
        )
        for _ in range(self.random.randrange(3)):
            change = report.budget_changes.add(kind=self.one(["追加", "调减", ""]))
            self.fill(change, {"effective_date": lambda: self.one(_DAYS), "delta_fen": self.money})
        for row in range(self.random.randrange(3)):
            report.indicator_actuals.add(indicator_id=f"g0i{row}", actual_raw=self.one(_TARGETS))
        for name, day in (("c1", "2024-03-31"), ("c2", "2024-05-31"), ("c3", "2024-07-31")):
            if self.maybe(0.9):
                request.scheduled_checkpoints.add(checkpoint_id=name, as_of=day)
            for rule in ("MON-01", "MON-02", "没有的规则"):
                if self.maybe(0.6):
                    request.history.add(
                        checkpoint_id=self.one([name, name, ""]),
                        revision=self.random.randrange(3),
                        rule_id=rule,
                        outcome=self.one(["PASS", "FAIL", "FAIL", "NOT_APPLICABLE", "INDETERMINATE", "怪"]),
                        level=self.one(["", "YELLOW", "ORANGE", "RED", "怪"]),
                    )
        return request


def made(count: int, seed: int) -> list[Request]:
    """Requests made by chance: three reviews to one assessment; the same for the same seed."""
    requests: list[Request] = []
    for number in range(count):
        maker = _Maker(Random(f"{seed}/{number}"))  # noqa: S311 - chance, no secret
        requests.append(maker.assess(number) if number % 4 == 3 else maker.review(number))
    return requests


def samples() -> Iterator[tuple[str, Request]]:
    """Every sample by the name of its file."""
    for kind, message in (("review", ReviewRequest), ("assess", AssessRequest)):
        for path in sorted((SAMPLES / kind).glob("*.json")):
            yield f"{kind}/{path.name}", json_format.Parse(path.read_text("utf-8"), message())

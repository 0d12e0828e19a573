"""Views: values in force, overlays, dormancy, ceilings, shared programs, and how long a view holds."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest

from rules_service.compile.bundle import UnknownRegionError, compile_bundle
from rules_service.compile.view import View
from rules_service.facts.standard_matching import PricedItem
from rules_service.facts.standards import Aspect, Search, any_of
from rules_service.model.ruleset import parse_ruleset
from rules_service.values.dates import parse_date
from rules_service.values.outcomes import Severity

PROVINCE = "overlays/省甲/overlay.yaml"


def levels(view: View, rule: str) -> list[str]:
    (check,) = (check for check in view.checks if check.id == rule)
    return [step.level.name for step in check.severities]


def test_views(rulesets: Any, views_case: dict[str, Any]) -> None:
    """A region and a date give the values, layers, levels and inactive checks that the case says."""
    view = rulesets.bundle(views_case).view(views_case["region"], parse_date(views_case["date"]))
    for name, (text, operator, layer, proof) in views_case.get("parameters", {}).items():
        value = view.parameters[name]
        assert (value.text, value.operator, value.layer, value.proof or "") == (text, operator, layer, proof)
    if "layer" in views_case:
        assert view.layer == views_case["layer"]
    if "chain" in views_case:
        assert view.region_chain == tuple(views_case["chain"])
    if "inactive" in views_case:
        assert {item.check.id: item.reason for item in view.inactive} == views_case["inactive"]
    for rule, expected in views_case.get("levels", {}).items():
        assert levels(view, rule) == expected
    for rule in views_case.get("absent", []):
        assert rule not in {check.id for check in view.checks}


def test_ceilings(rulesets: Any, ceilings_case: dict[str, Any]) -> None:
    """A finding goes as high as the weaker of its rule's and its values' proofs supports."""
    lines = zip(("red", "orange", "yellow"), ceilings_case["gap"], strict=True)
    values = {
        f"gap_{name}": "12pp" if proof == "P" else f"{{value: 12pp, proof: {proof}, document: doc-a}}"
        for name, proof in lines
    }
    raised = ceilings_case.get("raise")
    province = [
        "region: 省甲",
        "title: {zh: 甲省规则, en: Rules of province A}",
        "documents:",
        "- {id: doc-a, title: 甲省办法, proof: V}",
        f"- {{id: doc-r, title: 甲省文件, proof: {raised or 'V'}}}",
        "set: {" + ", ".join(f"{name}: {{2021-01-01: {value}}}" for name, value in values.items()) + "}",
    ]
    if raised:
        province.append(
            "severity: {MON-01: {document: doc-r, levels: [{level: RED, when: 'meets(gap, param.gap_red)'},"
            " {level: ORANGE, when: 'meets(gap, param.gap_orange)'}, {level: YELLOW}]}}"
        )
    check = rulesets.base["national/checks/progress.yaml"].decode()
    files = {
        PROVINCE: "\n".join(province),
        "national/checks/progress.yaml": check.replace("proof: V}", f"proof: {ceilings_case['basis']}}}"),
    }
    view = rulesets.bundle({"add": files}).view("省甲", parse_date("2022-01-01"))
    assert levels(view, "MON-01") == ceilings_case["expect"]


def test_a_tolerance_of_zero_is_no_value_of_its_own(rulesets: Any) -> None:
    """An engineering tolerance of 0 leaves a rule at its own ceiling."""
    case = {"edit": [{"file": "national/parameters/progress/gap_yellow.yaml", "old": "10pp", "new": "0pp"}]}
    view = rulesets.bundle(case).view("", parse_date("2022-01-01"))
    (check,) = (check for check in view.checks if check.id == "MON-01")
    steps = [(step.declared, step.level, step.limited_by) for step in check.severities]
    assert steps[-1] == (Severity.YELLOW, Severity.YELLOW, None)
    assert steps[0] == (Severity.RED, Severity.YELLOW, "P")  # the red line itself is engineering


def test_the_highest_effective_step_counts(rulesets: Any) -> None:
    """Where a ceiling brings RED below ORANGE, the program asks ORANGE first."""
    text = rulesets.base[PROVINCE].decode() + "  gap_yellow: {2021-01-01: {value: 10pp, document: doc-a}}\n"
    view = rulesets.bundle({"add": {PROVINCE: text}}).view("省甲", parse_date("2022-01-01"))
    assert levels(view, "MON-01") == ["YELLOW", "ORANGE", "YELLOW"]
    (unit,) = (unit for unit in view.program.units if unit.id == "MON-01")
    assert [step for step, _ in unit.severity] == [1, 0, 2]


def test_places_that_differ_in_values_share_a_program(rulesets: Any) -> None:
    """Values are arguments: one program for all places with the same checks and operators."""
    bundle = rulesets.bundle({})
    day = parse_date("2022-06-30")
    nation, city = bundle.view("", day), bundle.view("市乙", day)
    assert nation.program is city.program
    assert nation.P != city.P


def test_another_operator_is_another_program(rulesets: Any) -> None:
    """The operator is part of the code."""
    edit = {"file": "overlays/省甲/市乙/overlay.yaml", "old": "operator: GE", "new": "operator: GT"}
    bundle = rulesets.bundle({"edit": [edit]})
    day = parse_date("2022-06-30")
    assert bundle.view("", day).program is not bundle.view("市乙", day).program


def test_a_view_holds_between_changes(rulesets: Any) -> None:
    """A view is one object from one day of change to the next, and knows both days."""
    bundle = rulesets.bundle({})
    view = bundle.view("全国", parse_date("2021-06-30"))
    assert view is bundle.view("全国", parse_date("2020-01-01"))
    assert (view.rule_from, view.rule_to) == (parse_date("2020-01-01"), parse_date("2022-01-01"))
    assert view is not bundle.view("全国", parse_date("2022-01-01"))


def test_texts_by_case(rulesets: Any) -> None:
    """Each text has the value of the trace that chooses it; an overlay replaces them all."""
    texts = (
        "  remedy:\n    - {when: gap > 30pp, zh: 整改。, en: Rectify.}\n"
        "    - {zh: 查明原因。, en: Find out why.}"
    )
    edit = {
        "file": "national/checks/progress.yaml",
        "old": "  remedy: {zh: 查明原因。, en: Find out why.}",
        "new": texts,
    }
    local = (
        "messages:\n  MON-01:\n    message:\n"
        "    - {when: 'meets(gap, param.gap_red)', zh: 落后很多。, en: Far behind.}\n"
        "    - {zh: 落后。, en: Behind.}\n"
    )
    city = {
        "overlays/省甲/市乙/overlay.yaml": rulesets.base["overlays/省甲/市乙/overlay.yaml"].decode() + local
    }
    bundle = rulesets.bundle({"edit": [edit], "add": city})
    day = parse_date("2022-06-30")

    def texts_of(region: str) -> list[list[str | None]]:
        (check,) = (check for check in bundle.view(region, day).checks if check.id == "MON-01")
        named = {name for name, _ in check.unit.lets}
        for case in (*check.message, *check.remedy):
            assert case.let is None or case.let in named
        return [[case.let for case in texts] for texts in (check.message, check.remedy)]

    assert texts_of("") == [[None], ["@remedy.0", None]]
    assert texts_of("市乙") == [["@message.0", None], ["@remedy.0", None]]


def test_unknown_region(rulesets: Any) -> None:
    """A region that the parent table lacks is an error, not the nation."""
    with pytest.raises(UnknownRegionError):
        rulesets.bundle({}).view("市戊", parse_date("2022-01-01"))


def test_program_runs_on_its_layout(rulesets: Any) -> None:
    """The view's layout is the program's, and P has a value for each of its parameters."""
    view = rulesets.bundle({}).view("", parse_date("2022-06-30"))
    assert view.layout.slots == view.program.layout.slots
    assert dict(zip(view.program.parameters, view.P, strict=True))["min_amount"] == 10_000_000
    assert [check.number for check in view.checks] == list(range(len(view.checks)))


def test_a_case_of_its_own_needs_no_other_value(rulesets: Any) -> None:
    """Of ``blank || large`` the step for ``blank`` is not held down by the engineering value of the other."""
    gates = rulesets.base["national/checks/gates.yaml"].decode()
    old = "  fails_when: meets(project.requested_fen, param.max_amount)\n  severity: [{level: WARN}]\n"
    assert old in gates
    new = (
        "  let:\n    blank: project.project_name == ''\n"
        "    large: meets(project.requested_fen, param.max_amount)\n"
        "  fails_when: blank || large\n"
        "  severity: [{level: BLOCK, when: 'blank && project.is_new'}, {level: RETURN}]\n"
        "  when_empty: dormant\n"
    )
    files = {
        "national/checks/gates.yaml": gates.replace(old, new),
        "national/parameters/progress/max_amount.yaml": (
            "id: max_amount\ntitle: {zh: 上限, en: Limit}\nkind: money\noperator: GT\n"
            "source: engineering\nvalues: {2020-01-01: 1元}\n"
        ),
    }
    view = rulesets.bundle({"add": files}).view("", parse_date("2022-01-01"))
    assert levels(view, "GATE-09") == ["BLOCK", "WARN"]


def test_settings_reach_the_facts(rulesets: Any) -> None:
    """Parameters with reserved names and word lists choose how facts are read, place by place."""
    setting = (
        "id: {}\ntitle: {{zh: 设置, en: Setting}}\nkind: {}\nsource: engineering\n"
        "values: {{2020-01-01: {}}}\n"
    )
    operators = "lv2_code,operator,proof,source,note\n数量,{},P,工程默认值,\n"
    schedule = "set:\n  schedule_mode: {2022-01-01: DAY}\n"
    city = rulesets.base["overlays/省甲/市乙/overlay.yaml"].decode()
    files = {
        "national/parameters/settings/schedule_mode.yaml": setting.format("schedule_mode", "code", "MONTH"),
        "national/parameters/settings/unitless_names.yaml": setting.format(
            "unitless_names", "list<text>", "[指数]"
        ),
        "national/wordlists/default_operators.csv": operators.format("GE"),
        "overlays/省甲/市乙/wordlists/default_operators.csv": operators.format("EQ"),
        "overlays/省甲/市乙/overlay.yaml": city.replace("set:\n", schedule),
    }
    bundle = rulesets.bundle({"add": files})
    day = parse_date("2022-06-30")
    nation, local = bundle.view("", day).fact_context, bundle.view("市乙", day).fact_context
    assert (nation.schedule_mode, local.schedule_mode) == ("MONTH", "DAY")
    assert nation.unitless_names == local.unitless_names == ("指数",)
    assert (nation.default_operators, local.default_operators) == ({"数量": "GE"}, {"数量": "EQ"})


STANDARDS = (
    "standard_id,item,category,limit_kind,value,unit,applies_to,place,grade,season,scope,"
    "min_service_years,qty_rule,effective_from,effective_to,document,article,source,verified,notes\n"
)
STANDARD = "{},台式机,设备,CAP,{},元/台,{},,,,general,,,2016-07-01,,标准,,http://a,{},\n"
SECONDARY, MEMORY = "verified in secondary source", '"from memory, unverified"'
NAMED = (
    "id: standards_{}\ntitle: {{zh: 适用对象, en: Whom they bind}}\nkind: list<text>\n"
    "source: sourced\nproof: V2\ndocument: 标准\nvalues: {{2016-01-01: [{}]}}\n"
)
COMPUTER = PricedItem("台式机", "台式机", "", None, None, None, None)


def named(**words: str) -> dict[str, str]:
    """Files of the settings that name whose standards bind and whose are offered."""
    return {
        f"national/parameters/settings/{name}.yaml": NAMED.format(name, word) for name, word in words.items()
    }


def chosen(bundle: Any, region: str) -> tuple[str, bool] | None:
    """The standard for a computer in a region, and whether it is a hard cap."""
    day = parse_date("2022-06-30")
    standards = bundle.view(region, day).fact_context.standards
    found = standards.find(Aspect.PRICE, Search(COMPUTER, day), any_of)
    return (found.standard_id, found.is_hard) if found is not None else None


def test_a_standard_is_a_cap_only_for_those_whom_it_binds(rulesets: Any) -> None:
    """Of the root's rows, those named as binding are caps, others named a reference, the rest nothing."""
    table = {"national/standards/x.csv": STANDARDS + STANDARD.format("A", 5000, "中央机关", SECONDARY)}
    assert chosen(rulesets.bundle({"add": table}), "市乙") is None
    reference = rulesets.bundle({"add": table | named(reference="中央机关")})
    assert chosen(reference, "市乙") == chosen(reference, "") == ("A", False)
    assert chosen(rulesets.bundle({"add": table | named(binding="中央机关")}), "市乙") == ("A", True)


def test_a_place_adopts_a_standard_by_its_own_document(rulesets: Any) -> None:
    """An overlay makes a reference binding for its own units; its own rows stand nearer than the root's."""
    table = {"national/standards/x.csv": STANDARDS + STANDARD.format("A", 5000, "中央机关", SECONDARY)}
    table |= named(reference="中央机关", binding="全国机关")
    table["national/standards/x.csv"] += STANDARD.format("C", 9000, "全国机关", MEMORY)
    city = rulesets.base["overlays/省甲/市乙/overlay.yaml"].decode()
    adopted = "  standards_binding: {2022-01-01: {value: [中央机关, 乙市单位], document: doc-b}}\n"
    table["overlays/省甲/市乙/overlay.yaml"] = city.replace("set:\n", "set:\n" + adopted)
    own = {
        "overlays/省甲/市乙/standards/y.csv": STANDARDS + STANDARD.format("B", 4000, "乙市单位", SECONDARY)
    }
    bundle = rulesets.bundle({"add": table | own})
    assert chosen(bundle, "省甲") == ("A", False)
    assert chosen(bundle, "市乙") == ("B", True)
    del table["overlays/省甲/市乙/overlay.yaml"]
    assert chosen(rulesets.bundle({"add": table | own}), "市乙") == ("B", False)


def test_a_table_of_standards_may_be_a_workbook(rulesets: Any) -> None:
    """The same columns as a CSV file, numbers and days as cells; its faults name row and column."""
    book = openpyxl.Workbook()
    book.active.append(STANDARDS.strip().split(","))
    row: list[Any] = STANDARD.format("A", 5000, "中央机关", SECONDARY).strip().split(",")
    row[4], row[13] = 5000, dt.date(2016, 7, 1)
    book.active.append(row)
    files = rulesets.files({"add": named(binding="中央机关")})

    def bundle(path: str) -> Any:
        stream = io.BytesIO()
        book.save(stream)
        source, found = parse_ruleset(files | {path: stream.getvalue()})
        return found if source is None else compile_bundle(source)

    assert chosen(bundle("national/standards/x.xlsx"), "市乙") == ("A", True)
    book.active["E2"] = "=2500*2"
    (fault,) = bundle("national/standards/x.xlsx")
    assert f"{fault.code} {fault.file}:{fault.line}:{fault.column}" == (
        "TABLE-FORMULA national/standards/x.xlsx:2:5"
    )


def test_sample_standards_are_off_unless_switched_on(rulesets: Any) -> None:
    """Rows from memory are sample data, and never caps."""
    files = {"national/standards/x.csv": STANDARDS + STANDARD.format("A", 5000, "全国", MEMORY)}
    files |= named(binding="全国")
    assert chosen(rulesets.bundle({"add": files}), "") is None
    files["national/parameters/settings/use_sample_standards.yaml"] = (
        "id: use_sample_standards\ntitle: {zh: 使用示例标准, en: Use sample standards}\nkind: boolean\n"
        "source: engineering\nvalues: {2020-01-01: true}\n"
    )
    assert chosen(rulesets.bundle({"add": files}), "") == ("A", False)


def test_local_words_that_a_check_does_not_read_keep_the_program(rulesets: Any) -> None:
    """A place's own vocabulary splits no program, unless a check compares with its words."""
    words = "vocabulary: project.sector\nvalues: [{code: 渔业, zh: 渔业, en: Fishing}]\n"
    files = {"overlays/省甲/市乙/vocabularies/project.sector.yaml": words}
    bundle = rulesets.bundle({"add": files})
    day = parse_date("2022-06-30")
    assert bundle.view("", day).program is bundle.view("市乙", day).program
    assert bundle.view("市乙", day).fact_context.code("project.sector", "渔业") == "渔业"

"""The samples: reproducible, complete, readable as requests, exact in money and text."""

from __future__ import annotations

import csv
import importlib.util
import json
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from google.protobuf import json_format

from rules_service.pb.budget.rules.v1 import monitoring_service_pb2, options_pb2, review_service_pb2

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
FEN_IN_WAN = 1_000_000


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_samples = load_script()


def source(name: str) -> list[dict]:
    lines = (SAMPLES / "source" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def sample(path: str):
    """Read one sample as its message; unknown fields are errors."""
    service = path.split("/", maxsplit=1)[0]
    message = (
        review_service_pb2.ReviewRequest() if service == "review" else monitoring_service_pb2.AssessRequest()
    )
    return json_format.Parse((SAMPLES / path).read_text(encoding="utf-8"), message)


GOALS, REPORTS = source("goals"), source("monitoring")
COMPLETIONS = sorted(path.stem for path in (SAMPLES / "completions").glob("*.yaml"))
with (SAMPLES / "index.csv").open(encoding="utf-8", newline="") as index_file:
    INDEX = list(csv.DictReader(index_file))


def test_running_the_script_again_gives_the_same_bytes():
    assert make_samples.files() == make_samples.lying()
    assert make_samples.files() == make_samples.files()


def test_no_record_is_dropped():
    assert len(GOALS) == 32
    assert len(REPORTS) == 15
    wanted = {f"review/{record['id']}.json" for record in GOALS}
    wanted |= {f"assess/{record['id']}.json" for record in REPORTS}
    assert {row["file"] for row in INDEX if row["kind"] == "real"} == wanted


def test_the_index_names_every_file_once():
    names = [row["file"] for row in INDEX]
    lying = [path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.json")]
    assert sorted(names) == sorted(set(names)) == sorted(lying)


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["file"])
def test_a_sample_parses_as_its_message(row):
    request = sample(row["file"])
    assert request.context.request_id == Path(row["file"]).stem
    assert request.project.region_code == row["region"]


@pytest.mark.parametrize("record", GOALS, ids=lambda record: record["id"])
def test_a_goal_table_is_sent_as_published(record):
    project = sample(f"review/{record['id']}.json").project
    (goal,) = project.goals
    assert goal.goal_text == (record["overall_goal"] or "")
    assert [
        (row.lv1_code, row.lv2_code, row.lv3_name, row.target_raw, row.weight or None)
        for row in goal.indicators
    ] == [
        (row["level1"], row["level2"], row["level3"], row["value_text"], row["weight"])
        for row in record["indicators"]
    ]
    assert all(row.operator == 0 and not row.target_value and not row.unit_raw for row in goal.indicators)


@pytest.mark.parametrize("record", GOALS, ids=lambda record: record["id"])
def test_points_for_execution_are_sent_where_the_table_lists_them_apart(record):
    apart = {report["id"]: report["execution_weight"] for report in REPORTS}
    (goal,) = sample(f"review/{record['id']}.json").project.goals
    assert goal.execution_weight == (apart.get(record["derived_from"]) or "")


@pytest.mark.parametrize("record", GOALS, ids=lambda record: record["id"])
def test_money_of_a_goal_table_round_trips(record):
    project = sample(f"review/{record['id']}.json").project
    budget = record["budget_wan"]
    assert project.HasField("requested_fen") == (budget is not None)
    if budget is not None:
        assert Decimal(project.requested_fen) / FEN_IN_WAN == budget
    for item, published in zip(project.cost_items, record["cost_items"], strict=True):
        amount = published["amount_wan"]
        assert item.HasField("amount_fen") == (amount is not None)
        assert amount is None or Decimal(item.amount_fen) / FEN_IN_WAN == amount


@pytest.mark.parametrize("record", REPORTS, ids=lambda record: record["id"])
def test_money_of_a_report_round_trips(record):
    report = sample(f"assess/{record['id']}.json").report
    adjusted, executed = record["adjusted_budget_wan"], record["executed_wan"]
    assert report.HasField("original_budget_fen") == (adjusted is not None)
    if adjusted is not None:
        in_force = report.original_budget_fen + sum(change.delta_fen for change in report.budget_changes)
        assert Decimal(in_force) / FEN_IN_WAN == adjusted
    assert report.HasField("spent_fen") == (executed is not None)
    assert executed is None or Decimal(report.spent_fen) / FEN_IN_WAN == executed
    assert [row.actual_raw for row in report.indicator_actuals] == [
        row["actual_text"] for row in record["indicators"]
    ]


def test_licheng_is_sent_to_the_fen():
    report = sample("assess/M018.json").report
    assert report.as_of == "2023-07-31"
    assert report.original_budget_fen == 936_947 * FEN_IN_WAN
    assert report.spent_fen == 294_875 * FEN_IN_WAN


@pytest.mark.parametrize("record", GOALS, ids=lambda record: record["id"])
def test_an_excerpt_does_not_provide_its_lists(record):
    context = sample(f"review/{record['id']}.json").context
    provided = {options_pb2.Section.Name(code).removeprefix("SECTION_") for code in context.provided}
    lists = {"INDICATORS", "COST_ITEMS"} if record["cost_items"] else {"INDICATORS"}
    assert provided == ({"GOALS"} if record["excerpt_truncated"] else {"GOALS", *lists})


@pytest.mark.parametrize("record", GOALS, ids=lambda record: record["id"])
def test_the_rows_of_an_excerpt_can_be_looked_at(record):
    path = SAMPLES / "review" / f"{record['id']}-rows.json"
    rows = record["indicators"] or record["cost_items"]
    assert path.exists() == bool(record["excerpt_truncated"] and rows)
    if path.exists():
        context = sample(f"review/{path.name}").context
        assert list(context.families) == ["quantification", "cost_benefit", "standards", "appropriateness"]


@pytest.mark.parametrize("name", COMPLETIONS)
def test_a_completed_table_is_labelled(name):
    (row,) = [row for row in INDEX if row["record"] == name and row["kind"] == "synthetic"]
    assert row["title"].endswith("（合成补全）")
    assert row["note"].startswith("synthetic; expected ")


def test_an_amount_below_one_fen_is_refused():
    assert make_samples.fen(Decimal("0.000001")) == 1
    with pytest.raises(ValueError, match="a part of a 分"):
        make_samples.fen(Decimal("0.0000001"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("≥95%", "QUANTITATIVE"),
        ("２００人次", "QUANTITATIVE"),
        ("三所", "QUANTITATIVE"),
        ("百分之九十五", "QUANTITATIVE"),
        ("2023.07-2024.01", "QUANTITATIVE"),
        ("效果明显", "QUALITATIVE"),
        ("一般", "QUALITATIVE"),
        ("", "QUALITATIVE"),
    ],
)
def test_the_kind_is_read_from_the_value(value, kind):
    assert make_samples.indicator_kind(value) == kind

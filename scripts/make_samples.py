"""Turn the public tables of samples/source/ into requests, and write the index of what came out.

Usage: `python scripts/make_samples.py` writes samples/review, samples/assess and samples/index.csv; with
`--check` it compares what lies there and exits with 1 on a difference. The rules of conversion are told in
samples/README.md. Money is converted from 万元 to 分 in exact decimals; an amount with a rest of less than
one 分 is an error, never rounded.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rules_service.pb.budget.rules.v1 import monitoring_service_pb2, review_service_pb2  # noqa: E402

SAMPLES = ROOT / "samples"
SOURCE = SAMPLES / "source"
COMPLETIONS = SAMPLES / "completions"

# The requests are stamped with one day, so that an answer does not change with the server's date.
EVALUATED_ON = "2026-11-22"
WEIGHTED_FORM = "项目支出绩效目标申报表"
FORM_WITHOUT_WEIGHTS = "无分值权重表"
ROW_FAMILIES = ("quantification", "cost_benefit", "standards", "appropriateness")
COMPLETED_SECTIONS = ("GOALS", "INDICATORS", "COST_ITEMS", "EX_ANTE", "BUDGET_REVIEW")
COMPLETED_SUFFIX = "（合成补全）"
FEN_IN_WAN = Decimal(1_000_000)
FEN_IN_YUAN = Decimal(100)
MONEY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(万元|元|分)")
# A digit, or a Chinese numeral that counts something.
QUANTITY = re.compile(
    r"[0-9０-９]|百分之|[〇零一二两三四五六七八九十百千万亿]+(?:个|人|户|次|项|件|台|套|所|家|场|期|年|月|天)"
)
COLUMNS = ("file", "record", "title", "region", "kind", "source", "trust", "note")

Record = Mapping[str, Any]
Tree = dict[str, Any]


class Sample(NamedTuple):
    """One request to be written: its path below samples/, its message, and its line of the index."""

    path: str
    message: Message
    kind: str
    record: Record
    notes: list[str]


def fen(amount: Decimal | int, unit: Decimal = FEN_IN_WAN) -> int:
    """Convert an amount to 分 exactly; ValueError if a part of a 分 would be left."""
    exact = Decimal(amount) * unit
    if exact != exact.to_integral_value():
        message = f"{amount} leaves a part of a 分"
        raise ValueError(message)
    return int(exact)


def records(name: str) -> list[Record]:
    """Read one file of samples/source, numbers as exact decimals."""
    lines = (SOURCE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines if line.strip()]


def given(tree: Mapping[str, Any]) -> Tree:
    """Leave out what the source does not hold."""
    return {key: value for key, value in tree.items() if value is not None}


def indicator_kind(value: str) -> str:
    """定量 if the value counts something, else 定性; published tables do not print it."""
    return "QUANTITATIVE" if QUANTITY.search(value) else "QUALITATIVE"


def tree_version(record: Record) -> tuple[str | None, str]:
    """The indicator tree that the table's heads show, and why."""
    heads = {(row["level1"], row["level2"]) for row in record["indicators"]}
    if any(level1 == "成本指标" for level1, _ in heads):
        return "2021", "tree 2021: 成本指标 is a level 1"
    if ("产出指标", "成本指标") in heads:
        return "2015", "tree 2015: 成本指标 is a level 2 of 产出指标"
    if ("效益指标", "可持续影响指标") in heads:
        return "2015", "tree 2015: 可持续影响指标 is a head of that tree only"
    if record["year"] is None:
        return None, "tree left out: no head tells it and the year is not held"
    version = "2015" if record["year"] <= 2021 else "2021"
    return version, f"tree {version}: by the year, no head tells it"


def form_code(record: Record) -> str | None:
    """Whether the form has weights; None where no row of the table is held."""
    rows = record["indicators"]
    if not rows:
        return None
    return WEIGHTED_FORM if any(row["weight"] for row in rows) else FORM_WITHOUT_WEIGHTS


def stage(record: Record) -> str:
    """自评 for tables of a self-evaluation or evaluation, else 申报."""
    words = ("自评", "绩效评价指标表", "self-evaluation")
    return "自评" if any(word in record["document"] for word in words) else "申报"


def indicators(record: Record) -> list[Tree]:
    """The rows of the table, heads and texts as printed; no reading, operator or unit is taken over."""
    return [
        given(
            {
                "indicator_id": f"{record['id']}-{number:02}",
                "lv1_code": row["level1"],
                "lv2_code": row["level2"],
                "lv3_name": row["level3"],
                "kind": indicator_kind(row["value_text"]),
                "target_raw": row["value_text"],
                "weight": row["weight"],
            }
        )
        for number, row in enumerate(record["indicators"], 1)
    ]


def cost_items(record: Record) -> list[Tree]:
    """The published cost items."""
    return [
        given(
            {
                "item_id": f"{record['id']}-C{number:02}",
                "name": item["item"],
                "quantity": item["quantity"],
                "quantity_unit": item["unit"],
                "unit_price_yuan": item["unit_price"],
                "amount_fen": None if item["amount_wan"] is None else fen(item["amount_wan"]),
                "is_total": item["is_total"],
            }
        )
        for number, item in enumerate(record["cost_items"], 1)
    ]


def goal(record: Record, execution_weight: str | None = None) -> tuple[Tree, str]:
    """The goal table of a record, and the reason for its tree version.

    ``execution_weight``: points for execution that the published table lists apart.
    """
    version, reason = tree_version(record)
    return given(
        {
            "goal_id": record["id"],
            "goal_type": "年度",
            "fiscal_year": record["year"],
            "tree_version": version,
            "form_code": form_code(record),
            "status": "FILED",
            "goal_text": record["overall_goal"],
            "indicators": indicators(record),
            "execution_weight": execution_weight,
        }
    ), reason


def project_head(record: Record) -> Tree:
    """Name, region, unit and year of a record."""
    return given(
        {
            "project_name": record["project_name"],
            "region_code": record["region"],
            "agency_code": record["department"],
            "fiscal_year": record["year"],
        }
    )


def not_held(record: Record) -> list[str]:
    """The texts that the copy lacks: absent in a provided section they would read as blank."""
    facts = {
        "project.project_name": record["project_name"],
        "project.agency_code": record["department"],
        "goal.goal_text": record["overall_goal"],
    }
    return [name for name, value in facts.items() if value is None]


def rule_date(record: Record) -> str | None:
    """The day whose rules are asked for, where the record holds no day that tells it."""
    if record.get("as_of", record["year"]) is not None:
        return None
    return EVALUATED_ON if record["year"] is None else f"{record['year']}-12-31"


def context(name: str, provided: list[str], record: Record, held_back: list[str]) -> Tree:
    """The common part of a request."""
    head = {"request_id": name, "rule_date": rule_date(record), "evaluated_on": EVALUATED_ON}
    return given(head) | {"provided": provided, "not_held": held_back}


def table_notes(record: Record) -> list[str]:
    """What a user of the sample must know of its source."""
    notes = [record["verified"]]
    if (day := rule_date(record)) is not None:
        notes.append(f"the record names no day that chooses the rules: {day} is asked for")
    if record["excerpt_truncated"]:
        notes.append("excerpt: rows are missing")
    if record["goal_text_form"] == "condensed":
        notes.append("goal text condensed by the reader")
    return notes


def review_samples(record: Record, execution_weight: str | None) -> Iterator[Sample]:
    """The request of a goal table, and for an excerpt the request about its rows alone."""
    name = record["id"]
    goal_tree, reason = goal(record, execution_weight)
    budget = record["budget_wan"]
    project = project_head(record) | given(
        {
            "stage": stage(record),
            "requested_fen": None if budget is None else fen(budget),
            "cost_items": cost_items(record) or None,
            "goals": [goal_tree],
        }
    )
    notes = [*table_notes(record), reason]
    sections = ["GOALS"]
    if not record["excerpt_truncated"]:
        sections += ["INDICATORS"] + ["COST_ITEMS"] * bool(record["cost_items"])
    whole = context(name, sections, record, not_held(record))
    yield Sample(f"review/{name}.json", review({"context": whole, "project": project}), "real", record, notes)
    if not record["excerpt_truncated"]:
        return
    lists = {"INDICATORS": record["indicators"], "COST_ITEMS": record["cost_items"]}
    if held := [section for section, rows in lists.items() if rows]:
        rows = context(f"{name}-rows", ["GOALS", *held], record, not_held(record))
        rows["families"] = list(ROW_FAMILIES)
        request = review({"context": rows, "project": project})
        yield Sample(f"review/{name}-rows.json", request, "real-rows", record, notes)


def assess_sample(record: Record) -> Sample:
    """The request of a self-evaluation or monitoring table, or of an aggregate's figures."""
    name = record["id"]
    notes = [f"scope {record['scope']}", *table_notes(record)]
    goal_tree, reason = goal(record)
    sections, goals = ["REPORT"], []
    if record["overall_goal"] is not None or record["indicators"]:
        del goal_tree["status"]
        goals = [goal_tree]
        notes.append(reason)
        sections.insert(0, "GOALS")
        if not record["excerpt_truncated"] and any(row["value_text"] for row in record["indicators"]):
            sections.insert(1, "INDICATORS")
    report = {"report_id": name, "as_of": record["as_of"]}
    initial, adjusted = record["initial_budget_wan"], record["adjusted_budget_wan"]
    if adjusted is not None:
        sections.append("BUDGET_CHANGES")
        if initial is None:
            notes.append("only the adjusted budget is published: sent as the initial one without changes")
        elif initial != adjusted:
            notes.append("the day of the budget change is not published: sent as the day of the figures")
            change = {"effective_date": record["as_of"], "delta_fen": fen(adjusted - initial)}
            report["budget_changes"] = [change]
        report["original_budget_fen"] = fen(adjusted if initial is None else initial)
    if record["executed_wan"] is not None:
        report["spent_fen"] = fen(record["executed_wan"])
    if record["received_wan"] is not None:
        notes.append("money received by the unit is not sent: it is neither spent nor allocated money")
    if record["total_row_as_published"] is not None:
        notes.append("the totals row contradicts its sub-rows: the sub-rows are sent")
    report["indicator_actuals"] = [
        {
            "indicator_id": f"{name}-{number:02}",
            "target_raw": row["value_text"],
            "actual_raw": row["actual_text"],
            "deviation_reason": row["reason"],
        }
        for number, row in enumerate(record["indicators"], 1)
    ]
    request = {
        # No published table has a column for why spending is off; a reason stands beside an indicator.
        "context": context(
            name, sections, record, [*(not_held(record) if goals else []), "report.spend_deviation_reason"]
        ),
        "project": project_head(record),
        "goals": goals,
        "report": given(report),
    }
    return Sample(f"assess/{name}.json", assess(request), "real", record, notes)


def value_for(descriptor: FieldDescriptor, value: object) -> object:
    """One value in the form that protobuf JSON wants."""
    if isinstance(value, bool):
        return value
    text = str(value)
    if descriptor.enum_type is not None:
        first = descriptor.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return text if text.startswith(first) else first + text
    if descriptor.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"true": True, "false": False}[text]
    if descriptor.name.endswith("_fen") and (money := MONEY.fullmatch(text)):
        unit = {"万元": FEN_IN_WAN, "元": FEN_IN_YUAN, "分": Decimal(1)}[money.group(2)]
        return str(fen(Decimal(money.group(1)), unit))
    return text


def typed(descriptor: Descriptor, tree: Mapping[str, Any]) -> Tree:
    """A tree of readable texts (QUANTITATIVE, 12.5万元) in the form that protobuf JSON wants."""
    result: Tree = {}
    for name, value in tree.items():
        own = descriptor.fields_by_name[name]
        values = value if isinstance(value, list) else [value]
        inner = own.message_type
        done = [typed(inner, each) if inner is not None else value_for(own, each) for each in values]
        result[name] = done if isinstance(value, list) else done[0]
    return result


def review(tree: Tree) -> Message:
    """A ReviewRequest; an unknown field is an error."""
    message = review_service_pb2.ReviewRequest()
    return json_format.ParseDict(typed(message.DESCRIPTOR, tree), message)


def assess(tree: Tree) -> Message:
    """An AssessRequest; an unknown field is an error."""
    message = monitoring_service_pb2.AssessRequest()
    return json_format.ParseDict(typed(message.DESCRIPTOR, tree), message)


def merge_rows(rows: list[Tree], changes: Mapping[str, Any], prefix: str, key: str) -> list[Tree]:
    """Rows of a published table, completed: numbers name published rows, `add` holds new ones."""
    merged = [row | changes.get(str(number), {}) for number, row in enumerate(rows, 1)]
    merged += [
        {key: f"{prefix}{number:02}"} | row
        for number, row in enumerate(changes.get("add", []), len(merged) + 1)
    ]
    for row in merged:
        if "target_raw" in row:
            row.setdefault("kind", indicator_kind(row["target_raw"]))
    return merged


def completed_sample(path: Path, found: Mapping[str, Record]) -> Sample:
    """A published table whose gaps are filled by hand; what is added stands in samples/completions."""
    completion: Tree = YAML(typ="base").load(path.read_text(encoding="utf-8"))
    record = found[completion["record"]]
    name = f"{record['id']}-completed"
    expected = completion["expected"]
    notes = [f"synthetic; expected {expected.get('decision') or expected['level']}"]
    if completion["record"].startswith("M"):
        return Sample(
            f"assess/{name}.json", completed_report(completion, record, name), "synthetic", record, notes
        )
    goal_tree = goal(record)[0] | completion.get("goal", {})
    goal_tree["indicators"] = merge_rows(
        goal_tree["indicators"], completion.get("indicators", {}), f"{record['id']}-", "indicator_id"
    )
    project = project_head(record) | {"stage": "申报"}
    if record["budget_wan"] is not None:
        project["requested_fen"] = fen(record["budget_wan"])
    items = merge_rows(cost_items(record), completion.get("cost_items", {}), f"{record['id']}-C", "item_id")
    project |= {"cost_items": items, "goals": [goal_tree]} | completion.get("project", {})
    project["project_name"] += COMPLETED_SUFFIX
    request = {"context": context(name, list(COMPLETED_SECTIONS), record, []), "project": project}
    return Sample(f"review/{name}.json", review(request), "synthetic", record, notes)


def completed_report(completion: Tree, record: Record, name: str) -> Message:
    """A published monitoring record with figures of another day, filled in by hand."""
    project = project_head(record) | completion.get("project", {})
    project["project_name"] += COMPLETED_SUFFIX
    tree = {
        "context": context(name, completion["provided"], record, []),
        "project": project,
        "report": {"report_id": name} | completion["report"],
        "history": completion.get("history", []),
        "scheduled_checkpoints": completion.get("scheduled_checkpoints", []),
    }
    return assess(tree)


def samples() -> list[Sample]:
    """All samples, in the order of the index."""
    goals, reports = records("goals"), records("monitoring")
    found = {record["id"]: record for record in [*goals, *reports]}
    apart = {record["id"]: record["execution_weight"] for record in reports}
    made = [
        sample for record in goals for sample in review_samples(record, apart.get(record["derived_from"]))
    ]
    made += [assess_sample(record) for record in reports]
    made += [completed_sample(path, found) for path in sorted(COMPLETIONS.glob("*.yaml"))]
    return sorted(made, key=lambda sample: sample.path)


def index(made: list[Sample]) -> str:
    """The text of samples/index.csv."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for sample in made:
        record, project = sample.record, getattr(sample.message, "project")  # noqa: B009 - two message types
        writer.writerow(
            {
                "file": sample.path,
                "record": record["id"],
                "title": project.project_name,
                "region": project.region_code,
                "kind": sample.kind,
                "source": record["source"],
                "trust": record["trust"],
                "note": "; ".join(sample.notes),
            }
        )
    return out.getvalue()


def files() -> dict[str, str]:
    """Everything the script writes, path below samples/ to text."""
    made = samples()
    texts = {
        sample.path: json_format.MessageToJson(sample.message, ensure_ascii=False, indent=2) + "\n"
        for sample in made
    }
    return texts | {"index.csv": index(made)}


def lying() -> dict[str, str]:
    """What lies in samples/ of the kind that the script writes."""
    paths = [*SAMPLES.glob("review/*.json"), *SAMPLES.glob("assess/*.json"), *SAMPLES.glob("index.csv")]
    return {path.relative_to(SAMPLES).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def main() -> int:
    """Write the samples, or compare them."""
    wanted, present = files(), lying()
    different = sorted(name for name in wanted | present if wanted.get(name) != present.get(name))
    if "--check" in sys.argv[1:]:
        for name in different:
            print(f"samples/{name} differs. Cure: python scripts/make_samples.py")
        return 1 if different else 0
    for name in different:
        path = SAMPLES / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
        print(f"samples/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

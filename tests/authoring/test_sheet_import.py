"""The item table of a score sheet is imported whole into its file, or refused at file, row and column."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from rules_service import api
from rules_service.cli.main import main
from rules_service.pb.budget.rules.v1 import result_pb2, score_pb2
from rules_service.pb.budget.rules.v1.options_pb2 import SECTION_GOALS, SECTION_SCORE_SHEETS
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

RULESETS = Path(__file__).parents[2] / "rulesets"
SHEET = "overlays/湖南/资兴/scoresheets/zixing-goal.yaml"
HEADS = ["合规性", "完整性", "相关性", "合理性", "可行性"]
HEADER = ["一级指标", "二级指标", "分值", "审核标准"]
# The city's own texts are not published: these stand for them in tests only.
ROWS = [
    [head, f"示例指标{5 * place + number}", "4", "示例标准"]
    for place, head in enumerate(HEADS)
    for number in range(1, 6)
]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def rulesets(tmp_path: Path) -> Path:
    """A copy of the shipped rules that a test may change."""
    return Path(shutil.copytree(RULESETS, tmp_path / "rulesets"))


def imported(rulesets: Path, table: bytes, name: str = "表.csv", *options: str) -> Result:
    path = rulesets.parent / name
    path.write_bytes(table)
    command = ["rules", "sheet", "import", str(path), "--into", "zixing-goal", "--rulesets", str(rulesets)]
    return CliRunner().invoke(main, [*command, *options])


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("表.csv", as_csv([HEADER, *ROWS])),
        ("gbk.csv", as_csv([HEADER, *ROWS], "gb18030")),
        ("表.xlsx", as_xlsx([HEADER, *([row[0], row[1], int(row[2]), row[3]] for row in ROWS)])),
        (
            "分组.csv",
            as_csv(
                [HEADER, *([row[0] if place % 5 == 0 else "", *row[1:]] for place, row in enumerate(ROWS))]
            ),
        ),
        ("全角.csv", as_csv([HEADER, *([row[0], row[1], "４", row[3]] for row in ROWS)])),
    ],
)
def test_a_whole_table_fills_the_template(rulesets: Path, name: str, table: bytes) -> None:
    """25 items of 4 points, whatever the file; comments and the rest of the sheet stay."""
    before = (rulesets / SHEET).read_text("utf-8")
    result = imported(rulesets, table, name, "--write")
    assert result.exit_code == 0, result.output
    text = (rulesets / SHEET).read_text("utf-8")
    assert text.splitlines()[:2] == before.splitlines()[:2]
    assert text.count("        max: 4\n") == text.count("      - code: ") == 25
    assert "template" not in text
    assert text[text.index("left_open:") :] == before[before.index("left_open:") :]


def test_both_scorers_of_the_filled_sheet(rulesets: Path) -> None:
    """Department and finance score apart: two totals and their gap; nothing says how they combine."""
    assert imported(rulesets, as_csv([HEADER, *ROWS]), "表.csv", "--write").exit_code == 0
    request = ReviewRequest()
    request.context.provided.extend([SECTION_GOALS, SECTION_SCORE_SHEETS])
    request.project.region_code, request.project.fiscal_year = "资兴", 2023
    request.project.goals.add(goal_id="g1")
    sheet = request.project.score_sheets.add(sheet_id="zixing-goal")
    with api.Rules.load(rulesets, concluder="chainer") as rules:
        (empty,) = rules.review(request).score_sheets
        for head in HEADS:
            for number in range(1, 6):
                sheet.items.add(item_code=f"{head}{number}", scorer="业务主管部门", score="3.5")
                sheet.items.add(item_code=f"{head}{number}", scorer="财政", score="2.8")
        answer = rules.review(request)
    (found,) = answer.score_sheets
    assert empty.state == found.state == score_pb2.SCORE_SHEET_STATE_OPEN
    assert [(one.scorer, one.total.display) for one in found.scorers] == [
        ("业务主管部门", "87.5"),
        ("财政", "70"),
    ]
    assert Fraction(int(found.gap.numerator), int(found.gap.denominator)) == Fraction(35, 2)
    assert (found.worst.display, found.best.display, found.total.display) == ("70", "87.5", "")
    assert [(one.name, one.reason) for one in found.missing] == [("zixing-goal.combine", "PARAM_EMPTY")]
    assert (empty.worst.display, empty.best.display) == ("0", "100")
    assert not any(finding.outcome == result_pb2.OUTCOME_ERROR for finding in answer.findings)


def test_without_write_it_only_shows(rulesets: Path) -> None:
    before = (rulesets / SHEET).read_bytes()
    result = imported(rulesets, as_csv([HEADER, *ROWS]))
    assert result.exit_code == 0
    assert "示例指标25" in result.output
    assert (rulesets / SHEET).read_bytes() == before


AUTOMATIC = [*HEADER, "规则", "通过得分", "不通过得分", "每处扣分", "最多扣分"]


def test_items_by_rules(rulesets: Path) -> None:
    """Points by outcome, and deductions; without a document they are engineering values."""
    rows = [[*row, "", "", "", "", ""] for row in ROWS]
    rows[0][4:] = ["CMP-01", "4", "0", "", ""]
    rows[1][4:] = ["QNT-01", "", "", "0.5", "3"]
    result = imported(rulesets, as_csv([AUTOMATIC, *rows]))
    assert "SHEET-NOT-APPLICABLE" in result.output  # what then becomes of their points is for the city to say
    sheet = rulesets / SHEET
    sheet.write_text(
        sheet.read_text("utf-8").replace("scoring: parallel\n", "scoring: parallel\nnot_applicable: full\n"),
        "utf-8",
    )
    result = imported(rulesets, as_csv([AUTOMATIC, *rows]))
    assert result.exit_code == 0, result.output
    assert 'outcome: {rule: "CMP-01", PASS: 4, FAIL: 0}' in result.output
    assert 'deduct: [{rule: "QNT-01", each: 0.5, at_most: 3}]' in result.output
    assert result.output.count('"proof": "P"') == 2


def changed(place: tuple[int, int], text: str) -> list[list[str]]:
    rows = [list(row) for row in ROWS]
    rows[place[0]][place[1]] = text
    return rows


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        (changed((3, 1), ""), "SHEET-ROW-BLANK", "表.csv:5:2"),
        (changed((3, 1), " "), "SHEET-ROW-BLANK", "表.csv:5:2"),
        (changed((3, 1), "略"), "SHEET-PLACEHOLDER", f"{SHEET}:"),
        (changed((3, 1), "=A1"), "TABLE-FORMULA", "表.csv:5:2"),
        (changed((3, 2), "四"), "VALUE-TEXT", "表.csv:5:3"),
        (changed((3, 2), "0"), "SHEET-POINTS", f"{SHEET}:"),
        (changed((3, 0), "创新性"), "SHEET-ROW-DIMENSION", "表.csv:5:1"),
        (ROWS[:24], "SHEET-ITEMS-EXPECTED", f"{SHEET}:"),
        (ROWS[:20], "SHEET-ROWS-MISSING", "表.csv:1:1"),
    ],
)
def test_a_faulty_table_changes_nothing(rulesets: Path, rows: list[list[str]], code: str, place: str) -> None:
    """Blank or empty texts are refused, not made up; points, heads and their number must be right."""
    before = (rulesets / SHEET).read_bytes()
    result = imported(rulesets, as_csv([HEADER, *rows]), "表.csv", "--write")
    assert result.exit_code != 0
    assert any(code in line and line.startswith(place) for line in result.output.splitlines()), result.output
    assert (rulesets / SHEET).read_bytes() == before


@pytest.mark.parametrize(
    "cells",
    [
        ["CMP-01", "4", "", "", ""],
        ["", "4", "0", "", ""],
        ["CMP-01", "4", "0", "1", ""],
        ["CMP-01", "", "", "", "3"],
        ["CMP-01", "", "", "", ""],
    ],
)
def test_columns_of_rules_that_say_half(rulesets: Path, cells: list[str]) -> None:
    rows = [[*row, "", "", "", "", ""] for row in ROWS]
    rows[2][4:] = cells
    result = imported(rulesets, as_csv([AUTOMATIC, *rows]))
    assert result.exit_code != 0
    assert "表.csv:4:5" in result.output
    assert "SHEET-ROW-AUTOMATIC" in result.output


def test_an_unknown_rule_is_found_in_place(rulesets: Path) -> None:
    rows = [[*row, "", "", "", "", ""] for row in ROWS]
    rows[0][4:] = ["CMP-99", "4", "0", "", ""]
    assert "SHEET-RULE" in imported(rulesets, as_csv([AUTOMATIC, *rows])).output


def test_an_unknown_sheet(rulesets: Path) -> None:
    path = rulesets.parent / "表.csv"
    path.write_bytes(as_csv([HEADER, *ROWS]))
    command = ["rules", "sheet", "import", str(path), "--into", "nowhere", "--rulesets", str(rulesets)]
    assert "nowhere" in CliRunner().invoke(main, command).output


def test_a_sheet_on_one_line_is_left_alone(rulesets: Path) -> None:
    """Only a file with one key a line can have its items replaced."""
    path = rulesets / SHEET
    document = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    path.write_text(json.dumps(document, ensure_ascii=False, default=str), encoding="utf-8")
    before = path.read_bytes()
    result = imported(rulesets, as_csv([HEADER, *ROWS]), "表.csv", "--write")
    assert "SHEET-FILE-FLOW" in result.output
    assert path.read_bytes() == before

"""The exchange workbook: how it looks, what staff may do in it, and what is refused at which cell and why."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rules_service.authoring.edit_files import EditError, document, set_value
from rules_service.authoring.exchange_export import export_workbook
from rules_service.authoring.exchange_faults import fault_copy
from rules_service.authoring.exchange_import import Imported, check, import_workbook
from rules_service.compile.sources import collect_files

TODAY = "2026-07-01"
PASSING = "national/parameters/gates/pass_score.yaml"
LAG = "national/parameters/progress/lag_gap_yellow.yaml"
XIANGTAN = "overlays/湖南/湘潭/overlay.yaml"
MEETING = "national/standards/meeting.csv"
Change = Callable[[Workbook], None]


@cache
def files() -> dict[str, bytes]:
    return collect_files(Path(__file__).parents[2] / "rulesets")[0]


@cache
def exported() -> bytes:
    what = ["parameters", "standards", "wordlists", "sheets"]
    return export_workbook(files(), what, ("national", "overlays/湖南/湘潭"))


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(*changes: Change) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(exported()))
    for change in changes:
        change(book)
    return saved(book)


def imported(*changes: Change, now: dict[str, bytes] | None = None) -> Imported:
    return import_workbook("规则.xlsx", edited(*changes), now or files(), TODAY)


def column(sheet: Worksheet, head: str) -> int:
    return next(int(cell.column or 0) for cell in sheet[1] if cell.value == head)


def line(sheet: Worksheet, **wanted: str) -> int:
    """The row in which these texts stand in these columns."""
    places = {head: column(sheet, head) for head in wanted}
    rows = range(2, sheet.max_row + 1)
    return next(
        row
        for row in rows
        if all(sheet.cell(row, places[head]).value == text for head, text in wanted.items())
    )


def put(title: str, where: dict[str, str], head: str, value: Any, number_format: str = "") -> Change:
    """Write into one cell of the row with these texts."""

    def change(book: Workbook) -> None:
        sheet = book[title]
        cell = sheet.cell(line(sheet, **where), column(sheet, head))
        cell.value = value
        if number_format:
            cell.number_format = number_format

    return change


def add(title: str, **cells: Any) -> Change:
    def change(book: Workbook) -> None:
        sheet = book[title]
        row = sheet.max_row + 1
        for head, value in cells.items():
            sheet.cell(row, column(sheet, head)).value = value

    return change


LAG_ROW = {"层级": "全国", "参数编号": "lag_gap_yellow"}
NEW_LAG = {"层级": "全国", "参数编号": "lag_gap_yellow", "起用日期": "2027-01-01", "值": "8个百分点"}


def codes(result: Imported) -> list[str]:
    return [f"{fault.code}@{fault.file}" for fault in result.faults if fault.is_error]


def test_the_workbook_guides_and_guards() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported()))
    assert [sheet.sheet_state for sheet in book] == ["visible"] * len(book.sheetnames)
    assert book.sheetnames[:3] == ["说明", "参数值", "参数"]
    said = [str(cell.value) for row in book["说明"] for cell in row if cell.value]
    assert {"摘要", "全国、湖南/湘潭", MEETING} <= set(said)
    sheet = book["参数值"]
    assert (sheet.freeze_panes, sheet.protection.sheet, sheet.protection.password) == ("B2", True, None)
    row = line(sheet, **LAG_ROW)
    locked = {str(head.value): sheet.cell(row, int(head.column or 0)).protection.locked for head in sheet[1]}
    assert (locked["行号"], locked["参数编号"], locked["起用日期"], locked["名称"]) == (True,) * 4
    assert locked["值"] is False
    blank = sheet.column_dimensions[get_column_letter(column(sheet, "文件"))]
    assert blank.protection.locked is False
    note = sheet.cell(row, column(sheet, "值")).comment
    assert note is not None
    assert "百分点" in note.text
    assert "不含本数" in note.text
    assert all(
        cell.data_type == "s" for cells in sheet.iter_rows() for cell in cells if cell.value is not None
    )
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    words = book["选项"]
    shown = {str(cell.value) for cells in words for cell in cells if cell.value}
    assert len(lists) > 5
    assert {"超过（GT）", "条款未核实（M）", "删除", "new_and_major", "湖南/湘潭"} <= shown


def test_a_new_value_is_added_and_the_old_one_stays() -> None:
    result = imported(add("参数值", **NEW_LAG))
    assert result.changed == (LAG,)
    old, new = files()[LAG].decode(), result.files[LAG].decode()
    assert new == old.replace("{2016-01-01: 10pp}", "{2016-01-01: 10pp, 2027-01-01: 8pp}")
    assert [edit.sentence("zh") for edit in result.edits] == [
        "“参数值”第 94 行：增加 全国，lag_gap_yellow，2027-01-01（值：8个百分点）。"
    ]
    assert check(result) == []


def test_a_value_in_force_may_be_changed_and_that_is_told() -> None:
    result = imported(put("参数值", LAG_ROW, "值", "12 个百分点"))
    assert b"{2016-01-01: 12pp}" in result.files[LAG]
    assert "已经起用的取值" in result.edits[0].sentence("zh")
    assert "in force already" in result.edits[0].sentence("en")


def test_numbers_and_dates_of_excel_are_read_exactly() -> None:
    rate = {"层级": "全国", "参数编号": "satisfaction_floor"}
    result = imported(
        put("参数值", rate, "值", 0.07, "0.00%"),
        add("参数值", 层级="湖南/湘潭", 参数编号="pass_score", 起用日期=dt.date(2027, 3, 1), 值=82.5),
        put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "标准值", 1200),
    )
    assert codes(result) == []
    assert b"2016-01-01: 7%" in result.files["national/parameters/appropriateness/satisfaction_floor.yaml"]
    overlay: Any = document(XIANGTAN, result.files[XIANGTAN])
    assert overlay["set"]["pass_score"] == {"2027-03-01": {"value": "82.5"}}
    assert b",CAP,1200,".decode() in result.files[MEETING].decode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (put("参数值", LAG_ROW, "值", 10), "CELL-POINTS"),
        (put("参数值", LAG_ROW, "值", "=5+5"), "TABLE-FORMULA"),
        (put("参数值", LAG_ROW, "值", None), "CELL-BLANK"),
        (put("参数值", LAG_ROW, "比较方式", "大于"), "CELL-CHOICE"),
        (put("参数值", LAG_ROW, "种类", "money"), "CELL-LOCKED"),
        (put("参数值", LAG_ROW, "起用日期", "2017-01-01"), "CELL-LOCKED"),
        (put("参数值", LAG_ROW, "操作", "去掉"), "ROW-ACTION"),
        (put("参数值", LAG_ROW, "行号", "9999"), "ROW-NUMBER"),
        (put("参数值", LAG_ROW, "行号", "1"), "ROW-TWICE"),
        (put("参数值", {"参数编号": "goal_required_min_amount", "层级": "全国"}, "值", 300000), "CELL-MONEY"),
        (put("参数值", {"参数编号": "satisfaction_floor"}, "值", 0.75), "CELL-PERCENT"),
        (put("参数值", {"参数编号": "ex_ante_scope"}, "值", "all"), "CELL-CHOICE"),
        (put("参数值", {"参数编号": "cost_forms"}, "值", "甲，乙"), "CELL-LIST"),
        (
            put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "标准值", 0.1234567890123456),
            "TABLE-DIGITS",
        ),
        (put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "标准值", "约500"), "CELL-NUMBER"),
        (put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "停用日期", 46204), "CELL-SERIAL"),
        (put("参数", {"参数编号": "pass_score"}, "操作", "删除"), "ROW-NO-REMOVING"),
        (add("参数值", **{**NEW_LAG, "起用日期": "2016-01-01"}), "ROW-EXISTS"),
        (add("参数值", **{**NEW_LAG, "参数编号": "no_such"}), "CELL-NO-PARAMETER"),
        (add("参数值", **{**NEW_LAG, "层级": "火星"}), "CELL-CHOICE"),
        (add("参数值", **{**NEW_LAG, "值": None}), "CELL-BLANK"),
        (add("参数值", **NEW_LAG, 操作="删除"), "ROW-ACTION-NEW"),
        (add("参数", 层级="全国", 参数编号="x", 名称="x"), "ROW-NO-ADDING"),
        (add("词表", 层级="全国", 词表编号="timing_words", 词="每旬", 其后紧跟="甲"), "CELL-NOT-HERE"),
        (add("评分项", 层级="全国", 评分表编号="none", 一级指标="x", 代码="x", 名称="x"), "CELL-NO-SHEET"),
    ],
)
def test_a_fault_is_told_at_its_cell_and_nothing_is_taken(change: Change, code: str) -> None:
    result = imported(
        change, add("参数值", 层级="湖南/湘潭", 参数编号="pass_score", 起用日期="2027-01-01", 值="60")
    )
    (fault,) = [fault for fault in result.faults if fault.is_error]
    assert fault.code == code
    assert fault.line > 1
    assert fault.zh
    assert fault.cure_zh
    assert result.files == files()
    assert result.changed == ()


def test_a_vanished_row_is_a_fault_and_a_removed_one_is_not() -> None:
    def vanish(book: Workbook) -> None:
        book["词表"].delete_rows(line(book["词表"], 词表编号="timing_words", 词="每天"))

    (fault,) = imported(vanish).faults
    assert (fault.code, "每天" in fault.zh, "删除" in fault.cure_zh) == ("ROW-VANISHED", True, True)
    result = imported(put("词表", {"词表编号": "timing_words", "词": "每天"}, "操作", "删除"))
    path = "national/wordlists/timing_words.yaml"
    assert result.files[path].decode() == files()[path].decode().replace("  - 每天\n", "")
    assert "删除 全国，timing_words，每天" in result.edits[0].sentence("zh")


def test_rows_may_be_sorted_and_sheets_added() -> None:
    def shuffle(book: Workbook) -> None:
        sheet = book["参数值"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(reversed(rows), start=2):
            for place, value in enumerate(values, start=1):
                sheet.cell(number, place).value = value
        book.create_sheet("草算").append(["随手", 1])

    result = imported(shuffle)
    assert [fault.code for fault in result.faults] == ["BOOK-SHEET-EXTRA"]
    assert (result.edits, result.changed, result.is_refused) == ([], (), False)


TABLE = "national/tables/level1_norm_benefit.csv"
INLINE = "national/tables/steps.yaml"
STEPS = """# 分档
table: steps
title: {zh: 分档, en: steps}
inputs:
  - {name: amount, title: {zh: 金额, en: amount}, kind: money, value: project.requested_fen}
output: {name: level, title: {zh: 档, en: level}, kind: code}
hit: first
rows:
  - {amount: "> 100万元", level: 大}  # 一档
  - {amount: "> 10万元", level: 中, note: 含本数以外}
  - {amount: "-", level: 小}
basis: [{document: 示例, proof: P}]
"""


def in_row(sheet: Worksheet, number: int, **cells: str) -> None:
    for head, text in cells.items():
        cell = sheet.cell(number, column(sheet, head))
        cell.value, cell.data_type = text, "s"


def test_decision_tables_are_edited_row_by_row_in_their_order() -> None:
    """Conditions and results change, a row is put between others, another one goes; comments stay."""
    now = {**files(), INLINE: STEPS.encode()}
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(now, ["tables"])))
    sheet = book["表 分档"]
    in_row(sheet, 2, 金额="> 200万元")
    sheet.insert_rows(3)
    in_row(sheet, 3, 金额="> 100万元", 档="较大")
    in_row(sheet, 4, 操作="删除")
    other_sheet = book["表 效益指标的规范权重"]
    in_row(other_sheet, 3, 规范权重="=1")
    other_sheet.insert_rows(4)
    in_row(other_sheet, 4, 设有成本指标="-", 设有满意度指标="-", 规范权重="３")
    result = import_workbook("表.xlsx", saved(book), now, TODAY)
    assert codes(result) == []
    expected = STEPS.replace('"> 100万元", level: 大', '"> 200万元", level: 大').replace(
        '  - {amount: "> 10万元", level: 中, note: 含本数以外}\n', '  - {amount: "> 100万元", level: 较大}\n'
    )
    assert result.files[INLINE].decode() == expected
    lines = now[TABLE].decode().splitlines()
    lines[2] = lines[2].rpartition(",")[0] + ",=1"
    lines.insert(3, "-,-,３")
    assert result.files[TABLE].decode().splitlines() == lines
    assert import_workbook("表.xlsx", export_workbook(now, ["tables"]), now, TODAY).edits == []
    faults = {(item.fault.code, item.sheet, item.line) for item in check(result) if item.fault.file == TABLE}
    assert ("TABLE-FORMULA", "表 效益指标的规范权重", 3) in faults


def test_a_row_of_a_decision_table_that_others_changed_is_a_conflict() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(files(), ["tables"])))
    in_row(book["表 效益指标的规范权重"], 2, 规范权重="3")
    now = {**files(), TABLE: files()[TABLE].replace("是,是,".encode(), "是,-,".encode())}
    assert codes(import_workbook("表.xlsx", saved(book), now, TODAY)) == ["ROW-GONE@表 效益指标的规范权重"]


# What others changed since the export, and what staff changed in the workbook.
def other(path: str, place: tuple[str | int, ...], value: str) -> dict[str, bytes]:
    return {**files(), path: set_value(path, files()[path], place, value)}


def test_a_newer_version_of_an_edited_cell_is_shown_and_kept() -> None:
    now = other(LAG, ("values", "2016-01-01"), "15pp")
    result = imported(put("参数值", LAG_ROW, "值", "12个百分点"), now=now)
    (fault,) = result.conflicts
    assert all(shown in fault.zh for shown in ("10个百分点", "15个百分点", "12个百分点"))
    assert result.files == now


def test_cells_that_were_not_edited_never_undo_newer_ones() -> None:
    now = other(LAG, ("values", "2016-01-01"), "15pp")
    result = imported(put("参数", {"参数编号": "lag_gap_yellow"}, "名称", "黄色线"), now=now)
    assert result.conflicts == []
    assert result.files[LAG] == now[LAG].replace("支出滞后黄色预警线".encode(), "黄色线".encode())


def test_the_same_edit_of_two_people_is_no_conflict() -> None:
    now = other(LAG, ("values", "2016-01-01"), "12.0pp")
    result = imported(put("参数值", LAG_ROW, "值", "12个百分点"), now=now)
    assert (result.faults, result.changed) == ([], ())


def test_rows_that_others_removed_changed_or_added_are_conflicts() -> None:
    without = {**files(), MEETING: b"".join(files()[MEETING].splitlines(keepends=True)[:5])}
    last = {"标准编号": "CN-MEETING-3-TOTAL"}
    assert codes(imported(put("标准 会议费", last, "标准值", "1"), now=without)) == ["ROW-GONE@标准 会议费"]
    assert imported(put("标准 会议费", last, "操作", "删除"), now=without).changed == ()
    changed = {**files(), MEETING: files()[MEETING].replace(b",CAP,550,", b",CAP,551,")}
    assert codes(imported(put("标准 会议费", last, "操作", "删除"), now=changed)) == [
        "ROW-CHANGED@标准 会议费"
    ]
    added = {**files(), LAG: files()[LAG].replace(b"10pp}", b"10pp, 2027-01-01: 9pp}")}
    assert codes(imported(add("参数值", **NEW_LAG), now=added)) == ["ROW-THERE@参数值"]
    same = {**files(), LAG: files()[LAG].replace(b"10pp}", b"10pp, 2027-01-01: 8pp}")}
    assert (imported(add("参数值", **NEW_LAG), now=same).faults) == []


def test_a_new_name_of_a_parameter_is_no_change_of_its_values() -> None:
    set_row = {"层级": "湖南/湘潭", "参数编号": "goal_required_min_amount"}
    path = "national/parameters/gates/goal_required_min_amount.yaml"
    now = other(path, ("title", "zh"), "起点")
    result = imported(put("参数值", set_row, "操作", "删除"), now=now)
    assert (codes(result), result.changed) == ([], (XIANGTAN,))


def test_faults_of_the_draft_are_told_with_the_row_that_they_come_from() -> None:
    where = {"标准编号": "CN-MEETING-1-TOTAL"}
    result = imported(put("标准 会议费", where, "停用日期", "2001-01-01"), add("参数值", **NEW_LAG))
    assert not result.is_refused
    faults = [item for item in check(result) if item.fault.is_error]
    assert [(item.fault.code, item.sheet, item.line) for item in faults] == [
        ("DOC-DATES-REVERSED", "标准 会议费", 2)
    ]


def test_a_copy_shows_each_fault_at_its_cell_and_can_be_imported_when_cured() -> None:
    content = edited(
        put("参数值", LAG_ROW, "值", 12),
        put("参数", {"参数编号": "pass_score"}, "名称", "=A1"),
        put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "标准值", "1,2"),
        add("参数值", **{**NEW_LAG, "起用日期": "明年"}),
    )
    result = import_workbook("规则.xlsx", content, files(), TODAY)
    copy = fault_copy("规则.xlsx", content, result)
    assert copy is not None
    book = openpyxl.load_workbook(io.BytesIO(copy))
    sheet = book["参数值"]
    row = line(sheet, **LAG_ROW)
    cell = sheet.cell(row, column(sheet, "值"))
    assert (cell.value, cell.fill.fgColor.rgb) == ("12", "00FFC7CE")
    assert cell.comment is not None
    assert "个百分点" in cell.comment.text
    assert "个百分点" in str(sheet.cell(row, column(sheet, "错误")).value)
    assert "明年" in str(sheet.cell(sheet.max_row, column(sheet, "错误")).value)
    cell.value = "12个百分点"
    sheet.cell(sheet.max_row, column(sheet, "起用日期")).value = "2027-01-01"
    put("参数", {"参数编号": "pass_score"}, "名称", "合格线")(book)
    put("标准 会议费", {"标准编号": "CN-MEETING-1-TOTAL"}, "标准值", "1,200")(book)
    cured = import_workbook("规则-错误.xlsx", saved(book), files(), TODAY)
    assert cured.faults == []
    assert set(cured.changed) == {LAG, MEETING, PASSING}


def resaved(content: bytes) -> bytes:
    """The workbook as Excel writes it: texts in one shared list, carriage returns escaped."""
    texts: list[str] = []

    def share(match: re.Match[str]) -> str:
        texts.append(match[2].replace("\n", "_x000D_\n"))
        return f'<c{match[1]}t="s"><v>{len(texts) - 1}</v></c>'

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name).decode() for name in old.namelist()}
        pattern = r'<c([^>]*)t="inlineStr"><is><t[^>]*>([^<]*)</t></is></c>'
        for name, text in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                parts[name] = re.sub(pattern, share, text)
        space = ' xml:space="preserve"'
        shared = "".join(f"<si><t{space}>{text}</t></si>" for text in texts)
        namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{shared}</sst>'
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", override)
        for name, text in parts.items():
            new.writestr(name, text)
    return made.getvalue()


def test_a_workbook_saved_by_excel_has_no_edits() -> None:
    result = import_workbook("规则.xlsx", resaved(exported()), files(), TODAY)
    assert (result.faults, result.edits) == ([], [])
    text = "=1+1\n_x0041_ “好” & <b>"
    content = resaved(edited(put("参数", {"参数编号": "pass_score"}, "条款", "x")))
    assert len(import_workbook("规则.xlsx", content, files(), TODAY).edits) == 1

    def text_of(book: Workbook) -> None:
        sheet = book["参数"]
        cell = sheet.cell(line(sheet, 参数编号="pass_score"), column(sheet, "条款"))
        cell.value = text
        cell.data_type = "s"

    made: Any = document(PASSING, imported(text_of).files[PASSING])
    assert made["article"] == text


def hide_sheet(book: Workbook) -> None:
    book["参数"].sheet_state = "hidden"


def hide_row(book: Workbook) -> None:
    book["参数值"].row_dimensions[5].hidden = True


def hide_column(book: Workbook) -> None:
    book["参数值"].column_dimensions["D"].hidden = True


def merge_cells(book: Workbook) -> None:
    book["参数值"].merge_cells("I5:I6")


def rename(book: Workbook) -> None:
    book["参数"].title = "参数2"


def spoil_base(book: Workbook) -> None:
    cell = book["底稿（勿改）"]["A3"]
    cell.value = str(cell.value)[:-4] + "AAAA"


def drop_base(book: Workbook) -> None:
    del book["底稿（勿改）"]


def drop_guide(book: Workbook) -> None:
    del book["说明"]


def old_format(book: Workbook) -> None:
    put_guide(book, "格式", "budget-rules-exchange 0")


def other_base(book: Workbook) -> None:
    put_guide(book, "底稿摘要", "0" * 64)


def put_guide(book: Workbook, label: str, text: str) -> None:
    for row in book["说明"].iter_rows():
        if row[0].value == label:
            row[1].value = text


def drop_column(book: Workbook) -> None:
    book["参数值"].delete_cols(5)


def new_column(book: Workbook) -> None:
    book["参数值"]["R1"] = "我的备注"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (hide_sheet, "TABLE-HIDDEN-SHEET"),
        (hide_row, "TABLE-HIDDEN-ROW"),
        (hide_column, "TABLE-HIDDEN-COLUMN"),
        (merge_cells, "TABLE-MERGED"),
        (rename, "BOOK-SHEET-GONE"),
        (spoil_base, "BOOK-BASE"),
        (drop_base, "BOOK-BASE"),
        (other_base, "BOOK-BASE"),
        (drop_guide, "BOOK-NOT-OURS"),
        (old_format, "BOOK-FORMAT"),
        (drop_column, "TABLE-MISSING-COLUMN"),
        (new_column, "TABLE-UNKNOWN-COLUMN"),
    ],
)
def test_a_workbook_that_hides_or_lacks_something_is_refused(change: Change, code: str) -> None:
    result = imported(change, add("参数值", **NEW_LAG))
    assert code in {fault.code for fault in result.faults if fault.is_error}
    assert result.files == files()
    fault_copy("规则.xlsx", edited(change), result)  # comes out or not, but does not fail


def packed(**parts: bytes | str) -> bytes:
    """The exported workbook with parts put in or replaced."""
    made = io.BytesIO()
    names = {name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()}
    with (
        zipfile.ZipFile(io.BytesIO(exported())) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in names:
                new.writestr(name, old.read(name))
        for name, data in names.items():
            new.writestr(name, data)
    return made.getvalue()


def rows_without_end() -> bytes:
    """A sheet of a million rows."""
    with zipfile.ZipFile(io.BytesIO(exported())) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    rows = "<row><c><v>1</v></c></row>" * 1_000_000
    return packed(xl__worksheets__sheet2_dot_xml=sheet.replace("</sheetData>", rows + "</sheetData>"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: packed(xl__vbaProject_dot_bin=b"x"), "TABLE-MACROS"),
        (lambda: packed(xl__externalLinks__externalLink1_dot_xml="<x/>"), "TABLE-LINKS"),
        (lambda: packed(xl__bomb_dot_xml=b"0" * (200 << 20)), "TABLE-UNPACKED"),
        (lambda: packed(xl__e_dot_xml='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "TABLE-DECLARATION"),
        (lambda: packed(xl__workbook_dot_xml="<broken"), "TABLE-WORKBOOK"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"0" * 100, "TABLE-OLD-WORKBOOK"),
        (lambda: b"PK\x03\x04" + b"0" * 100, "TABLE-WORKBOOK"),
        (lambda: b"", "TABLE-WORKBOOK"),
        (rows_without_end, "TABLE-MANY-FAULTS"),
    ],
    ids=["macros", "links", "bomb", "entities", "broken", "old", "no zip", "empty", "million rows"],
)
def test_a_hostile_workbook_is_refused(make: Callable[[], bytes], code: str) -> None:
    content = make()
    result = import_workbook("规则.xlsx", content, files(), TODAY)
    assert code in {fault.code for fault in result.faults}
    assert result.files == files()


def test_what_no_workbook_can_hold_is_told_when_exporting() -> None:
    bad = {**files(), LAG: files()[LAG] + b'owner: x\narticle: "a\\u0007b"\n'}
    with pytest.raises(EditError) as error:
        export_workbook(bad, ["parameters"])
    assert (error.value.code, error.value.values["file"]) == ("EXPORT-CHARACTER", LAG)
    long = {**files(), LAG: files()[LAG] + f"article: {'长' * 10_001}\n".encode()}
    with pytest.raises(EditError) as error:
        export_workbook(long, ["parameters"])
    assert error.value.code == "EXPORT-LONG"
    broken = {**files(), LAG: b"id: [\n"}
    with pytest.raises(EditError) as error:
        export_workbook(broken, ["parameters"])
    assert error.value.code == "EDIT-UNREADABLE"

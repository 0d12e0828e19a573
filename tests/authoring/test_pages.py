"""Pages as files: nothing of a text is lost or taken for something else."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from rules_service.authoring.markdown import markdown
from rules_service.authoring.pages import Page, Table
from rules_service.authoring.workbook import workbook

PAGE = Page(
    "zh",
    "=手册|*",
    (("版本", "1"),),
    "说明",
    (
        Table("表/一", ("编号", "说明"), ((("A",), ("=1+1", "第二行")), (("B|C",), ())), tall=False),
        Table("长表", ("编号", "名称", "条件"), ((("R-1",), ("规则",), ("a < b", "c")),), tall=True),
    ),
)


def test_a_workbook_holds_texts_and_no_formula() -> None:
    """A text that begins with an equals sign stays a text, with all its lines."""
    book = load_workbook(io.BytesIO(workbook(PAGE)))
    sheet = book["表 一"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [["编号", "说明"], ["A", "=1+1\n第二行"], ["B|C", None]]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_each_table_has_a_sheet_of_its_own_name() -> None:
    """Characters that Excel forbids in names of sheets become spaces."""
    assert load_workbook(io.BytesIO(workbook(PAGE))).sheetnames == ["=手册| ", "表 一", "长表"]


def test_markdown_escapes_what_it_would_take_for_its_own() -> None:
    """Bars, stars and comparison signs stand in the text as they are."""
    assert markdown(PAGE) == (
        "# =手册\\|\\*\n\n- 版本：1\n\n说明\n\n## 表/一\n\n| 编号 | 说明 |\n| --- | --- |\n"
        "| A | =1+1<br>第二行 |\n| B\\|C |  |\n\n"
        "## 长表\n\n### R-1 规则\n\n- **条件**：\n  - a \\< b\n  - c\n"
    )

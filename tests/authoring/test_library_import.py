"""Tables of core indicators as places keep them are imported whole, or refused at file, row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rules_service.authoring.library_import import Imported, Manifest, Reading, import_library
from rules_service.compile.sources import read_ruleset
from rules_service.facts.library import TOP, Library
from rules_service.facts.wordlists import read_word_lists
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.library_rows import COLUMNS, CoreIndicator, read_library
from rules_service.model.ruleset import LayerSource
from rules_service.model.validation import CATALOGUE

HEADERS = [
    "行业领域",
    "行业类别",
    "资金用途",
    "核心指标代码",
    "一级指标",
    "二级指标",
    "三级指标",
    "计量单位",
    "计算符号",
]
MANIFEST = Manifest(
    id="made",
    version="1",
    title=("试库", "Library"),
    effective_from="2024-01-01",
    issuer=("某局", "Bureau"),
    document="某文",
    proof="S",
    tree="2021",
    sample=True,
)
ROW = ["农业", "种植", "补助", "K1", "产出指标", "数量指标", "种植面积", "亩", "≥"]


@pytest.fixture(scope="module")
def root() -> LayerSource:
    """The shipped root layer: its trees, vocabularies and units."""
    return read_ruleset(Path(__file__).parents[2] / "rulesets").root


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    for area in merged:
        book.active.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class Importer:
    """Imports tables with the shipped words and units."""

    def __init__(self, root: LayerSource) -> None:
        self.root = root
        self.units = read_word_lists([root.wordlists]).units

    def __call__(self, *tables: bytes, **reading: Any) -> tuple[Imported | None, list[str]]:
        found = Diagnostics(CATALOGUE)
        named = [(f"{number}.csv", content) for number, content in enumerate(tables, start=1)]
        imported = import_library(
            named, MANIFEST, Reading(**reading), root=self.root, units=self.units, found=found
        )
        return imported, [f"{item.code}@{item.file}:{item.line}:{item.column}" for item in found.in_order()]


@pytest.fixture(scope="module")
def importing(root: LayerSource) -> Importer:
    return Importer(root)


def written(imported: Imported) -> Library:
    """The library as rulesets read what was written."""
    files = {name: content for name, content in imported.files.items() if name.endswith(".csv")}
    found = Diagnostics(CATALOGUE)
    library = read_library("libraries/made/1", imported.library.document, files, found)
    assert found.found == []
    return Library(library)


def rows(library: Library) -> list[CoreIndicator]:
    return [*library.find(TOP), *library.find(TOP, common=True)]


def test_chinese_headers_and_words(importing: Importer) -> None:
    """Headers, levels, operators and marks as people write them; what is left out has a default."""
    table = [
        [*HEADERS, "指标方向", "参考值", "是否必选", "别名", "备注", "参考值来源"],
        [*ROW, "正向", "≥５００亩", "是", "播种面积、 种植规模", "说明一", "规划"],
        [
            "农业",
            "种植",
            "补助",
            "Ｋ２",
            "满意度指标",
            "服务对象满意度指标",
            "农户满意度",
            "％",
            "不低于",
            "",
            "95％",
            "√",
            "",
            "",
            "",
        ],
        ["农业", "", "", "K3", "成本", "经济成本", "亩均成本", "元/亩", "≤", "反向指标", "", "", "", "", ""],
    ]
    imported, found = importing(as_csv(table))
    assert found == []
    assert imported is not None
    whole, area, pleased = rows(written(imported))
    assert (area.path, area.code, area.lv1, area.lv2) == (("农业", "种植", "补助"), "K1", "产出", "数量")
    assert (area.operator, area.polarity, area.reference_value, area.required) == (
        "GE",
        "POSITIVE",
        "≥500亩",
        True,
    )
    assert (area.aliases, area.note, area.value_source) == (("播种面积", "种植规模"), "说明一", "规划")
    assert area.source == "某文，1.csv 第 2 行"
    assert (pleased.code, pleased.unit, pleased.operator, pleased.required) == ("K2", "%", "GE", True)
    assert (whole.path, whole.polarity, whole.required) == (("农业", "", ""), "NEGATIVE", False)


@pytest.mark.parametrize("kind", ["utf-8", "utf-8-sig", "gbk", "xlsx"])
def test_the_same_from_every_kind_of_file(importing: Importer, kind: str) -> None:
    """CSV in UTF-8, with a mark or in GBK, and a workbook give the same version, byte for byte."""
    table = [HEADERS, ROW]
    content = as_xlsx(table) if kind == "xlsx" else as_csv(table, kind)
    imported, found = importing(content)
    assert found == (["FILE-GBK-READ@1.csv:1:1"] if kind == "gbk" else [])
    expected, _ = importing(as_csv(table))
    assert imported is not None
    assert expected is not None
    assert imported.files == expected.files


def test_codes_with_names(importing: Importer) -> None:
    """Where classes have codes and names, the names go into a table of classes of their own."""
    headers = ["行业领域代码", "行业领域", "行业类别代码", "行业类别", "用途代码", "用途", *HEADERS[3:]]
    table = [headers, ["01", "农业", "0101", "种植", "010101", "补助", *ROW[3:]]]
    table.append(["01", "", "0102", "养殖", "", "", "K2", *ROW[4:6], "存栏数", "头", ""])
    imported, found = importing(as_csv(table))
    assert found == []
    assert imported is not None
    assert imported.files["classes.csv"].decode().splitlines() == [
        "industry_code,category_code,use_code,name",
        "01,,,农业",
        "01,0101,,种植",
        "01,0101,010101,补助",
        "01,0102,,养殖",
    ]
    assert written(imported).names["01", "0102", ""] == "养殖"


def test_same_as_above(importing: Importer) -> None:
    """Blank classes are filled down only where that is asked for, merged cells too, and it is said."""
    second = ["", "", "", "K2", *ROW[4:6], "播种数", "亩", ""]
    third = ["", "", "奖励", "K3", *ROW[4:6], "面积", "亩", ""]
    table = [HEADERS, ROW, second, third]
    merged = as_xlsx(table, ["A2:A4", "B2:B4", "C2:C3"])
    for content in (as_csv(table), merged):
        imported, found = importing(content, fill_down=True)
        assert found == [f"TABLE-FILLED-DOWN@1.csv:3:{column}" for column in (1, 2, 3)]
        assert imported is not None
        assert [row.path for row in rows(written(imported))] == [
            ("农业", "种植", "补助"),
            ("农业", "种植", "补助"),
            ("农业", "种植", "奖励"),
        ]
    imported, found = importing(merged)
    assert imported is None
    assert "TABLE-MERGED@1.csv:2:1" in found
    imported, found = importing(as_csv(table))
    assert imported is None, "a row without any class, and a use without its industry"
    assert found == ["LIBRARY-BLANK@1.csv:3:1", "LIBRARY-GAP@1.csv:4:3"]


def test_headers_of_its_own(importing: Importer) -> None:
    """Headers that nobody foresaw are named by hand, or passed over by hand; nothing is guessed."""
    table = [["序号", *HEADERS[:6], "细化指标", *HEADERS[7:]], ["1", *ROW]]
    _, found = importing(as_csv(table))
    assert found == [
        "TABLE-MISSING-COLUMN@1.csv:1:1",
        "TABLE-UNKNOWN-COLUMN@1.csv:1:1",
        "TABLE-UNKNOWN-COLUMN@1.csv:1:8",
    ]
    imported, found = importing(as_csv(table), columns={"细化指标": "name"}, ignored=("序号",))
    assert found == []
    assert imported is not None


def test_several_tables(importing: Importer) -> None:
    """One version from several files: common indicators beside others; faults name their file."""
    common = [HEADERS, ["", "满意度", "", "G1", "满意度指标", "服务对象满意度指标", "群众满意度", "%", "≥"]]
    imported, found = importing(as_csv([HEADERS, ROW]), as_csv(common))
    assert found == []
    assert imported is not None
    assert written(imported).counts()["common_indicators"] == 1
    _, found = importing(as_csv([HEADERS, ROW]), as_csv([HEADERS, ROW]))
    assert found == ["LIBRARY-TWICE@2.csv:2:4"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({3: ""}, ["LIBRARY-BLANK@1.csv:2:4"]),
        ({6: ""}, ["LIBRARY-BLANK@1.csv:2:7"]),
        ({4: "投入指标"}, ["DOC-NOT-ONE-OF@1.csv:2:5"]),
        ({5: "社会效益指标"}, ["LIBRARY-LEVEL2@1.csv:2:4"]),
        ({5: "可持续影响指标"}, ["LIBRARY-LEVEL2@1.csv:2:4"]),
        ({8: "约"}, ["DOC-NOT-ONE-OF@1.csv:2:9"]),
        ({6: "=B2"}, ["TABLE-FORMULA@1.csv:2:7"]),
        ({0: ""}, ["LIBRARY-GAP@1.csv:2:3"]),
        ({7: "哩"}, ["LIBRARY-UNIT@1.csv:2:4"]),
        ({6: "长" * 501}, ["LIBRARY-LONG@1.csv:2:7"]),
    ],
    ids=[
        "code",
        "name",
        "level 1",
        "level 2",
        "level 2 of another tree",
        "operator",
        "formula",
        "industry",
        "unit",
        "length",
    ],
)
def test_faults_have_their_places(importing: Importer, change: dict[int, str], expected: list[str]) -> None:
    """Each fault is told once, at the cell of the table that was given; only a warning lets it through."""
    row = [change.get(place, cell) for place, cell in enumerate(ROW)]
    imported, found = importing(as_csv([HEADERS, row]))
    assert found == expected
    assert (imported is not None) is (expected == ["LIBRARY-UNIT@1.csv:2:4"])


def test_formulas_of_workbooks_are_refused(importing: Importer) -> None:
    """A formula cell is refused, whatever value it has been calculated to."""
    imported, found = importing(as_xlsx([HEADERS, [*ROW[:6], "=A2&B2", *ROW[7:]]]))
    assert imported is None
    assert found == ["TABLE-FORMULA@1.csv:2:7"]


def test_one_class_has_one_name(importing: Importer) -> None:
    """A code that is called two names is refused at the second."""
    headers = ["行业领域代码", "行业领域", *HEADERS[3:]]
    table = [headers, ["01", "农业", *ROW[3:]], ["01", "林业", "K2", *ROW[4:6], "林地面积", "亩", "≥"]]
    imported, found = importing(as_csv(table))
    assert imported is None
    assert found == ["LIBRARY-CLASS-NAMES@1.csv:3:2"]


def test_a_table_without_rows(importing: Importer) -> None:
    """A header alone is no library."""
    imported, found = importing(as_csv([HEADERS]))
    assert imported is None
    assert found == ["LIBRARY-NO-ROWS@1.csv:1:1"]


def test_a_manifest_that_rulesets_would_refuse(importing: Importer) -> None:
    """What is said of the version is checked as in a ruleset."""
    found = Diagnostics(CATALOGUE)
    manifest = Manifest(**{**{name: getattr(MANIFEST, name) for name in MANIFEST.__slots__}, "id": "1 2"})
    tables = [("a.csv", as_csv([HEADERS, ROW]))]
    imported = import_library(
        tables, manifest, Reading(), root=importing.root, units=importing.units, found=found
    )
    assert imported is None
    assert [item.code for item in found.found] == ["DOC-IDENTIFIER"]


@pytest.mark.parametrize(
    ("industries", "categories", "uses", "indicators"), [(17, 67, 211, 2_354), (19, 60, 648, 8_647)]
)
def test_sizes(importing: Importer, industries: int, categories: int, uses: int, indicators: int) -> None:
    """Libraries of the sizes that places publish come through whole, and import to the same bytes again."""
    table: list[list[str]] = []
    for number in range(indicators):
        use = number % uses
        category = use % categories
        industry = category % industries
        name = f"第{number}项设施验收合格率"
        table.append(
            [
                f"行业{industry}",
                f"类别{category}",
                f"用途{use}",
                f"K{number}",
                "产出指标",
                "质量指标",
                name,
                "%",
                "≥",
            ]
        )
    imported, found = importing(as_csv([HEADERS, *table]))
    assert found == []
    assert imported is not None
    library = written(imported)
    counts = library.counts()
    assert [counts[name] for name in ("industries", "categories", "uses", "indicators")] == [
        industries,
        categories,
        uses,
        indicators,
    ]
    assert {row.code: (*row.path, row.name) for row in rows(library)} == {
        row[3]: (*row[:3], row[6]) for row in table
    }
    again, _ = importing(imported.files["indicators.csv"])
    assert again is not None
    assert again.files == imported.files
    assert imported.files["indicators.csv"].decode().splitlines()[0] == ",".join(COLUMNS)

"""Tables are read as people's spreadsheets write them, or refused with place and cure; CSV and XLSX alike."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.table_limits import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_FAULTS, MAX_ROWS
from rules_service.model.tables import Column, Row, read_table
from rules_service.model.validation import CATALOGUE

DATA = Path(__file__).parents[1] / "testdata" / "model"
COLUMNS = (Column("a"), Column("b", ("乙",)), Column("c", required=False), Column("d", required=False))


def cases(name: str) -> list[Any]:
    found = YAML(typ="safe", pure=True).load((DATA / name).read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


def content(case: dict[str, Any]) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    return case["gbk"].encode("gbk") if "gbk" in case else case["text"].encode()


def read(data: bytes, **options: Any) -> tuple[list[Row], list[str]]:
    """The rows, and what was found with its places."""
    found = Diagnostics(CATALOGUE)
    rows = list(read_table("a.csv", data, COLUMNS, found, **options))
    return rows, [f"{item.code}@{item.line}:{item.column}" for item in found.in_order()]


def cells(rows: list[Row]) -> list[list[str]]:
    return [[row[name].text for name in "abc"] for row in rows]


@pytest.mark.parametrize("case", cases("csv_reading.yaml"))
def test_csv(case: dict[str, Any]) -> None:
    """Named columns and whole rows; the other rows are read in spite of a bad one."""
    rows, found = read(content(case))
    assert case["expect"] == found
    assert [[str(cell) for cell in row] for row in case["cells"]] == cells(rows)


def test_cells_know_their_places() -> None:
    """A spreadsheet's column number, whatever the order of columns; a column left out points at its row."""
    (row,), _ = read(b"c,b,a\n\n1,2,3\n")
    assert row["a"].source == ("a.csv", 3, 3)
    assert row["c"].source == ("a.csv", 3, 1)
    assert (row["d"].text, row["d"].source.line) == ("", 3)


def workbook(change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook with the columns a, b, c and a row of texts, changed."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.active.append(["x", "y", "z"])
    if change is not None:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cell(value: object, number_format: str = "General") -> Callable[[Any], None]:
    """Put a value into the second row's second cell."""

    def change(book: Any) -> None:
        book.active["B2"] = value
        book.active["B2"].number_format = number_format

    return change


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("２００元", "General", "２００元"),
        (5, "General", "5"),
        (-0.5483, "General", "-0.5483"),
        (28.4, "0.0000", "28.4"),
        (1.1000000000000001, "General", "1.1"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (0, "General", "0"),
        (1e-9, "General", "0.000000001"),
        (0.7, "0%", "70%"),
        (0.315, "0.00%", "31.5%"),
        (True, "General", "true"),
    ],
)
def test_workbook_values(value: object, number_format: str, text: str) -> None:
    """A cell's text is what a person sees in it, numbers to the digits that a spreadsheet keeps."""
    rows, found = read(workbook(cell(value, number_format)))
    assert (cells(rows), found) == ([["x", text, "z"]], [])


@pytest.mark.parametrize(
    ("value", "text"),
    [(dt.date(2016, 7, 1), "2016-07-01"), (42552, "2016-07-01"), (42552.5, "2016-07-01 12:00:00")],
)
def test_workbook_dates(value: object, text: str) -> None:
    """A date cell is a day; one with a time of day shows it."""
    rows, _ = read(workbook(cell(value, "yyyy/m/d")))
    assert cells(rows) == [["x", text, "z"]]


def _hide_sheet(book: Any) -> None:
    book.create_sheet("底稿").sheet_state = "hidden"


def _hide_row(book: Any) -> None:
    book.active.append(["1", "2", "3"])
    book.active.row_dimensions[3].hidden = True


def _hide_column(book: Any) -> None:
    book.active.column_dimensions["B"].hidden = True


def _hide_far_columns(book: Any) -> None:
    book.active.column_dimensions["H"].hidden = True


def _merge(book: Any) -> None:
    book.active.append(["1", "2", "3"])
    book.active.merge_cells("A2:A3")


def _second_sheet(book: Any) -> None:
    book.create_sheet("说明").append(["怎么填"])


def _far_row(book: Any) -> None:
    book.active["A1048576"] = "x"
    book.active["B1048576"] = "y"
    book.active["C1048576"] = "=B1"


def _wide(book: Any) -> None:
    book.active.cell(2, MAX_COLUMNS + 1, "x")


@pytest.mark.parametrize(
    ("change", "expected", "count"),
    [
        (None, [], 1),
        (cell("=1+1"), ["TABLE-FORMULA@2:2"], 0),
        (cell("#REF!"), ["TABLE-CELL-ERROR@2:2"], 1),
        (_hide_sheet, ["TABLE-HIDDEN-SHEET@1:1"], 0),
        (_hide_row, ["TABLE-HIDDEN-ROW@3:1"], 2),
        (_hide_column, ["TABLE-HIDDEN-COLUMN@1:2"], 1),
        (_hide_far_columns, [], 1),
        (_merge, ["TABLE-MERGED@2:1"], 2),
        (_second_sheet, ["TABLE-SHEETS@1:1"], 0),
        (lambda book: book.create_sheet("Sheet2"), [], 1),
        (_far_row, ["TABLE-FORMULA@1048576:3"], 1),
        (_wide, ["TABLE-TOO-WIDE@2:201"], 1),
    ],
)
def test_workbook_faults(change: Any, expected: list[str], count: int) -> None:
    """What nobody would see, or what is no value, is refused with its place; the rest is read."""
    rows, found = read(workbook(change))
    assert (found, len(rows)) == (expected, count)


def test_a_named_sheet() -> None:
    """Where several sheets have content, one is named."""
    rows, found = read(workbook(_second_sheet), sheet="Sheet")
    assert (cells(rows), found) == ([["x", "y", "z"]], [])
    assert read(workbook(), sheet="没有")[1] == ["TABLE-SHEETS@1:1"]


def packed(extra: dict[str, bytes], *, replace: dict[str, tuple[bytes, bytes]] | None = None) -> bytes:
    """The workbook with other parts added, or a text in a part replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.namelist():
            old, new = (replace or {}).get(part, (b"", b""))
            target.writestr(part, source.read(part).replace(old, new) if old else source.read(part))
        for name, data in extra.items():
            target.writestr(name, data)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet '


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (packed({"xl/vbaProject.bin": b"x"}), "TABLE-MACROS"),
        (packed({"xl/macrosheets/sheet1.xml": b"<x/>"}), "TABLE-MACROS"),
        (packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "TABLE-LINKS"),
        (packed({"xl/embeddings/oleObject1.xml": b"<x/>"}), "TABLE-LINKS"),
        (packed({"xl/connections.xml": b"<x/>"}), "TABLE-LINKS"),
        (packed({}, replace={SHEET: (b"<worksheet ", BOMB)}), "TABLE-DECLARATION"),
        (packed({"xl/wide.xml": "<x/>".encode("utf-16")}), "TABLE-DECLARATION"),
        (packed({"xl/bomb.xml": b" " * (MAX_BYTES * 5)}), "TABLE-UNPACKED"),
        (packed({f"xl/media/{number}.png": b"" for number in range(501)}), "TABLE-UNPACKED"),
        (packed({}, replace={SHEET: (b"</sheetData>", b"")}), "TABLE-WORKBOOK"),
        (packed({}, replace={SHEET: (b'r="B2"', b'r="?"')}), "TABLE-WORKBOOK"),
        (
            packed({}, replace={"[Content_Types].xml": (b"sheet.main+xml", b"sheet.macroEnabled.main+xml")}),
            "TABLE-MACROS",
        ),
        (b"PK\x03\x04 broken", "TABLE-WORKBOOK"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "TABLE-OLD-WORKBOOK"),
        (b"PK\x03\x04" + bytes(MAX_BYTES), "FILE-TOO-LARGE"),
        (b"a,b\n" + bytes(MAX_BYTES), "FILE-TOO-LARGE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_files(data: bytes, expected: str) -> None:
    """Macros, links, bombs and broken archives are refused before anything is made of them."""
    rows, found = read(data)
    assert f"{expected}@1:1" in found
    assert expected == "TABLE-WORKBOOK" or rows == []


def test_limits() -> None:
    """Exactly the greatest table is read; one row, column or character more is refused."""
    line = b"x,y,z\n"
    assert len(read(b"a,b,c\n" + line * MAX_ROWS)[0]) == MAX_ROWS
    rows, found = read(b"a,b,c\n" + line * (MAX_ROWS + 1))
    assert (len(rows), found) == (MAX_ROWS, [f"TABLE-TOO-LONG@{MAX_ROWS + 2}:1"])
    assert read(b"a,b,c\n" + line * 3, max_rows=2)[1] == ["TABLE-TOO-LONG@4:1"]
    assert read(b"a,b,c\nx,y," + b"z" * MAX_CELL)[1] == []
    assert read(b"a,b,c\nx,y," + b"z" * (MAX_CELL + 1))[1] == ["TABLE-CELL-LONG@2:3"]
    wide = ",".join(f"k{number}" for number in range(MAX_COLUMNS + 1))
    assert read(wide.encode())[1] == [f"TABLE-TOO-WIDE@1:{MAX_COLUMNS + 1}"]


def test_faults_are_capped() -> None:
    """Whatever is wrong everywhere is said so often, not once a row; the caller's faults count too."""
    _, found = read(b"a,b,c\n" + b"x,y\n" * 1000)
    assert len(found) == MAX_FAULTS + 2
    assert f"TABLE-MANY-FAULTS@{MAX_FAULTS + 2}:1" in found
    diagnostics = Diagnostics(CATALOGUE)
    for row in read_table("a.csv", b"a,b,c\n" + b"x,y,z\n" * 1000, COLUMNS, diagnostics):
        diagnostics.add("FILE-EMPTY-VALUE", row["a"].source)
    assert len(diagnostics.found) == MAX_FAULTS + 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_diagnosed(data: bytes) -> None:
    """Whatever the bytes, there are rows with all columns or a diagnostic."""
    rows, found = read(data)
    assert rows or found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_broken_workbooks_are_diagnosed(place: int, junk: bytes) -> None:
    """A workbook with other bytes somewhere is read or refused, never an exception."""
    data = workbook()
    place %= len(data)
    rows, found = read(data[:place] + junk + data[place + len(junk) :])
    assert rows or found


def test_blank_cells_at_the_end_of_a_workbooks_row() -> None:
    """A spreadsheet keeps no blank cells: a row that ends earlier than the header is whole."""

    def change(book: Any) -> None:
        book.active.append(["1"])
        book.active.append(["1", None, "3"])

    rows, found = read(workbook(change))
    assert found == []
    assert cells(rows) == [["x", "y", "z"], ["1", "", ""], ["1", "", "3"]]


FILLED = "a,b,c\n甲,一,1\n,,2\n,二,3\n乙,,4\n,,5\n乙,三,6\n乙,,7\n"


def test_filling_down() -> None:
    """Blank cells say what stands above, until a column before them says something new."""
    rows, found = read(FILLED.encode(), fill_down=("a", "b"))
    assert cells(rows) == [
        ["甲", "一", "1"],
        ["甲", "一", "2"],
        ["甲", "二", "3"],
        ["乙", "", "4"],
        ["乙", "", "5"],
        ["乙", "三", "6"],
        ["乙", "三", "7"],
    ]
    assert found == ["TABLE-FILLED-DOWN@3:1", "TABLE-FILLED-DOWN@3:2"]
    assert cells(read(FILLED.encode())[0])[1] == ["", "", "2"], "only where it is asked for"


def test_merged_cells_are_filled_down_where_asked() -> None:
    """Merged downwards in such a column they are read; across, or in another column, they are refused."""

    def change(book: Any) -> None:
        book.active.append(["甲", "一", "1"])
        book.active.append([None, None, "2"])
        book.active.merge_cells("A3:A4")

    rows, found = read(workbook(change), fill_down=("a", "b"))
    assert cells(rows)[1:] == [["甲", "一", "1"], ["甲", "一", "2"]]
    assert found == ["TABLE-FILLED-DOWN@4:1", "TABLE-FILLED-DOWN@4:2"]
    assert read(workbook(change))[1] == ["TABLE-MERGED@3:1"]
    assert "TABLE-MERGED@3:1" in read(workbook(change), fill_down=("b",))[1]

    def across(book: Any) -> None:
        change(book)
        book.active.merge_cells("A2:B2")

    assert "TABLE-MERGED@2:1" in read(workbook(across), fill_down=("a", "b"))[1]

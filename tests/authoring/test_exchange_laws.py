"""Laws of the exchange workbook: no edits give the same bytes, random ones what editing the documents gives.

They touch no other lines. The other way of each edit knows nothing of the workbook's code: it looks the
place up in the parsed files.
"""

from __future__ import annotations

import copy
import csv
import difflib
import io
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rules_service.authoring.edit_files import document
from rules_service.authoring.exchange_export import export_workbook
from rules_service.authoring.exchange_import import import_workbook
from rules_service.authoring.exchange_model import KINDS_OF_CONTENT
from rules_service.compile.archive import content_hash
from rules_service.compile.sources import collect_files

RULESETS = Path(__file__).parents[2] / "rulesets"
TODAY = "2026-07-01"
NASTY = [
    *("=1+1", "+86", "-5", "@SUM(A1)", "# 号", "键: 值", "值：好", '带"引号"', "it's", "a, b", "[x]", "{y}"),
    *(
        "第一行\n第二行",
        "🙂 好",
        "\\n",
        "%d",
        "null",
        "true",
        "~",
        "- x",
        "'",
        '"',
        "é",
        "　",
        "<b>&amp;",
        "_x0041_",
    ),
]


@cache
def shipped() -> Mapping[str, bytes]:
    files, _ = collect_files(RULESETS)
    return files


@cache
def exported() -> bytes:
    return export_workbook(shipped(), KINDS_OF_CONTENT)


def test_a_workbook_without_edits_gives_the_same_hash() -> None:
    imported = import_workbook("规则.xlsx", exported(), shipped(), TODAY)
    assert imported.faults == []
    assert imported.edits == []
    assert imported.changed == ()
    assert content_hash(imported.files) == content_hash(shipped())


@pytest.mark.parametrize("what", KINDS_OF_CONTENT)
def test_each_kind_alone_gives_the_same_hash(what: str) -> None:
    folders = ("overlays/湖南/湘潭", "national")
    content = export_workbook(shipped(), [what], folders)
    imported = import_workbook("规则.xlsx", content, shipped(), TODAY)
    assert (imported.faults, imported.edits) == ([], [])
    assert content_hash(imported.files) == content_hash(shipped())


class Table:
    """A sheet of the workbook as people see it: rows found by what stands in them."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.columns = {str(cell.value): cell.column for cell in sheet[1]}
        names = list(self.columns)
        self.rows = {
            tuple("" if cell.value is None else str(cell.value) for cell in row): row[0].row
            for row in sheet.iter_rows(min_row=2)
        }
        self.found = [(dict(zip(names, texts, strict=True)), line) for texts, line in self.rows.items()]

    def line(self, **wanted: str) -> int:
        return next(
            line for row, line in self.found if all(row[name] == text for name, text in wanted.items())
        )

    def put(self, line: int, **cells: str) -> None:
        for name, text in cells.items():
            cell = self.sheet.cell(line, self.columns[name])
            cell.value = text or None
            if text:
                cell.data_type = "s"

    def add(self, **cells: str) -> None:
        self.put(self.sheet.max_row + 1, **cells)


class Both:
    """A workbook and the documents that it was exported from, to be edited alike."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - chance that can be repeated is wanted
        self.files = shipped()
        self.book = openpyxl.load_workbook(io.BytesIO(exported()))
        self.tables: dict[str, Table] = {}
        self.documents: dict[str, Any] = {}
        self.csv: dict[str, list[list[str]]] = {}
        self.edits: dict[str, int] = {}
        self.used: set[object] = set()
        self.count = 0

    def table(self, title: str) -> Table:
        if title not in self.tables:
            self.tables[title] = Table(self.book[title])
        return self.tables[title]

    def document(self, path: str) -> Any:
        if path not in self.documents:
            self.documents[path] = copy.deepcopy(document(path, self.files[path]))
        self.edits[path] = self.edits.get(path, 0) + 1
        return self.documents[path]

    def records(self, path: str) -> list[list[str]]:
        if path not in self.csv:
            self.csv[path] = rows_of(self.files[path])
        self.edits[path] = self.edits.get(path, 0) + 1
        return self.csv[path]

    def once(self, *key: object) -> bool:
        """Whether a place was not edited before: two edits of one are not one edit."""
        fresh = key not in self.used
        self.used.add(key)
        return fresh

    def text(self) -> str:
        words = ["绩效", "Budget", "预算 2026", str(self.random.randint(0, 99))]
        return (
            "".join(self.random.choice([*NASTY, *words]) for _ in range(self.random.randint(1, 3))).strip()
            or "x"
        )

    def choose(self, pattern: str) -> str:
        return self.random.choice([path for path in self.files if Path(path).match(pattern)])


def rows_of(content: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(content.decode(), newline="")) if row]


def layer(path: str) -> str:
    return (
        "全国"
        if path.startswith("national/")
        else "/".join(path.split("/")[1:3]).removesuffix("/overlay.yaml")
    )


def folder_layer(path: str, tail: int) -> str:
    """The layer of a file, ``tail`` parts above it."""
    folder = "/".join(path.split("/")[:-tail])
    return "全国" if folder == "national" else folder.removeprefix("overlays/")


# What staff type, and what the file is to say.
TYPED: Mapping[str, list[tuple[str, str]]] = {
    "money": [("30万元", "30万元"), ("１，２００元", "1200元"), ("5 亿元", "5亿元"), ("0.5万", "0.5万元")],
    "rate": [("75%", "75%"), ("６０％", "60%"), ("33.3 %", "33.3%")],
    "points": [("12个百分点", "12pp"), ("7.5百分点", "7.5pp"), ("９pp", "9pp")],
    "score": [("60", "60"), ("75分", "75"), ("８２．５", "82.5")],
    "count": [("3", "3"), ("１２", "12")],
    "quantity": [("12.5", "12.5"), ("1,200", "1200")],
    "boolean": [("是", "true"), ("false", "false")],
}
DAYS = [
    ("2031/7/1", "2031-07-01"),
    ("2032年3月9日", "2032-03-09"),
    ("20330101", "2033-01-01"),
    ("2034-5-6", "2034-05-06"),
]


def value_set(both: Both) -> bool:
    path = both.choose("national/parameters/*/*.yaml")
    plain = document(path, both.files[path])
    assert isinstance(plain, dict)
    typed = TYPED.get(str(plain["kind"]))
    if typed is None or "values" not in plain or not both.once(path, "value"):
        return False
    day, old = next(iter(plain["values"].items()))
    text, said = both.random.choice(typed)
    table = both.table("参数值")
    line = table.line(层级="全国", 参数编号=plain["id"], 起用日期=day)
    table.put(line, 值=text)
    values = both.document(path)["values"]
    if isinstance(old, dict):
        values[day]["value"] = said
    elif both.random.random() < 0.5:
        values[day] = said
    else:
        note = both.text()
        table.put(line, 文件=note, 核实情况="条款未核实（M）")
        values[day] = {"value": said, "proof": "M", "document": note}
    return True


def value_added(both: Both) -> bool:
    path = both.choose("national/parameters/*/*.yaml")
    plain = document(path, both.files[path])
    assert isinstance(plain, dict)
    typed = TYPED.get(str(plain["kind"]))
    text_day, day = both.random.choice(DAYS)
    if typed is None or "values" not in plain or not both.once(path, day):
        return False
    text, said = both.random.choice(typed)
    cells = {"层级": "全国", "参数编号": plain["id"], "起用日期": text_day, "值": text}
    new: Any = said
    if both.random.random() < 0.5:
        note = both.text()
        cells |= {"说明": note, "英文说明": "x", "比较方式": "达到或超过"}
        new = {"value": said, "operator": "GE", "note": {"zh": note, "en": "x"}}
    both.table("参数值").add(**cells)
    both.document(path)["values"][day] = new
    return True


def overlay_value(both: Both) -> bool:
    path = both.choose("overlays/*/*/overlay.yaml")
    text_day, day = both.random.choice(DAYS)
    if not both.once(path, "pass_score", day):
        return False
    text, said = both.random.choice(TYPED["score"])
    note = both.text()
    both.table("参数值").add(
        层级=folder_layer(path, 1), 参数编号="pass_score", 起用日期=text_day, 值=text, 核实情况="S", 文件=note
    )
    made = {"value": said, "proof": "S", "document": note}
    both.document(path).setdefault("set", {}).setdefault("pass_score", {})[day] = made
    return True


def overlay_removed(both: Both) -> bool:
    path = both.choose("overlays/*/*/overlay.yaml")
    plain = document(path, both.files[path])
    assert isinstance(plain, dict)
    if not plain.get("set"):
        return False
    name = both.random.choice(list(plain["set"]))
    day = both.random.choice(list(plain["set"][name]))
    if not both.once(path, "gone", name) or name == "pass_score":
        return False
    table = both.table("参数值")
    table.put(table.line(层级=folder_layer(path, 1), 参数编号=name, 起用日期=day), 操作="删除")
    made = both.document(path)
    del made["set"][name][day]
    if not made["set"][name]:
        del made["set"][name]
    if not made["set"]:
        del made["set"]
    return True


def parameter_said(both: Both) -> bool:
    path = both.choose("national/parameters/*/*.yaml")
    if not both.once(path, "said"):
        return False
    made, text = both.document(path), both.text()
    table = both.table("参数")
    line = table.line(层级="全国", 参数编号=made["id"])
    column, place = both.random.choice(
        [
            ("名称", ("title", "zh")),
            ("英文说明", ("note", "en")),
            ("文件", ("document",)),
            ("条款", ("article",)),
        ]
    )
    table.put(line, **{column: text})
    for step in place[:-1]:
        made = made.setdefault(step, {})
    made[place[-1]] = text
    return True


TABLES = {
    "national/standards/meeting.csv": (
        "标准 会议费",
        {"notes": "备注", "document": "文件", "grade": "级别"},
    ),
    "national/standards/travel_lodging.csv": ("标准 差旅住宿费", {"notes": "备注", "article": "条款"}),
    "national/wordlists/polarity.csv": ("词表 指标方向", {"source": "出处", "note": "备注"}),
    "national/wordlists/units.csv": ("词表 计量单位", {"aliases": "别名", "note": "备注"}),
    "national/tables/level1_norm_benefit.csv": ("表 效益指标的规范权重", {"规范权重": "规范权重"}),
    "national/libraries/sample-core/2026.1/indicators.csv": (
        "指标库 指标",
        {"note": "备注", "source": "出处"},
    ),
}
NEEDED = {"source", "document", "规范权重"}


def table_edit(both: Both) -> bool:
    path = both.random.choice(list(TABLES))
    title, editable = TABLES[path]
    table, rows = both.table(title), rows_of(both.files[path])
    number = both.random.randrange(1, len(rows))
    if not both.once(path, number):
        return False
    records, line = both.records(path), number + 1
    if both.random.random() < 0.2:
        table.put(line, 操作="删除")
        records[number] = []
        return True
    for column in both.random.sample(list(editable), both.random.randint(1, len(editable))):
        text = both.text() if both.random.random() < 0.9 else ""
        if column in NEEDED and not text:
            continue
        table.put(line, **{editable[column]: text})
        records[number][records[0].index(column)] = text
    return True


def table_row_added(both: Both) -> bool:
    path = "national/wordlists/polarity.csv"
    both.count += 1
    term, note = f"新词{both.count}", both.text()
    both.table("词表 指标方向").add(
        词=term,
        看哪里="name",
        方向="正向（POSITIVE）",
        自然上限="１００",
        核实情况="P",
        出处="工程清单",
        备注=note,
    )
    records = both.records(path)
    cells = {"term": term, "where": "name", "polarity": "POSITIVE", "natural_max": "100", "proof": "P"}
    cells |= {"source": "工程清单", "note": note}
    records.append([cells.get(name, "") for name in records[0]])
    return True


def word_edit(both: Both) -> bool:
    path = both.random.choice(
        [
            "national/wordlists/timing_words.yaml",
            "national/wordlists/placeholders.yaml",
            "national/wordlists/vague_terms.yaml",
        ]
    )
    table, name = both.table("词表"), Path(path).stem
    plain = document(path, both.files[path])
    assert isinstance(plain, dict)
    key = "terms" if name == "vague_terms" else "texts"
    both.count += 1
    if both.random.random() < 0.5:
        word = f"{both.text()}{both.count}"
        made = both.document(path)[key]
        if key == "terms":
            table.add(层级="全国", 词表编号=name, 词=word, 其后紧跟='甲、"乙,丙"')
            made.append({"term": word, "followed_by": ["甲", "乙,丙"]})
        else:
            table.add(层级="全国", 词表编号=name, 词=word)
            made.append(word)
        return True
    item = both.random.choice(plain[key][1:])
    word = item["term"] if isinstance(item, dict) else item
    if not both.once(path, word):
        return False
    table.put(table.line(层级="全国", 词表编号=name, 词=word), 操作="删除")
    both.document(path)[key].remove(item)
    return True


def code_edit(both: Both) -> bool:
    path = both.choose("national/vocabularies/*.yaml")
    plain = document(path, both.files[path])
    assert isinstance(plain, dict)
    value = both.random.choice(plain["values"])
    if not both.once(path, value["code"]):
        return False
    table, name = both.table("代码表"), plain["vocabulary"]
    made = both.document(path)["values"]
    if both.random.random() < 0.3:
        both.count += 1
        code, text = f"新{both.count}", both.text()
        table.add(层级="全国", 词表编号=name, 代码=code, 中文=text, 英文="New", 别名="甲、乙", 先后="3")
        made.append({"code": code, "zh": text, "en": "New", "aliases": ["甲", "乙"], "step": "3"})
        return True
    line, target = (
        table.line(层级="全国", 词表编号=name, 代码=value["code"]),
        made[plain["values"].index(value)],
    )
    text = both.text()
    if both.random.random() < 0.5:
        table.put(line, 英文=text)
        target["en"] = text
    else:
        table.put(line, 别名=f"{value['code']}一\n另一个")
        target["aliases"] = [f"{value['code']}一", "另一个"]
    return True


def check_text(both: Both) -> bool:
    path = both.choose("national/checks/*.yaml")
    plain: Any = document(path, both.files[path])
    number = both.random.randrange(len(plain))
    check = plain[number]
    part, zh = both.random.choice([("title", "名称"), ("message", "说明"), ("remedy", "处理办法")])
    case = both.random.randrange(len(check[part])) if isinstance(check[part], list) else None
    if not both.once(path, check["id"], part, case):
        return False
    table = both.table("规则文字")
    shown = f"{zh}（{part}）"
    line = table.line(
        层级="全国", 规则=check["id"], 哪段文字=shown, 第几种情形="" if case is None else str(case + 1)
    )
    target = both.document(path)[number][part]
    target = target if case is None else target[case]
    for column, key in (("中文", "zh"), ("英文", "en")):
        text = both.text()
        table.put(line, **{column: text})
        target[key] = text
    return True


def shared_text(both: Both) -> bool:
    path = both.choose("national/messages/*.yaml")
    plain: Any = document(path, both.files[path])
    key = both.random.choice(list(plain["messages"]))
    if not both.once(path, key):
        return False
    table, text = both.table("共用文字"), both.text()
    table.put(table.line(层级="全国", 文件名=Path(path).stem, 编号=key), 中文=text)
    both.document(path)["messages"][key]["zh"] = text
    return True


def score_item(both: Both) -> bool:
    path = "national/scoresheets/national-key-goal.yaml"
    plain: Any = document(path, both.files[path])
    place = both.random.randrange(len(plain["dimensions"]))
    dimension = plain["dimensions"][place]
    number = both.random.randrange(len(dimension["items"]))
    item = dimension["items"][number]
    if not both.once(path, item["code"]):
        return False
    table, made = both.table("评分项"), both.document(path)["dimensions"][place]["items"]
    line = table.line(层级="全国", 评分表编号=plain["id"], 一级指标=dimension["code"], 代码=item["code"])
    text = both.text()
    if both.random.random() < 0.3:
        both.count += 1
        table.add(
            层级="全国",
            评分表编号=plain["id"],
            一级指标=dimension["code"],
            代码=f"新{both.count}",
            名称=text,
            满分="５分",
        )
        made.append({"code": f"新{both.count}", "title": {"zh": text, "en": text}, "max": "5"})
    else:
        table.put(line, 审核标准=text, 满分="7.5", 参看规则="CMP-01、CMP-02")
        made[number] |= {"max": "7.5", "evidence": ["CMP-01", "CMP-02"]}
        made[number]["criterion"]["zh"] = text
    return True


EDITS: list[Callable[[Both], bool]] = [
    *(value_set, value_added, overlay_value, overlay_removed, parameter_said),
    *(table_edit, table_edit, table_row_added, word_edit, code_edit, check_text, shared_text, score_item),
]


def run(seed: int, count: int) -> None:
    both = Both(seed)
    done = 0
    while done < count:
        done += both.random.choice(EDITS)(both)
    stream = io.BytesIO()
    both.book.save(stream)
    imported = import_workbook("规则.xlsx", stream.getvalue(), both.files, TODAY)
    assert [str(fault) for fault in imported.faults if fault.is_error] == []
    for path, wanted in both.documents.items():
        assert document(path, imported.files[path]) == wanted, path
    for path, rows in both.csv.items():
        assert rows_of(imported.files[path]) == [row for row in rows if row], path
    touched = {path for path in both.files if imported.files[path] != both.files[path]}
    assert touched == set(imported.changed)
    assert touched <= set(both.edits)
    for path in touched:
        old = both.files[path].decode().splitlines()
        new = imported.files[path].decode().splitlines()
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        hunks = sum(code[0] != "equal" for code in matcher.get_opcodes())
        assert hunks <= 3 * both.edits[path], path  # up to three cells of a record on lines of their own


@pytest.mark.parametrize("seed", range(5))
def test_random_edits_through_a_workbook_equal_the_same_edits_made_directly(seed: int) -> None:
    run(seed, 50)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 125))
def test_many_random_edits(seed: int) -> None:
    run(seed, 50)

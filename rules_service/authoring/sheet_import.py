"""The items of a score sheet from a table as a place keeps it: CSV or XLSX to the sheet's own file.

Only ``dimensions`` of the file is written anew; comments and everything else stay as they are. Texts are
taken as they stand: what is blank is refused, not made up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar
from rules_service.model.sheet_documents import DimensionDocument, SheetDocument
from rules_service.model.table_cells import number_cell
from rules_service.model.tables import Column, Row, read_table
from rules_service.values.numbers import fixed_text

__all__ = ["COLUMNS", "import_items"]

COLUMNS = (
    Column("dimension", ("一级指标", "维度")),
    Column("item", ("二级指标", "评分项")),
    Column("item_en", ("二级指标英文",), required=False),
    Column("code", ("编号",), required=False),
    Column("max", ("分值", "满分"), required=False),
    Column("criterion", ("审核标准", "评分标准"), required=False),
    Column("scorer", ("评分方",), required=False),
    Column("rule", ("规则",), required=False),
    Column("pass_points", ("通过得分",), required=False),
    Column("fail_points", ("不通过得分",), required=False),
    Column("each", ("每处扣分",), required=False),
    Column("at_most", ("最多扣分",), required=False),
)
_POINTS = ("max", "pass_points", "fail_points", "each", "at_most")


def import_items(
    sheet: SheetDocument,
    text: str,
    table: tuple[str, bytes],
    found: Diagnostics,
    *,
    worksheet: str = "",
    document: str = "",
) -> str | None:
    """The text of the sheet's file with the items of ``table`` (path, content) in it.

    ``document`` is what automatic points rest on; without one they are engineering values. ``None`` after a
    fault; faults go to ``found``.
    """
    before = sum(item.is_error for item in found.found)
    by_name = {name: one for one in sheet.dimensions for name in (one.code, one.title.zh.text)}
    items: dict[str, list[list[str]]] = {one.code: [] for one in sheet.dimensions}
    rows = read_table(*table, COLUMNS, found, sheet=worksheet, fill_down=("dimension",))
    for row in rows:
        dimension = by_name.get(row["dimension"].text)
        if dimension is None:
            known = "、".join(one.title.zh.text for one in sheet.dimensions)
            found.add("SHEET-ROW-DIMENSION", row["dimension"].source, text=row["dimension"].text, known=known)
            continue
        written = _item(row, dimension, len(items[dimension.code]) + 1, document, found)
        if written is not None:
            items[dimension.code].append(written)
    for one in sheet.dimensions:
        if not items[one.code]:
            found.add("SHEET-ROWS-MISSING", Source(table[0], 1, 1), dimension=one.title.zh.text)
    if sum(item.is_error for item in found.found) > before:
        return None
    return _replaced(sheet, text, _block(sheet, items), found)


def _item(
    row: Row, dimension: DimensionDocument, number: int, document: str, found: Diagnostics
) -> list[str] | None:
    """The lines of one item, without indent."""
    points = {name: number_cell("score", row[name], found) for name in _POINTS}
    title = row["item"]
    if not title.text.strip():
        found.add("SHEET-ROW-BLANK", title.source)
        return None
    lines = [
        f"code: {_text(row['code'].text or f'{dimension.code}{number}')}",
        f"title: {_both(title.text, row['item_en'].text)}",
    ]
    if points["max"] is not None:
        lines.append(f"max: {fixed_text(points['max'])}")
    if row["criterion"].text:
        lines.append(f"criterion: {_both(row['criterion'].text, '')}")
    if row["scorer"].text:
        lines.append(f"scorers: [{_text(row['scorer'].text)}]")
    automatic = _automatic(row["rule"], points, document, found)
    return lines if automatic is None else [*lines, *automatic]


def _automatic(
    rule: Scalar, points: Mapping[str, int | None], document: str, found: Diagnostics
) -> list[str] | None:
    """The lines of an automatic item; ``None`` for one that people score."""
    given = {name for name in _POINTS[1:] if points[name] is not None}
    if not rule.text and not given:
        return None
    basis = {"document": document or "导入时设定的自动评分", "proof": "S" if document else "P"}
    tail = f"  basis: [{json.dumps(basis, ensure_ascii=False)}]"
    if rule.text and given == {"pass_points", "fail_points"}:
        passed, failed = (fixed_text(points[name] or 0) for name in ("pass_points", "fail_points"))
        way = f"  outcome: {{rule: {_text(rule.text)}, PASS: {passed}, FAIL: {failed}}}"
    elif rule.text and "each" in given and given <= {"each", "at_most"}:
        limit = points["at_most"]
        most = "" if limit is None else f", at_most: {fixed_text(limit)}"
        way = f"  deduct: [{{rule: {_text(rule.text)}, each: {fixed_text(points['each'] or 0)}{most}}}]"
    else:
        found.add("SHEET-ROW-AUTOMATIC", rule.source)
        return None
    return ["automatic:", way, tail]


def _text(text: str) -> str:
    """A text as YAML reads it back, whatever stands in it."""
    return json.dumps(text, ensure_ascii=False)


def _both(zh: str, en: str) -> str:
    """A text in both languages; the table has no other words than these for the second."""
    return f"{{zh: {_text(zh)}, en: {_text(en or zh)}}}"


def _block(sheet: SheetDocument, items: Mapping[str, list[list[str]]]) -> list[str]:
    """The lines of ``dimensions``."""
    lines = ["dimensions:"]
    for one in sheet.dimensions:
        lines += [
            f"  - code: {_text(one.code)}",
            f"    title: {_both(one.title.zh.text, one.title.en.text)}",
        ]
        if one.max is not None:
            lines.append(f"    max: {fixed_text(one.max)}")
        lines.append("    items:")
        for first, *others in items[one.code]:
            lines.append(f"      - {first}")
            lines += [f"        {line}" for line in others]
    return lines


def _replaced(sheet: SheetDocument, text: str, block: list[str], found: Diagnostics) -> str | None:
    """The file with these dimensions, and no longer a template."""
    keys = sheet.mark.keys
    starts = sorted(place.line for place in keys.values())
    if len(set(starts)) != len(starts) or any(place.column != 1 for place in keys.values()):
        found.add("SHEET-FILE-FLOW", sheet.mark.source)
        return None
    lines = text.split("\n")
    begin = keys["dimensions"].line
    end = next((line for line in starts if line > begin), len(lines) + 1)
    while lines[end - 2].strip() == "" or lines[end - 2].startswith("#"):  # these belong to what follows
        end -= 1
    made = [*lines[: begin - 1], *block, *lines[end - 1 :]]
    dropped = keys["template"].line if "template" in keys else None
    if dropped is not None:
        del made[dropped - 1 if dropped < begin else dropped - 1 + len(made) - len(lines)]
    return "\n".join(made)

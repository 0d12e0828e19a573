"""Random decision tables over a few facts, and what each of them says by the plain meaning of its cells."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from rules_service.compile.decision_tables import BuiltTable, build_table
from rules_service.compile.table_layers import LayeredTable
from rules_service.language.typed import ParameterType
from rules_service.model.decision_cells import Cell
from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableSource, read_rows
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE, read_document

UNDECIDED = "undecided"
WORDS = ("甲", "乙", "丙")
# name → kind, expression, limits of the input, and the literals of cells with their values
INPUTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "amount": ("money", "project.requested_fen", "", {"0.01元": 1, "0.02元": 2, "0.04元": 4, "0.05元": 5}),
    "year": ("count", "project.fiscal_year", "", {"2023": 2023, "2024": 2024, "2026": 2026}),
    "starts": (
        "date",
        "project.duration_start",
        "",
        {"2024-01-01": 738886, "2024-01-02": 738887, "2024-01-05": 738890},
    ),
    "new": ("boolean", "project.is_new", "", {"是": True, "否": False}),
    "stage": ("code", "project.stage", "", {word: word for word in WORDS}),
    "kind": ("code", "project.spend_form", f"    allowed: [{', '.join(WORDS)}]\n", {w: w for w in WORDS}),
    "share": (
        "rate",
        "project.prior_year_budget_fen / 1元",
        '    range: "[0%..100%]"\n',
        {"0%": Fraction(0), "20%": Fraction(1, 5), "50%": Fraction(1, 2), "100%": Fraction(1)},
    ),
}
PARAMETERS = {"line": ParameterType("money", None, "GE"), "edge": ParameterType("count", None, None)}
VALUES: dict[str, Any] = {"line": 3, "edge": 2025}


def random_text(random: Random, hit: str, rows: int, inputs: int) -> str:
    """A table as an author would write it."""
    names = random.sample(sorted(INPUTS), inputs)
    head = "table: t\ntitle: {zh: 表, en: T}\ninputs:\n"
    for name in names:
        kind, expression, limits, _ = INPUTS[name]
        head += f"  - name: {name}\n    title: {{zh: {name}之名, en: the {name}}}\n    kind: {kind}\n"
        head += f"    value: {expression}\n{limits}"
    head += f"output: {{name: says, title: {{zh: 说, en: said}}, kind: count}}\nhit: {hit}\n"
    head += "aggregate: list\n" if hit == "collect" else ""
    head += "otherwise: 0\n" if hit != "collect" and random.random() < 0.3 else ""
    head += "basis: [{document: 测试办法, proof: V}]\nrows:\n"
    made: list[list[str]] = []
    for number in range(rows):
        cells = [_cell(random, name) for name in names]
        if made and random.random() < 0.1:
            cells = random.choice(made)
        made.append(cells)
        written = ", ".join(f'{name}: "{cell}"' for name, cell in zip(names, cells, strict=True))
        head += f'  - {{{written}, says: "{number % 3}"}}\n'
    return head


def _cell(random: Random, name: str) -> str:
    kind, literals = INPUTS[name][0], list(INPUTS[name][3])
    if random.random() < 0.3:
        return "-"
    if kind == "boolean":
        return random.choice(literals)
    if kind == "code":
        chosen = random.sample(literals, random.randint(1, 2))
        return random.choice(["", "", "!= "]) + "、".join(chosen)
    if name == "amount" and random.random() < 0.15:
        return "param.line"
    if name == "year" and random.random() < 0.15:
        return random.choice(["> param.edge", "[2023..param.edge)", "param.edge"])
    if random.random() < 0.5:
        return f"{random.choice(['>', '>=', '<', '<=', '!=', '≥'])} {random.choice(literals)}"
    low, high = sorted(random.choices(range(len(literals)), k=2))
    return f"{random.choice('[(')}{literals[low]}..{literals[high]}{random.choice('])')}"


def read_table_text(text: str) -> TableSource:
    """A table that has no faults of reading."""
    found = Diagnostics(CATALOGUE)
    node = read_yaml("national/tables/t.yaml", text.encode(), found)
    document = read_document(TableDocument, node, "national/tables/t.yaml", found)
    assert document is not None, found.found
    source = read_rows("national/tables/t.yaml", document, {}, found)
    assert not found.found, found.found
    return source


def built(text: str) -> BuiltTable:
    """A typed table that has no faults."""
    table = build_table(LayeredTable(read_table_text(text), "全国", True), PARAMETERS, {})
    assert not table.diagnostics, table.diagnostics
    return table


def literal(name: str, text: str, parameter: str | None) -> Any:
    """What an operand stands for."""
    if parameter is not None:
        return VALUES[parameter]
    truths = {"true": True, "false": False}
    return truths[text] if text in truths else INPUTS[name][3][text]


def cell_holds(name: str, cell: Cell, value: Any) -> bool | None:
    """Whether a value does what a cell demands; ``None`` is missing."""
    if cell.form == "any":
        return True
    if value is None:
        return None
    if cell.operands[0].parameter == "line":
        return bool(value >= VALUES["line"])
    ends = [literal(name, one.text, one.parameter) for one in cell.operands]
    if cell.form in {"among", "none"}:
        return (value in ends) is (cell.form == "among")
    if cell.form == "within":
        low, high = ends
        above = value >= low if cell.closed[0] else value > low
        return above and (value <= high if cell.closed[1] else value < high)
    return {
        "gt": value > ends[0],
        "ge": value >= ends[0],
        "lt": value < ends[0],
        "le": value <= ends[0],
    }[cell.form]


def row_holds(names: list[str], cells: tuple[Cell, ...], values: tuple[Any, ...]) -> bool | None:
    """Whether a row holds, in three-valued logic."""
    found = [cell_holds(name, cell, value) for name, cell, value in zip(names, cells, values, strict=True)]
    return False if False in found else None if None in found else True


def domain(name: str) -> list[Any]:
    """Values of an input: each constant, and one in every space between and beyond them that has any."""
    kind, _, _, literals = INPUTS[name]
    if kind == "boolean":
        return [True, False]
    if kind == "code":
        return [*WORDS, *(["别的"] if name == "stage" else [])]
    points = sorted({*literals.values(), *({"amount": [3], "year": [2025]}.get(name, []))})
    if name == "share":
        return [*points, *((one + two) / 2 for one, two in pairwise(points))]
    near = {point + step for point in points for step in (-1, 0, 1)}
    return sorted(near)

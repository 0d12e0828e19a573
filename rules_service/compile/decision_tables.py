"""Decision tables to typed values: what each input is, which row holds, and what the table says.

A table becomes named values that no author can write (``table_let``): one for each input, ``row`` for the
number of the row that holds (of a table that collects, the list of them), and what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules_service.compile.expressions import parsed
from rules_service.compile.reading import table_parameters
from rules_service.compile.table_cells import condition, literal
from rules_service.compile.table_layers import LayeredTable
from rules_service.compile.texts import collector
from rules_service.facts.text import normalise
from rules_service.language.checker import check
from rules_service.language.tree import Expr, Tree
from rules_service.language.typed import Env, FactRef, Node, ParameterType, Typed, table_let, walk
from rules_service.language.words import kind_word
from rules_service.model.catalogue import Catalogue
from rules_service.model.decision_cells import Cell
from rules_service.model.decision_table_documents import InputDocument
from rules_service.model.decision_table_rows import TableRow
from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.nodes import Scalar
from rules_service.model.subjects import SUBJECTS
from rules_service.values.kinds import BOOLEAN, COUNT, Base, Kind, list_of, unify

__all__ = ["ROW", "BuiltTable", "build_table"]

ROW = "row"
"""The part of a table's named values that says which row holds."""
_OUTPUT_OPS = frozenset({"const", "param", "add", "sub", "mul", "div", "neg", "abs", "floor"})


@dataclass(frozen=True, slots=True, eq=False)
class BuiltTable:
    """A typed table.

    ``lets`` are its named values in order, the last one what it says; empty after an error.
    ``tests`` are by row the conditions of its cells (``None``: anything), in the order of the inputs;
    ``ranges`` by input that of its range, ``words`` all words that it can be, if these are known.
    """

    layered: LayeredTable
    lets: Mapping[str, Typed]
    tests: tuple[tuple[Typed | None, ...], ...]
    ranges: tuple[Typed | None, ...]
    words: tuple[frozenset[str], ...]
    parameters: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def id(self) -> str:
        """Its name."""
        return self.layered.document.table

    @property
    def subject(self) -> str:
        """What its inputs are of."""
        return self.layered.document.subject


def build_table(
    layered: LayeredTable, parameters: Mapping[str, ParameterType], vocabularies: Mapping[str, frozenset[str]]
) -> BuiltTable:
    """Type one table for the parameters (kinds and operators) of a view; never raises for author input."""
    return _Building(layered, parameters, vocabularies).built()


class _Building:
    def __init__(
        self,
        layered: LayeredTable,
        parameters: Mapping[str, ParameterType],
        vocabularies: Mapping[str, frozenset[str]],
    ) -> None:
        self._layered = layered
        self._source = layered.source
        self._document = layered.document
        self._parameters = parameters
        self._vocabularies = vocabularies
        self._found: Diagnostics = collector()
        self._lets: dict[str, Typed] = {}

    def built(self) -> BuiltTable:
        document = self._document
        if document.subject not in SUBJECTS:
            known = "、".join(sorted(SUBJECTS))
            place = document.mark.value("subject")
            self._found.add("CHECK-SUBJECT", place, subject=document.subject, known=known)
            return self._finished(())
        self._inputs()
        tests = tuple(self._tests(row) for row in self._source.rows)
        outputs = [self._output(row) for row in self._source.rows]
        otherwise = self._output(self._source.otherwise) if self._source.otherwise is not None else None
        values = [node for node in outputs if node is not None]
        if not self._found.has_errors():
            self._say([_row_test(row) for row in tests], values, otherwise)
        return self._finished(tests)

    def _finished(self, tests: tuple[tuple[Typed | None, ...], ...]) -> BuiltTable:
        sound = not self._found.has_errors()
        return BuiltTable(
            layered=self._layered,
            lets=self._lets if sound else {},
            tests=tests if sound else (),
            ranges=tuple(map(self._range, range(len(self._document.inputs)))) if sound else (),
            words=tuple(map(self._words, self._document.inputs)) if sound else (),
            parameters=table_parameters(self._source),
            diagnostics=tuple(self._found.in_order()),
        )

    def _env(self) -> Env:
        return Env(
            catalogue=Catalogue.load(),
            parameters=self._parameters,
            subject=self._document.subject,
            lets=self._lets,
            stratum=1,  # a check that reads a table which reads findings comes after them
            vocabularies=self._vocabularies,
            normalise=normalise,
        )

    def _typed(self, tree: Tree, *, condition: bool = False) -> Typed | None:
        typed = check(tree, self._env(), condition=condition)
        self._found.extend(typed.diagnostics)
        return typed if typed.ok else None

    def _inputs(self) -> None:
        """Type what the inputs are; each must be of the kind that it says."""
        made = {}
        for one in self._document.inputs:
            typed = self._typed(parsed(one.value.text, one.value.source))
            if typed is None:
                continue
            kind = typed.node.kind
            declared = Kind.parse(one.kind)
            if kind.base is not declared.base and not (kind.base is Base.NUMBER and unify(kind, declared)):
                words = {**kind_word("kind", kind), **kind_word("declared", declared)}
                self._found.add("DT-INPUT-KIND", one.value.source, name=one.name, **words)
            made[table_let(self._document.table, one.name)] = typed
        self._lets.update(made)

    # --- cells ---------------------------------------------------------------------------------

    def _tests(self, row: TableRow) -> tuple[Typed | None, ...]:
        """The conditions of a row's cells."""
        tests: list[Typed | None] = []
        for one, cell, written in zip(self._document.inputs, row.cells, row.written, strict=False):
            name = table_let(self._document.table, one.name)
            if cell.form == "any" or name not in self._lets or not self._usable(cell, written):
                tests.append(None)
                continue
            root = condition(Expr("name", name), cell, one.kind, self._parameters)
            tests.append(self._typed(Tree(root, written.text, written.source), condition=True))
        return tuple(tests)

    def _range(self, place: int) -> Typed | None:
        """The condition that limits an input."""
        one, cell = self._document.inputs[place], self._source.ranges[place]
        if cell is None or one.range is None:
            return None
        root = condition(Expr("name", table_let(self._document.table, one.name)), cell, one.kind, {})
        return self._typed(Tree(root, one.range.text, one.range.source), condition=True)

    def _words(self, one: InputDocument) -> frozenset[str]:
        """All words that an input can be: those allowed, or those of its fact; empty where any may come."""
        if one.allowed:
            return frozenset(map(normalise, one.allowed))
        node = self._lets[table_let(self._document.table, one.name)].node
        if node.kind.base is not Base.CODE or not isinstance(node.data, FactRef):
            return frozenset()
        fact = Catalogue.load().get(node.data.name)
        words = fact.words if fact is not None else frozenset()
        return words or self._vocabularies.get(node.data.name, frozenset())

    def _usable(self, cell: Cell, written: Scalar) -> bool:
        """Whether a parameter with an operator stands alone: it brings its comparison along."""
        for name in cell.parameters:
            known = self._parameters.get(name)
            alone = cell.form == "among" and len(cell.operands) == 1
            if known is not None and known.operator and not alone:
                self._found.add("DT-CELL-OPERATOR", written.source, name=name, operator=known.operator)
                return False
        return True

    # --- what it says --------------------------------------------------------------------------

    def _output(self, row: TableRow) -> Node | None:
        """What a row says: a literal of the output's kind, or an expression of parameters of that kind."""
        declared, written = Kind.parse(self._document.output.kind), row.written[-1]
        if row.output.parameter is None:
            tree = Tree(literal(row.output, self._document.output.kind), written.text, written.source)
        else:
            tree = parsed(written.text, written.source)
        typed = self._typed(tree)
        if typed is None:
            return None
        node = typed.node
        if any(one.op not in _OUTPUT_OPS for one in walk(node)):
            self._found.add("DT-OUTPUT-FACT", written.source)
            return None
        if row.output.parameter is None and declared.base is Base.CODE:
            is_word = any(row.output.text in words for words in self._vocabularies.values())
            return Node("const", declared, data=row.output.text if is_word else node.data)
        both = unify(node.kind, declared)
        if both is None or both.base is not declared.base:
            words = {**kind_word("kind", node.kind), **kind_word("declared", declared)}
            self._found.add("DT-OUTPUT-KIND", written.source, **words)
            return None
        return node

    def _say(self, tests: Sequence[Node], values: Sequence[Node], otherwise: Node | None) -> None:
        """The named values ``row`` and what the table says, from the conditions of its rows."""
        document = self._document
        numbers = [Node("const", COUNT, data=row.number) for row in self._source.rows]
        kind = _common([Kind.parse(document.output.kind), *(one.kind for one in values)], otherwise)
        if document.hit == "collect":
            row = _hits(tests, numbers, COUNT)
            said = _hits(tests, values, kind)
            if document.aggregate != "list":
                said = Node(document.aggregate or "", kind, (said,), f"table.{document.table}")
        else:
            last = Node("const", COUNT, data=0)
            nothing = Node("nothing", kind, data=f"table.{document.table}")
            row = _first(tests, numbers, last if otherwise is not None else Node("nothing", COUNT), COUNT)
            said = _first(tests, values, otherwise or nothing, kind)
        tree = Tree(Expr("name", f"table.{document.table}"), document.table, document.mark.source)
        before = dict(self._lets)
        self._lets[table_let(document.table, ROW)] = Typed(row, tree, lets=before)
        self._lets[table_let(document.table)] = Typed(said, tree, lets=before)


def _row_test(cells: Sequence[Typed | None]) -> Node:
    parts = tuple(cell.node for cell in cells if cell is not None)
    if not parts:
        return Node("const", BOOLEAN, data=True)
    return parts[0] if len(parts) == 1 else Node("and", BOOLEAN, parts)


def _common(kinds: Sequence[Kind], otherwise: Node | None) -> Kind:
    """The kind that holds all values; each of them agrees with the declared one."""
    every = [*kinds, *((otherwise.kind,) if otherwise is not None else ())]
    found: Kind = every[0]
    for kind in every[1:]:
        found = unify(found, kind) or found
    return found


def _first(tests: Sequence[Node], values: Sequence[Node], last: Node, kind: Kind) -> Node:
    parts = [part for pair in zip(tests, values, strict=True) for part in pair]
    return Node("cond", kind, (*parts, last))


def _hits(tests: Sequence[Node], values: Sequence[Node], kind: Kind) -> Node:
    parts = [part for pair in zip(tests, values, strict=True) for part in pair]
    return Node("hits", list_of(kind), tuple(parts))

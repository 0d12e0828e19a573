"""Generates the explaining form of conditions: every part is computed, and what is missing is noted.

Values are those of docs/architecture.md §1; a list is a Python list of pairs (indices, element), so that
a missing fact inside a macro is named with the place of its element.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules_service.language.called import CALLED, call_text, may_fail
from rules_service.language.typed import FactRef, Node, cases, walk
from rules_service.language.writer import Module, Pattern
from rules_service.model.subjects import SUBJECTS
from rules_service.values.kinds import Base, Kind

__all__ = ["Tracer"]

_METHODS = {
    "const": "constant",
    "fact": "fact",
    "variable": "variable",
    "param": "param",
    "set": "is_set",
    "let": "let",
    "outcome": "history",
    "failed_in_a_row": "history",
    "cond": "choice",
    "items": "items",
    "hits": "hits",
    "nothing": "nothing",
    "in": "membership",
    "all": "quantified",
    "exists": "quantified",
    "exists_one": "quantified",
    "filter": "derived",
    "map": "derived",
    "sum": "aggregate",
    "min": "aggregate",
    "max": "aggregate",
    "avg": "aggregate",
}

_ONE_TEST = 3  # parts of a choice by one test
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_RATIO = {"add": "ratio_add", "sub": "ratio_sub", "mul": "ratio_mul"}
_TEXT = {"contains": "{1} in {0}", "startsWith": "{0}.startswith({1})", "endsWith": "{0}.endswith({1})"}


def _path_of(subject: str) -> str:
    """The Python expression for the indices of a visible subject."""
    depth = SUBJECTS[subject].depth
    return f"idx[:{depth}]" if depth else "()"


@dataclass(frozen=True, slots=True)
class _Element:
    """A macro variable inside its loop: locals of its indices and value, and the list's leaf names."""

    path: str
    value: str
    slots: dict[str, str]
    leaf: str


class Tracer:
    """Writes the trace of one check into a function; ``sink`` names the list that collects leaves.

    ``optional`` parameters are those of which the check asks whether they have a value: that one is empty
    is an answer, and leaves nothing open.
    """

    def __init__(self, module: Module, optional: frozenset[str]) -> None:
        self.module, self.out = module, module.out
        self._optional = optional
        self.sink = "missing"
        self.lets: dict[str, tuple[str, str]] = {}  # name → local of its value, local of its leaves
        self._bound: dict[int, _Element] = {}

    def node(self, node: Node) -> str:
        """Write the computation of a node; the Python atom that holds its value."""
        method: Callable[[Node], str] = getattr(self, _METHODS.get(node.op, "computed"))
        return method(node)

    def variable(self, node: Node) -> str:
        """The element that a macro variable stands for."""
        return self._element(self._bound[int(str(node.data))])

    def param(self, node: Node) -> str:
        """A parameter; an empty one is a leaf."""
        name, shown = self.module.parameters[str(node.data)], f"param.{node.data}"
        if node.data not in self._optional:
            self._leaf(f"{name} is None", shown, "", "()", "PARAM_EMPTY")
        return self._listed(node, name, shown, "", "()")

    def is_set(self, node: Node) -> str:
        """Whether a parameter has a value: an empty one is an answer here, no leaf."""
        return self._store(f"{self.module.parameters[str(node.args[0].data)]} is not None")

    def let(self, node: Node) -> str:
        """A named value, with everything that it misses."""
        value, leaves = self.lets[str(node.data)]
        self.out.line(f"{self.sink}.extend({leaves})")
        return value

    def _store(self, expression: str) -> str:
        name = self.module.fresh()
        self.out.line(f"{name} = {expression}")
        return name

    def constant(self, node: Node) -> str:
        """A literal."""
        value = node.data
        if isinstance(value, bool):
            return repr(value)
        if isinstance(value, int):
            return self._store(repr(value))
        return self.module.constants.name(value)

    def _leaf(self, test: str, name: str, slot: str, path: str, hint: str | None) -> None:
        """Note a leaf where ``test`` holds."""
        keep = self.module.constants.name
        parts = f"({keep(name)}, {keep(slot)}, {path}, {keep(hint)})"
        with self.out.block(f"if {test}:"):
            self.out.line(f"{self.sink}.append({parts})")

    def fact(self, node: Node) -> str:
        """A fact; a missing one is a leaf with its place."""
        ref = node.data
        assert isinstance(ref, FactRef)
        if ref.variable >= 0:
            element = self._bound[ref.variable]
            name, path = element.slots[ref.slot], element.path
        else:
            name, path = self.module.slots.name(ref.subject, ref.slot), _path_of(ref.subject)
        self._leaf(f"{name} is None", ref.name, ref.slot, path, None)
        return self._listed(node, name, ref.name, ref.slot, path)

    def _listed(self, node: Node, name: str, fact: str, slot: str, path: str) -> str:
        """A list with the indices of its elements."""
        if not node.kind.is_list:
            return name
        leaf = self.module.constants.name((fact, slot))
        return self._store(
            f"None if {name} is None else [({path} + (j,), e, {leaf}) for j, e in enumerate({name})]"
        )

    def _element(self, element: _Element) -> str:
        """A plain element of a list; a missing one is a leaf with its place."""
        with self.out.block(f"if {element.value} is None and {element.leaf} is not None:"):
            self.out.line(f"{self.sink}.append((*{element.leaf}, {element.path}, None))")
        return element.value

    def history(self, node: Node) -> str:
        """What other findings say; unknown is a leaf."""
        name = self.module.history_name(node)
        for arg in node.args:
            self.node(arg)
        if node.op == "outcome":
            self._leaf(f"{name} is None", f"outcome({node.data})", "", "()", None)
        else:
            rules = ", ".join(node.data) if isinstance(node.data, tuple) else ""
            self._leaf(f"{name} is None", f"failed_in_a_row({rules})", "", "()", "HISTORY_GAP")
        return name

    # --- plain operators -----------------------------------------------------------------------

    def computed(self, node: Node) -> str:
        """Plain operators and functions, missing where an argument is."""
        if node.op == "and":
            return self.conjunction(node)
        args = [self.node(arg) for arg in node.args]
        if node.op == "or":
            return self._joined(args, "True", "False")
        missing = " or ".join(f"{arg} is None" for arg in args)
        result = self._store(f"None if {missing} else {self._formula(node, args)}")
        if node.op == "div":
            self._leaf(f"{result} is None and not ({missing})", str(node.data), "", "()", "DIV_ZERO")
        elif node.op in CALLED and may_fail(node):
            self._leaf(f"{result} is None and not ({missing})", str(node.data), "", "()", "UNPARSEABLE")
        return result

    def conjunction(self, node: Node) -> str:
        """``&&``; what rests on a parameter without a value is not computed and misses nothing."""
        guards = [self.is_set(arg) for arg in node.args if arg.op == "set"]
        rest = [arg for arg in node.args if arg.op != "set"]
        if not guards:
            return self._joined([self.node(arg) for arg in rest], "False", "True")
        result = self._store(" and ".join(guards))
        if not rest:
            return result
        with self.out.block(f"if {result}:"):
            self.out.line(f"{result} = {self._joined([self.node(arg) for arg in rest], 'False', 'True')}")
        return result

    def _joined(self, args: list[str], decides: str, otherwise: str) -> str:
        sure = " or ".join(f"{arg} is {decides}" for arg in args)
        open_ = " or ".join(f"{arg} is None" for arg in args)
        return self._store(f"{decides} if {sure} else None if {open_} else {otherwise}")

    def _formula(self, node: Node, args: list[str]) -> str:
        op = node.op
        if op in _SIGNS:
            return self._comparison(_SIGNS[op], args, node.args[0].kind, node.args[1].kind)
        if op in _TEXT:
            return _TEXT[op].format(*args)
        if op == "div":
            one, two = (as_pair(arg, item.kind) for arg, item in zip(args, node.args, strict=True))
            return f"ratio_div({one}, {two})"
        if op in _RATIO:
            return self._sum(node, args)
        simple = {
            "not": "not {0}",
            "neg": "(-{0}[0], {0}[1])" if node.kind.ratio else "-{0}",
            "abs": "(abs({0}[0]), {0}[1])" if node.kind.ratio else "abs({0})",
            "size": "len({0})",
        }
        if op == "floor":
            kind = node.args[0].kind
            return f"{args[0]}[0] // {args[0]}[1]" if kind.ratio else f"{args[0]} // {10**kind.scale!r}"
        if op in CALLED:
            return call_text(self.module, node, args)
        if op in simple:
            return simple[op].format(*args)
        search = self.module.constants.name(Pattern(str(node.data)))
        return f"{search}({args[0]}) is not None"

    def _sum(self, node: Node, args: list[str]) -> str:
        """``+ - *`` of either form."""
        left, right = (arg.kind for arg in node.args)
        if node.kind.ratio:
            return f"{_RATIO[node.op]}({as_pair(args[0], left)}, {as_pair(args[1], right)})"
        if node.op == "mul":
            return f"{args[0]} * {args[1]}"
        scale = max(left.scale, right.scale)
        one, two = rescaled(args[0], scale - left.scale), rescaled(args[1], scale - right.scale)
        return f"{one} {'+' if node.op == 'add' else '-'} {two}"

    def _comparison(self, sign: str, args: list[str], left: Kind, right: Kind) -> str:
        if left.ratio or right.ratio:
            return f"ratio_compare({as_pair(args[0], left)}, {as_pair(args[1], right)}) {sign} 0"
        scale = max(left.scale, right.scale)
        return f"{rescaled(args[0], scale - left.scale)} {sign} {rescaled(args[1], scale - right.scale)}"

    def choice(self, node: Node) -> str:
        """``c ? a : b``: the side that is chosen is explained, both if none is."""
        if len(node.args) > _ONE_TEST:
            return self._first_of(node)
        test = self.node(node.args[0])
        result = self._store("None")
        for side, sure, excluded in ((node.args[1], "True", "False"), (node.args[2], "False", "True")):
            with self.out.block(f"if {test} is not {excluded}:"):
                value = self.node(side)
                with self.out.block(f"if {test} is {sure} and {value} is not None:"):
                    self.out.line(f"{result} = {as_kind(value, side.kind, node.kind)}")
        return result

    def _first_of(self, node: Node) -> str:
        """The first of many tests that holds; after an undecided one only what is missing is noted."""
        result, open_, once = self._store("None"), self._store("False"), self.module.fresh("o")
        with self.out.block(f"for {once} in (0,):"):
            for test, value in cases(node):
                held = self.node(test)
                with self.out.block(f"if {held}:"):
                    self._take(result, open_, value, node.kind)
                    self.out.line("break")
                with self.out.block(f"elif {held} is None:"):
                    self.out.line(f"{open_} = True")
            self._take(result, open_, node.args[-1], node.kind)
        return result

    def _take(self, result: str, open_: str, value: Node, kind: Kind) -> None:
        """Explain a value that is the result unless something before it is undecided."""
        with self.out.block(f"if not {open_}:"):
            taken = self.node(value)
            with self.out.block(f"if {taken} is not None:"):
                self.out.line(f"{result} = {as_kind(taken, value.kind, kind)}")

    def nothing(self, node: Node) -> str:
        """No value at all, which is a leaf."""
        self._leaf("True", str(node.data), "", "()", "NO_ROW")
        return "None"

    # --- lists ---------------------------------------------------------------------------------

    def items(self, node: Node) -> str:
        """A list in brackets."""
        element = node.kind.element
        assert element is not None
        values = []
        for item in node.args:
            value = self.node(item)
            values.append(f"((), None if {value} is None else {as_kind(value, item.kind, element)}, None)")
        return self._store(f"[{', '.join(values)}]")

    def hits(self, node: Node) -> str:
        """The values whose tests hold."""
        element = node.kind.element
        assert element is not None
        result = self._store("[]")
        for test, value in cases(node):
            held = self.node(test)
            with self.out.block(f"if {held} is None:"):
                self.out.line(f"{result} = None")
            with self.out.block(f"elif {held} and {result} is not None:"):
                taken = self.node(value)
                item = as_kind(taken, value.kind, element)
                self.out.line(f"{result}.append(((), None if {taken} is None else {item}, None))")
        return result

    def _loop(self, items: str) -> tuple[_Element, str]:
        """The names of a loop over a traced list, and its head."""
        path, value, leaf = self.module.fresh("w"), self.module.fresh("e"), self.module.fresh("l")
        return _Element(path, value, {}, leaf), f"for {path}, {value}, {leaf} in {items} or ():"

    def _bind(self, node: Node, element: _Element) -> None:
        """Give the macro's variable its element: read the slots that the body needs."""
        number = int(str(node.data))
        for inner in walk(node.args[1]):
            ref = inner.data
            own = isinstance(ref, FactRef) and ref.variable == number
            if own and isinstance(ref, FactRef) and ref.slot not in element.slots:
                index = self.module.slots.index(ref.subject, ref.slot)
                name = self.module.fresh("s")
                self.out.line(f"{name} = {element.value}[{index}]")
                element.slots[ref.slot] = name
        self._bound[number] = element

    def _body(self, node: Node, element: _Element) -> str:
        number = int(str(node.data))
        before = self._bound.get(number)
        self._bind(node, element)
        result = self.node(node.args[1])
        if before is not None:
            self._bound[number] = before
        return result

    def quantified(self, node: Node) -> str:
        """``all``, ``exists``, ``exists_one``."""
        items = self.node(node.args[0])
        start = {"all": "True", "exists": "False", "exists_one": "0"}[node.op]
        result = self._store(f"None if {items} is None else {start}")
        element, head = self._loop(items)
        with self.out.block(head):
            value = self._body(node, element)
            if node.op == "exists_one":
                unknown = f"{value} is None or {result} is None"
                if self._plain(node.args[0]):
                    unknown += f" or {element.value} is None"
                with self.out.block(f"if {unknown}:"):
                    self.out.line(f"{result} = None")
                with self.out.block(f"elif {value}:"):
                    self.out.line(f"{result} += 1")
            else:
                decides, otherwise = ("True", "False") if node.op == "exists" else ("False", "True")
                with self.out.block(f"if {value} is {decides}:"):
                    self.out.line(f"{result} = {decides}")
                with self.out.block(f"elif {value} is None and {result} is {otherwise}:"):
                    self.out.line(f"{result} = None")
        if node.op == "exists_one":
            with self.out.block(f"if {result} is not None:"):
                self.out.line(f"{result} = {result} == 1")
        return result

    def _plain(self, node: Node) -> bool:
        return node.kind.element is not None and node.kind.element.base is not Base.SUBJECT

    def derived(self, node: Node) -> str:
        """``filter`` and ``map``."""
        items = self.node(node.args[0])
        result = self._store(f"None if {items} is None else []")
        element, head = self._loop(items)
        with self.out.block(head):
            if self._plain(node.args[0]):
                self._element(element)
            value = self._body(node, element)
            unknown = f"{value} is None"
            if self._plain(node.args[0]):
                unknown += f" or {element.value} is None"
            with self.out.block(f"if {unknown} or {result} is None:"):
                self.out.line(f"{result} = None")
            if node.op == "filter":
                with self.out.block(f"elif {value}:"):
                    self.out.line(f"{result}.append(({element.path}, {element.value}, {element.leaf}))")
            else:
                with self.out.block("else:"):
                    self.out.line(f"{result}.append(({element.path}, {value}, {element.leaf}))")
        return result

    def aggregate(self, node: Node) -> str:
        """``sum``, ``min``, ``max``, ``avg``."""
        items = self.node(node.args[0])
        kind = node.args[0].kind.element
        assert kind is not None
        start = "None" if node.op in {"min", "max"} else "(0, 1)" if kind.ratio else "0"
        result, complete = self._store(start), self._store(f"{items} is not None")
        element, head = self._loop(items)
        with self.out.block(head):
            self._element(element)
            with self.out.block(f"if {element.value} is None:"):
                self.out.line(f"{complete} = False")
            with self.out.block(f"elif {complete}:"):
                self._collect(node.op, result, element.value, kind)
        if node.op != "sum":
            self._leaf(f"{items} is not None and not {items}", str(node.data), "", "()", "EMPTY_LIST")
            self.out.line(f"{complete} = {complete} and bool({items})")
        if node.op == "avg":
            total = as_pair(result, kind)
            return self._store(f"ratio_div({total}, (len({items}), 1)) if {complete} else None")
        return self._store(f"{result} if {complete} else None")

    def _collect(self, op: str, result: str, value: str, kind: Kind) -> None:
        if op in {"sum", "avg"}:
            total = f"ratio_add({result}, {value})" if kind.ratio else f"{result} + {value}"
            self.out.line(f"{result} = {total}")
            return
        sign = "<" if op == "min" else ">"
        test = f"ratio_compare({value}, {result}) {sign} 0" if kind.ratio else f"{value} {sign} {result}"
        with self.out.block(f"if {result} is None or {test}:"):
            self.out.line(f"{result} = {value}")

    def membership(self, node: Node) -> str:
        """``x in list``."""
        wanted, items = self.node(node.args[0]), self.node(node.args[1])
        left, element_kind = node.args[0].kind, node.args[1].kind.element
        assert element_kind is not None
        result = self._store(f"None if {wanted} is None or {items} is None else False")
        element, head = self._loop(items)
        with self.out.block(head):
            self._element(element)
            with self.out.block(f"if {wanted} is None or {element.value} is None:"):
                self.out.line(f"{result} = {result} or None")
            test = self._comparison("==", [wanted, element.value], left, element_kind)
            with self.out.block(f"elif {test}:"):
                self.out.line(f"{result} = True")
        return result


def rescaled(value: str, power: int) -> str:
    """A fixed number times a power of ten."""
    return f"{value} * {10**power!r}" if power else value


def as_pair(value: str, kind: Kind) -> str:
    """A number of either form as a pair."""
    return value if kind.ratio else f"({value}, {10**kind.scale!r})"


def as_kind(value: str, kind: Kind, target: Kind) -> str:
    """A value as another scale or form of its kind."""
    if not target.numeric:
        return value
    return as_pair(value, kind) if target.ratio else rescaled(value, target.scale - kind.scale)

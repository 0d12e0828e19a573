"""Generates the fast form of conditions: plain Python that only says true, false or undecided.

A condition is written twice, as a Python expression for “certainly true” and one for “certainly false”;
what is neither is undecided.  Tests for missing values stand before every use, so nothing can raise.
What needs a loop or a choice of values is computed before, into a local (``prepare``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules_service.language import fast_lists
from rules_service.language.called import CALLED, call_text
from rules_service.language.typed import FactRef, Node, Typed, cases, walk
from rules_service.language.writer import Module, Pattern
from rules_service.values.kinds import Base, Kind

__all__ = ["Fast", "Value"]

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_NEGATED = {"eq": "!=", "ne": "==", "lt": ">=", "le": ">", "gt": "<=", "ge": "<"}
_ONE_TEST = 3  # parts of a choice by one test
_LOOPS = frozenset({"all", "exists", "exists_one", "sum", "min", "max", "avg"})
_METHODS = {
    "const": "constant",
    "fact": "fact",
    "variable": "variable",
    "param": "param",
    "let": "let",
    "outcome": "history",
    "failed_in_a_row": "history",
    "size": "size",
    "set": "is_set",
    "nothing": "nothing",
}
_TEXT = {"contains": "{1} in {0}", "startsWith": "{0}.startswith({1})", "endsWith": "{0}.endswith({1})"}


@dataclass(frozen=True, slots=True)
class Value:
    """A pure Python expression and what must hold before it may be used.

    ``number`` is an atom or stands in brackets; ``divisor`` makes it a pair and is positive whenever the
    guards hold; ``constant`` is the value of a whole-number literal; ``positive`` says that a value
    which is not zero is above zero.
    """

    guards: tuple[str, ...]
    number: str
    divisor: str | None = None
    constant: int | None = None
    positive: bool = False


def _times(left: str, right: str) -> str:
    """A product without needless factors."""
    if left == "1":
        return right
    if right == "1":
        return left
    if left.isdigit() and right.isdigit():
        return repr(int(left) * int(right))
    return f"({left} * {right})"


def _scaled(value: Value, scale: int) -> str:
    """A fixed number times a power of ten."""
    if value.constant is not None:
        return _integer(value.constant * 10**scale)
    return _times(value.number, repr(10**scale))


def _integer(value: int) -> str:
    return repr(value) if value >= 0 else f"({value!r})"


def _is_atom(text: str) -> bool:
    return text.isalnum()


class Fast:
    """Generates the conditions of one check at a time into a function."""

    def __init__(self, module: Module, lets: dict[str, Typed], used: dict[str, int]) -> None:
        self.module, self.out = module, module.out
        self.lets, self._used = lets, used
        self.temps: dict[Node, Value] = {}
        self.bound: dict[int, fast_lists.Bound] = {}
        self._ready: dict[str, Value] = {}

    # --- before: what needs statements ---------------------------------------------------------

    def prepare(self, node: Node) -> None:
        """Write the statements that ``truth`` and ``value`` of the node rely on."""
        if node in self.temps:
            return
        if node.op == "let":
            self._prepare_let(str(node.data))
        elif node.op in _LOOPS or (node.op == "size" and fast_lists.needs_loop(self, node.args[0])):
            self.temps[node] = fast_lists.loop(self, node)
        elif node.op == "size" and node.args[0].kind.is_list:
            fast_lists.make_ready(self, node.args[0])
        elif node.op == "cond":
            self.temps[node] = self._choice(node)
        elif node.op in CALLED:
            self.temps[node] = self._called(node)
        elif node.op == "in":
            fast_lists.prepare_membership(self, node)
        else:
            for arg in node.args:
                self.prepare(arg)
            if node.op in {"eq", "ne"} and node.args[0].kind.base is Base.BOOLEAN:
                for arg in node.args:
                    self._settle(arg)

    def _called(self, node: Node) -> Value:
        """What a function answers, in a local."""
        for arg in node.args:
            self.prepare(arg)
        values = [self.value(arg) for arg in node.args]
        name = self.module.fresh()
        guards = tuple(guard for value in values for guard in value.guards)
        self._assign(name, call_text(self.module, node, [value.number for value in values]), guards)
        known = (f"{name} is not None",)
        return Value(known, f"{name}[0]", f"{name}[1]") if node.kind.ratio else Value(known, name)

    def _settle(self, node: Node) -> None:
        """Put a condition's three-valued truth into a local."""
        node = self._inlined(node)
        if node not in self.temps and node.op not in {"fact", "param", "const", "variable", "let"}:
            name = self.module.fresh()
            self.out.line(f"{name} = {self.three(node)}")
            self.temps[node] = Value((f"{name} is not None",), name)

    def three(self, node: Node) -> str:
        """The truth of a prepared condition as a Python expression: True, False or None."""
        node = self._inlined(node)
        if node.op in {"fact", "param", "variable", "let"} or node in self.temps:
            return self.value(node).number
        return f"True if {self.truth(node, True)} else False if {self.truth(node, False)} else None"

    def _inlined(self, node: Node) -> Node:
        """What a named value stands for, unless it has a local of its own."""
        while node.op == "let" and str(node.data) not in self._ready:
            node = self.lets[str(node.data)].node
        return node

    def _prepare_let(self, name: str) -> None:
        node = self.lets[name].node
        if node.kind.is_list:
            return  # lists are walked where they are used
        self.prepare(node)
        if name in self._ready or self._used.get(name, 0) < 2:
            return
        if node.op in {"fact", "param", "const"} or node in self.temps:
            self._ready[name] = self.value(node)
        else:
            self._ready[name] = self.store(node, node.kind)

    def store(self, node: Node, kind: Kind) -> Value:
        """Put a prepared value into locals, as ``kind``; ``None`` if missing."""
        name = self.module.fresh()
        return self._store_into(name, node, kind)

    def _store_into(self, name: str, node: Node, kind: Kind) -> Value:
        if kind.base is Base.BOOLEAN:
            self.out.line(f"{name} = {self.three(node)}")
            return Value((f"{name} is not None",), name)
        value = self.value(node)
        if not kind.ratio:
            number = _scaled(value, kind.scale - node.kind.scale) if kind.numeric else value.number
            self._assign(name, number, value.guards)
            return Value((f"{name} is not None",), name)
        number, divisor = self.pair(value, node.kind)
        self._assign(name, number, value.guards)
        with self.out.block(f"if {name} is not None:"):
            self.out.line(f"{name}d = {divisor}")
        return Value((f"{name} is not None",), name, f"{name}d")

    def _assign(self, name: str, expression: str, guards: tuple[str, ...]) -> None:
        if guards:
            expression = f"{expression} if {' and '.join(dict.fromkeys(guards))} else None"
        self.out.line(f"{name} = {expression}")

    def _choice(self, node: Node) -> Value:
        """``c ? a : b``: only the side that is chosen is computed."""
        if len(node.args) > _ONE_TEST:
            return self._first_of(node)
        test, yes, no = node.args
        self.prepare_lets(node)
        self.prepare(test)
        self._settle(test)
        decided = self.value(self._inlined(test)).number
        name = self.module.fresh()
        with self.out.block(f"if {decided}:"):
            self.prepare(yes)
            result = self._store_into(name, yes, node.kind)
        with self.out.block(f"elif {decided} is False:"):
            self.prepare(no)
            self._store_into(name, no, node.kind)
        with self.out.block("else:"):
            self.out.line(f"{name} = None")
        return result

    def _first_of(self, node: Node) -> Value:
        """The value of the first of many tests that holds, if those before it certainly do not.

        The tests stand side by side in a loop that runs once: one inside the other would be too deep.
        """
        self.prepare_lets(node)
        for test, _ in cases(node):
            self.prepare(test)
        name, once = self.module.fresh(), self.module.fresh("o")
        with self.out.block(f"for {once} in (0,):"):
            for test, value in cases(node):
                with self.out.block(f"if {self.truth(test, True)}:"):
                    self.prepare(value)
                    self._store_into(name, value, node.kind)
                    self.out.line("break")
                with self.out.block(f"if not ({self.truth(test, False)}):"):
                    self.out.line(f"{name} = None")
                    self.out.line("break")
            self.prepare(node.args[-1])
            return self._store_into(name, node.args[-1], node.kind)

    def prepare_lets(self, node: Node) -> None:
        """Compute named values before a block, so that they hold after it too."""
        for inner in walk(node):
            if inner.op == "let":
                self._prepare_let(str(inner.data))

    # --- conditions ----------------------------------------------------------------------------

    def truth(self, node: Node, want: bool) -> str:
        """A Python expression: whether a prepared condition is certainly ``want``.

        Joined by ``and`` at the top; alternatives stand in brackets.
        """
        if node in self.temps:
            return self._flag(self.temps[node], want)
        op = node.op
        if op in {"and", "or", "not"}:
            return self._joined(node, want)
        if op in _SIGNS:
            guards, text = self._comparison(node, (_SIGNS if want else _NEGATED)[op])
            return " and ".join(dict.fromkeys((*guards, text)))
        if op == "in":
            return fast_lists.membership(self, node, want)
        if op == "let" and str(node.data) not in self._ready:
            return self.truth(self.lets[str(node.data)].node, want)
        if op in _TEXT or op == "matches":
            return self._text_test(node, want)
        return repr(node.data is want) if op == "const" else self._flag(self.value(node), want)

    def _joined(self, node: Node, want: bool) -> str:
        if node.op == "not":
            return self.truth(node.args[0], not want)
        parts = [self.truth(arg, want) for arg in node.args]
        return " and ".join(parts) if (node.op == "and") is want else f"({' or '.join(parts)})"

    def _flag(self, value: Value, want: bool) -> str:
        return value.number if want else f"{value.number} is False"

    def _text_test(self, node: Node, want: bool) -> str:
        values = [self.value(arg) for arg in node.args]
        guards = tuple(guard for value in values for guard in value.guards)
        if node.op == "matches":
            search = self.module.constants.name(Pattern(str(node.data)))
            test = f"{search}({values[0].number}) is {'not None' if want else 'None'}"
        else:
            test = _TEXT[node.op].format(*(value.number for value in values))
            if not want:
                test = f"not {test}"
        return " and ".join((*guards, test))

    def _comparison(self, node: Node, sign: str) -> tuple[tuple[str, ...], str]:
        left, right = node.args
        if not left.kind.numeric:
            first, second = self.value(left), self.value(right)
            return (*first.guards, *second.guards), f"{first.number} {sign} {second.number}"
        return self.compare(self.value(left), left.kind, self.value(right), right.kind, sign)

    def compare(
        self, first: Value, first_kind: Kind, second: Value, second_kind: Kind, sign: str
    ) -> tuple[tuple[str, ...], str]:
        """Guards and test of a comparison of two numbers, exact for every scale and form."""
        guards = (*first.guards, *second.guards)
        if first.divisor is None and second.divisor is None:
            scale = max(first_kind.scale, second_kind.scale)
            one = _scaled(first, scale - first_kind.scale)
            two = _scaled(second, scale - second_kind.scale)
            return guards, f"{one} {sign} {two}"
        one, below_one = self.pair(first, first_kind)
        two, below_two = self.pair(second, second_kind)
        if below_one == below_two:
            return guards, f"{one} {sign} {two}"
        return guards, f"{_times(one, below_two)} {sign} {_times(two, below_one)}"

    # --- values --------------------------------------------------------------------------------

    def pair(self, value: Value, kind: Kind) -> tuple[str, str]:
        """Numerator and positive denominator of a number of either form."""
        if value.divisor is not None:
            return value.number, value.divisor
        return value.number, repr(10**kind.scale)

    def value(self, node: Node) -> Value:
        """The prepared value of a node that is no condition made of others."""
        if node in self.temps:
            return self.temps[node]
        method: Callable[[Node], Value] = getattr(self, _METHODS.get(node.op, "arithmetic"))
        return method(node)

    def variable(self, node: Node) -> Value:
        """The plain element that a macro variable stands for."""
        bound = self.bound[int(str(node.data))]
        assert bound.value is not None, "the checker admits no bare element of a subject list"
        return bound.value

    def param(self, node: Node) -> Value:
        """A parameter."""
        name = self.module.parameters[str(node.data)]
        return Value((f"{name} is not None",), name)

    def is_set(self, node: Node) -> Value:
        """Whether a parameter has a value."""
        return Value((), f"({self.param(node.args[0]).number} is not None)")

    def nothing(self, node: Node) -> Value:  # noqa: ARG002 - called like the others
        """No value at all."""
        return Value((), "None")

    def let(self, node: Node) -> Value:
        """A named value: its local, or what it stands for."""
        return self._ready.get(str(node.data)) or self.value(self.lets[str(node.data)].node)

    def history(self, node: Node) -> Value:
        """What other findings say, asked at the start of the function."""
        name = self.module.history_name(node)
        return Value((f"{name} is not None",), name)

    def size(self, node: Node) -> Value:
        """The length of a text, or of a list that stands ready."""
        arg = node.args[0]
        if arg.kind.is_list:
            source = fast_lists.source(self, arg)
            guards: tuple[str, ...] = (f"{source} is not None",)
            return Value(guards, f"len({source})", positive=True)
        value = self.value(arg)
        return Value(value.guards, f"len({value.number})", positive=True)

    def constant(self, node: Node) -> Value:
        """A literal."""
        if isinstance(node.data, bool):
            return Value((), repr(node.data))
        if isinstance(node.data, int):
            return Value((), _integer(node.data), constant=node.data, positive=node.data > 0)
        return Value((), self.module.constants.name(node.data))

    def fact(self, node: Node) -> Value:
        """A fact of a visible subject or of a macro variable's element."""
        ref = node.data
        assert isinstance(ref, FactRef)
        if ref.variable >= 0:
            name = self.bound[ref.variable].slots[ref.slot]
        else:
            name = self.module.slots.name(ref.subject, ref.slot)
        guards = (f"{name} is not None",)
        if node.kind.ratio:
            return Value(guards, f"{name}[0]", f"{name}[1]")
        return Value(guards, name)

    def arithmetic(self, node: Node) -> Value:
        """``+ - * /``, unary minus and ``abs``."""
        if node.op in {"neg", "abs"}:
            return self._signed(node)
        if node.op == "floor":
            return self._floored(node)
        left, right = node.args
        first, second = self.value(left), self.value(right)
        guards = (*first.guards, *second.guards)
        if node.op == "div":
            return self._quotient(guards, first, left.kind, second, right.kind)
        if node.kind.ratio:
            return self._pairs(node.op, guards, self.pair(first, left.kind), self.pair(second, right.kind))
        if node.op == "mul":
            return Value(guards, _times(first.number, second.number))
        sign = "+" if node.op == "add" else "-"
        one, two = first.number, second.number
        if node.kind.numeric and left.kind.numeric:
            scale = max(left.kind.scale, right.kind.scale)
            one = _scaled(first, scale - left.kind.scale)
            two = _scaled(second, scale - right.kind.scale)
        return Value(guards, f"({one} {sign} {two})")

    def _signed(self, node: Node) -> Value:
        arg = self.value(node.args[0])
        if node.op == "neg":
            return Value(arg.guards, f"(-{arg.number})", arg.divisor)
        name = self.module.fresh()
        return Value(arg.guards, f"({name} if ({name} := {arg.number}) >= 0 else -{name})", arg.divisor)

    def _floored(self, node: Node) -> Value:
        """Money down to whole 分."""
        kind, value = node.args[0].kind, self.value(node.args[0])
        number, divisor = self.pair(value, kind)
        return Value(value.guards, number if divisor == "1" else f"({number} // {divisor})")

    def _pairs(
        self, op: str, guards: tuple[str, ...], left: tuple[str, str], right: tuple[str, str]
    ) -> Value:
        if op == "mul":
            return Value(guards, _times(left[0], right[0]), _times(left[1], right[1]))
        sign = "+" if op == "add" else "-"
        if left[1] == right[1]:
            return Value(guards, f"({left[0]} {sign} {right[0]})", left[1])
        number = f"({_times(left[0], right[1])} {sign} {_times(right[0], left[1])})"
        return Value(guards, number, _times(left[1], right[1]))

    def _quotient(
        self, guards: tuple[str, ...], first: Value, first_kind: Kind, second: Value, second_kind: Kind
    ) -> Value:
        """a / b; by b² where the sign of b is not known, so that the denominator is positive."""
        above, under = self.pair(first, first_kind)
        number, below = self.pair(second, second_kind)
        if first.divisor is None and second.divisor is None:
            shift = second_kind.scale - first_kind.scale
            below, under = repr(10 ** max(shift, 0)), repr(10 ** max(-shift, 0))
        if second.positive:
            test = () if second.constant is not None else (f"{number} != 0",)
            return Value((*guards, *test), _times(above, below), _times(under, number))
        name = number
        if _is_atom(number):
            test = (f"{number} != 0",)
        else:
            name = self.module.fresh()
            test = (f"({name} := {number}) != 0",)
        return Value(
            (*guards, *test), _times(_times(above, below), name), _times(under, f"({name} * {name})")
        )

"""Says an expression in words, for the rulebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rules_service.language.display import display
from rules_service.language.states import State
from rules_service.language.typed import TABLE_LET, FactRef, Node, Typed
from rules_service.language.words import table
from rules_service.values.kinds import Base

__all__ = ["sentence", "state_words"]

_COMPOUND = frozenset({"and", "or", "add", "sub"})
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_CONDITIONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "startsWith", "endsWith"})


def sentence(
    typed: Typed,
    language: str,
    titles: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
) -> str:
    """An expression without errors in words of ``zh`` or ``en``.

    ``titles`` gives parameters and named values by name; without it they are called by their names.
    ``codes`` says what people call a code.
    """
    return _Speaker(language, titles or {}, codes or {}).say(typed.node)


def state_words(
    states: Iterable[State], language: str, titles: Mapping[str, str] | None = None, *, within: int = -1
) -> str:
    """What is so in a state of a truth table, in words of ``zh`` or ``en``.

    ``within`` is the macro variable whose element is spoken of, if there is one.
    """
    speaker = _Speaker(language, titles or {}, {}, within)
    return str(table()["states"]["joined"][language]).join(speaker.state(state) for state in states)


class _Speaker:
    def __init__(
        self, language: str, titles: Mapping[str, str], codes: Mapping[str, str], within: int = -1
    ) -> None:
        self._language, self._titles, self._codes = language, titles, codes
        self._innermost = within  # the macro variable whose list is being spoken of

    def _words(self, key: str, *parts: str) -> str:
        return str(table()["sentences"][key][self._language]).format(*parts)

    def say(self, node: Node) -> str:
        """A node in words."""
        op = node.op
        if op in {"and", "or"}:
            inner = [self._grouped(arg) if arg.op in {"and", "or"} else self.say(arg) for arg in node.args]
            return self._words(op).join(inner)
        if op == "not":
            return self._negated(node.args[0])
        if node.kind.base is Base.BOOLEAN and op in {"fact", "let", "param", "variable"}:
            name = self._name(node)
            return name if self._is_presence(node) else self._words("is_true", name)
        if op in {"const", "fact", "let", "param", "variable", "outcome"}:
            return self._name(node)
        if op in _CONDITIONS:
            return self._comparison(node)
        return self._other(node)

    def state(self, state: State) -> str:
        """What one thing is in a state."""
        node, value = state.node, state.value
        if state.other is not None and value.case != "missing":
            return self._words(value.case, self.say(node), self.say(state.other))
        if value.case == "true":
            return self.say(node)
        if value.case == "false":
            return self._negated(node)
        name = self._name(node) if node.op == "fact" else self.say(node)
        if value.case in {"missing", "other"}:
            absent = {True: "unreadable", False: "absent", None: "missing"}[value.present]
            key = absent if value.case == "missing" else "other"
            return str(table()["states"][key][self._language]).format(name)
        low, high = (None if edge is None else self._edge(edge, node) for edge in (value.low, value.high))
        if value.case == "is":
            return self._words("eq", name, low or "")
        if low is None or high is None:
            return self._words("lt" if low is None else "gt", name, low or high or "")
        return str(table()["states"]["between"][self._language]).format(name, low, high)

    def _edge(self, value: Any, node: Node) -> str:
        """A constant that something is compared with."""
        kind = node.kind
        if isinstance(value, str):
            return self._words("text", value)
        exact = (value.numerator, value.denominator) if kind.ratio else int(value * 10**kind.scale)
        return display(exact, kind, self._language)

    def _macro(self, node: Node) -> str:
        """A list and what holds of its elements; those of a list around it are told apart from them."""
        listed = self._listed(node.args[0])
        around, self._innermost = self._innermost, int(str(node.data))
        body = self._listed(node.args[1])
        self._innermost = around
        return self._words(node.op, listed, body)

    def _listed(self, node: Node) -> str:
        return self._grouped(node) if node.op in _COMPOUND else self.say(node)

    def _other(self, node: Node) -> str:
        if node.op in _MACROS:
            return self._macro(node)
        parts = [self._grouped(arg) if arg.op in _COMPOUND else self.say(arg) for arg in node.args]
        if node.op == "items":
            return str(table()["display"]["separator"][self._language]).join(parts)
        if node.op == "matches":
            return self._words("matches", *parts, self._words("text", str(node.data)))
        if node.op == "failed_in_a_row":
            rules = node.data if isinstance(node.data, tuple) else ()
            return self._words(
                node.op, str(table()["display"]["separator"][self._language]).join(rules), *parts
            )
        if node.op == "size" and not node.args[0].kind.is_list:
            return self._words("length", *parts)
        return self._words(node.op, *parts)

    def _grouped(self, node: Node) -> str:
        return self._words("group", self.say(node))

    def _negated(self, node: Node) -> str:
        if node.op in {"fact", "let", "param", "variable"} and not self._is_presence(node):
            return self._words("is_false", self._name(node))
        return self._words("not", self.say(node))

    @staticmethod
    def _is_presence(node: Node) -> bool:
        return isinstance(node.data, FactRef) and node.data.slot.startswith("has:")

    def _comparison(self, node: Node) -> str:
        left, right = node.args
        op = node.op
        if op in {"eq", "ne"} and right.op == "const" and right.data == "":
            return self._words("blank" if op == "eq" else "not_blank", self.say(left))
        if left.kind.base is Base.DATE and op in {"lt", "le", "gt", "ge"}:
            op = f"date_{op}"
        return self._words(
            op,
            *(
                self._grouped(arg) if arg.op in _COMPOUND - {"add", "sub"} else self.say(arg)
                for arg in (left, right)
            ),
        )

    def _name(self, node: Node) -> str:
        if node.op == "fact" and isinstance(node.data, FactRef):
            ref = node.data
            name = ref.name if self._language == "en" else ref.zh
            subject, _, own = name.partition(".")
            if ref.variable < 0:
                is_condition = node.kind.base is Base.BOOLEAN and not self._is_presence(node)
                name = self._words("condition_of" if is_condition else "of", subject, own)
            else:
                name = own if ref.variable == self._innermost else self._words("of_outer", subject, own)
            return self._words("has", name) if self._is_presence(node) else name
        if node.op == "const":
            return self._constant(node)
        if node.op == "variable":
            return self._words("variable" if node.data == self._innermost else "outer_variable")
        name = str(node.data)
        if node.op == "outcome":
            return self._words("outcome", name)
        shown = self._titles.get(name, name)
        if name.startswith(TABLE_LET):
            return self._words("table", shown.removeprefix(TABLE_LET))
        return self._words("param", shown) if node.op == "param" else shown

    def _constant(self, node: Node) -> str:
        if isinstance(node.data, bool):
            return self._words("const_true" if node.data else "const_false")
        if isinstance(node.data, str):
            return self._words("text", self._codes.get(node.data, node.data))
        return display(node.data, node.kind, self._language)

"""Gives every node its kind; whatever does not fit becomes a diagnostic with its place and cure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from rules_service.language import checker_calls, checker_numbers
from rules_service.language.checker_codes import as_codes
from rules_service.language.reporting import Refused, Reporter
from rules_service.language.tree import Expr, Tree
from rules_service.language.typed import (
    Env,
    FactRef,
    Node,
    Typed,
    fact_kind,
    table_let,
    visible_subjects,
)
from rules_service.language.words import kind_word
from rules_service.model.catalogue import Fact
from rules_service.values.kinds import BOOLEAN, COLLECTIVE, TEXT, Base, Kind, list_of, unify

__all__ = ["Checker", "Variable", "check"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A macro's variable: its number, the kind of the elements and how their list is called."""

    number: int
    kind: Kind


def check(tree: Tree, env: Env, *, condition: bool = False) -> Typed:
    """Check one parsed expression; ``condition`` demands that it is true or false."""
    if tree.root is None:
        return Typed(None, tree, tree.diagnostics)
    reporter = Reporter(tree.text, tree.source)
    checker = Checker(env, reporter)
    node = checker.node(tree.root)
    if node is not None and condition:
        node = checker.truth(node, tree.root)
    found = reporter.found()
    failed = any(item.is_error for item in found)
    return Typed(None if failed else node, tree, (*tree.diagnostics, *found), checker.names, env.lets)


class Checker:
    """The state of checking one expression."""

    def __init__(self, env: Env, reporter: Reporter) -> None:
        self.env, self.reporter = env, reporter
        self.names: dict[int, str] = {}
        self.variables: dict[str, Variable] = {}
        self._visible = visible_subjects(env.subject)

    def node(self, expr: Expr) -> Node | None:
        """The typed node of an expression, or ``None`` after a diagnostic."""
        return _FORMS[expr.form](self, expr)

    def text(self, expr: Expr) -> Node:
        """A text literal, as a working copy."""
        return Node("const", TEXT, data=self.env.normalise(expr.value))

    def literal_truth(self, expr: Expr) -> Node:
        """``true`` or ``false``."""
        return Node("const", BOOLEAN, data=expr.value == "true")

    def unary(self, expr: Expr) -> Node | None:
        """``!`` of a condition or ``-`` of a number."""
        if expr.value == "-":
            return checker_numbers.negative(self, expr)
        arg = self.condition(expr.args[0])
        return Node("not", BOOLEAN, (arg,)) if arg else None

    def binary(self, expr: Expr) -> Node | None:
        """An operator between two values."""
        if expr.value == "in":
            return checker_calls.contained(self, expr)
        if expr.value in checker_numbers.COMPARISONS:
            return checker_numbers.comparison(self, expr)
        return checker_numbers.arithmetic(self, expr)

    def condition(self, expr: Expr) -> Node | None:
        """An expression that must be true or false."""
        node = self.node(expr)
        return self.truth(node, expr) if node else None

    def truth(self, node: Node, expr: Expr) -> Node | None:
        """The node if it is a condition."""
        if node.kind.base is Base.BOOLEAN:
            return node
        return self.reporter.add("E220", expr.at, **kind_word("kind", node.kind))

    def logic(self, expr: Expr) -> Node | None:
        """A chain of ``&&`` or of ``||``."""
        args = [self.condition(arg) for arg in expr.args]
        known = tuple(arg for arg in args if arg is not None)
        if len(known) < len(args):
            return None
        return Node("and" if expr.value == "&&" else "or", BOOLEAN, known)

    def cond(self, expr: Expr) -> Node | None:
        """``c ? a : b``."""
        test = self.condition(expr.args[0])
        yes, no = self.node(expr.args[1]), self.node(expr.args[2])
        if test is None or yes is None or no is None:
            return None
        yes, no = as_codes(self, (yes, no), expr.args[1:])
        kind = unify(yes.kind, no.kind)
        if kind is None or kind.base in COLLECTIVE:
            return self.reporter.add(
                "E221", expr.args[1].at, **kind_word("left", yes.kind), **kind_word("right", no.kind)
            )
        return Node("cond", kind, (test, yes, no))

    def items(self, expr: Expr) -> Node | None:
        """A list in brackets."""
        if not expr.args:
            return self.reporter.add("E222", expr.at)
        nodes = [self.node(arg) for arg in expr.args]
        known = [node for node in nodes if node is not None]
        if len(known) < len(nodes):
            return None
        kind = known[0].kind
        for arg, node in zip(expr.args[1:], known[1:], strict=True):
            both = unify(kind, node.kind)
            if both is None:
                return self.reporter.add(
                    "E223", arg.at, **kind_word("left", kind), **kind_word("right", node.kind)
                )
            kind = both
        if kind.base in COLLECTIVE:
            return self.reporter.add("E224", expr.at)
        return Node("items", list_of(kind), tuple(known))

    def path(self, expr: Expr) -> Node | None:
        """A name or a dotted path: variable, parameter, named value or fact."""
        names = path_names(expr)
        if names is None:
            return self.reporter.add("E106", expr.at)
        first, rest = names[0], ".".join(names[1:])
        if first in self.variables:
            return self._element(expr, self.variables[first], rest)
        if first == "param":
            return self._parameter(expr, rest)
        if first == "table":
            return self._table(expr, rest)
        if not rest and first in self.env.lets:
            value = self.env.lets[first]
            return Node("let", value.root.kind, data=first) if value.root else None
        ref, kind = self.fact(expr) or (None, None)
        if ref is None or kind is None:
            return None
        if kind.base is Base.RECORD:
            return self.reporter.add("E104", expr.at, name=ref.name)
        return Node("fact", kind, data=ref)

    def _parameter(self, expr: Expr, name: str) -> Node | None:
        parameter = self.env.parameters.get(name)
        if parameter is None:
            near = get_close_matches(name, sorted(self.env.parameters), 3, 0.5)
            code = "E103" if near else "E102"
            return self.reporter.add(
                code, expr.at, name=name[:60], near="、".join(f"param.{n}" for n in near)
            )
        return Node("param", parameter.type, data=name)

    def _table(self, expr: Expr, name: str) -> Node | None:
        """What a decision table says; one with faults of its own is reported there."""
        subject = self.env.tables.get(name)
        if subject is None:
            known = "、".join(get_close_matches(name, sorted(self.env.tables), 3, 0.3)) or "–"
            return self.reporter.add("E117", expr.at, name=name[:60], near=known)
        if subject not in self._visible:
            return self.reporter.add("E118", expr.at, name=name, subject=subject, own=self.env.subject)
        value = self.env.lets.get(table_let(name))
        return Node("let", value.root.kind, data=table_let(name)) if value and value.root else None

    def _element(self, expr: Expr, variable: Variable, rest: str) -> Node | None:
        if not rest:
            return Node("variable", variable.kind, data=variable.number)
        found = self._element_fact(expr, variable, rest)
        if found is None:
            return None
        ref, kind = found
        if kind.base is Base.RECORD:
            return self.reporter.add("E104", expr.at, name=ref.name)
        return Node("fact", kind, data=ref)

    def _element_fact(self, expr: Expr, variable: Variable, rest: str) -> tuple[FactRef, Kind] | None:
        subject = variable.kind.subject
        if subject is None:
            return self.reporter.add("E107", expr.at, **kind_word("kind", variable.kind))
        for fact in self.env.catalogue.of(subject):
            if rest in {fact.short, fact.zh.partition(".")[2]}:
                first = (path_names(expr) or [""])[0]
                self.names[expr.at] = f"{first}.{fact.short}"
                return FactRef(subject, fact.short, fact.name, fact.zh, variable.number), fact_kind(fact)
        return self._unknown(expr, f"{subject}.{rest}")

    def fact(self, expr: Expr) -> tuple[FactRef, Kind] | None:
        """The fact that a path names, of a visible subject or of a variable's element."""
        names = path_names(expr)
        if names is None:
            return self.reporter.add("E106", expr.at)
        if names[0] in self.variables:
            return self._element_fact(expr, self.variables[names[0]], ".".join(names[1:]))
        text = ".".join(names)
        fact = self.env.catalogue.get(text) or self.env.catalogue.by_zh(text)
        if fact is None:
            return self._unknown(expr, text)
        self.names[expr.at] = fact.name
        if fact.subject not in self._visible:
            return self._out_of_sight(expr, fact)
        return FactRef(fact.subject, fact.short, fact.name, fact.zh), fact_kind(fact)

    def _out_of_sight(self, expr: Expr, fact: Fact) -> Refused:
        return self.reporter.add("E108", expr.at, name=fact.name, subject=fact.subject, own=self.env.subject)

    def _unknown(self, expr: Expr, text: str) -> Refused:
        candidates = [fact.name for fact in self.env.catalogue]
        candidates += [fact.zh for fact in self.env.catalogue]
        candidates += list(self.env.lets)
        near = get_close_matches(text, candidates, 3, 0.6)
        code = "E101" if near else "E100"
        return self.reporter.add(code, expr.at, name=text[:60], near="、".join(near))


_FORMS: dict[str, Callable[[Checker, Expr], Node | None]] = {
    "number": checker_numbers.literal,
    "text": Checker.text,
    "truth": Checker.literal_truth,
    "name": Checker.path,
    "select": Checker.path,
    "items": Checker.items,
    "cond": Checker.cond,
    "call": checker_calls.call,
    "macro": checker_calls.macro,
    "logic": Checker.logic,
    "unary": Checker.unary,
    "binary": Checker.binary,
}


def path_names(expr: Expr) -> list[str] | None:
    """The names of a dotted path; ``None`` if it does not begin with a name."""
    names: list[str] = []
    while expr.form == "select":
        names.append(expr.value)
        expr = expr.args[0]
    if expr.form != "name":
        return None
    names.append(expr.value)
    return names[::-1]

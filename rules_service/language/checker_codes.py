"""Code literals: a text in quotes beside a code stands for a word of its vocabulary."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from rules_service.language.tree import Expr
from rules_service.language.typed import FactRef, Node
from rules_service.values.kinds import CODE, Base

if TYPE_CHECKING:
    from rules_service.language.checker import Checker

__all__ = ["as_codes", "code_literal", "is_literal"]


def is_literal(node: Node) -> bool:
    """Whether a node is a text in quotes."""
    return node.op == "const" and node.kind.base is Base.TEXT


def as_codes(checker: Checker, sides: tuple[Node, Node], exprs: tuple[Expr, ...]) -> tuple[Node, Node]:
    """The two sides of a comparison, a text literal beside a code read as a code."""
    left, right = sides
    if left.kind.base is Base.CODE and is_literal(right):
        return left, code_literal(checker, left, exprs[1])
    if right.kind.base is Base.CODE and is_literal(left):
        return code_literal(checker, right, exprs[0]), right
    return left, right


def code_literal(checker: Checker, code: Node, expr: Expr) -> Node:
    """The code that a literal stands for, spelled as facts hold it.

    Words of a vocabulary and of the engine keep their spelling; any other code is a working copy.
    """
    written = expr.value
    copy = checker.env.normalise(written)
    while code.op == "let":
        code = checker.env.lets[str(code.data)].node
    if not copy:
        checker.reporter.add("E231", expr.at)
        return Node("const", CODE, data=written)
    if code.op == "param" and f"param.{code.data}" in checker.env.vocabularies:
        return _word_of(checker, f"param.{code.data}", expr)
    if not isinstance(code.data, FactRef):
        known = code.op == "outcome" or any(written in words for words in checker.env.vocabularies.values())
        return Node("const", CODE, data=written if known else copy)
    name = code.data.name
    if name not in checker.env.vocabularies:
        computed = bool(checker.env.catalogue[name].computed)
        return Node("const", CODE, data=written if computed else copy)
    return _word_of(checker, name, expr)


def _word_of(checker: Checker, name: str, expr: Expr) -> Node:
    """A literal beside a fact or parameter whose words are known."""
    written, words = expr.value, checker.env.vocabularies[name]
    copy = checker.env.normalise(written)
    if written not in words and copy not in words:
        near = get_close_matches(written, sorted(words), 3, 0.3) or sorted(words)[:8]
        checker.reporter.add("E230", expr.at, word=written[:40], fact=name, near="、".join(near))
    return Node("const", CODE, data=written if written in words else copy)

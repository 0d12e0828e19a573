"""The syntax tree: what an author wrote, before kinds are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules_service.model.diagnostics import Diagnostic, Source

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_NODES", "Expr", "Tree", "position"]

MAX_LENGTH = 4000  # characters of one expression
MAX_DEPTH = 32  # nested operators; a chain of && or || counts once
MAX_NODES = 600


@dataclass(frozen=True, slots=True)
class Expr:
    """One node.

    ``form`` and what ``value`` holds: number (as written, with its unit), text (without quotes), truth,
    name, select (the field), call (the function; methods have their receiver as the first argument),
    macro (the macro; ``variable`` is its name), unary, binary and logic (the operator), cond, items.
    Two trees are equal if they say the same, wherever they stand.
    """

    form: str
    value: str
    args: tuple[Expr, ...] = ()
    variable: str = ""
    at: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)
    size: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed expression; ``root`` is ``None`` if ``diagnostics`` says why."""

    root: Expr | None
    text: str
    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()


def position(text: str, source: Source, at: int) -> Source:
    """The place in the file of offset ``at`` in an expression that begins at ``source``.

    Further lines of a block scalar begin in the column of its first line.
    """
    before = text[:at]
    row = before.count("\n")
    column = at - (before.rfind("\n") + 1)
    return Source(source.file, source.line + row, source.column + column)

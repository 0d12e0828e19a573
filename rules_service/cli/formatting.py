"""Writes the expressions of ruleset files in their one form and leaves everything else as it is.

Only the text of an expression that differs is replaced, at its place in the file: comments, order, quotes and
line breaks of all other text stay untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from rules_service.compile.sheets import sheet_expressions
from rules_service.language.checker import check
from rules_service.language.formatting import format_expression
from rules_service.language.parser import parse
from rules_service.language.typed import Env, ParameterType, Typed
from rules_service.model.catalogue import Catalogue
from rules_service.model.check_documents import CheckDocument
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import RulesetSource

__all__ = ["Formatted", "format_ruleset"]

_WIDTH = 100
_SPACES = re.compile(r"\s+")
_TEXTS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
# Where a long expression may be broken, the weakest first.
_OPERATORS = ((" ? ", " : "), (" || ",), (" && ",))


class Formatted(NamedTuple):
    """A file whose expressions change, and the diagnostics of expressions that cannot be read."""

    changed: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]


class _Place(NamedTuple):
    """Where a scalar stands in the text, from its first character on, quotes and block marks included."""

    start: int
    end: int
    column: int
    indent: int
    """Columns before the lines of a block scalar in its place."""
    flow: bool
    """Inside braces or brackets: it stays in one line, quoted."""


def format_ruleset(source: RulesetSource) -> Formatted:
    """The files of a ruleset whose expressions are not in the one form, with English names of facts."""
    parameters = {
        parameter.id: ParameterType(parameter.kind.kind, parameter.kind.element)
        for layer in source.layers
        for parameter in layer.parameters
    }
    by_file: dict[str, list[Typed]] = {}
    for layer in source.layers:
        for check_document in (*layer.checks, *(layer.overlay.add if layer.overlay is not None else ())):
            for typed in _expressions(check_document, parameters):
                by_file.setdefault(typed.tree.source.file, []).append(typed)
        for sheet in layer.score_sheets:
            for scalar in sheet_expressions(sheet):
                by_file.setdefault(scalar.source.file, []).append(_typed(scalar, parameters, "project", {}))
    changed: dict[str, bytes] = {}
    found: list[Diagnostic] = []
    for path, expressions in sorted(by_file.items()):
        before = source.files[path].decode("utf-8")
        after = _format(before, expressions, found)
        if after != before:
            changed[path] = after.encode("utf-8")
    return Formatted(changed, tuple(found))


def _expressions(document: CheckDocument, parameters: Mapping[str, ParameterType]) -> Iterator[Typed]:
    """The expressions of a check, typed as far as they can be: that tells the English names."""
    lets: dict[str, Typed] = {}
    for entry in document.let:
        lets[entry.name.text] = _typed(entry.value, parameters, document.subject, lets)
        yield lets[entry.name.text]
    yield from (_typed(scalar, parameters, document.subject, lets) for scalar in document.conditions)


def _typed(
    scalar: Scalar, parameters: Mapping[str, ParameterType], subject: str, lets: Mapping[str, Typed]
) -> Typed:
    # The higher stratum may name everything that any stratum may.
    env = Env(Catalogue.load(), parameters, subject, lets=dict(lets), stratum=1)
    return check(parse(scalar.text, scalar.source), env)


def _format(text: str, expressions: list[Typed], found: list[Diagnostic]) -> str:
    places = _places(text)
    edits: list[tuple[int, int, str]] = []
    for typed in expressions:
        tree = typed.tree
        if tree.root is None:
            found.extend(tree.diagnostics)
            continue
        canonical = format_expression(tree, typed.names)
        place = places.get((tree.source.line, tree.source.column))
        if place is not None and canonical != _joined(tree.text):
            edits.append((place.start, place.end, _written(canonical, place)))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _joined(text: str) -> str:
    """An expression in one line: the line breaks of block scalars say nothing, those in texts do."""
    parts = _TEXTS.split(text)
    texts = _TEXTS.findall(text)
    folded = [_SPACES.sub(" ", part) for part in parts]
    return "".join(part + kept for part, kept in zip(folded, [*texts, ""], strict=True)).strip()


def _written(expression: str, place: _Place) -> str:
    """The YAML form of an expression that stands at ``place``."""
    if place.flow:
        return "'" + expression.replace("'", "''") + "'"
    if len(expression) + place.column <= _WIDTH and _is_plain(expression):
        return expression
    lines = _lines(expression, _WIDTH - place.indent)
    return ">-\n" + "\n".join(" " * place.indent + line for line in lines)


def _lines(expression: str, width: int, level: int = 0) -> list[str]:
    """An expression in lines, broken before its weakest operators first; never inside brackets or texts.

    The lines of one block have one indent: YAML would keep the break of a line that is indented further.
    """
    if len(expression) <= width or level == len(_OPERATORS):
        return [expression]
    pieces = _pieces(expression, _OPERATORS[level])
    return [line for piece in pieces for line in _lines(piece, width, level + 1)]


def _pieces(expression: str, operators: tuple[str, ...]) -> list[str]:
    """The parts between operators outside brackets and texts, each beginning with its operator."""
    pieces = []
    start = depth = at = 0
    while at < len(expression):
        text = _TEXTS.match(expression, at)
        if text is not None:
            at = text.end()
            continue
        depth += (expression[at] in "([") - (expression[at] in ")]")
        if depth == 0 and expression.startswith(operators, at):
            pieces.append(expression[start:at])
            start = at + 1
        at += 1
    return [*pieces, expression[start:]]


def _is_plain(expression: str) -> bool:
    """Whether YAML reads the unquoted text as itself."""
    try:
        read = YAML(typ="safe", pure=True).load(f"key: {expression}\n")
    except YAMLError:
        return False
    return bool(read == {"key": expression})


def _places(text: str) -> dict[tuple[int, int], _Place]:
    """Places of all scalars by line and column of their text, as the strict reader counts them."""
    lines = text.split("\n")
    places: dict[tuple[int, int], _Place] = {}
    flows: list[bool] = []
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            flows.append(bool(event.flow_style))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            flows.pop()
        elif isinstance(event, ScalarEvent):
            start, end = event.start_mark, event.end_mark
            own = lines[start.line]
            indent = len(own) - len(own.lstrip(" -")) + 2
            if event.style in {"|", ">"}:
                row = start.line + 1
                while not lines[row].strip():
                    row += 1
                first = len(lines[row]) - len(lines[row].lstrip(" "))
                # The scalar's end is where the next token begins; its own text ends before the line breaks.
                last = len(text[: end.index].rstrip())
                places[row + 1, first + 1] = _Place(start.index, last, start.column, indent, flow=False)
            else:
                quote = 1 if event.style in {"'", '"'} else 0
                at = (start.line + 1, start.column + quote + 1)
                places[at] = _Place(start.index, end.index, start.column, indent, flow=any(flows))
    return places

"""Message templates: text with names in braces, compiled and checked before anything is rendered.

``{indicator.weight}``, ``{gap}`` (a named value), ``{param.x}``; a format after a colon: ``%``, ``pp``,
``元``, ``万元``, and ``words`` for a parameter with its operator; ``{{`` and ``}}`` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules_service.language.checker import check
from rules_service.language.display import display, formats_of, operator_words
from rules_service.language.parser import parse
from rules_service.language.reporting import Reporter
from rules_service.language.tree import position
from rules_service.language.typed import Env, FactRef
from rules_service.language.words import kind_word
from rules_service.model.diagnostics import Diagnostic, Source
from rules_service.values.kinds import Kind

__all__ = ["Placeholder", "Template", "compile_template", "operator_words"]

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value in a template: ``name`` is a fact's English name, a named value, or ``param.x``.

    ``thresholds`` are the parameters of its kind: a value shown is never rounded to look like one of
    them that differs.
    """

    name: str
    kind: Kind
    form: str
    operator: str | None
    thresholds: tuple[tuple[str, Kind], ...]

    def show(self, values: Mapping[str, Any], language: str) -> str:
        """The value in words."""
        value = values.get(self.name)
        if self.form == "words":
            if value is not None:
                return operator_words(self.operator, value, self.kind, language)
            return display(value, self.kind, language)
        return display(value, self.kind, language, form=self.form, against=lambda: self._against(values))

    def _against(self, values: Mapping[str, Any]) -> list[tuple[Any, Kind]]:
        return [(values.get(name), kind) for name, kind in self.thresholds]


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template.

    ``refs`` are the names whose values ``render`` wants, in order; ``facts``, ``lets`` and ``parameters``
    are these by sort (parameters without ``param.``).
    """

    parts: tuple[str | Placeholder, ...]
    facts: tuple[str, ...]
    lets: tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def refs(self) -> tuple[str, ...]:
        """All names that it shows."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Placeholder)))

    def render(self, values: Mapping[str, Any], language: str) -> str:
        """The text with values (docs/architecture.md §1, by the names of ``refs``) in ``zh`` or ``en``.

        Values of further parameters (``param.x``) are taken as thresholds.
        """
        return "".join(
            [part if isinstance(part, str) else part.show(values, language) for part in self.parts]
        )


def compile_template(text: str, source: Source, env: Env) -> tuple[Template | None, tuple[Diagnostic, ...]]:
    """Check a template that begins at ``source``; ``None`` if a diagnostic is an error."""
    return _Compiler(text, source, env).compiled(text)


class _Compiler:
    """One template being checked."""

    def __init__(self, text: str, source: Source, env: Env) -> None:
        self._env = env
        self._reporter = Reporter(text, source)
        self._found: list[Diagnostic] = []
        self._names: dict[str, dict[str, None]] = {"fact": {}, "let": {}, "param": {}}

    def compiled(self, text: str) -> tuple[Template | None, tuple[Diagnostic, ...]]:
        """The template and what was found."""
        parts: list[str | Placeholder] = []
        at = 0
        for match in _TOKEN.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
            if match[0] in {"{{", "}}"}:
                parts.append(match[0][0])
            elif match[1] is None:
                self._reporter.add("T001", match.start())
            else:
                placeholder = self._placeholder(match[1], match.start() + 1)
                if placeholder is not None:
                    parts.append(placeholder)
        parts.append(text[at:])
        found = (*self._found, *self._reporter.found())
        if any(item.is_error for item in found):
            return None, found
        names = self._names
        template = Template(
            tuple(part for part in parts if part),
            tuple(names["fact"]),
            tuple(names["let"]),
            tuple(names["param"]),
        )
        return template, found

    def _placeholder(self, inner: str, at: int) -> Placeholder | None:
        name, _, form = inner.partition(":")
        if not _NAME.fullmatch(name):
            return self._reporter.add("T002", at, name=name[:40])
        tree = parse(name, position(self._reporter.text, self._reporter.source, at))
        typed = check(tree, self._env)
        self._found.extend(typed.diagnostics)
        node = typed.root
        if node is None:
            return None
        if node.op not in self._names:
            return self._reporter.add("T002", at, name=name[:40])
        key = node.data.name if isinstance(node.data, FactRef) else str(node.data)
        self._names[node.op][key] = None
        operator = self._env.parameters[key].operator if node.op == "param" else None
        if form == "words":
            if operator is None:
                return self._reporter.add("T004", at, name=name)
        elif form and form not in formats_of(node.kind):
            known = "、".join(formats_of(node.kind)) or "—"
            return self._reporter.add(
                "T003", at, format=form[:20], known=known, **kind_word("kind", node.kind)
            )
        shown = f"param.{key}" if node.op == "param" else key
        return Placeholder(shown, node.kind, form, operator, _thresholds(shown, node.kind, self._env))


def _thresholds(name: str, kind: Kind, env: Env) -> tuple[tuple[str, Kind], ...]:
    """The parameters that a number of this kind could be taken for, by the names of their values."""
    if not kind.numeric:
        return ()
    return tuple(
        (f"param.{key}", parameter.type)
        for key, parameter in sorted(env.parameters.items())
        if f"param.{key}" != name and parameter.kind != "list" and parameter.type.base is kind.base
    )

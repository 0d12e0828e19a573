"""A generated predicate that says quickly that a request's structure is sound; silence proves nothing wrong.

Generated from the descriptors only, one function a message type; no text of a request is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from rules_service.facts.fields import enum_of, field_names, message_of
from rules_service.facts.grammar import (
    Rule,
    has_unique_ids,
    identifier_field,
    is_clean,
    is_date,
    is_decimal,
    rule_of,
)
from rules_service.facts.limits import Limits
from rules_service.facts.memo import Budget, Memo, Rows, Unremembered

__all__ = ["sound"]

_REMEMBERED: Final = 40_000
# Elements that come again and again while people work on a project; each type has its own memory.
_REMEMBERED_ELEMENTS: Final = frozenset(
    {"budget.rules.v1.PerformanceIndicator", "budget.rules.v1.CostItem", "budget.rules.v1.HistoryEntry"}
)
_SETS_REMEMBERED: Final = 256


def sound(message: Message, limits: Limits, size: int) -> bool:
    """True only if nothing is structurally wrong; false may mean that a closer look is needed."""
    project = getattr(message, "project", None)
    classified = project is not None and project.classified
    check = _compiled(message.DESCRIPTOR, limits, size > limits.text, bool(classified))
    return check(message) is not None


@lru_cache(maxsize=64)
def _compiled(root: Descriptor, limits: Limits, long: bool, classified: bool) -> Callable[[Any], str | None]:
    """The predicate of a request type; ``long``: texts must be measured; ``classified``: remember nothing.

    Each function gives the element's identifier ("" if it has none), or ``None`` if it isn't sound.
    """
    emitter = _Emitter(limits, long)
    emitter.message(root)
    make: Any = Unremembered if classified else lambda function: Memo(function, _REMEMBERED)
    names = field_names()

    def known(listed: tuple[str, ...]) -> bool:
        return all(name in names for name in listed)

    space: dict[str, Any] = {
        "DECIMAL": make(is_decimal),
        "DATE": make(is_date),
        "clean": is_clean,
        "HELD": Memo(known, _SETS_REMEMBERED),  # names of fields are no content
        **emitter.sets,
    }
    for name in _REMEMBERED_ELEMENTS:
        rows: Rows[str] = Rows(None if classified else Budget(_REMEMBERED))
        short = name.rpartition(".")[2]
        space |= {f"recall_{short}": rows.recall, f"keep_{short}": rows.keep}
    exec(compile("\n".join(emitter.lines), "<structure>", "exec"), space)  # noqa: S102
    check: Callable[[Any], str | None] = space[_name(root)]
    return check


def _name(message: Descriptor) -> str:
    return f"check_{message.full_name.replace('.', '_')}"


class _Emitter:
    """Writes one function a message type, inner ones first."""

    def __init__(self, limits: Limits, long: bool) -> None:
        self.limits = limits
        self.long = long
        self.lines: list[str] = []
        self.sets: dict[str, frozenset[int]] = {}
        self.done: set[str] = set()

    def message(self, message: Descriptor) -> None:
        if message.full_name in self.done:
            return
        self.done.add(message.full_name)
        for field in message.fields:
            if field.message_type is not None:
                self.message(field.message_type)
        body: list[str] = []
        for field in message.fields:
            body += self.repeated(field) if field.is_repeated else self.single(field)
        if "project" in message.fields_by_name:
            body.append('if not m.HasField("project"): return None')
        self.lines.append(f"def {_name(message)}(m):")
        self.lines += [f"    {line}" for line in body]
        first = message.fields_by_number[1]
        plain = first.type == FieldDescriptor.TYPE_STRING and not first.is_repeated
        self.lines.append(f"    return {'m.' + first.name if plain else repr('')}")

    def single(self, field: FieldDescriptor) -> list[str]:
        rule = rule_of(field)
        value = f"m.{field.name}"
        if rule is Rule.MESSAGE:
            inner = f"{_name(message_of(field))}({value})"
            return [f'if m.HasField("{field.name}") and {inner} is None: return None']
        if rule is Rule.YEAR:
            wrong = f"not {self.limits.first_year} <= v <= {self.limits.last_year}"
            return [f'if ((v := {value}) or m.HasField("{field.name}")) and {wrong}: return None']
        wrong = self.wrong(field, rule)
        return [f"if (v := {value}) and ({wrong}): return None"] if wrong else []

    def element(self, message: Descriptor) -> list[str]:
        """The check of ``e`` in a list; elements without lists of messages are remembered by their bytes."""
        check = f"{_name(message)}(e)"
        if message.full_name not in _REMEMBERED_ELEMENTS:
            return [f"        if (v := {check}) is None: return None"]
        return [
            "        key = e.SerializeToString()",
            f"        if (v := recall_{message.name}(key)) is None:",
            f"            if (v := {check}) is None: return None",
            f"            keep_{message.name}(key, v)",
        ]

    def wrong(self, field: FieldDescriptor, rule: Rule) -> str:
        """The condition on ``v`` under which it isn't sound; "" where nothing is asked."""
        limits = self.limits
        if rule is Rule.TEXT:
            # Characters are at most UTF-16 units, and half of them at least.
            return f"len(v) > {limits.text // 2}" if self.long else ""
        if rule is Rule.IDENTIFIER:
            return f"len(v) > {limits.identifier // 2} or not (v.isprintable() or clean(v))"
        if rule is Rule.MONEY:
            return f"not -{limits.money_fen} <= v <= {limits.money_fen}"
        if rule is Rule.ENUM:
            name = f"E_{enum_of(field).name}"
            self.sets[name] = frozenset(enum_of(field).values_by_number)
            return f"v not in {name}"
        return {Rule.DECIMAL: "not DECIMAL[v]", Rule.DATE: "not DATE[v]"}.get(rule, "")

    def repeated(self, field: FieldDescriptor) -> list[str]:
        limit = self.limits.of_list(field.name)
        lines = [f"if (c := m.{field.name}):", f"    if len(c) > {limit}: return None"]
        rule = rule_of(field)
        if rule is Rule.MESSAGE:
            unique = has_unique_ids(field)
            lines += ["    ids = []"] if unique else []
            lines.append("    for e in c:")
            lines += self.element(message_of(field))
            if unique:
                assert identifier_field(message_of(field)) == message_of(field).fields_by_number[1].name
                lines += ["        if v: ids.append(v)", "    if len(set(ids)) != len(ids): return None"]
            return lines
        if rule is Rule.NOT_HELD:
            return [*lines, "    if not HELD[tuple(c)]: return None"]
        wrong = self.wrong(field, rule)
        if rule is Rule.YEAR:
            wrong = f"not {self.limits.first_year} <= v <= {self.limits.last_year}"
        blank = "v" if rule in {Rule.DECIMAL, Rule.DATE, Rule.TEXT, Rule.MONEY} else "True"
        condition = f"{blank} and ({wrong})" if blank == "v" else wrong
        if rule in {Rule.ENUM, Rule.IDENTIFIER}:
            condition = f"not v or {wrong}"
        return [*lines, "    for v in c:", f"        if {condition}: return None"] if wrong else lines

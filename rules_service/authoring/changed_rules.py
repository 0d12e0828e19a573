"""Which rules of a version decide otherwise than in another: by conditions, levels, values and exemptions."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.compile.bundle import Bundle
from rules_service.compile.resolve import program_unit
from rules_service.compile.view import ViewCheck
from rules_service.language.formatting import format_expression
from rules_service.language.typed import Typed

__all__ = ["changed_rules"]


def changed_rules(before: Bundle, after: Bundle) -> list[str]:
    """The rules that are new in ``after``, or that somewhere decide otherwise; texts don't count."""
    found = set()
    known = {layer.region for layer in before.source.layers}
    for layer in after.source.layers:
        region = layer.region
        days = {*after.rule_days(region), *(before.rule_days(region) if region in known else ())}
        for day in sorted(days):
            old = dict(_rules(before, region, day)) if before.holds(region) else {}
            found |= {rule for rule, form in _rules(after, region, day) if old.get(rule) != form}
    return sorted(found)


def _rules(bundle: Bundle, region: str, day: int) -> Iterator[tuple[str, object]]:
    rules = bundle.resolver.rules(bundle.region(region), day)
    for check in rules.checks:
        values = [(name, rules.values[name].value) for name in check.parameters]
        yield check.id, (_form(check), values, sorted(check.exempt_for & rules.exemptions))


def _form(check: ViewCheck) -> object:
    unit = program_unit(check)
    named = [(name, _text(one)) for name, one in unit.lets]
    steps = [(check.severities[number].level, _text(one)) for number, one in unit.severity]
    reasons = [(reason.code, reason.let) for reason in check.reasons]
    return check.subject, _text(unit.applies_when), _text(unit.fails_when), named, steps, reasons


def _text(typed: Typed | None) -> str:
    """A condition as it is formatted; parameters' operators are those of their comparisons."""
    if typed is None:
        return ""
    operators = sorted(f"{node.op} {node.data}" for node in typed.nodes() if isinstance(node.data, str))
    return " ".join((format_expression(typed.tree, typed.names), *operators))

"""Checks that no rule test speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules_service.compile.reading import own_checks
from rules_service.compile.texts import collector
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.nodes import Node, Scalar
from rules_service.model.ruleset import LayerSource

__all__ = ["lint_tests"]


def lint_tests(layers: Sequence[LayerSource]) -> list[Diagnostic]:
    """A warning for each check without a test; a ruleset that has no tests at all gets none."""
    found = collector()
    tested = {rule for layer in layers for node in layer.tests.values() for rule in _rules(node)}
    if not tested:
        return []
    for layer in layers:
        for check in own_checks(layer):
            if check.id not in tested:
                found.add("CHECK-UNTESTED", check.mark.value("id"), id=check.id)
    return found.in_order()


def _rules(node: Node) -> Iterator[str]:
    """The rules that the cases of a file name."""
    for case in node if isinstance(node, list) else ():
        rule = case.get("rule") if isinstance(case, dict) else None
        if isinstance(rule, Scalar):
            yield rule.text

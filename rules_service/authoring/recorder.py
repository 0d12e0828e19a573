"""A program that keeps what its checks saw, with the values of conditions that nobody shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rules_service.compile.view import View
from rules_service.language.program import Findings, Hits, Program, Trace, generate
from rules_service.language.tree import Tree
from rules_service.language.typed import CheckUnit, Node, Typed
from rules_service.model.diagnostics import Source

__all__ = ["Recorder", "recording"]

_NO_TREE = Tree(None, "", Source("", 1, 1))


class Recorder(Program):
    """Evaluates as the program that it is made of; ``traces`` are those of one check on all its subjects.

    ``places`` are the indices of those subjects.
    """

    def __init__(self, program: Program, check: int) -> None:
        vars(self).update(vars(program))
        self._check = check
        self.traces: list[Trace] = []
        self.places: list[tuple[int, ...]] = []

    def evaluate(  # noqa: PLR0917 - the interface fixed in docs/architecture.md
        self,
        stratum: int,
        project: tuple[Any, ...],
        report: tuple[Any, ...] | None,
        P: tuple[Any, ...],  # noqa: N803 - the name of the interface
        X: Findings | None = None,  # noqa: N803 - the name of the interface
        detail_all: bool = False,
        service: str = "review",
    ) -> Hits:
        """Evaluate one stratum, and explain the check on each of its subjects."""
        hits = super().evaluate(stratum, project, report, P, X, True, service)
        if self.units[self._check].stratum == stratum:
            found = [
                indices
                for number, indices, code in hits[0]
                if number == self._check and code <= _LAST_EXPLAINED
            ]
            self.places += found
            self.traces += [self.explain(self._check, indices, project, report, P, X) for indices in found]
        return super().evaluate(stratum, project, report, P, X, detail_all, service)


_LAST_EXPLAINED = 3  # NOT_APPLICABLE, PASS, FAIL, INDETERMINATE; the others have no subject


def recording(view: View, rule: str, conditions: Sequence[Node]) -> tuple[View, Recorder]:
    """A view whose program records one rule, and as the last of its named values the given conditions.

    The view's layout stays: the conditions are parts of the rule, and read nothing else.
    """
    [check] = [check for check in view.checks if check.id == rule]
    units = [
        _with(unit, conditions) if number == check.number else unit
        for number, unit in enumerate(view.program.units)
    ]
    program = generate(units, view.program.parameters, view.layout, view.program.formulas)
    recorder = Recorder(program, check.number)
    changed = replace(check, unit=_with(check.unit, conditions))
    checks = tuple(changed if one is check else one for one in view.checks)
    return replace(view, checks=checks, program=recorder), recorder


def _with(unit: CheckUnit, conditions: Sequence[Node]) -> CheckUnit:
    lets = dict(unit.lets)
    hidden = tuple(
        (f"@part.{number}", Typed(node, _NO_TREE, lets=lets)) for number, node in enumerate(conditions)
    )
    return replace(unit, lets=(*unit.lets, *hidden))

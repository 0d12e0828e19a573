"""Conditions that decide nothing: never true, always true, or hidden by a step above that holds first.

What a condition comes to is looked at in every state of what it reads, with the parameters of every place and
day (``behaviour.py``). There are more states than requests can bring about: what is told here is certain, and
something that is not told may still be so. It is told if it is so wherever the check runs; of severity steps
that compare with parameters, if it is so in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rules_service.compile.behaviour import conditions_of
from rules_service.compile.layering import LayeredCheck, active_layers, layered_checks
from rules_service.compile.resolve import Resolver
from rules_service.compile.texts import collector
from rules_service.compile.view import ViewCheck
from rules_service.language.keys import Reading
from rules_service.language.states import TooManyStatesError
from rules_service.language.truth import Condition, Truth, TruthTables
from rules_service.language.typed import Typed, walk
from rules_service.model.diagnostics import Diagnostic, Source
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text

__all__ = ["lint_logic"]


class _Place(NamedTuple):
    """A condition as written: its check, what it decides, and where it stands."""

    rule: str
    part: str
    source: Source


@dataclass(slots=True)
class _Seen:
    """In how many views a condition decides something, and what is wrong with it in the others."""

    sound: int = 0
    fault: str = ""
    where: str = ""
    thresholds: bool = False


class _Step(NamedTuple):
    text: Scalar
    typed: Typed


def lint_logic(
    resolver: Resolver, layers: Sequence[LayerSource], days: Mapping[str, Sequence[int]]
) -> list[Diagnostic]:
    """Warnings of a ruleset without errors; ``days`` are by region those on which its rules are looked at."""
    seen: dict[_Place, _Seen] = {}
    known: dict[tuple[object, ...], tuple[ViewCheck, list[tuple[_Place, str, bool]]]] = {}
    for layer in layers:
        for day in days[layer.region]:
            rules = resolver.rules(layer.region, day)
            active = active_layers(resolver.chain(layer.region), day)
            written = {check.document.id: check for check in layered_checks(active, day)}
            for check in rules.checks:
                values = {name: rules.values[name].value for name in check.parameters}
                key = (id(check.unit), check.severities, tuple(map(str, values.items())))
                if key not in known:
                    known[key] = (check, list(_of_check(check, written[check.id], values)))
                for place, fault, thresholds in known[key][1]:
                    _note(seen.setdefault(place, _Seen()), fault, thresholds, layer.region, day)
    found = collector()
    for place, one in seen.items():
        told = {"id": place.rule, "part": place.part}
        if one.fault and not one.sound:
            found.add(one.fault, place.source, **told)
        elif one.thresholds:
            found.add("LOGIC-ORDER", place.source, where=one.where, **told)
    return found.in_order()


def _note(seen: _Seen, fault: str, thresholds: bool, region: str, day: int) -> None:
    if not fault:
        seen.sound += 1
        return
    seen.fault = seen.fault or fault
    if thresholds and not seen.thresholds:
        seen.thresholds, seen.where = True, f"{region} {date_text(day)}"


def _of_check(
    check: ViewCheck, layered: LayeredCheck, values: Mapping[str, Any]
) -> Iterator[tuple[_Place, str, bool]]:
    """Each condition of a check with what is wrong with it: the code, blank for nothing."""
    try:
        tables = TruthTables(conditions_of(check, values))
    except TooManyStatesError:
        return
    reading, possible = Reading(dict(check.unit.lets), values), tables.space.possible

    def truth(typed: Typed) -> Truth:
        return tables.truth(Condition(typed.node, reading))

    unit, document = check.unit, layered.document
    failing = truth(unit.fails_when).true & possible
    for part, typed, text in (
        ("applies_when", unit.applies_when, document.applies_when),
        ("fails_when", unit.fails_when, document.fails_when),
    ):
        if typed is not None and text is not None:
            fault = "" if _rests_on_choices(typed, values) else _extreme(truth(typed), possible)
            yield _Place(check.id, part, text.source), fault, False
    if unit.applies_when is not None:
        failing &= truth(unit.applies_when).true
    if not failing:
        return  # told already, or nothing certain can be said of the steps
    for part, steps in _lists(check, layered):
        left = failing
        for step in steps:
            holds = truth(step.typed).true
            fault = _step_fault(holds, possible, failing, left)
            if fault != "LOGIC-MASKED" and _rests_on_choices(step.typed, values):
                fault = ""
            thresholds = part == "severity" and fault == "LOGIC-MASKED" and _compares(step.typed)
            yield _Place(check.id, part, step.text.source), fault, thresholds
            left &= ~holds


def _rests_on_choices(typed: Typed, values: Mapping[str, Any]) -> bool:
    """Whether a condition asks what a place has chosen: parameters without a value, or that are no numbers.

    That no place has chosen something yet is no fault of the condition.
    """
    read = typed.parameters() | typed.optional_parameters()
    held = [values.get(name) for name in read]
    return any(not isinstance(value, int) or isinstance(value, bool) for value in held)


def _extreme(truth: Truth, possible: int) -> str:
    if not truth.true & possible:
        return "LOGIC-NEVER"
    return "" if truth.false & possible else "LOGIC-ALWAYS"


def _step_fault(holds: int, possible: int, failing: int, left: int) -> str:
    if not holds & possible:
        return "LOGIC-NEVER"
    if not holds & failing:
        return "LOGIC-NOT-FAILING"
    return "" if holds & left else "LOGIC-MASKED"


def _lists(check: ViewCheck, layered: LayeredCheck) -> Iterator[tuple[str, list[_Step]]]:
    """The conditional steps of severities, reasons, messages and remedies, in their order."""
    lets = dict(check.unit.lets)
    severity = [
        _Step(step.when, typed)
        for step, (number, typed) in zip(layered.levels, check.unit.severity, strict=True)
        if step.when is not None and typed is not None and not check.severities[number].dormant
    ]
    yield "severity", severity
    cases = zip(check.reasons, layered.document.reason_code, strict=True)
    yield "reason_code", [_Step(two.when, lets[one.let]) for one, two in cases if one.let and two.when]
    for part, texts, written in (
        ("message", check.message, layered.message),
        ("remedy", check.remedy, layered.remedy),
    ):
        pairs = zip(texts, written, strict=True)
        yield part, [_Step(two.when, lets[one.let]) for one, two in pairs if one.let and two.when]


def _compares(typed: Typed) -> bool:
    """Whether a step is a comparison with a parameter."""
    return any(node.op in {"lt", "le", "gt", "ge"} and node.data is not None for node in walk(typed.node))

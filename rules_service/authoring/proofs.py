"""Proves that a changed rule says what the rule said: by listing all states of what both of them read.

Compared are outcome, level, level left open, reason, texts and actions. Which facts an undecided rule names
as missing is not: a question for what is missing too names it twice or once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from rules_service.authoring.in_force import Station
from rules_service.authoring.inside import Inside, Pair, common_parts
from rules_service.authoring.mutants import Mutant
from rules_service.authoring.said import in_state, labelled
from rules_service.authoring.shown import choosing, shown_values
from rules_service.compile.behaviour import behaviour, conditions_of
from rules_service.compile.resolve import Resolver
from rules_service.compile.view import View, ViewCheck
from rules_service.language.keys import Key
from rules_service.language.sentence import state_words
from rules_service.language.states import State, TooManyStatesError
from rules_service.language.truth import TruthTables
from rules_service.model.fields import Bilingual

__all__ = ["NOT_LISTED", "Difference", "Told", "alike", "compare", "difference", "told"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A state in which two rules differ: what must be so for that, and what they then say.

    ``element``: what must be so of one element of a list. Both are empty where the conditions read too much
    to be listed, or where it is no condition that differs.
    """

    state: tuple[State, ...] = ()
    element: tuple[State, ...] = ()
    before: str = ""
    after: str = ""


NOT_LISTED = Difference()


class Told(NamedTuple):
    """A difference in words by language: what must be so, of the whole and of one element of a list."""

    state: Mapping[str, str]
    element: Mapping[str, str]
    before: str
    after: str


def told(found: Difference, titles: Mapping[str, Bilingual]) -> Told:
    """A difference in words; ``titles`` are those of parameters."""
    state, element = (
        {
            language: state_words(
                states, language, {name: title.text(language) for name, title in titles.items()}
            )
            for language in ("zh", "en")
        }
        for states in (found.state, found.element)
    )
    return Told(state, element, found.before, found.after)


Values = Sequence[Mapping[str, Any]]
"""The parameters of both."""


def difference(mutant: Mutant, resolver: Resolver, stations: Iterable[Station]) -> Difference | None:
    """The first difference that a mutant makes, in all regions on all days; ``None`` if it makes none."""
    variant = mutant.make(resolver)
    seen: set[object] = set()
    for station in stations:
        if (mutant.reads_facts or mutant.words) and not alike(
            resolver.part(*station, frozenset()), variant.part(*station, frozenset())
        ):
            return NOT_LISTED
        for rule in sorted(mutant.rules):
            before, after = (one.part(*station, frozenset({rule})) for one in (resolver, variant))
            if alike(before, after):
                continue
            what = tuple(_decisive(view) for view in (before, after))
            if what in seen:
                continue
            seen.add(what)
            found = compare(before, after, rule)
            if found is not None:
                return found
    return None


def alike(before: View, after: View) -> bool:
    """Whether two views of some rules say the same of every request, by being the same."""
    names = {name for check in before.checks for name in check.parameters}
    return (
        before.fact_context is after.fact_context
        and (before.checks, before.inactive, before.dormant_cases)
        == (after.checks, after.inactive, after.dormant_cases)
        and all(before.parameters[name] == after.parameters[name] for name in names)
        and (before.exemptions, before.verdict_map) == (after.exemptions, after.verdict_map)
    )


def _decisive(view: View) -> object:
    """What decides what the rules of a view say; checks are kept by the ruleset that the view is of."""
    return repr(
        (
            [(id(check.unit), check.severities, check.exempt_for & view.exemptions) for check in view.checks],
            [(item.check.id, item.reason, item.parameters) for item in view.inactive],
            view.P,
        )
    )


def compare(before: View, after: View, rule: str) -> Difference | None:
    """The first difference of a rule in two views; ``None`` if there is none."""
    one, two = (_found(view, rule) for view in (before, after))
    if one is None or two is None:
        return None if one is two and _inactive(before, rule) == _inactive(after, rule) else NOT_LISTED
    if one.exempt_for & before.exemptions != two.exempt_for & after.exemptions:
        return NOT_LISTED
    values = [{name: item.value for name, item in view.parameters.items()} for view in (before, after)]
    pairs = list(_pairs(one, two, values))
    inside = Inside()
    for pair in pairs:
        inside.walk(pair[0].node, pair[1].node, (pair[0].reading, pair[1].reading))
    found = _listed(one, two, values, pairs, inside.same)
    if found is None or not inside.element:
        return found
    state = tuple(one for one in found.state if id(one.node) not in inside.differing)
    return replace(found, state=state, element=inside.element)


def _listed(
    one: ViewCheck, two: ViewCheck, values: Values, pairs: Sequence[Pair], same: Mapping[Key, Key]
) -> Difference | None:
    """The first difference in all states; if they are too many, of those of what the two don't share."""
    read = [condition for pair in pairs for condition in pair]
    read += [
        condition
        for check, value in zip((one, two), values, strict=True)
        for condition in choosing(check, value)
    ]
    for opaque in (frozenset[Key](), common_parts(pairs, same)):
        try:
            tables = TruthTables(read, same=same, opaque=opaque)
        except TooManyStatesError:
            continue
        found = _difference(one, two, values, tables, same)
        return replace(found, state=()) if found is not None and opaque else found
    return NOT_LISTED


def _found(view: View, rule: str) -> ViewCheck | None:
    return next((check for check in view.checks if check.id == rule), None)


def _inactive(view: View, rule: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.reason, item.parameters) for item in view.inactive if item.check.id == rule]


def _pairs(one: ViewCheck, two: ViewCheck, values: Values) -> Iterator[Pair]:
    """The conditions of both, side by side as far as they go."""
    first, second = list(conditions_of(one, values[0])), list(conditions_of(two, values[1]))
    yield from zip(first, second, strict=False)
    for rest in (first[len(second) :], second[len(first) :]):
        yield from ((condition, condition) for condition in rest)


def _difference(
    one: ViewCheck, two: ViewCheck, values: Values, tables: TruthTables, same: Mapping[Key, Key]
) -> Difference | None:
    both = tuple(zip((one, two), values, strict=True))
    behaviours = [behaviour(check, value, tables) for check, value in both]
    said = [dict(labelled(check, found)) for check, found in zip((one, two), behaviours, strict=True)]
    differing = 0
    for label in said[0].keys() | said[1].keys():
        differing |= said[0].get(label, 0) ^ said[1].get(label, 0)
    if differing:
        number, state = tables.space.example(differing)
        return Difference(tuple(state), (), *(in_state(labels, number) for labels in said))
    failed = behaviours[0].failed
    shown = [shown_values(check, value, tables, failed, same) for check, value in both]
    return None if shown[0] == shown[1] else NOT_LISTED

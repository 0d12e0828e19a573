"""Proves that a changed rule says what the rule said: by listing all states of what both of them read.

Compared are outcome, level, level left open, reason, texts and actions. Which facts an undecided rule names
as missing is not: a question for what is missing too names it twice or once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from rules_service.authoring.in_force import Station
from rules_service.authoring.mutants import Mutant
from rules_service.compile.behaviour import Behaviour, behaviour, conditions_of
from rules_service.compile.resolve import Resolver
from rules_service.compile.view import View, ViewCheck
from rules_service.language.keys import Key, Keys, Reading, inlined
from rules_service.language.sentence import state_words
from rules_service.language.states import State, TooManyStatesError
from rules_service.language.truth import Condition, TruthTables
from rules_service.language.typed import Node
from rules_service.model.fields import Bilingual
from rules_service.values.kinds import Base

__all__ = ["NOT_LISTED", "Difference", "Told", "alike", "compare", "difference", "told"]

_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_JOINING = frozenset({"and", "or", "not", "cond"})


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


Pair = tuple[Condition, Condition]
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
    inside = _Inside()
    for pair in pairs:
        inside.walk(pair[0].node, pair[1].node, (pair[0].reading, pair[1].reading))
    found = _listed(one, two, values, pairs, inside.same)
    if found is None:
        return None if _shows_the_same(one, two, values, inside.same) else NOT_LISTED
    if not inside.element:
        return found
    state = tuple(one for one in found.state if id(one.node) not in inside.differing)
    return replace(found, state=state, element=inside.element)


def _listed(
    one: ViewCheck, two: ViewCheck, values: Values, pairs: Sequence[Pair], same: Mapping[Key, Key]
) -> Difference | None:
    """The first difference in all states; if they are too many, of those of what the two don't share."""
    try:
        return _difference(one, two, values, TruthTables(_flat(pairs), same=same))
    except TooManyStatesError:
        pass
    try:
        tables = TruthTables(_flat(pairs), same=same, opaque=_common(pairs, same))
    except TooManyStatesError:
        return NOT_LISTED
    found = _difference(one, two, values, tables)
    return None if found is None else replace(found, state=())


def _shows_the_same(one: ViewCheck, two: ViewCheck, values: Values, same: Mapping[Key, Key]) -> bool:
    """Whether the named values that findings show are the same."""
    keys = Keys(same)
    shown = [
        {
            name: keys.key(typed.node, Reading(dict(check.unit.lets), value))
            for name, typed in check.unit.lets
            if name in _shown(check)
        }
        for check, value in zip((one, two), values, strict=True)
    ]
    return shown[0] == shown[1]


def _shown(check: ViewCheck) -> frozenset[str]:
    """The named values in texts and in what is offered."""
    texts = [text for case in (*check.message, *check.remedy) for text in (case.text.zh, case.text.en)]
    offered = check.suggestion
    names = {name for text in texts for name in text.lets}
    if offered is not None:
        names |= {offered.reference_value, offered.standard_id or ""}
    return frozenset(names)


def _found(view: View, rule: str) -> ViewCheck | None:
    return next((check for check in view.checks if check.id == rule), None)


def _inactive(view: View, rule: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.reason, item.parameters) for item in view.inactive if item.check.id == rule]


def _flat(pairs: Iterable[Pair]) -> Iterator[Condition]:
    for pair in pairs:
        yield from pair


def _pairs(one: ViewCheck, two: ViewCheck, values: Values) -> Iterator[Pair]:
    """The conditions of both, side by side as far as they go."""
    first, second = list(conditions_of(one, values[0])), list(conditions_of(two, values[1]))
    yield from zip(first, second, strict=False)
    for rest in (first[len(second) :], second[len(first) :]):
        yield from ((condition, condition) for condition in rest)


def _difference(one: ViewCheck, two: ViewCheck, values: Values, tables: TruthTables) -> Difference | None:
    said = [
        dict(_labelled(check, behaviour(check, value, tables)))
        for check, value in zip((one, two), values, strict=True)
    ]
    differing = 0
    for label in said[0].keys() | said[1].keys():
        differing |= said[0].get(label, 0) ^ said[1].get(label, 0)
    if not differing:
        return None
    number, state = tables.space.example(differing)
    texts = [_in_state(labels, number) for labels in said]
    return Difference(tuple(state), (), *texts)


def _labelled(check: ViewCheck, said: Behaviour) -> Iterator[tuple[str, int]]:
    """The sets of states by what is said in them."""
    yield "NOT_APPLICABLE", said.not_applicable
    yield "PASS", said.passed
    yield "INDETERMINATE", said.undecided
    found: dict[str, int] = {}
    for step, states in said.steps.items():
        level = check.severities[step].level
        left = states
        for open_, among in said.open.items():
            above = check.severities[open_].level
            if above > level:
                _add(found, f"FAIL {level.name} ({above.name}?)", states & among)
                left &= ~among
        _add(found, f"FAIL {level.name}", left)
    for reason, states in zip(check.reasons, said.reasons, strict=True):
        _add(found, f"#{reason.code}", states)
    for name, cases in (("message", said.messages), ("remedy", said.remedies)):
        for number, states in enumerate(cases):
            _add(found, f"#{name} {number + 1}", states)
    for action, states in zip(check.actions, said.actions, strict=True):
        _add(found, f"#{action.action.value}", states)
    yield from found.items()


def _add(found: dict[str, int], label: str, states: int) -> None:
    found[label] = found.get(label, 0) | states


def _in_state(labels: Mapping[str, int], number: int) -> str:
    """What is said in one state."""
    held = [label for label, states in labels.items() if states >> number & 1]
    return " ".join(sorted(held, key=lambda label: label.startswith("#"))).replace("#", "")


# --- what need not be looked into ---------------------------------------------------------------------


class _Inside:
    """What stands in macros: ``same`` are those whose bodies differ as written, but not in what they say.

    ``element`` is a state of an element in which the bodies of some macro differ; ``differing`` are those
    macros, by identity.
    """

    def __init__(self) -> None:
        self.same: dict[Key, Key] = {}
        self.element: tuple[State, ...] = ()
        self.differing: set[int] = set()

    def walk(self, one: Node, two: Node, readings: tuple[Reading, Reading]) -> None:
        """Compare two conditions, from the inside out, as far as they are alike in shape."""
        one, two = inlined(one, readings[0]), inlined(two, readings[1])
        if one.op != two.op or len(one.args) != len(two.args):
            return
        for first, second in zip(one.args, two.args, strict=True):
            self.walk(first, second, readings)
        if one.op not in _MACROS or one.args[1].kind.base is not Base.BOOLEAN:
            return
        keys = Keys(self.same)
        own, other = keys.key(one, readings[0]), keys.key(two, readings[1])
        lists = [keys.key(node.args[0], reading) for node, reading in zip((one, two), readings, strict=True)]
        if own != other:
            self.differing |= {id(one), id(two)}
        if own != other and lists[0] == lists[1]:
            bodies = [Condition(node.args[1], read) for node, read in zip((one, two), readings, strict=True)]
            if self._agree(bodies):
                self.same[other] = own

    def _agree(self, bodies: Sequence[Condition]) -> bool:
        try:
            tables = TruthTables(bodies, same=self.same)
        except TooManyStatesError:
            return False
        truths = [tables.truth(body) for body in bodies]
        differing = (truths[0].true ^ truths[1].true) | (truths[0].false ^ truths[1].false)
        if differing & tables.space.possible:
            self.element = tuple(tables.space.example(differing)[1])
            return False
        return True


def _common(pairs: Iterable[Pair], same: Mapping[Key, Key]) -> frozenset[Key]:
    """The parts that both conditions have: whatever they come to, it is the same in both."""
    keys = Keys(same)
    sides: tuple[set[Key], set[Key]] = (set(), set())
    for pair in pairs:
        for side, condition in zip(sides, pair, strict=True):
            side.update(_parts(condition.node, condition.reading, keys))
    return frozenset(sides[0] & sides[1])


def _parts(node: Node, reading: Reading, keys: Keys) -> Iterator[Key]:
    node = inlined(node, reading)
    if node.op in _JOINING:
        yield keys.key(node, reading)
        for arg in node.args:
            yield from _parts(arg, reading, keys)

"""What durable-rules 2.0.28 can take: decision sets are checked against it before one of them is used.

The library has hard-coded tables and stacks, and some of them fail with a crash instead of an error. The
limits here lie well within those of the library, so that no decision set that passes can reach one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat

from rules_service.engine.conclude import (
    FIELDS,
    INTEGER_FIELDS,
    AtLeast,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    FieldRef,
    Test,
)
from rules_service.inference.texts import TEXTS

__all__ = [
    "MAX_CONDITIONS",
    "MAX_FACTS",
    "MAX_JOINS",
    "MAX_RULES",
    "MAX_VALUES",
    "MAX_WORD",
    "LimitDiagnostic",
    "OutsideVocabularyError",
    "check_limits",
    "dependencies",
    "require_facts",
    "require_limits",
]

MAX_RULES = 2_000
MAX_CONDITIONS = 3
MAX_JOINS = 3
MAX_VALUES = 64  # of one condition: each is a node, and a node has room for 128 alternatives
MAX_WORD = 64
MAX_FACTS = 4_096  # their ids are known not to collide in the library's 32-bit hash

# A field that names what a fact is about. Facts that agree in it are few, so a join on it stays small.
_IDENTITY = {"finding": "rule", "history": "rule", "conclusion": "rule", "band": "name"}

_WORD = re.compile(rf"[^\W_][\w.:/-]{{0,{MAX_WORD - 1}}}")


class OutsideVocabularyError(ValueError):
    """A decision set or a fact that must not reach durable-rules; the message lists why."""


@dataclass(frozen=True, slots=True)
class LimitDiagnostic:
    """One thing that is wrong with a decision set; ``rule`` is the decision's id, or "" for the set."""

    code: str
    rule: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str


def _diagnostic(code: str, rule: str = "", **values: object) -> LimitDiagnostic:
    zh, en, cure_zh, cure_en = (template.format(rule=rule, **values) for template in TEXTS[code])
    return LimitDiagnostic(code, rule, zh, en, cure_zh, cure_en)


def check_limits(decisions: DecisionSet) -> tuple[LimitDiagnostic, ...]:
    """Everything in ``decisions`` that durable-rules must not be given; empty if it may be used."""
    found = []
    if len(decisions.rules) > MAX_RULES:
        found.append(_diagnostic("DEC-TOO-MANY", count=len(decisions.rules), limit=MAX_RULES))
    seen: set[str] = set()
    for rule in decisions.rules:
        if rule.id in seen:
            found.append(_diagnostic("DEC-DUPLICATE-ID", rule.id))
        seen.add(rule.id)
        found += _rule(rule)
    if not found:
        found += _cycles(decisions)
    return tuple(found)


def require_limits(decisions: DecisionSet) -> None:
    """Raise ``OutsideVocabularyError`` if ``decisions`` must not be used."""
    found = check_limits(decisions)
    if found:
        raise OutsideVocabularyError("; ".join(f"{each.code}: {each.en}" for each in found))


def require_facts(facts: tuple[DecisionFact, ...]) -> tuple[DecisionFact, ...]:
    """The same facts, one object for equal facts of all questions, so that remembering many stays small.

    Raises ``OutsideVocabularyError`` unless they are a question that durable-rules may be given.
    """
    if len(facts) > MAX_FACTS:
        raise OutsideVocabularyError(f"{len(facts)} decision facts; the most is {MAX_FACTS}")
    if any(left >= right for left, right in pairwise(facts)):
        raise OutsideVocabularyError("decision facts must be sorted and distinct")
    return tuple(map(_shared, facts))


@lru_cache(maxsize=65_536)
def _shared(fact: DecisionFact) -> DecisionFact:
    if (
        fact.kind == "conclusion"
        or fact.kind not in FIELDS
        or not all(map(_fits, repeat(fact), fact._fields))
    ):
        raise OutsideVocabularyError(f"not a decision fact: {fact!r}")
    return fact


def _fits(fact: DecisionFact, field: str) -> bool:
    value = getattr(fact, field)
    if field == "kind" or field not in FIELDS[fact.kind]:
        return field == "kind" or value == DecisionFact._field_defaults[field]
    if field in INTEGER_FIELDS:
        return isinstance(value, int) and value in INTEGER_FIELDS[field]
    return isinstance(value, str) and (value == "" or _WORD.fullmatch(value) is not None)


def _words(rule: DecisionRule) -> Iterator[str]:
    yield rule.id
    then = rule.then
    for word in (then.decision, then.level, then.action, then.tag):
        if word is not None:
            yield word
    for condition in rule.when:
        yield condition.alias
        for test in condition.tests.values():
            if not isinstance(test, AtLeast):
                for value in test:
                    if isinstance(value, str) and value:
                        yield value


def _rule(rule: DecisionRule) -> Iterator[LimitDiagnostic]:
    for word in _words(rule):
        if not _WORD.fullmatch(word):
            yield _diagnostic("DEC-BAD-WORD", rule.id, word=word[: MAX_WORD + 1], limit=MAX_WORD)
    then = rule.then
    if not (then.decision or then.level or then.action or then.tag):
        yield _diagnostic("DEC-NO-CONCLUSION", rule.id)
    if not rule.when:
        yield _diagnostic("DEC-NO-CONDITION", rule.id)
    if len(rule.when) > MAX_CONDITIONS:
        yield _diagnostic("DEC-TOO-MANY-CONDITIONS", rule.id, count=len(rule.when), limit=MAX_CONDITIONS)
    if len(rule.joins) > MAX_JOINS:
        yield _diagnostic("DEC-TOO-MANY-JOINS", rule.id, count=len(rule.joins), limit=MAX_JOINS)
    aliases: set[str] = set()
    for condition in rule.when:
        if condition.alias in aliases:
            yield _diagnostic("DEC-DUPLICATE-ALIAS", rule.id, alias=condition.alias)
        aliases.add(condition.alias)
        yield from _condition(rule.id, condition)
    yield from _joins(rule)


def _condition(rule: str, condition: Condition) -> Iterator[LimitDiagnostic]:
    alias = condition.alias
    if condition.kind not in FIELDS:
        yield _diagnostic("DEC-UNKNOWN-KIND", rule, alias=alias, kind=condition.kind)
        return
    fields = FIELDS[condition.kind]
    for field, test in condition.tests.items():
        if field not in fields:
            shown = ", ".join(fields) or "–"
            yield _diagnostic("DEC-UNKNOWN-FIELD", rule, alias=alias, field=field, fields=shown)
        else:
            yield from _test(rule, alias, field, test)
    count = sum(1 if isinstance(test, AtLeast) else len(test) for test in condition.tests.values())
    if count > MAX_VALUES:
        yield _diagnostic("DEC-TOO-MANY-VALUES", rule, alias=alias, count=count, limit=MAX_VALUES)


def _test(rule: str, alias: str, field: str, test: Test) -> Iterator[LimitDiagnostic]:
    allowed = INTEGER_FIELDS.get(field)
    if allowed is None and isinstance(test, AtLeast):
        yield _diagnostic("DEC-BAD-MINIMUM", rule, alias=alias, field=field)
        return
    values: tuple[str | int, ...] = (test.minimum,) if isinstance(test, AtLeast) else test
    if not values:
        yield _diagnostic("DEC-NO-VALUE", rule, alias=alias, field=field)
    for value in values:
        if allowed is None:
            if not isinstance(value, str):
                yield _diagnostic("DEC-BAD-WORD", rule, word=str(value)[:MAX_WORD], limit=MAX_WORD)
        elif type(value) is not int or value not in allowed:
            yield _diagnostic(
                "DEC-BAD-INTEGER",
                rule,
                alias=alias,
                field=field,
                low=allowed[0],
                high=allowed[-1],
                value=value,
            )


def _joins(rule: DecisionRule) -> Iterator[LimitDiagnostic]:
    kinds = {condition.alias: condition.kind for condition in rule.when}

    def known(ref: FieldRef) -> bool:
        return ref[1] in FIELDS.get(kinds.get(ref[0], ""), ())

    joined: dict[str, set[str]] = {}
    narrow: set[str] = set()
    for left, right in rule.joins:
        same_sort = (left[1] in INTEGER_FIELDS) == (right[1] in INTEGER_FIELDS)
        if not (known(left) and known(right) and left[0] != right[0] and same_sort):
            yield _diagnostic("DEC-BAD-JOIN", rule.id, left=".".join(left), right=".".join(right))
            continue
        joined.setdefault(left[0], set()).add(left[1])
        joined.setdefault(right[0], set()).add(right[1])
        if all(_IDENTITY.get(kinds[alias]) == field for alias, field in (left, right)):
            narrow |= {left[0], right[0]}
    for alias, fields in joined.items():
        if alias not in narrow:
            yield _diagnostic("DEC-WIDE-JOIN", rule.id, alias=alias, fields=", ".join(sorted(fields)))


def dependencies(decisions: DecisionSet) -> list[set[int]]:
    """For each rule, by number, the rules whose conclusions can meet one of its conditions."""
    conclusions = [
        {
            "rule": rule.id,
            "decision": rule.then.decision or "",
            "level": rule.then.level or "",
            "action": rule.then.action or "",
            "tag": rule.then.tag or "",
        }
        for rule in decisions.rules
    ]
    return [
        {
            number
            for condition in rule.when
            if condition.kind == "conclusion"
            for number, conclusion in enumerate(conclusions)
            if all(
                not isinstance(test, AtLeast) and conclusion[field] in test
                for field, test in condition.tests.items()
            )
        }
        for rule in decisions.rules
    ]


def _cycles(decisions: DecisionSet) -> Iterator[LimitDiagnostic]:
    waiting = dict(enumerate(dependencies(decisions)))
    while True:
        free = {number for number, needs in waiting.items() if not needs & waiting.keys()}
        if not free:
            break
        for number in free:
            del waiting[number]
    if waiting:
        # what only hangs on the circle is no part of it
        while True:
            needed = set().union(*waiting.values())
            outside = waiting.keys() - needed
            if not outside:
                break
            for number in outside:
                del waiting[number]
        names = " → ".join(decisions.rules[number].id for number in sorted(waiting))
        yield _diagnostic("DEC-CYCLE", rules=names)

"""What the supervisor and its worker say to each other: length-prefixed JSON, checked on arrival.

A frame is four bytes of length (big-endian) and that many bytes of JSON. Requests carry ``id`` and ``do``:

* ``{"id": 7, "do": "load", "hash": …, "rules": [...]}`` → ``{"id": 7, "loaded": hash}``
* ``{"id": 8, "do": "ask", "hash": …, "facts": [[...]]}`` → ``{"id": 8, "fired": [[rule, [premise, …]], …]}``
* ``{"id": 9, "do": "drop", "hash": …}`` → ``{"id": 9, "dropped": hash}``

Rules go by their number in the set. A premise is the number of a fact in the question, or -1 - the number of
the rule whose conclusion it is. A worker that fails answers ``{"id": …, "failed": text}`` and ends. Before
anything else it says ``HELLO``.
"""

from __future__ import annotations

from typing import Any

import orjson

from rules_service.engine.conclude import (
    AtLeast,
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    Fired,
    Test,
    conclusion_fact,
)

__all__ = [
    "HELLO",
    "MAX_FRAME",
    "PREFIX",
    "WireError",
    "facts_from_wire",
    "facts_to_wire",
    "fired_from_wire",
    "frame",
    "set_from_wire",
    "set_to_wire",
]

PREFIX = 4
MAX_FRAME = 16 << 20
HELLO = {"id": 0, "hello": "durable-rules 2.0.28"}


class WireError(ValueError):
    """A message that does not say what the protocol allows here."""


def frame(message: dict[str, Any]) -> bytes:
    """One message as it goes through the pipe."""
    body = orjson.dumps(message)
    if len(body) > MAX_FRAME:
        raise WireError("message too long")
    return len(body).to_bytes(PREFIX, "big") + body


def facts_to_wire(facts: tuple[DecisionFact, ...]) -> list[list[str | int]]:
    """The facts of a question as lists of their fields."""
    return [list(fact) for fact in facts]


def facts_from_wire(rows: list[list[Any]]) -> tuple[DecisionFact, ...]:
    """The facts of a question, in the order sent."""
    return tuple(DecisionFact(*row) for row in rows)


def set_to_wire(decisions: DecisionSet) -> list[dict[str, Any]]:
    """The rules of a decision set as JSON."""
    return [
        {
            "id": rule.id,
            "when": [
                {
                    "alias": condition.alias,
                    "kind": condition.kind,
                    "tests": {
                        field: test.minimum if isinstance(test, AtLeast) else list(test)
                        for field, test in condition.tests.items()
                    },
                }
                for condition in rule.when
            ],
            "then": [
                rule.then.decision,
                rule.then.level,
                rule.then.action,
                rule.then.tag,
                rule.then.priority,
            ],
            "joins": rule.joins,
        }
        for rule in decisions.rules
    ]


def set_from_wire(hash_: str, rules: list[dict[str, Any]]) -> DecisionSet:
    """The decision set that ``set_to_wire`` wrote."""
    return DecisionSet(
        hash_,
        tuple(
            DecisionRule(
                rule["id"],
                tuple(
                    Condition(
                        condition["alias"],
                        condition["kind"],
                        {field: _test(value) for field, value in condition["tests"].items()},
                    )
                    for condition in rule["when"]
                ),
                Conclusion(*rule["then"]),
                tuple(((left[0], left[1]), (right[0], right[1])) for left, right in rule["joins"]),
            )
            for rule in rules
        ),
    )


def _test(value: Any) -> Test:
    return AtLeast(value) if isinstance(value, int) else tuple(value)


def fired_from_wire(decisions: DecisionSet, facts: tuple[DecisionFact, ...], rows: Any) -> tuple[Fired, ...]:
    """The rules that the worker says fired, in the order that ``Concluded`` promises.

    Raises ``WireError`` for anything but a list of known, distinct rules with known premises.
    """
    if not isinstance(rows, list):
        raise WireError("no list of fired rules")
    rules = decisions.rules
    found: dict[int, Fired] = {}
    for row in rows:
        if not (isinstance(row, list) and len(row) == 2 and isinstance(row[1], list)):
            raise WireError("a fired rule is not a pair")
        number, premises = row
        if type(number) is not int or not 0 <= number < len(rules) or number in found:
            raise WireError("unknown or repeated rule")
        if any(type(premise) is not int or not -len(rules) <= premise < len(facts) for premise in premises):
            raise WireError("unknown premise")
        found[number] = Fired(
            rules[number].id,
            tuple(
                sorted(
                    facts[premise] if premise >= 0 else conclusion_fact(rules[-1 - premise])
                    for premise in premises
                )
            ),
        )
    order = sorted(found, key=lambda number: (-rules[number].then.priority, rules[number].id))
    return tuple(found[number] for number in order)

"""Runs the conditions in durable-rules alone; a process of its own, as the library can crash.

Reads ``{"rules": [...], "records": [...], "rounds": n}`` from standard input and writes
``{"fired": [[rule numbers], ...], "us_per_record": [...]}`` to standard output.  The library is used as
the service uses it: its C engine without the Python layer and its timer threads, an explicit id, a rule
that every fact meets, all actions taken, and the session deleted after each fact.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import durable_rules_engine as engine
import orjson

_SESSION = '"sid":"1","id":"1"'


def _definition(rules: list[list[dict[str, Any]]]) -> bytes:
    """The ruleset as the library reads it; one fact may meet several conditions of a rule."""
    made: dict[str, Any] = {"all": {"all": [{"m": {"$ex": {"kind": 1}}}]}}
    for number, conditions in enumerate(rules):
        made[str(number)] = {
            "all": [{"ab"[place]: condition} for place, condition in enumerate(conditions)],
            "dist": 0,
        }
    return orjson.dumps(made)


def _fired(handle: int, fact: str) -> list[str]:
    """Assert one fact, collect the rules that fire, delete the session."""
    code, state = engine.assert_fact(handle, fact)
    if code != 0:
        raise RuntimeError(f"assertion answered {code}")
    names = []
    started = engine.start_action_for_state(handle, state)
    text = started[1] if started else None
    while text:
        names.append(text[2 : text.index('"', 2)])
        text = engine.complete_and_start_action(handle, state)
    engine.delete_state(handle, "1")
    return names


def main() -> None:
    """Answer the one question on standard input."""
    asked = orjson.loads(sys.stdin.buffer.read())
    handle = engine.create_ruleset("bench", _definition(asked["rules"]).decode())
    facts = [f"{{{_SESSION},{orjson.dumps(record).decode()[1:]}" for record in asked["records"]]
    fired = [sorted(int(name) for name in set(_fired(handle, fact)) if name != "all") for fact in facts]
    times = []
    for _ in range(asked["rounds"]):
        started = perf_counter()
        for fact in facts:
            _fired(handle, fact)
        times.append((perf_counter() - started) * 1e6 / len(facts))
    sys.stdout.buffer.write(orjson.dumps({"fired": fired, "us_per_record": times}))


if __name__ == "__main__":
    main()

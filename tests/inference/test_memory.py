"""durable-rules is used only in the ways in which it keeps to its own memory.

Retracting a fact that rules fired on overruns a record inside the library; whether that ends in a crash is up
to what lies behind the record. So one test keeps the calls to those that are safe, and the other asks the set
on which it crashed, with fresh memory all zero, which makes the overrun as long as it can be.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from rules_service.engine.conclude import sorted_facts
from rules_service.inference import wire

DURABLE = Path(wire.__file__).with_name("durable.py")
CASE = "facts that leave together do not tear down the library"
TIMES = 60

SCRIPT = """
import sys, orjson
from rules_service.inference.durable import DurableRules
from rules_service.inference.wire import facts_from_wire, set_from_wire
rules, facts, times = orjson.loads(sys.stdin.buffer.read())
durable, between, fired = DurableRules(), [], []
for number in range(times):
    durable.load(set_from_wire(str(number), rules))
    between.append(bytearray(997 * number % 5003))
    fired.append(durable.conclude(str(number), facts_from_wire(facts)))
    fired.append(durable.conclude(str(number), facts_from_wire(facts)))
for number in range(times):
    durable.drop(str(number))
print(orjson.dumps(fired).decode())
"""


def test_nothing_is_retracted_and_no_event_is_used():
    used = {
        node.attr
        for node in ast.walk(ast.parse(DURABLE.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "engine"
    }
    assert used == {
        "assert_fact",
        "complete_and_start_action",
        "create_ruleset",
        "delete_ruleset",
        "delete_state",
        "start_action_for_state",
    }


def test_many_questions_in_memory_that_is_all_zero(cases: Any, conclusions_cases: list[dict[str, Any]]):
    (case,) = (case for case in conclusions_cases if case["name"] == CASE)
    facts = sorted_facts(cases.facts(case["facts"]).values())
    rules = wire.set_to_wire(cases.decisions(case["decisions"]))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=orjson.dumps([rules, wire.facts_to_wire(facts), TIMES]),
        env=os.environ | {"MALLOC_PERTURB_": "255"},  # glibc fills with the complement
        cwd=DURABLE.parents[2],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    first, *others = orjson.loads(done.stdout)
    assert {rule for rule, _ in first} == {0, 4}
    assert others == [first] * (2 * TIMES - 1)

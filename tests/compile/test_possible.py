"""Which outcomes the rules of a ruleset can have."""

from __future__ import annotations

from typing import Any

from rules_service.compile.possible import possible_outcomes


def test_possible_outcomes(rulesets: Any, possible_case: dict[str, Any]) -> None:
    found = possible_outcomes(rulesets.bundle(possible_case))
    for rule, expected in possible_case["expect"].items():
        assert [str(one) for one in found[rule]] == expected

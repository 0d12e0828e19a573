"""What a rule says in each state, by what people see of it: outcome, level, reason, texts and actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules_service.compile.behaviour import Behaviour
from rules_service.compile.view import ViewCheck

__all__ = ["in_state", "labelled"]


def labelled(check: ViewCheck, said: Behaviour) -> Iterator[tuple[str, int]]:
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


def in_state(labels: Mapping[str, int], number: int) -> str:
    """What is said in one state."""
    held = [label for label, states in labels.items() if states >> number & 1]
    return " ".join(sorted(held, key=lambda label: label.startswith("#"))).replace("#", "")

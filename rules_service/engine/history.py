"""Earlier checkpoints: which consecutive ones failed, and the history facts for the conclusions.

The service keeps no state: a host sends back the entries that earlier answers gave it. The newest
revision of a checkpoint counts, by revision and not by arrival; a scheduled checkpoint without an
entry is unknown, so "in a row" holds only for known neighbours; ad-hoc reports are no checkpoints
(semantics.md, History).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from rules_service.engine.conclude import DecisionFact, history_fact
from rules_service.pb.budget.rules.v1 import report_pb2
from rules_service.values.dates import parse_date
from rules_service.values.outcomes import Outcome, Severity

__all__ = ["History", "HistoryContext"]

_DEEPEST_OFFSET = 4
_OUTCOMES = frozenset(outcome.value for outcome in Outcome)
_LEVELS = frozenset(level.name for level in Severity)
_KNOWN_NOT_FAILED = frozenset({"PASS", "NOT_APPLICABLE", "EXEMPT"})


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the checkpoints before the current one, the latest first.

    ``earlier`` holds for each scheduled checkpoint rule → (outcome, level), or ``None`` where no
    entry was sent; ``neighbours_known`` is false when no schedule was sent, or when the current
    report is not on it, so that what comes before it cannot be told.
    """

    earlier: tuple[Mapping[str, tuple[str, str]] | None, ...]
    neighbours_known: bool

    @classmethod
    def read(
        cls,
        entries: Sequence[report_pb2.HistoryEntry],
        schedule: Sequence[report_pb2.Checkpoint],
        checkpoint_id: str,
    ) -> History:
        """Arrange the entries of a request by its schedule; ``checkpoint_id`` is the current one."""
        day = {point.checkpoint_id: point.as_of for point in schedule if point.checkpoint_id and point.as_of}
        if not checkpoint_id or checkpoint_id not in day:
            return cls((), neighbours_known=False)
        current = parse_date(day[checkpoint_id])
        before = sorted(
            ((parse_date(text), name) for name, text in day.items() if parse_date(text) < current),
            reverse=True,
        )
        return cls(tuple(_newest(entries, name) for _, name in before), neighbours_known=True)

    def facts(self, known: Container[str]) -> list[DecisionFact]:
        """One fact for each of the ``known`` rules at each of the last four checkpoints.

        Entries come from the caller, and conclusions are drawn from a closed vocabulary: of other rules and
        outcomes nothing is said, and an unknown level is none.
        """
        return [
            history_fact(-(position + 1), rule, outcome, level if level in _LEVELS else "")
            for position, rules in enumerate(self.earlier[:_DEEPEST_OFFSET])
            if rules is not None
            for rule, (outcome, level) in sorted(rules.items())
            if rule in known and outcome in _OUTCOMES
        ]

    def failed(self, rules: Sequence[str], back: int) -> bool | None:
        """Whether one of ``rules`` failed ``back`` checkpoints ago (1 is the last); None is unknown."""
        if not self.neighbours_known:
            return None
        if back > len(self.earlier):
            return False
        known = self.earlier[back - 1]
        if known is None:
            return None
        outcomes = [known[rule][0] if rule in known else "" for rule in rules]
        if "FAIL" in outcomes:
            return True
        return False if all(outcome in _KNOWN_NOT_FAILED for outcome in outcomes) else None


def _newest(entries: Sequence[report_pb2.HistoryEntry], name: str) -> Mapping[str, tuple[str, str]] | None:
    own = [entry for entry in entries if entry.checkpoint_id == name]
    if not own:
        return None
    newest = max(entry.revision for entry in own)
    found: dict[str, tuple[str, str]] = {}
    for entry in own:
        if entry.revision == newest:
            said = (entry.outcome, entry.level)
            # two entries of one rule contradict each other: the graver one counts, whichever came first
            found[entry.rule_id] = max(found.get(entry.rule_id, said), said, key=_gravity)
    return found


def _gravity(said: tuple[str, str]) -> tuple[bool, bool, int, str]:
    outcome, level = said
    rank = Severity[level].value if level in _LEVELS else 0
    return (outcome == Outcome.FAIL.value, outcome not in _KNOWN_NOT_FAILED, rank, outcome)


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """What checks of the second stratum may ask: this answer's outcomes, and consecutive failures.

    ``running`` are the rules that run here: what is dormant or switched off has no part in a row.
    """

    current: Callable[[str], str | None]
    history: History | None
    running: Container[str]

    def outcome(self, rule: str) -> str | None:
        """The outcome of ``rule`` in this answer; None while it is undecided."""
        return self.current(rule)

    def failed_in_a_row(self, rules: tuple[str, ...], count: int) -> bool | None:
        """Whether one of ``rules`` failed at this and the ``count`` − 1 checkpoints before it."""
        rules = tuple(rule for rule in rules if rule in self.running)
        unknown = False
        for back in range(count):
            state = self._failed_now(rules) if back == 0 else self._failed_before(rules, back)
            if state is False:
                return False
            unknown = unknown or state is None
        return None if unknown else True

    def _failed_now(self, rules: tuple[str, ...]) -> bool | None:
        outcomes = [self.current(rule) for rule in rules]
        if "FAIL" in outcomes:
            return True
        return None if None in outcomes else False

    def _failed_before(self, rules: tuple[str, ...], back: int) -> bool | None:
        return None if self.history is None else self.history.failed(rules, back)

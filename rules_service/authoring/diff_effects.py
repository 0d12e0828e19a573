"""What changes bring about elsewhere: rules that start or stop, and levels that places now see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from rules_service.authoring.diff_changes import Change, both
from rules_service.authoring.diff_sides import Side
from rules_service.authoring.texts import Texts
from rules_service.compile.view import ViewCheck, Words
from rules_service.values.dates import date_text
from rules_service.values.outcomes import Severity

__all__ = ["effects"]


class _State(NamedTuple):
    """How a rule stands: why it does not run (empty: it runs), and the levels that a finding may get."""

    reason: str
    parameters: tuple[str, ...]
    levels: tuple[Severity, ...]


class _Effect(NamedTuple):
    """Where a rule's state changed, first on which day, by region."""

    title: Words
    since: dict[str, int]


# Changes that can only touch the rules they name, or those that read the parameter they name.
_OF_RULES: Final = frozenset({"check", "level_override", "off"})
_OF_PARAMETERS: Final = frozenset({"value", "parameter"})


def effects(old: Side, new: Side, changes: Iterable[Change]) -> Iterator[Change]:
    """Rules that both versions have and that a place now sees in another state; places alike in one change.

    Only the rules that ``changes`` can touch are looked at.
    """
    only = _touched(old, new, changes)
    found: dict[tuple[str, _State, _State], _Effect] = {}
    for region in new.layers:
        if region not in old.layers:
            continue
        for day in sorted({*old.bundle.rule_days(region), *new.bundle.rule_days(region)}):
            before, after = _states(old, region, day, only), _states(new, region, day, only)
            for rule in before.keys() & after.keys():
                (was, _), (is_, check) = before[rule], after[rule]
                if was != is_:
                    effect = found.setdefault((rule, was, is_), _Effect(check.title, {}))
                    effect.since.setdefault(region, day)
    for (rule, was, is_), effect in sorted(found.items(), key=lambda one: (one[0][0], str(one[1].since))):
        yield _change(new, rule, (was, is_), effect)


def _touched(old: Side, new: Side, changes: Iterable[Change]) -> frozenset[str] | None:
    """The rules that changes can touch; ``None`` for any."""
    rules: set[str] = set()
    for change in changes:
        if change.subject in _OF_RULES:
            rules.add(change.id)
        elif change.subject in _OF_PARAMETERS:
            for side in (old, new):
                rules.update(rule for rule, read in side.bundle.resolver.reads.items() if change.id in read)
                rules |= side.scored  # they rest on parameters through the score sheets
        else:
            return None
    return frozenset(rules)


def _states(
    side: Side, region: str, day: int, only: frozenset[str] | None
) -> Mapping[str, tuple[_State, ViewCheck]]:
    rules = side.bundle.resolver.rules(region, day, only)
    found = {check.id: (_State("", (), _levels(check)), check) for check in rules.checks}
    for one in rules.inactive:
        found[one.check.id] = (_State(one.reason, one.parameters, ()), one.check)
    return found


def _levels(check: ViewCheck) -> tuple[Severity, ...]:
    return tuple(dict.fromkeys(step.level for step in check.severities if not step.dormant))


def _change(new: Side, rule: str, states: tuple[_State, _State], effect: _Effect) -> Change:
    field = "state" if states[0].reason != states[1].reason else "levels"
    before, after = (both(lambda texts: _said(state, new, texts)) for state in states)  # noqa: B023
    regions = tuple(effect.since)

    def text(texts: Texts) -> str:
        language = texts.language
        return texts(
            f"diff.effect_{field}",
            rule=rule,
            title=effect.title.text(language),
            before=before.text(language),
            after=after.text(language),
            places=texts.list(regions),
            since=date_text(min(effect.since.values())),
        )

    return Change(
        "effect",
        "changed",
        rule,
        "",
        both(text),
        field=field,
        before=before,
        after=after,
        since=min(effect.since.values()),
        holds=regions,
    )


def _said(state: _State, side: Side, texts: Texts) -> str:
    if not state.reason:
        return texts.list([texts(f"level.{level.name}") for level in state.levels])
    if not state.parameters:
        return texts(f"diff_state.{state.reason}")
    titles = side.titles
    names = [titles[name].text(texts.language) if name in titles else name for name in state.parameters]
    return texts("say.because_empty", names=texts.list(names))

"""Changes of checks, of levels that places give them, and of decision rules: conditions as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rules_service.authoring.diff_changes import Change, both
from rules_service.authoring.diff_items import Item
from rules_service.authoring.diff_sides import FoundCheck, Side
from rules_service.authoring.diff_telling import field_change
from rules_service.authoring.diff_walk import Difference, Path, differences
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.view import Words
from rules_service.language.formatting import format_expression
from rules_service.language.typed import Typed

__all__ = ["check_changes", "check_words", "decision_changes", "level_words"]

# Where a trace holds the conditions of texts, reasons and actions, by the field of the document.
_HIDDEN = {"message": "@message", "remedy": "@remedy", "reason_code": "@reason", "actions": "@action"}
_OFFERED = {"reference_value": "@reference_value", "standard_id": "@standard_id"}
_Found = tuple[FoundCheck | None, FoundCheck | None]
_DECIDING = frozenset({"when", "joins", "then"})


def check_changes(old: Side, new: Side, before: Item, after: Item, layer: str) -> Iterator[Change]:
    """What changed in a check: conditions and levels in sentences, all else field by field."""
    sides = (old, new)
    found = old.check(before.layer, before.id), new.check(after.layer, after.id)
    of_levels = False
    for difference in differences(before.body, after.body):
        if difference.path[0] == "severity":
            of_levels = True
        else:
            yield _field(sides, found, after, difference, layer)
    if of_levels:
        said = level_words(old, found[0]), level_words(new, found[1])
        whole = Difference(("severity",), before.body["severity"], after.body["severity"])
        yield _rewritten(field_change(after, whole, layer, said), said)


def _field(sides: tuple[Side, Side], found: _Found, item: Item, difference: Difference, layer: str) -> Change:
    """The change of a field; an expression is told as a sentence on either side, where there is one."""
    was, is_ = (None if one is None else _typed(one, difference.path) for one in found)
    if was is None and is_ is None:
        return field_change(item, difference, layer)
    said = _sentence(sides[0], found[0], was), _sentence(sides[1], found[1], is_)
    change = field_change(item, difference, layer, said)
    if was is None or is_ is None or said[0] != said[1]:
        return change
    if _written(was) == _written(is_):
        return _rewritten(change, said)
    return field_change(item, difference, layer)  # no sentence tells them apart, so they are shown as written


def _rewritten(change: Change, said: tuple[Words, Words]) -> Change:
    """A change that says the same on both sides is one of wording."""
    if said[0] != said[1]:
        return change

    def text(texts: Texts) -> str:
        return texts("diff.rewritten", change=change.text.text(texts.language))

    return replace(change, verb="rewritten", text=both(text))


def _typed(found: FoundCheck, path: Path) -> Typed | None:
    """The expression that stands at a path of a check."""
    unit = found.check.unit
    if path == ("applies_when",):
        return unit.applies_when
    if path == ("fails_when",):
        return unit.fails_when
    lets = dict(unit.lets)
    if path[0] == "let" and len(path) == 2:
        return lets.get(str(path[1]))
    if path[0] == "suggestion" and len(path) == 2:
        return lets.get(_OFFERED[str(path[1])])
    if path[-1] == "when" and path[0] in _HIDDEN and isinstance(path[1], int):
        return lets.get(f"{_HIDDEN[str(path[0])]}.{path[1] - 1}")
    return None


def _sentence(side: Side, found: FoundCheck | None, typed: Typed | None) -> Words:
    if found is None or typed is None:
        return both(lambda texts: texts("diff.nothing"))
    return both(lambda texts: side.speaker(found.frame, texts.language).condition(found.check, typed))


def _written(typed: Typed) -> str:
    return format_expression(typed.tree, typed.names)


def level_words(side: Side, found: FoundCheck | None) -> Words:
    """The levels of a check as the place sees them, ceilings applied."""
    return _lines(side, found, lambda speaker, check: speaker.levels(check.check, verdicts=False))


def check_words(side: Side, found: FoundCheck | None) -> Words:
    """When a check fails and what follows."""
    return _lines(side, found, _failing)


def _failing(speaker: Speaker, found: FoundCheck) -> tuple[str, ...]:
    return (*speaker.fails(found.check), *speaker.levels(found.check, verdicts=False))


def _lines(
    side: Side, found: FoundCheck | None, say: Callable[[Speaker, FoundCheck], tuple[str, ...]]
) -> Words:
    if found is None:
        return both(lambda texts: texts("diff.nothing"))
    return both(lambda texts: texts("diff.and").join(say(side.speaker(found.frame, texts.language), found)))


def decision_changes(old: Side, new: Side, before: Item, after: Item, layer: str) -> Iterator[Change]:
    """What changed in a decision rule: when it concludes what as a sentence, all else field by field."""
    deciding = False
    for difference in differences(before.body, after.body):
        if difference.path[0] in _DECIDING:
            deciding = True
        else:
            yield field_change(after, difference, layer)
    if deciding:
        said = _decision(old, before), _decision(new, after)
        whole = Difference(("when",), before.body["when"], after.body["when"])
        yield _rewritten(field_change(after, whole, layer, said), said)


def _decision(side: Side, item: Item) -> Words:
    found = side.decision(item.layer, item.id)
    if found is None:
        return both(lambda texts: texts("diff.nothing"))
    rule, frame = found

    def words(texts: Texts) -> str:
        speaker = side.speaker(frame, texts.language)
        return texts("diff.then", when=speaker.decision(rule), then=speaker.conclusion(rule))

    return both(words)

"""Changes of parameters' dated values: from what to what, since when, and for which places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rules_service.authoring.diff_changes import Change, Verb, both
from rules_service.authoring.diff_items import Item
from rules_service.authoring.diff_sides import Side
from rules_service.authoring.diff_telling import field_change, layer_words
from rules_service.authoring.diff_walk import differences
from rules_service.authoring.texts import Texts
from rules_service.compile.view import ParameterValue, Words
from rules_service.values.dates import date_text, fiscal_year_start, parse_date

__all__ = ["value_changes"]

# Fields that the sentence about the value itself tells.
_VALUE_FIELDS = frozenset({"value", "operator", "between"})


def value_changes(old: Side, new: Side, before: Item | None, after: Item | None) -> Iterator[Change]:
    """What one dated value that came, went or says something else comes to."""
    item = after or before
    assert item is not None
    name, _, written = item.id.partition(" ")
    day = parse_date(written[:10])
    fields = {str(one.path[0]): one for one in differences(_body(before), _body(after))}
    if before is None or after is None or fields.keys() & _VALUE_FIELDS:
        yield _main(old, new, item, (before, after), (name, day))
    if before is not None and after is not None:
        title = _title(old, new, name)
        shown = replace(item, id="", title=Words(f"{title.zh} {written}", f"{title.en} {written}"))
        for difference in differences(before.body, after.body):
            if difference.path[0] not in _VALUE_FIELDS:
                change = field_change(shown, difference, "" if item.layer == new.root else item.layer)
                yield replace(change, id=name, since=day)


def _body(item: Item | None) -> Mapping[str, object]:
    return {} if item is None else item.body


def _title(old: Side, new: Side, name: str) -> Words:
    titles = old.titles | new.titles
    return titles.get(name, Words(name, name))


def _main(
    old: Side, new: Side, item: Item, sides: tuple[Item | None, Item | None], at: tuple[str, int]
) -> Change:
    name, day = at
    title = _title(old, new, name)
    holding = old if sides[1] is None else new
    holds, overridden = _places(holding, item.layer, name, day)
    before, after = _said((old, new), (item.layer, name, day))
    verb: Verb = "added" if sides[0] is None else "removed" if sides[1] is None else "changed"

    def text(texts: Texts) -> str:
        language = texts.language
        same = before.text(language) == after.text(language)
        values = {
            "title": title.text(language),
            "before": before.text(language),
            "after": after.text(language),
            "since": _since(day, texts),
        }
        said = texts("diff.value_same" if same else "diff.value", **values)
        said += layer_words(item.layer, texts)
        return said + (texts("diff.overridden", places=texts.list(overridden)) if overridden else "")

    return Change(
        "value",
        verb,
        name,
        item.layer,
        both(text),
        tuple(dict.fromkeys(one.file for one in sides if one is not None)),
        field="value",
        before=before,
        after=after,
        since=day,
        holds=holds,
        overridden=overridden,
    )


def _since(day: int, texts: Texts) -> str:
    """A day; 1 January is told as the beginning of a budget year."""
    said = date_text(day)
    year = int(said[:4])
    return texts("diff.year", day=said, year=year) if fiscal_year_start(year) == day else said


def _said(sides: tuple[Side, Side], at: tuple[str, str, int]) -> tuple[Words, Words]:
    """What held on both sides, with the comparison where it is another one."""
    layer, name, day = at
    values = [side.value(layer, name, day) for side in sides]
    operators = {value.operator for value in values if value is not None}

    def words(side: Side, value: ParameterValue | None) -> Words:
        if value is None or value.is_empty:
            return both(lambda texts: texts("diff.empty"))
        frame = side.bundle.resolver.frame(layer, day)
        shown = value if len(operators) > 1 else replace(value, operator=None)
        return both(lambda texts: side.speaker(frame, texts.language).value(shown))

    old, new = (words(side, value) for side, value in zip(sides, values, strict=True))
    return old, new


def _places(side: Side, layer: str, name: str, day: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the places below a layer those that have its value on a day, and those that have their own."""
    holds: list[str] = []
    others: list[str] = []
    for region in side.below(layer):
        value = side.value(region, name, day)
        if value is not None:
            (holds if value.layer == layer else others).append(region)
    return tuple(holds), tuple(others)

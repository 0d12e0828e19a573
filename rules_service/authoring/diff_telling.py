"""Says changes of things that need no rules to be understood: rows, words, titles, tests and their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rules_service.authoring.diff_changes import Change, both
from rules_service.authoring.diff_items import Item
from rules_service.authoring.diff_walk import Difference, Key, Path, differences
from rules_service.authoring.plain import Plain, Word
from rules_service.authoring.texts import Texts
from rules_service.compile.view import Words

__all__ = ["added", "changed", "field_change", "field_words", "named", "removed", "say"]

# Fields that say what a thing is, for the sentence about one that came or went.
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "check": ("state", "fails_when", "severity"),
    "standard": ("value", "value_to", "unit", "document"),
    "off": ("reason",),
    "left_open": ("why",),
    "region": ("parent",),
    "practice": ("marked", "by"),
    "library_row": ("name", "reference_value", "unit"),
    "local_document": ("title", "number", "proof"),
    "message": ("text",),
}


def say(value: Plain | None, texts: Texts) -> str:
    """A plain value in words."""
    if value is None or value in ((), ""):
        return texts("diff.nothing")
    if isinstance(value, Word):
        return texts.or_else(f"{value.group}.{value.code}", value.code)
    if isinstance(value, tuple):
        return texts.list([say(one, texts) for one in value])
    if isinstance(value, Mapping):
        if {"zh", "en"} <= value.keys() and len(value) <= 3:
            said = str(value[texts.language])
            return texts("diff.case", when=value["when"], text=said) if "when" in value else said
        parts = [
            texts("diff.pair", name=texts.or_else(f"diff_field.{name}", name), value=say(inner, texts))
            for name, inner in value.items()
        ]
        return texts("diff.and").join(parts)
    return str(value)


def field_words(path: Path, texts: Texts) -> str:
    """A path in words."""
    said = []
    for part in path:
        if isinstance(part, int):
            said.append(texts("diff.place", number=part))
        elif isinstance(part, Key):
            said.append(texts("diff.key", name=part))
        else:
            said.append(texts.or_else(f"diff_field.{part}", part))
    return texts("diff.path").join(said)


def named(item: Item, texts: Texts) -> str:
    """What a thing is and how it is called."""
    title = item.title.text(texts.language)
    name = item.id if title == item.id else f"{item.id} {title}".strip()
    return texts("diff.thing", what=texts(f"diff_subject.{item.kind}"), name=name)


def added(item: Item, layer: str) -> Change:
    """A thing that came."""
    return _whole("added", item, layer)


def removed(item: Item, layer: str) -> Change:
    """A thing that went."""
    return _whole("removed", item, layer)


def _whole(verb: str, item: Item, layer: str) -> Change:
    told = {name: item.body[name] for name in _TELLING.get(item.kind, ()) if name in item.body}

    def text(texts: Texts) -> str:
        said = texts(f"diff.{verb}", thing=named(item, texts))
        said += texts("diff.colon") + say(told, texts) if told else ""
        return said + layer_words(layer, texts)

    content = both(lambda texts: say(told or item.body, texts))
    is_new = verb == "added"
    return Change(
        item.kind,
        "added" if is_new else "removed",
        item.id,
        item.layer,
        both(text),
        (item.file,),
        before=None if is_new else content,
        after=content if is_new else None,
    )


def layer_words(layer: str, texts: Texts) -> str:
    """At the end of a sentence, whose rules change; nothing for those of all."""
    return texts("diff.layer", layer=layer) if layer else ""


def changed(old: Item, new: Item, layer: str) -> Iterator[Change]:
    """Each field of a thing that says something else."""
    for difference in differences(old.body, new.body):
        yield field_change(new, difference, layer)


def field_change(
    item: Item, difference: Difference, layer: str, said: tuple[Words, Words] | None = None
) -> Change:
    """The change of one field; ``said`` is what stood and stands there in words, where others know better."""
    before, after = said or _said(difference)
    path = difference.path
    if difference.order:
        key = "diff.order"
    elif difference.old is None:
        key = "diff.field_added"
    elif difference.new is None:
        key = "diff.field_removed"
    else:
        key = "diff.field_changed"

    def text(texts: Texts) -> str:
        values = {"before": before.text(texts.language), "after": after.text(texts.language)}
        sentence = texts(key, thing=named(item, texts), field=field_words(path, texts), **values)
        return sentence + layer_words(layer, texts)

    return Change(
        item.kind,
        "changed",
        item.id,
        item.layer,
        both(text),
        (item.file,),
        field=".".join(map(str, path)),
        before=None if difference.old is None else before,
        after=None if difference.new is None else after,
    )


def _said(difference: Difference) -> tuple[Words, Words]:
    return both(lambda texts: say(difference.old, texts)), both(lambda texts: say(difference.new, texts))

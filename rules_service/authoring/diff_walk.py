"""Where two plain bodies differ: field by field and entry by entry; things with names by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from rules_service.authoring.plain import Plain, Word

__all__ = ["Difference", "Key", "Path", "differences"]


class Key(str):
    """A part of a path that names an entry, and is no field."""

    __slots__ = ()


Path: TypeAlias = tuple[str | int, ...]
"""Names of fields, ``Key`` of entries, and places in lists counted from 1."""


class Difference(NamedTuple):
    """What stood at a path and stands there now; ``None`` for nothing.

    ``order``: the same things stand in another order; then both are their names.
    """

    path: Path
    old: Plain | None
    new: Plain | None
    order: bool = False


_NAMES = ("id", "code", "rule", "name", "what", "document", "action", "decision", "says", "alias")


def differences(old: Plain | None, new: Plain | None, path: Path = ()) -> Iterator[Difference]:
    """Every difference, as deep as the two are of one shape; nothing that differs is left out."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _both_texts_differ(old, new):
        yield from _of_mappings(old, new, path)
    elif _is_list(old) and _is_list(new):
        yield from _of_lists(old, new, path)
    elif old != new:
        yield Difference(path, old, new)


def _ordered(path: Path) -> bool:
    """Whether the order of a mapping's entries says something: named values stand on those before them."""
    return bool(path) and path[-1] == "let"


def _both_texts_differ(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> bool:
    """Whether a text is another one in both languages, and so one change."""
    texts = old.keys() == new.keys() == {"zh", "en"}
    return texts and all(old[language] != new[language] for language in old)


def _is_list(value: Plain | None) -> bool:
    return isinstance(value, tuple) and not isinstance(value, Word)


def _of_mappings(old: Mapping[str, Plain], new: Mapping[str, Plain], path: Path) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        yield from differences(old.get(name), new.get(name), (*path, name))
    if _ordered(path) and old.keys() == new.keys() and list(old) != list(new):
        yield Difference(path, tuple(old), tuple(new), order=True)


def _of_lists(old: Plain | None, new: Plain | None, path: Path) -> Iterator[Difference]:
    assert isinstance(old, tuple)
    assert isinstance(new, tuple)
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        for name in dict.fromkeys((*before, *after)):
            yield from differences(before.get(name), after.get(name), (*path, Key(name)))
        if before.keys() == after.keys() and list(before) != list(after):
            yield Difference(path, tuple(before), tuple(after), order=True)
    elif len(old) == len(new) and all(isinstance(one, Mapping) for one in (*old, *new)):
        for place, (one, other) in enumerate(zip(old, new, strict=True), start=1):
            yield from differences(one, other, (*path, place))
    elif old != new:
        yield Difference(path, old, new)


def _named(values: Sequence[Plain]) -> dict[str, Plain] | None:
    """The elements by what names them, if each has such a name of its own."""
    if not values:
        return {}
    for field in _NAMES:
        names = [_name(value, field) for value in values]
        if all(names) and len(set(names)) == len(names):
            return dict(zip(map(str, names), values, strict=True))
    return None


def _name(value: Plain, field: str) -> str:
    if not isinstance(value, Mapping):
        return ""
    name = value.get(field)
    if isinstance(name, Mapping):
        name = name.get("zh")
    return name.code if isinstance(name, Word) else name if isinstance(name, str) else ""

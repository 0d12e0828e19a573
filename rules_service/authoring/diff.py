"""What changed between two versions of a ruleset, by meaning; nothing that changes the hash is silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from rules_service.authoring.diff_changes import Change, Compared, Comparison, Verb, both
from rules_service.authoring.diff_checks import check_changes, check_words, decision_changes, level_words
from rules_service.authoring.diff_effects import effects
from rules_service.authoring.diff_files import differing, file_changes
from rules_service.authoring.diff_items import Item, ItemKey, items_of
from rules_service.authoring.diff_reach import reaching
from rules_service.authoring.diff_sides import Side
from rules_service.authoring.diff_telling import added, changed, layer_words, named, removed
from rules_service.authoring.diff_values import value_changes
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.view import Words

__all__ = ["SUBJECTS", "diff"]

SUBJECTS: Final = (
    *("value", "parameter", "check", "level_override", "text_override", "off", "effect", "decision"),
    *(
        "verdict_map",
        "exemptions",
        "score_sheet",
        "decision_table",
        "decision_row",
        "overlay",
        "ruleset",
        "region",
        "standard",
        "word_list",
        "word",
    ),
    *("vocabulary", "tree", "content_set", "calendar", "library", "library_class", "library_row", "message"),
    *("local_document", "left_open", "practice", "test", "test_base", "equivalent", "file"),
)
"""The kinds of things that changes are about, in the order in which people read them."""

# Things that can be very many: of one file's more than this many are told as one change.
_COUNTED: Final = frozenset({"library_row", "library_class"})
_MOST_ROWS: Final = 12
_FIRST_ROWS: Final = 5
# Nothing of what places see rests on these.
_WITHOUT_EFFECT: Final = frozenset(
    {"test", "test_base", "equivalent", "practice", "left_open", "text_override", "message", "file"}
)


def diff(old: Bundle, new: Bundle) -> Comparison:
    """All changes from one bundle to another; there are none if and only if their hashes are equal."""
    sides = Side(old), Side(new)
    paths = differing(old.files, new.files)
    before, after = (items_of(bundle.source, frozenset(paths)) for bundle in (old, new))
    changes = [reaching(change, _holding(change, sides)) for change in _all(*sides, before, after)]
    told = {file for change in changes for file in change.files}
    changes += effects(*sides, [change for change in changes if change.subject not in _WITHOUT_EFFECT])
    changes += file_changes(old.files, new.files, told, (before.values(), after.values()))
    order = {subject: place for place, subject in enumerate(SUBJECTS)}
    changes = [*_gathered(changes)]
    changes.sort(key=lambda change: (order[change.subject], change.layer != sides[1].root, change.layer))
    return Comparison(_compared(old), _compared(new), tuple(changes))


def _compared(bundle: Bundle) -> Compared:
    return Compared(bundle.id, bundle.version, bundle.hash)


def _holding(change: Change, sides: tuple[Side, Side]) -> Side:
    return sides[0] if change.verb == "removed" else sides[1]


def _all(
    old: Side, new: Side, before: Mapping[ItemKey, Item], after: Mapping[ItemKey, Item]
) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key), after.get(key)
        layer = "" if key[1] in {"", new.root} else key[1]
        if key[0] == "value":
            if was is None or is_ is None or was.body != is_.body:
                yield from value_changes(old, new, was, is_)
        elif key[0] == "level_override":
            yield from _level_override(old, new, (was, is_), layer)
        elif was is None and is_ is not None:
            yield _came(added(is_, layer), new, layer, is_)
        elif is_ is None and was is not None:
            yield _came(removed(was, layer), old, layer, was)
        elif was is not None and is_ is not None:
            yield from _changed(old, new, (was, is_), layer)
        if was is not None and is_ is not None and was.file != is_.file:
            yield _moved(was, is_, layer)


def _changed(old: Side, new: Side, items: tuple[Item, Item], layer: str) -> Iterator[Change]:
    was, is_ = items
    if was.kind == "check":
        yield from check_changes(old, new, was, is_, layer)
    elif was.kind == "decision":
        yield from decision_changes(old, new, was, is_, layer)
    else:
        yield from changed(was, is_, layer)


def _came(change: Change, side: Side, layer: str, item: Item) -> Change:
    """A check that came or went is told with its condition and its levels."""
    if item.kind != "check":
        return change
    said = check_words(side, side.check(item.layer, item.id))

    def text(texts: Texts) -> str:
        name = texts(f"diff.{change.verb}", thing=named(item, texts))
        return name + texts("diff.colon") + said.text(texts.language) + layer_words(layer, texts)

    before, after = (None, said) if change.verb == "added" else (said, None)
    return replace(change, text=both(text), before=before, after=after)


def _level_override(
    old: Side, new: Side, items: tuple[Item | None, Item | None], layer: str
) -> Iterator[Change]:
    """A place's own levels of a rule, told as what the place sees before and after."""
    was, is_ = items
    item = is_ or was
    if item is None or (was is not None and is_ is not None and was.body == is_.body):
        return
    found = old.check(item.layer, item.id), new.check(item.layer, item.id)
    before, after = level_words(old, found[0]), level_words(new, found[1])
    check = found[1] or found[0]
    title = check.check.title if check is not None else Words("", "")
    verb: Verb = "added" if was is None else "removed" if is_ is None else "changed"
    if before == after and was is not None and is_ is not None:
        yield from changed(was, is_, layer)
        return

    def text(texts: Texts) -> str:
        language = texts.language
        said = {"rule": item.id, "title": title.text(language), "layer": item.layer}
        return texts(f"diff.levels_{verb}", **said, before=before.text(language), after=after.text(language))

    yield Change(
        item.kind,
        verb,
        item.id,
        item.layer,
        both(text),
        (item.file,),
        field="levels",
        before=before,
        after=after,
        holds=(item.layer,),
    )
    if was is not None and is_ is not None:
        rest = replace(was, body=_without(was.body)), replace(is_, body=_without(is_.body))
        yield from changed(*rest, layer)


def _without(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if name != "levels"}


def _moved(was: Item, is_: Item, layer: str) -> Change:
    def text(texts: Texts) -> str:
        said = texts("diff.moved", thing=named(is_, texts), before=was.file, after=is_.file)
        return said + layer_words(layer, texts)

    files = Words(was.file, was.file), Words(is_.file, is_.file)
    return Change(
        is_.kind,
        "moved",
        is_.id,
        is_.layer,
        both(text),
        (was.file, is_.file),
        field="file",
        before=files[0],
        after=files[1],
    )


def _gathered(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes; rows that are very many in a file as one change with their number and the first."""
    counted: dict[tuple[str, str, tuple[str, ...]], list[Change]] = defaultdict(list)
    for change in changes:
        if change.subject in _COUNTED:
            counted[change.subject, change.verb, change.files].append(change)
        else:
            yield change
    for rows in counted.values():
        if len(rows) <= _MOST_ROWS:
            yield from rows
        else:
            yield _rows(rows)


def _rows(rows: list[Change]) -> Change:
    first, count = rows[0], len(dict.fromkeys(row.id for row in rows))

    def text(texts: Texts) -> str:
        shown = texts.list(list(dict.fromkeys(row.id for row in rows))[:_FIRST_ROWS])
        what = texts(f"diff_subject.{first.subject}")
        return texts(f"diff.rows_{first.verb}", file=first.files[0], what=what, count=count, first=shown)

    return replace(first, id="", field="", before=None, after=None, text=both(text))

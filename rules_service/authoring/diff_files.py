"""Files that differ although nothing they say does: comments, order, spelling; so no difference is silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from rules_service.authoring.diff_changes import Change, Verb, both
from rules_service.authoring.diff_items import Item
from rules_service.authoring.diff_telling import field_words, say
from rules_service.authoring.diff_walk import differences
from rules_service.authoring.plain import Plain, plain
from rules_service.authoring.texts import Texts
from rules_service.compile.view import Words
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE

__all__ = ["differing", "file_changes"]


def differing(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[str]:
    """The paths whose content is not the same."""
    return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))


def file_changes(
    old: Mapping[str, bytes],
    new: Mapping[str, bytes],
    told: Collection[str],
    items: tuple[Iterable[Item], Iterable[Item]],
) -> Iterator[Change]:
    """What to say of differing files of which no change has ``told``.

    Of files whose ``items`` are known one by one nothing but form and order can be left; others are compared
    as they are written.
    """
    before, after = (_by_file(side) for side in items)
    for path in differing(old, new):
        if path in told:
            continue
        if path not in old or path not in new:
            yield _change("added" if path in new else "removed", path)
        elif path in before or path in after:
            yield _change("rewritten", path, "form" if before.get(path) == after.get(path) else "order")
        else:
            yield from _written(path, _content(path, old[path]), _content(path, new[path]))


def _by_file(items: Iterable[Item]) -> dict[str, list[str]]:
    """The things of each file as they are written, in their order."""
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.file, []).append(f"{item.key} {item.body}")
    return found


def _written(path: str, was: Plain | None, is_: Plain | None) -> Iterator[Change]:
    if was is None or is_ is None:
        yield _change("changed", path)
        return
    found = list(differences(was, is_))
    for one in found:
        before, after = both(lambda texts: say(one.old, texts)), both(lambda texts: say(one.new, texts))  # noqa: B023
        field = both(lambda texts: field_words(one.path, texts))  # noqa: B023 - said at once
        yield _change("changed", path, ".".join(map(str, one.path)), (field, before, after))
    if not found:
        yield _change("rewritten", path, "form" if repr(was) == repr(is_) else "order")


def _content(path: str, content: bytes) -> Plain | None:
    """What a YAML file says, in its order; ``None`` for other files."""
    if not path.endswith(".yaml"):
        return None
    return plain(read_yaml(path, content, Diagnostics(CATALOGUE)))


def _change(verb: Verb, path: str, field: str = "", said: tuple[Words, Words, Words] | None = None) -> Change:
    if said is None:
        key = f"diff.file_{field}" if verb == "rewritten" else f"diff.file_{verb}"
        return Change("file", verb, path, "", both(lambda texts: texts(key, file=path)), (path,), field)

    def text(texts: Texts) -> str:
        field_, before, after = (words.text(texts.language) for words in said)
        return texts("diff.file_field", file=path, field=field_, before=before, after=after)

    return Change("file", verb, path, "", both(text), (path,), field, said[1], said[2])

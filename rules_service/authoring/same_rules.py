"""Whether two versions say the same to a place on a date: nothing that it rests on was touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rules_service.authoring.diff_files import differing
from rules_service.authoring.diff_items import Item, ItemKey, items_of
from rules_service.authoring.diff_sides import Side
from rules_service.compile.bundle import Bundle
from rules_service.compile.context import SETTINGS

__all__ = ["SameRules"]

# No answer rests on these.
_SILENT: Final = frozenset({"test", "test_base", "equivalent", "practice", "left_open"})
_NAMING: Final = frozenset({"version", "title"})  # of the ruleset: only the stamp shows the version


# Of a layer these touch the one rule that they name; values touch the rules that read the parameter.
_OF_RULES: Final = frozenset({"check", "level_override", "text_override", "off"})


class SameRules:
    """Asked for a place, a date and a service of two bundles.

    It says yes only where everything that differs stands in layers of other places, or touches nothing but
    rules of the other service (``review`` and ``assess`` each run their own), or is a parameter's dated
    value while the place has equal values on the date, or is nothing that an answer rests on. Parameters by
    which facts are read or sheets are scored touch both services. Files whose order changed count as
    touched. The two answers then differ in their stamps at most.
    """

    def __init__(self, old: Bundle, new: Bundle) -> None:
        paths = frozenset(differing(old.files, new.files))
        self._sides = Side(old), Side(new)
        items = items_of(old.source, paths), items_of(new.source, paths)
        keys = dict.fromkeys((*items[0], *items[1]))
        touched = [key for key in keys if repr(items[0].get(key)) != repr(items[1].get(key))]
        told = {item.file for side in items for item in side.values()}
        self._everything = bool(paths - told) or any(_for_all(key, *items) for key in touched)
        self._layers: set[str] = _reordered(paths, *items)
        self._values: dict[str, set[str]] = {}
        self._rules: dict[str, set[str]] = {}
        for kind, layer, name in touched:
            if kind == "value":
                self._values.setdefault(layer, set()).add(name.partition(" ")[0])
            elif kind in _OF_RULES:
                self._rules.setdefault(layer, set()).add(name.partition(" #")[0])
            elif kind not in _SILENT:
                self._layers.add(layer)
        self._known: dict[tuple[tuple[str, ...], int, str], bool] = {}

    def holds(self, chain: tuple[str, ...], day: int, service: str) -> bool:
        """Whether a service answers the same on both sides.

        ``chain`` is the regions from the root to the one asked for, ``day`` the rule date, ``service``
        ``review`` or ``assess``.
        """
        key = (chain, day, service)
        if key not in self._known:
            self._known[key] = self._same(chain, day, service)
        return self._known[key]

    def _same(self, chain: tuple[str, ...], day: int, service: str) -> bool:
        if self._everything or self._layers.intersection(chain):
            return False
        rules = {rule for layer in chain for rule in self._rules.get(layer, ())}
        names = {name for layer in chain for name in self._values.get(layer, ())}
        region = chain[-1]
        values = [{name: side.value(region, name, day) for name in names} for side in self._sides]
        differing_names = {name for name in names if values[0][name] != values[1][name]}
        for side in self._sides:
            sheets = side.bundle.view(region, day).sheets
            if differing_names & (SETTINGS.keys() | {name for sheet in sheets for name in sheet.parameters}):
                return False
            reads = side.bundle.resolver.reads.items()
            rules |= {rule for rule, read in reads if read & differing_names}
        services = {side.services[rule] for side in self._sides for rule in rules if rule in side.services}
        return service not in services


def _for_all(key: ItemKey, old: Mapping[ItemKey, Item], new: Mapping[ItemKey, Item]) -> bool:
    """Whether a thing of the whole ruleset was touched in more than its name."""
    if key[1]:
        return False
    before, after = old.get(key), new.get(key)
    if key[0] != "ruleset" or before is None or after is None:
        return True
    fields = before.body.keys() | after.body.keys()
    return any(before.body.get(name) != after.body.get(name) for name in fields - _NAMING)


def _reordered(paths: Iterable[str], old: Mapping[ItemKey, Item], new: Mapping[ItemKey, Item]) -> set[str]:
    """The layers in whose files things that stayed stand in another order."""
    orders: tuple[dict[str, list[ItemKey]], dict[str, list[ItemKey]]] = ({}, {})
    for order, side, other in ((orders[0], old, new), (orders[1], new, old)):
        for key, item in side.items():
            if key in other and item.kind not in _SILENT:
                order.setdefault(item.file, []).append(key)
    changed = [path for path in paths if orders[0].get(path) != orders[1].get(path)]
    return {key[1] for path in changed for order in orders for key in order.get(path, ())}

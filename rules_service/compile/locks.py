"""What a layer locks, and whether lower layers only make it stricter (semantics.md, Overlays)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rules_service.compile.parameters import Dated, Parameters
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.parameter_documents import ParameterDocument, Stricter
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text
from rules_service.values.outcomes import SEVERITY_CEILING, Proof

__all__ = ["LockSet", "check_parameter_locks", "not_looser"]


class LockSet:
    """For each kind of thing, which layer locks it; a lock binds the layers below, not its own."""

    def __init__(self) -> None:
        self.parameters: dict[str, str] = {}
        self.checks: dict[str, str] = {}
        self.severities: dict[str, str] = {}
        self.tables: dict[str, str] = {}

    def add(self, layer: LayerSource, reads: dict[str, frozenset[str]]) -> None:
        """Add a layer's locks; the parameters and tables that a locked check ``reads`` are locked with it."""
        for parameter in layer.parameters:
            if parameter.locked:
                self.parameters.setdefault(parameter.id, layer.region)
        if layer.overlay is None:
            return
        lock = layer.overlay.lock
        for kind, names in (
            (self.parameters, lock.parameters),
            (self.checks, lock.checks),
            (self.severities, (*lock.severities, *lock.checks)),
            (self.tables, lock.tables),
        ):
            for name in names:
                kind.setdefault(name, layer.region)
        for check in lock.checks:
            for name in sorted(reads.get(check, frozenset())):
                held = self.tables if name.startswith("table.") else self.parameters
                held.setdefault(name.removeprefix("table."), layer.region)

    @classmethod
    def of(cls, layers: Iterable[LayerSource], reads: dict[str, frozenset[str]]) -> LockSet:
        """The locks of several layers, the highest first."""
        locks = cls()
        for layer in layers:
            locks.add(layer, reads)
        return locks


def check_parameter_locks(
    chain: Sequence[LayerSource], parameters: Parameters, reads: dict[str, frozenset[str]], found: Diagnostics
) -> None:
    """Report every value of the chain's last layer that loosens a parameter locked above it."""
    *above, last = chain
    locks = LockSet.of(above, reads)
    regions = [layer.region for layer in above]
    for name, definition in parameters.visible([layer.region for layer in chain]).items():
        locked_by = locks.parameters.get(name)
        own = definition.by_region.get(last.region, ())
        if locked_by is None or not own:
            continue
        days = sorted(definition.starts(regions) | {dated.start for dated in own})
        for dated, until in zip(own, [*(later.start for later in own[1:]), None], strict=True):
            for day in days:
                if day < dated.start or (until is not None and day >= until):
                    continue
                inherited = definition.in_force(regions, day)
                if inherited is None:
                    continue
                _compare(definition.document, inherited[1], dated, (locked_by, day), found)


def _compare(
    parameter: ParameterDocument, inherited: Dated, own: Dated, lock: tuple[str, int], found: Diagnostics
) -> None:
    stricter = parameter.stricter
    values = {
        "id": parameter.id,
        "layer": lock[0],
        "inherited": f"{inherited.operator or ''} {inherited.text}".strip(),
        "own": f"{own.operator or ''} {own.text}".strip(),
        "day": date_text(lock[1]),
        "stricter": stricter or "–",
    }
    if not not_looser(stricter, inherited.value, inherited.operator, own.value, own.operator):
        found.add("LOCK-PARAMETER", own.place, **values)
    elif _weaker(own.proof, inherited.proof):
        found.add("LOCK-PROOF", own.place, **values)


def _weaker(own: Proof, inherited: Proof) -> bool:
    return SEVERITY_CEILING[own] < SEVERITY_CEILING[inherited]


_UPWARD = {"GT": True, "GE": True, "LT": False, "LE": False}
_INCLUSIVE = {"GE", "LE"}


def not_looser(
    stricter: Stricter | None, old: Any, old_operator: str | None, new: Any, new_operator: str | None
) -> bool:
    """Whether ``new`` is the same as ``old`` or lies in the declared stricter direction, operator included.

    For ``down`` with GT or GE the values that meet the parameter become more (a lower line of alarm), with
    LT or LE fewer (a lower ceiling of what is accepted); for ``up`` the other way round.
    """
    if (old, old_operator) == (new, new_operator):
        return True
    if stricter is None:
        return False
    if stricter in {Stricter.SUPERSET, Stricter.SUBSET}:
        wide, narrow = (new, old) if stricter is Stricter.SUPERSET else (old, new)
        return old_operator == new_operator and set(wide) >= set(narrow)
    if old_operator not in _UPWARD or new_operator not in _UPWARD:
        moved = new - old if stricter is Stricter.UP else old - new
        return old_operator == new_operator and bool(moved > 0)
    if _UPWARD[old_operator] != _UPWARD[new_operator]:
        return False
    # the set of values that meet the parameter must grow or shrink
    grows = _UPWARD[old_operator] is (stricter is Stricter.DOWN)
    before, after = (old, old_operator), (new, new_operator)
    return _contains(after, before) if grows else _contains(before, after)


def _contains(wide: tuple[Any, str], narrow: tuple[Any, str]) -> bool:
    """Whether every value that meets ``narrow`` meets ``wide``; both operators point the same way."""
    (wide_value, wide_operator), (narrow_value, narrow_operator) = wide, narrow
    if wide_value == narrow_value:
        return wide_operator in _INCLUSIVE or narrow_operator not in _INCLUSIVE
    return bool(wide_value < narrow_value) is _UPWARD[wide_operator]

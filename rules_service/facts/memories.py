"""What reading requests remembers: answers of pure functions, bounded, and nothing of classified projects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from rules_service.facts.context import FactContext
from rules_service.facts.memo import Budget, Lookup, Memo, Rows, Unremembered
from rules_service.facts.quantity import parse_quantity
from rules_service.facts.source import parsed_date, parsed_decimal
from rules_service.facts.stated import stated
from rules_service.facts.text import normalise
from rules_service.facts.units import Unit, UnitTable

__all__ = ["Memories", "memories"]

# Texts, numbers and quantities read the same everywhere, so all extractors of a process share them.
_SHARED: Final = 50_000
_WORDS: Final = 5_000
# Rows depend on the place, but all places of a process share one budget for them: the rows are those of
# about a thousand projects being worked on, some 40 MB.
_ROWS: Final = Budget(entries=40_000, characters=10_000_000)

# The names are those that the generated reader uses.
_TEXT_READERS: Mapping[str, Callable[[str], Any]] = {
    "N": normalise,
    "D": parsed_decimal,
    "T": parsed_date,
    "Q": parse_quantity,
}
_SHARED_TEXTS: Mapping[str, Lookup[str, Any]] = {
    name: Memo(function, _SHARED) for name, function in _TEXT_READERS.items()
}


@dataclass(frozen=True, slots=True)
class Memories:
    """The look-ups of one extractor; ``texts`` by the names of the generated reader."""

    context: FactContext
    remember: bool
    texts: Mapping[str, Lookup[str, Any]]
    codes: dict[str, Lookup[str, str | None]] = field(default_factory=dict)

    def code(self, name: str) -> Lookup[str, str | None]:
        """The reading of one code fact; "" for codes without a fact."""
        if name not in self.codes:
            self.codes[name] = _make(lambda raw: self.context.code(name, raw), self.remember)
        return self.codes[name]

    def rows(self) -> Rows[tuple[Any, ...]]:
        """A memory of rows."""
        return Rows(_ROWS if self.remember else None)


class _RememberedUnits(UnitTable):
    """The same units, each spelling looked up once: conversions ask for the same few all the time."""

    __slots__ = ("_memory",)

    def __init__(self, table: UnitTable) -> None:
        super().__init__(())
        # The same rows.
        self._exact, self._folded, self._counted = table._exact, table._folded, table._counted  # noqa: SLF001
        self._memory = Memo(super().lookup, _WORDS)

    def lookup(self, text: str) -> Unit | None:
        """As in ``UnitTable``."""
        return self._memory[text]


def memories(context: FactContext, *, remember: bool) -> Memories:
    """The look-ups for a context; without ``remember`` every question is answered anew."""
    if remember:
        context = replace(context, units=_RememberedUnits(context.units))
        shared = _SHARED_TEXTS
    else:
        shared = {name: Unremembered(function) for name, function in _TEXT_READERS.items()}
    readers: dict[str, Callable[[str], Any]] = {
        "K": context.keywords.read,
        "S": partial(stated, context),
        "V": context.vague.read,
    }
    own = {name: _make(read, remember) for name, read in readers.items()}
    return Memories(context, remember, {**shared, **own})


def _make(function: Callable[[str], Any], remember: bool) -> Lookup[str, Any]:
    return Memo(function, _WORDS) if remember else Unremembered(function)

"""Bounded memories of pure functions: a dictionary look-up on the hot path, the function on a miss."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, Generic, Protocol, TypeVar
from weakref import ref

__all__ = ["CHARACTERS_REMEMBERED", "Budget", "Lookup", "Memo", "Rows", "Unremembered"]

K = TypeVar("K", bound=Hashable)
K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)

# Characters in the keys of one budget: with the values, some 10 MB of Chinese text when full.
CHARACTERS_REMEMBERED: Final = 2_000_000


class Lookup(Protocol[K_contra, V_co]):
    """Anything asked with ``lookup[key]``."""

    def __getitem__(self, key: K_contra, /) -> V_co:
        """The value for ``key``."""
        ...


class Budget:
    """What the memories that share it may hold together: ``entries``, and ``characters`` in their keys.

    When half of either is used, what all of them learned since the last time becomes their older half, and
    the older half before it is forgotten.  What is asked for again becomes young again, so it stays.
    """

    __slots__ = ("_characters", "_entries", "_half", "_lock", "_members")

    def __init__(self, entries: int, characters: int = CHARACTERS_REMEMBERED) -> None:
        self._half = self._entries, self._characters = max(entries // 2, 1), characters // 2
        self._members: list[ref[_Generations[Any, Any]]] = []
        self._lock = Lock()

    def join(self, member: _Generations[Any, Any]) -> None:
        """Share the budget for as long as the memory is in use."""
        with self._lock:
            self._members = [each for each in self._members if each() is not None]
            self._members.append(ref(member))

    def admits(self, key: Hashable) -> bool:
        """Take one entry from the budget, making room first; false for a key too large for any room.

        Threads that meet here may count an entry too few, which the next turn puts right.
        """
        size = _size(key)
        if self._entries <= 0 or size > self._characters:
            self._turn()
            if size > self._characters:
                return False
        self._entries -= 1
        self._characters -= size
        return True

    def _turn(self) -> None:
        with self._lock:
            self._entries, self._characters = self._half
            for each in self._members:
                member = each()
                if member is not None:
                    member.turn()


class _Generations(dict[K, V], Generic[K, V]):
    """A memory within a budget: the young half is the dictionary itself, asked with ``[key]``."""

    __slots__ = ("__weakref__", "_budget", "_older")

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._older: dict[K, V] = {}
        self._budget = budget
        budget.join(self)

    def turn(self) -> None:
        """Make the young half the older one."""
        self._older = self.copy()
        self.clear()

    def keep(self, key: K, value: V) -> V:
        """Remember a value, if the budget admits its key; gives it back."""
        if self._budget.admits(key):
            self[key] = value
        return value


class Memo(_Generations[K, V]):
    """Remembers up to ``limit`` values, and ``characters`` of text in their keys, of those asked for lately.

    Safe between threads: ``function`` is pure, so two threads that miss at once store equal values.
    """

    __slots__ = ("_function",)

    def __init__(
        self, function: Callable[[K], V], limit: int, characters: int = CHARACTERS_REMEMBERED
    ) -> None:
        super().__init__(Budget(limit, characters))
        self._function = function

    def __missing__(self, key: K) -> V:
        older = self._older
        return self.keep(key, older[key] if key in older else self._function(key))


class Unremembered(Generic[K, V]):
    """The same question without a memory, for requests whose content must not stay anywhere."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[K], V]) -> None:
        self._function = function

    def __getitem__(self, key: K) -> V:
        return self._function(key)


class _Known(_Generations[Hashable, V | None]):
    """Results by the bytes of messages; ``None`` for what is not known."""

    __slots__ = ()

    def __missing__(self, key: Hashable) -> V | None:
        value = self._older.get(key)
        return None if value is None else self.keep(key, value)


class Rows(Generic[V]):
    """Remembers results by the bytes of messages, none of them without a budget.

    ``recall(key)`` gives a result or ``None``; ``keep(key, row)`` remembers ``row`` and gives it back.
    """

    __slots__ = ("keep", "recall")

    def __init__(self, budget: Budget | None) -> None:
        self.recall: Callable[[Hashable], V | None] = lambda _: None
        self.keep: Callable[[Hashable, V], V | None] = lambda _, row: row
        if budget is not None:
            known: _Known[V] = _Known(budget)
            self.recall, self.keep = known.__getitem__, known.keep


def _size(key: object) -> int:
    """The characters or bytes in a key."""
    if isinstance(key, str | bytes):
        return len(key)
    if isinstance(key, tuple | frozenset):
        return sum([len(part) if isinstance(part, str | bytes) else _size(part) for part in key])
    return 1

"""Bounded memories of pure functions: a dictionary look-up on the hot path, the function on a miss."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, TypeVar

__all__ = ["CHARACTERS_REMEMBERED", "Lookup", "Memo", "Rows", "Unremembered"]

K = TypeVar("K", bound=Hashable)
K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)

# Characters in the keys of one memory: with the values, some 10 MB of Chinese text when full.
CHARACTERS_REMEMBERED: Final = 2_000_000


class Lookup(Protocol[K_contra, V_co]):
    """Anything asked with ``lookup[key]``."""

    def __getitem__(self, key: K_contra, /) -> V_co:
        """The value for ``key``."""
        ...


class Memo(dict[K, V], Generic[K, V]):
    """Remembers up to ``limit`` values, and ``characters`` of text in their keys; forgets all when full.

    Safe between threads: ``function`` is pure, so two threads that miss at once store equal values.
    """

    __slots__ = ("_characters", "_function", "_left", "_limit")

    def __init__(
        self, function: Callable[[K], V], limit: int, characters: int = CHARACTERS_REMEMBERED
    ) -> None:
        super().__init__()
        self._function = function
        self._limit = limit
        self._characters = self._left = characters

    def __missing__(self, key: K) -> V:
        value = self._function(key)
        size = _size(key)
        if len(self) >= self._limit or size > self._left:
            self.clear()
            self._left = self._characters
        if size <= self._left:
            self._left -= size
            self[key] = value
        return value


class Unremembered(Generic[K, V]):
    """The same question without a memory, for requests whose content must not stay anywhere."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[K], V]) -> None:
        self._function = function

    def __getitem__(self, key: K) -> V:
        return self._function(key)


class Rows(Generic[V]):
    """Remembers up to ``limit`` results by the bytes of messages; with ``limit`` 0 none at all."""

    __slots__ = ("_known", "_left", "_limit", "recall")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = CHARACTERS_REMEMBERED
        self._known: dict[Hashable, V] = {}
        self.recall = self._known.get

    def keep(self, key: Hashable, row: V) -> V:
        """Remember a result, forgetting all others when full; gives it back."""
        size = _size(key)
        if len(self._known) >= self._limit or size > self._left:
            self._known.clear()
            self._left = CHARACTERS_REMEMBERED
        if self._limit and size <= self._left:
            self._left -= size
            self._known[key] = row
        return row

    def __len__(self) -> int:
        return len(self._known)


def _size(key: object) -> int:
    """The characters or bytes in a key."""
    if isinstance(key, str | bytes):
        return len(key)
    return sum(map(_size, key)) if isinstance(key, tuple | frozenset) else 1

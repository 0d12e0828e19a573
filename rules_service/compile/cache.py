"""A bounded memory of what was made from a key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Generic, TypeVar

__all__ = ["Cache"]

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """A bounded memory: the least recently used goes first. Safe for threads."""

    def __init__(self, limit: int, items: Mapping[K, V] = MappingProxyType({})) -> None:
        self._limit = limit
        self._items: OrderedDict[K, V] = OrderedDict(items)
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The item of a key; made outside the lock, and the first one made stays."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
        made = make()
        with self._lock:
            item = self._items.setdefault(key, made)
            while len(self._items) > self._limit:
                self._items.popitem(last=False)
            return item

    def copy(self) -> Cache[K, V]:
        """A memory of its own that begins with what this one holds."""
        with self._lock:
            return Cache(self._limit, self._items)

"""What the concluders remember: agreed conclusions, and questions that the worker does not survive."""

from __future__ import annotations

from collections import OrderedDict

from rules_service.engine.conclude import Concluded, Signature

__all__ = ["Memo", "Strikes"]


class Memo:
    """At least the last ``size`` conclusions asked for, at most twice as many; thread-safe.

    Two generations instead of a list in order of use: a hit in the young one is a single look-up. When the
    young one is full it becomes the old one, and what the old one held is forgotten unless it was asked for
    since. There is no lock, which a forked child might inherit locked: threads that meet here can at worst
    make it forget too early.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Signature, Concluded] = {}
        self._old: dict[Signature, Concluded] = {}

    def get(self, key: Signature) -> Concluded | None:
        """The conclusions for ``key``, if remembered."""
        known = self._young.get(key)
        if known is None and (known := self._old.get(key)) is not None:
            self.put(key, known)
        return known

    def put(self, key: Signature, concluded: Concluded) -> None:
        """Remember ``concluded``; a memo of size 0 remembers nothing."""
        if not self._size:
            return
        self._young[key] = concluded
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())


class Strikes:
    """Questions at which the worker died or fell silent; after ``most`` times they are spared, mostly.

    Without this, one question that the library cannot take would cost every other one its worker. Each spared
    question is put to the worker again once in ``again`` times.
    """

    def __init__(self, most: int = 3, again: int = 100, size: int = 1024) -> None:
        self._most, self._again, self._size = most, again, size
        self._strikes: OrderedDict[Signature, tuple[int, int]] = OrderedDict()

    def spared(self, key: Signature) -> bool:
        """Whether the worker is not to be asked ``key`` this time."""
        if not self._strikes:
            return False
        strikes, times = self._strikes.get(key, (0, 0))
        if strikes < self._most:
            return False
        self._strikes[key] = (strikes, times + 1)
        return (times + 1) % self._again != 0

    def add(self, key: Signature) -> None:
        """The worker was lost at ``key``."""
        strikes, times = self._strikes.get(key, (0, 0))
        self._strikes[key] = (strikes + 1, times)
        if len(self._strikes) > self._size:
            self._strikes.popitem(last=False)

    def clear(self, key: Signature) -> None:
        """The worker answered ``key``."""
        if self._strikes:
            self._strikes.pop(key, None)

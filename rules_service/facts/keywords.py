"""Keywords of a text (REL-01): pairs of neighbouring Chinese characters, but for words that say nothing.

Chinese has no spaces, and no segmentation is exact; two texts about one thing share pairs of characters
(教师, 培训), and pairs are found the same way everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rules_service.facts.text import normalise

__all__ = ["ENOUGH", "Keywords", "shared"]

ENOUGH = 3
"""Counting shared keywords ends here: more of them say nothing more."""
# What is read of one text.  A text is compared with others, so its length counts twice.
_READ = 2_000
_BREAK = "\ue000"
_NO_HAN = re.compile(r"[^一-鿿]+")


class Keywords:
    """Reads texts for comparison; ``stop`` are words without a bearing on what a text is about."""

    __slots__ = ("_stop",)

    def __init__(self, stop: Iterable[str] = ()) -> None:
        words = sorted({normalise(word) for word in stop}, key=lambda word: (-len(word), word))
        self._stop = re.compile("|".join(map(re.escape, words))) if words else None

    def read(self, raw: str) -> str:
        """The Chinese characters of a text; a mark stands where words end for certain."""
        text = normalise(raw[:_READ])
        if self._stop is not None:
            text = self._stop.sub(_BREAK, text)
        return _NO_HAN.sub(_BREAK, text)


def shared(text: str, others: Sequence[str]) -> int:
    """How many different keywords of ``text`` some of ``others`` hold too, counted up to ``ENOUGH``.

    All of them are texts as ``Keywords.read`` gives them.
    """
    found: set[str] = set()
    for start in range(len(text) - 1):
        pair = text[start : start + 2]
        if _BREAK not in pair and pair not in found and any(pair in other for other in others):
            found.add(pair)
            if len(found) == ENOUGH:
                break
    return len(found)

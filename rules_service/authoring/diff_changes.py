"""A change between two versions, places or dates of the rules, and what a comparison comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from rules_service.authoring.texts import Texts
from rules_service.compile.view import Words
from rules_service.values.dates import date_text

__all__ = ["LANGUAGES", "Change", "Compared", "Comparison", "Verb", "both"]

LANGUAGES: Final = ("zh", "en")

Verb = Literal["added", "removed", "changed", "moved", "rewritten"]
"""What became of a thing; ``rewritten`` means the same in other words, order or spacing."""


def both(say: Callable[[Texts], str]) -> Words:
    """A text in both languages."""
    return Words(*(say(Texts(language)) for language in LANGUAGES))


@dataclass(frozen=True, slots=True)
class Change:
    """One change by meaning.

    ``subject`` is the kind of thing (``check``, ``value``, ``standard``, …, ``effect`` for what follows from
    other changes, ``file`` for what has no meaning), ``id`` its name, ``layer`` the region whose rules it is
    among, ``files`` where it is written, ``field`` the part of it that changed. ``since`` is the day number
    from which a value holds. ``holds`` are the places for which the change counts, ``overridden`` those
    below the layer that have something else of their own.
    """

    subject: str
    verb: Verb
    id: str
    layer: str
    text: Words
    files: tuple[str, ...] = ()
    field: str = ""
    before: Words | None = None
    after: Words | None = None
    since: int | None = None
    holds: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Subject and verb: ``check.added``."""
        return f"{self.subject}.{self.verb}"

    def plain(self, language: str) -> dict[str, Any]:
        """The change as JSON, with its texts in ``zh`` or ``en``."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "id": self.id,
            "layer": self.layer,
            "field": self.field,
            "before": None if self.before is None else self.before.text(language),
            "after": None if self.after is None else self.after.text(language),
            "since": None if self.since is None else date_text(self.since),
            "holds": list(self.holds),
            "overridden": list(self.overridden),
            "files": list(self.files),
            "text": self.text.text(language),
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """One side of a comparison: which bundle, and for a place or date which."""

    id: str
    version: str
    hash: str
    region: str = ""
    date: int | None = None

    def plain(self) -> dict[str, Any]:
        """The side as JSON."""
        return {
            "bundle": self.id,
            "version": self.version,
            "hash": self.hash,
            "region": self.region,
            "date": None if self.date is None else date_text(self.date),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from one side to the other, in the order in which people read them."""

    old: Compared
    new: Compared
    changes: tuple[Change, ...]

    def counts(self) -> Mapping[str, int]:
        """How many changes there are of each subject."""
        found: dict[str, int] = {}
        for change in self.changes:
            found[change.subject] = found.get(change.subject, 0) + 1
        return found

    def plain(self, language: str) -> dict[str, Any]:
        """The comparison as JSON, with its texts in ``zh`` or ``en``."""
        return {
            "old": self.old.plain(),
            "new": self.new.plain(),
            "counts": dict(self.counts()),
            "changes": [change.plain(language) for change in self.changes],
        }

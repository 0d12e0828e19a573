"""Documents of the words of a place: ruleset head, regions, vocabularies, indicator trees, shared texts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rules_service.model.check_documents import BasisDocument
from rules_service.model.fields import Bilingual, Code, Day, Document, Entries, Identifier, Text, Whole

__all__ = [
    "ContentDocument",
    "ContentSetDocument",
    "MessagesDocument",
    "RegionDocument",
    "RulesetDocument",
    "TreeDocument",
    "TreeNodeDocument",
    "VocabularyDocument",
    "VocabularyValueDocument",
]


class RulesetDocument(Document):
    """The head of a ruleset: its name and version, and the region of its root layer.

    ``effective_from`` and ``effective_to`` limit the rule dates that it answers for.
    """

    id: Identifier
    title: Bilingual
    version: Text
    root: Code
    families: Entries[Bilingual] = ()
    verdict_map: Identifier | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None


class RegionDocument(Document):
    """A region and its parent; only the root region has none."""

    code: Code
    name: Bilingual
    parent: Code | None = None
    aliases: tuple[Code, ...] = ()


class VocabularyValueDocument(Document):
    """A code that a place uses, and other spellings of it that hosts send.

    ``step`` is its place in an order, for codes that follow each other; equal steps stand side by side.
    """

    code: Code
    zh: Text
    en: Text
    aliases: tuple[Code, ...] = ()
    step: Whole | None = None


class VocabularyDocument(Document):
    """The codes that a field may hold; ``vocabulary`` is the fact's name."""

    vocabulary: Identifier
    title: Bilingual | None = None
    values: Annotated[tuple[VocabularyValueDocument, ...], Field(min_length=1)]
    basis: tuple[BasisDocument, ...] = ()
    owner: Text | None = None


class TreeNodeDocument(Document):
    """A level-1 or level-2 indicator class."""

    code: Code
    zh: Text
    en: Text
    aliases: tuple[Code, ...] = ()
    children: tuple[TreeNodeDocument, ...] = ()


class TreeDocument(Document):
    """One version of the indicator tree: level 1 and its children, level 2.

    From ``effective_from`` on, goals of these ``scopes`` (words of ``goal.scope``) stand on this version if
    they name none; without a day only goals that name it do.
    """

    tree: Code
    title: Bilingual
    effective_from: Day | None = None
    scopes: tuple[Code, ...] = ()
    level1: Annotated[tuple[TreeNodeDocument, ...], Field(min_length=1)]
    basis: tuple[BasisDocument, ...] = ()
    owner: Text | None = None


class ContentDocument(Document):
    """One content that an ex-ante evaluation has to cover."""

    code: Code
    zh: Text
    en: Text


class ContentSetDocument(Document):
    """What an ex-ante evaluation has to cover; ``items`` is the number of items under it, if stated.

    The texts of the items are the place's own; only their number counts here.
    """

    content_set: Code
    title: Bilingual
    contents: Annotated[tuple[ContentDocument, ...], Field(min_length=1)]
    items: Whole | None = None
    basis: tuple[BasisDocument, ...] = ()
    owner: Text | None = None


class MessagesDocument(Document):
    """Texts shared by rules, by key."""

    messages: Entries[Bilingual]

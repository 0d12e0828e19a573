"""The texts of rulebooks and tables, with the engine's own words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rules_service.values.words import bilingual_texts, engine_words

__all__ = ["Texts"]


@cache
def _catalogue(language: str) -> dict[str, str]:
    return engine_words(language) | bilingual_texts(Path(__file__).with_name("texts.yaml"), language)


class Texts:
    """Texts of one language (``zh``, ``en``) by key."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = _catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with its values filled in."""
        return self._texts[key].format_map(values)

    def or_else(self, key: str, fallback: str) -> str:
        """A text without values, or what to say where there is none."""
        return self._texts.get(key, fallback)

    def list(self, parts: tuple[str, ...] | list[str]) -> str:
        """Several texts as one enumeration."""
        return ("、" if self.language == "zh" else ", ").join(parts)

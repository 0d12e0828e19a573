"""The texts of the command line, in the language that the user asked for."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from rules_service.values.words import engine_words

__all__ = ["LANGUAGES", "Language", "Words", "default_language"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """The texts of one language by key; nested keys are joined by dots."""
    path = Path(__file__).with_name(f"messages_{language}.yaml")
    loaded = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    own = {f"{group}.{key}": text for group, texts in loaded.items() for key, text in texts.items()}
    return engine_words(language) | own


def default_language() -> Language:
    """Chinese, unless ``RULES_LANG`` says otherwise."""
    return "en" if os.environ.get("RULES_LANG") == "en" else "zh"


class Words:
    """Texts by key; ``has`` asks whether there is one."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with its values filled in."""
        return self._texts[key].format_map(values)

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key."""
        return key in self._texts

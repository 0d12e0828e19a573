"""What people call decisions, levels, outcomes and actions, in Chinese and English."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

__all__ = ["bilingual_texts", "engine_words"]


@cache
def bilingual_texts(path: Path, language: str) -> dict[str, str]:
    """The texts of a file ``group: {key: {zh, en}}`` in one language (``zh``, ``en``) by ``group.key``."""
    loaded = _loaded(path)
    return {
        f"{group}.{key}": text[language] for group, texts in loaded.items() for key, text in texts.items()
    }


@cache
def _loaded(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return loaded


def engine_words(language: str) -> dict[str, str]:
    """The engine's own words by key, such as ``decision.BAR``, ``level.WARN``, ``action.REMIND``."""
    return bilingual_texts(Path(__file__).with_name("words.yaml"), language)

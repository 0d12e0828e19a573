"""What people call the codes of a place: the engine's words, vocabularies, and words of parameters."""

from __future__ import annotations

from collections.abc import Sequence

from rules_service.model.ruleset import LayerSource
from rules_service.values.words import engine_words

__all__ = ["code_labels"]

_ENGINE_GROUPS = ("outcome.", "code.")


def code_labels(layers: Sequence[LayerSource], language: str) -> dict[str, str]:
    """Words of ``zh`` or ``en`` by code; a lower layer's come after those above it and replace them."""
    words = engine_words(language)
    found = {
        key.removeprefix(group): text
        for group in _ENGINE_GROUPS
        for key, text in words.items()
        if key.startswith(group)
    }
    for layer in layers:
        for vocabulary in layer.vocabularies:
            found |= {value.code: value.en if language == "en" else value.zh for value in vocabulary.values}
        for parameter in layer.parameters:
            found |= {entry.name.text: entry.value.text(language) for entry in parameter.labels}
    return found

"""Words of kinds, from the package's table of texts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rules_service.values.kinds import Kind

__all__ = ["kind_word", "table"]


@cache
def table() -> dict[str, Any]:
    """All words that the language shows to people (``words.yaml``)."""
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    )
    return loaded


def kind_word(prefix: str, kind: Kind) -> dict[str, str]:
    """``{prefix}_zh`` and ``{prefix}_en``: what a kind is called, for the values of a diagnostic."""
    words = table()["kinds"][kind.base.value]
    zh, en = words["zh"], words["en"]
    if kind.is_list and kind.element is not None and kind.subject is None:
        inner = table()["kinds"][kind.element.base.value]
        zh, en = f"{inner['zh']}{zh}", f"{en} ({inner['en']})"
    return {f"{prefix}_zh": zh, f"{prefix}_en": en}

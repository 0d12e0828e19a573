"""The service's own texts for callers (``messages.yaml``), in the language that a request asks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["Language", "language_of", "text"]

Language = Literal["zh", "en"]


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("messages.yaml")
    loaded: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return loaded


def language_of(context: review_pb.RequestContext) -> Language:
    """``zh`` unless the request asks for English."""
    return "en" if context.language == review_pb.LANGUAGE_EN else "zh"


def text(key: str, language: Language, **values: object) -> str:
    """The text ``key`` with its values filled in."""
    return _catalogue()[key][language].format_map(values)

"""The texts of structural errors, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from ruamel.yaml import YAML

from rules_service.facts.structure import Violation

__all__ = ["violation_codes", "violation_text"]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    text = (files("rules_service.facts") / "violations.yaml").read_text("utf-8")
    loaded: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(text)
    return loaded


def violation_codes() -> frozenset[str]:
    """All codes that have texts."""
    return frozenset(_texts())


def violation_text(violation: Violation, language: Literal["zh", "en"] = "zh") -> str:
    """What is wrong and what cures it; the path is not repeated."""
    return _texts()[violation.code][language].format_map(violation.values)

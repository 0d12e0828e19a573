"""Where the rulesets are that come with the project."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["default_rulesets", "samples"]

_PROJECT = Path(__file__).resolve().parents[2]
_SHARE = Path(sys.prefix) / "share" / "rules-service"


def _found(name: str) -> Path | None:
    """Beside the package in a source tree (also installed editable), under ``share`` when installed."""
    for parent in (_PROJECT, _SHARE):
        if (parent / name).is_dir():
            return parent / name
    return None


def default_rulesets() -> Path | None:
    """The directory with the national base and the overlays; None when it was not installed."""
    return _found("rulesets")


def samples() -> Path | None:
    """The directory with the sample projects."""
    return _found("samples")

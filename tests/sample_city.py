"""The shipped rules with an invented city in which the sample library is in force."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["NAME", "build"]

NAME = "示例市"
_ROOT = Path(__file__).parents[1]
_CITY = Path(__file__).parent / "testdata" / "authoring" / "library"


def build(folder: Path) -> Path:
    """Write the ruleset below ``folder``."""
    made = folder / "rulesets"
    shutil.copytree(_ROOT / "rulesets", made)
    shutil.copytree(_CITY / "overlays", made / "overlays", dirs_exist_ok=True)
    with (made / "regions.yaml").open("a", encoding="utf-8") as regions:
        regions.write((_CITY / "regions.yaml").read_text("utf-8"))
    return made

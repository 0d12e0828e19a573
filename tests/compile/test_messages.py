"""The engine reads no shared text that a ruleset might lack."""

from __future__ import annotations

import re
from pathlib import Path

import rules_service.engine
from rules_service.compile.messages import REQUIRED_MESSAGES

ENGINE = Path(rules_service.engine.__file__).parent
KEY = re.compile(r"""text\(\s*(f?)"([a-z_]+\.[a-z_]*)""")


def test_the_engine_reads_required_texts_only() -> None:
    """Every key that the engine names, or its family where the last word varies, is required of rulesets."""
    families = {key.partition(".")[0] + "." for key in REQUIRED_MESSAGES}
    named = [match for path in ENGINE.glob("*.py") for match in KEY.findall(path.read_text("utf-8"))]
    assert {key for varies, key in named if not varies} >= {"error.message", "indeterminate.message"}
    for varies, key in named:
        assert key in (families if varies else REQUIRED_MESSAGES)

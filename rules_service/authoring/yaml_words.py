"""Values as YAML that reads back as the very same texts: plain where that is safe, quoted where not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rules_service.model.decoding import FORBIDDEN

__all__ = ["Plain", "flow", "scalar"]

# A text, or lists and mappings of them; recursive, which mypy cannot say here.
Plain: TypeAlias = object

# Beginning with a letter, digit or ideograph, and without what has a meaning in YAML.
_PLAIN = re.compile(r"[^\W_](?:[^\x00-\x1f:#,\[\]{}]*[^\s:#,\[\]{}])?")


def scalar(text: str, style: str | None = None) -> str:
    """``text`` as YAML in the style of what it replaces (``None`` is plain), as far as it fits."""
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style in {None, "", "|", ">"} and _PLAIN.fullmatch(text) and not FORBIDDEN.search(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def flow(value: Plain) -> str:
    """A value on one line, as it may stand anywhere."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(str(value))

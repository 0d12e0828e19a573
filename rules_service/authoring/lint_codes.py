"""Every code that lint can tell: its texts, and the page about all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from rules_service.authoring.lint_examples import Example
from rules_service.authoring.texts import Texts
from rules_service.compile.texts import CATALOGUE as COMPILING
from rules_service.language.reporting import catalogue
from rules_service.model.diagnostics import CatalogueEntry, DiagnosticCatalogue
from rules_service.model.validation import CATALOGUE as READING

__all__ = ["LINT_CATALOGUES", "codes_page", "lint_codes", "lint_entry"]

LINT_CATALOGUES: Final[Mapping[str, DiagnosticCatalogue]] = {
    "model": READING,
    "language": catalogue(),
    "compile": COMPILING,
}
"""The catalogues of what can be wrong with ruleset files, by package."""
_VALUE = re.compile(r"\{(\w+)\}")


def lint_codes() -> list[str]:
    """All codes, in order."""
    return sorted(code for one in LINT_CATALOGUES.values() for code in one.codes())


def lint_entry(code: str) -> CatalogueEntry | None:
    """The texts of a code, their values shown as …; ``None`` for a code that there is not."""
    for one in LINT_CATALOGUES.values():
        if code.upper() in one.codes():
            entry = one.entry(code.upper())
            return CatalogueEntry(entry.severity, *map(_without_values, entry[1:]))
    return None


def _without_values(text: str) -> str:
    return _VALUE.sub("…", text).replace("{{", "{").replace("}}", "}")


def codes_page(examples: Mapping[str, Example], texts: Texts) -> str:
    """The page of all codes in Markdown: what each says, its cure, and a case that brings it about."""
    lines = [f"# {texts('codes.title')}", "", texts("codes.remark")]
    for package, one in LINT_CATALOGUES.items():
        lines += ["", f"## {texts(f'codes.{package}')}"]
        for code in sorted(one.codes()):
            lines += _section(code, examples.get(code), texts)
    return "\n".join(lines) + "\n"


def _section(code: str, example: Example | None, texts: Texts) -> Iterator[str]:
    entry = lint_entry(code)
    assert entry is not None, "a code of a catalogue has its texts"
    yield from ("", f"### {code}", "")
    severity = texts(f"codes.{entry.severity.value}")
    yield texts("codes.entry", severity=severity, said=entry.zh, cure=entry.cure_zh)
    yield from ("", f"{entry.en} {entry.cure_en}")
    if example is None:
        return
    for key, shown in (("codes.wrong", example.wrong), ("codes.right", example.right)):
        if shown:
            fence = "~~~" if "```" in shown else "```"
            yield from ("", texts(key), "", f"{fence}{example.form}", shown, fence)

"""What the verbs for libraries say of one."""

from __future__ import annotations

from rules_service.cli.words import Words
from rules_service.facts.library import Library
from rules_service.values.dates import date_text

__all__ = ["counts_line", "head_lines"]


def counts_line(library: Library, words: Words) -> str:
    """How many classes and indicators a library has."""
    counts = library.counts()
    line = words("library.counts", **counts)
    return line + (words("library.common_counts", **counts) if counts["common_indicators"] else "")


def head_lines(library: Library, words: Words, *, in_force: bool) -> list[str]:
    """What a version says of itself."""
    document = library.document
    english = words.language == "en"
    end = "…" if document.effective_to is None else date_text(document.effective_to)
    lines = [
        f"{document.id}  {document.name_en if english else document.name_zh}",
        words("library.dates", start=date_text(document.effective_from), end=end),
        words("library.issuer", issuer=document.issuer.text(words.language), document=document.document),
        words("library.proof", proof=document.proof.value, tree=document.tree),
        words("library.in_force" if in_force else "library.not_in_force"),
        counts_line(library, words),
    ]
    return lines if document.note is None else [*lines, document.note.text(words.language)]

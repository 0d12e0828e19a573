"""`rules-service library show ID`: what a library says of itself, its size and its classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.text import Text

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.library_words import head_lines
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, place_options, rulesets_option, verb
from rules_service.cli.show import console
from rules_service.cli.views import view_of
from rules_service.cli.words import Words
from rules_service.facts.library import TOP, Library
from rules_service.model.library_rows import ClassPath

__all__ = ["command"]


@verb("library show")
@click.argument("name", metavar="ID")
@click.option("--classes", is_flag=True, help=helped("help.library_classes"))
@place_options
@rulesets_option
def command(
    words: Words, *, name: str, classes: bool, region: str, date: str | None, rulesets: tuple[Path, ...]
) -> Exit:
    """Show one library, in the version in force on a date."""
    view = view_of(compiled(roots(rulesets), words), region, date)
    library = next((each for each in view.libraries if each.document.id == name), None)
    if library is None:
        known = "、".join(each.document.id for each in view.libraries) or "–"
        raise Problem(Exit.RULESET, "library.unknown", id=name, known=known)
    lines = head_lines(library, words, in_force=library in view.fact_context.libraries.all)
    if classes:
        lines += [*_tree(library, TOP, 0), *_tree(library, TOP, 0, common=True)]
    for line in lines:
        console().print(Text(line))
    return Exit.OK


def _tree(library: Library, path: ClassPath, depth: int, *, common: bool = False) -> Iterator[str]:
    """A line for each class below one, with the number of its rows."""
    for child, number in library.below(path, common=common):
        code = next(code for code in reversed(child) if code)
        name = library.names.get(child, code)
        yield "  " * depth + " ".join([*dict.fromkeys((code, name)), str(number)])
        yield from _tree(library, child, depth + 1, common=common)

"""A page as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.authoring.pages import Page, Row, Table

__all__ = ["markdown"]

# Characters of rules and documents that Markdown would read as its own.
_ESCAPED = str.maketrans({char: f"\\{char}" for char in "\\`*<>|#"})


def markdown(page: Page) -> str:
    """The page as Markdown text, ending in a newline."""
    lines = [f"# {_text(page.title)}", ""]
    colon = "：" if page.language == "zh" else ": "
    lines += [f"- {_text(name)}{colon}{_text(value)}" for name, value in page.head]
    lines += ["", _text(page.remark)] if page.remark else []
    for table in page.tables:
        lines += ["", f"## {_text(table.title)}", ""]
        lines += _sections(table, colon) if table.tall else _table(table)
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(table: Table) -> Iterator[str]:
    yield _row([(name,) for name in table.header])
    yield "|" + " --- |" * len(table.header)
    for row in table.rows:
        yield _row(row)


def _row(cells: Row | list[tuple[str, ...]]) -> str:
    return "| " + " | ".join("<br>".join(_text(line) for line in cell) for cell in cells) + " |"


def _sections(table: Table, colon: str) -> Iterator[str]:
    for number, (first, second, *rest) in enumerate(table.rows):
        if number:
            yield ""
        yield f"### {_text(' '.join((*first, *second)))}"
        yield ""
        for name, cell in zip(table.header[2:], rest, strict=True):
            if len(cell) == 1:
                yield f"- **{_text(name)}**{colon}{_text(cell[0])}"
            elif cell:
                yield f"- **{_text(name)}**{colon.rstrip()}"
                yield from (f"  - {_text(line)}" for line in cell)


def _text(text: str) -> str:
    return text.translate(_ESCAPED).replace("\n", " ")

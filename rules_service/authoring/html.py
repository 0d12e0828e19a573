"""Reports as one HTML file: nothing is loaded, no script runs, every text is escaped, and it prints well.

The functions make blocks of ``Markup``; ``document`` puts blocks into a page. Charts (``charts.py``) are
blocks too.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

from rules_service.authoring.pages import Cell, Table

__all__ = [
    "Markup",
    "document",
    "element",
    "escaped",
    "facts",
    "heading",
    "listing",
    "paragraph",
    "table",
    "visible",
]

_LANGUAGES = {"zh": "zh-CN", "en": "en"}
# What no page may hold, and marks that turn the direction of a text round and so make it read otherwise.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


class Markup(str):
    """A piece of HTML whose texts are escaped; made by the functions of this module alone."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    r"""A text as HTML; characters that nobody sees are written out, as ``\u202e``."""
    return Markup(html.escape(visible(text)))


def visible(text: str) -> str:
    r"""A text in which characters that nobody sees are written out, as ``\u202e``."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def element(name: str, *inner: Markup, **attributes: str | int) -> Markup:
    """An element with its content; names of attributes lose a ``_`` at the end and others become ``-``."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{said}>{''.join(inner)}</{name}>")


def heading(text: str, level: int = 2) -> Markup:
    """A heading; the title of the page is level 1."""
    return element(f"h{level}", escaped(text))


def paragraph(text: str, kind: str = "") -> Markup:
    """A paragraph; ``kind``: ``note`` in small print, ``warning`` framed."""
    return element("p", escaped(text), **({"class_": kind} if kind else {}))


def listing(texts: Iterable[str]) -> Markup:
    """A list of texts."""
    return element("ul", *(element("li", escaped(text)) for text in texts))


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Names with their values."""
    return element("dl", *(part for name, value in pairs for part in _fact(name, value)))


def _fact(name: str, value: str) -> tuple[Markup, Markup]:
    return element("dt", escaped(name)), element("dd", escaped(value))


def table(shown: Table, *, numbers: Collection[int] = ()) -> Markup:
    """A table under its title, with a head that stays in sight; ``numbers`` are columns of numbers."""
    head = element("tr", *(element("th", escaped(name), scope="col") for name in shown.header))
    rows = (element("tr", *_cells(row, numbers)) for row in shown.rows)
    caption = element("caption", escaped(shown.title)) if shown.title else Markup()
    return element("table", caption, element("thead", head), element("tbody", *rows))


def _cells(row: Sequence[Cell], numbers: Collection[int]) -> Iterable[Markup]:
    for column, lines in enumerate(row):
        text = Markup("<br>".join(map(escaped, lines)))
        yield element("td", text, class_="number") if column in numbers else element("td", text)


def document(language: str, title: str, blocks: Iterable[Markup]) -> str:
    """The page in ``zh`` or ``en``: its title, and the blocks in their order.

    The policy in its head forbids a browser to load anything, should something slip through.
    """
    style = _style()
    policy = f"default-src 'none'; style-src '{_fingerprint(style)}'; base-uri 'none'; form-action 'none'"
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{style}</style>"
    )
    body = "\n".join((heading(title, 1), *blocks))
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[language]}">\n<head>{head}</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("html.css").read_text("utf-8")


def _fingerprint(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

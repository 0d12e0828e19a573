"""Cells of the exchange workbook that hold several values: lists, and tables of days."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from rules_service.authoring.exchange_kinds import TEXT, CellError, Kind
from rules_service.authoring.yaml_words import Plain
from rules_service.model.widths import narrow

__all__ = ["List", "Table"]

_OF_YEAR: Final = re.compile(r"(\d{1,2})(?:月|(?:-|/|月)(\d{1,2})日?)?", re.ASCII)
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_SPECIAL: Final = re.compile(r'[、,，;；\n"]')
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class List:
    """Several texts between 、 or on lines of their own.

    One that holds such a sign itself stands in double quotes, doubled within.
    """

    element: Kind = TEXT

    @property
    def choices(self) -> tuple[str, ...]:
        """What a cell may hold, if that is a closed list."""
        return ()

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        return "、".join(map(_quoted, _items(value)))

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        parts = []
        rest = text.strip()
        while rest:
            quoted = _QUOTED.match(rest)
            if quoted is not None:
                part, rest = quoted[0][1:-1].replace('""', '"'), rest[quoted.end() :].lstrip()
                if rest and rest[0] not in "、\n":
                    raise CellError("CELL-LIST", text=text[:60])
                rest = rest[1:].lstrip() if rest else ""
                self.element.read(part)
            else:
                match = re.search(r"[、\n]", rest)
                part, rest = (rest, "") if match is None else (rest[: match.start()], rest[match.end() :])
                part, rest = part.strip(), rest.lstrip()
                if not part or _SPECIAL.search(part):
                    raise CellError("CELL-LIST", text=text[:60])
                part = str(self.element.read(part))
            parts.append(part)
        return parts

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        return _items(one) == _items(other)


def _items(value: Plain) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _quoted(text: str) -> str:
    if text and text == text.strip() and not _SPECIAL.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Table:
    """Values by day of the year, one a line: ``04-30：25%``."""

    element: Kind
    choices: tuple[str, ...] = field(default=())

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        entries = value.items() if isinstance(value, dict) else ()
        return "\n".join(f"{day}：{self.element.show(item)}" for day, item in entries)

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        found: dict[str, Plain] = {}
        for line in filter(None, (part.strip() for part in re.split(r"[\n；;、]", text))):
            day, colon, item = re.sub("[:＝=]", "：", line).partition("：")
            match = _OF_YEAR.fullmatch(_SPACES.sub("", narrow(day)))
            if not colon or match is None:
                raise CellError("CELL-TABLE", text=line[:40])
            key = f"{match[1]:0>2}-{match[2]:0>2}" if match[2] else f"{match[1]:0>2}"
            if key in found:
                raise CellError("CELL-TABLE", text=line[:40])
            found[key] = self.element.read(item.strip())
        return found

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
            return False
        return all(self.element.same(value, other[day]) for day, value in one.items())

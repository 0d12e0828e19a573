"""What a cell of the exchange workbook may hold: how a value is shown to people, and read as they type it.

Values are as ruleset files hold them: texts such as ``30万元``, ``75%``, ``10pp``, ``2026-07-01``.
What can be read in two ways is a fault, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from rules_service.authoring.yaml_words import Plain
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.widths import narrow
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = ["FLAG", "TEXT", "CellError", "Choice", "Day", "Kind", "Number", "Words"]

_SPACES: Final = re.compile(r"\s+")
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,.])", re.ASCII)
_BARE: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})(?:/|-|\.|年)(\d{1,2})(?:/|-|\.|月)(\d{1,2})日?", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


class CellError(ValueError):
    """A cell that cannot be taken; ``code`` is a diagnostic of this package, ``values`` are its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values


class Kind(Protocol):
    """How values of a kind are written in cells."""

    @property
    def choices(self) -> tuple[str, ...]:
        """What a cell may hold, as shown, if that is a closed list."""
        ...

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        ...

    def read(self, text: str) -> Plain:
        """The value of a cell that is not blank; raises ``CellError``."""
        ...

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same, however they are written."""
        ...


class _Text:
    """Any text; spaces around it are none of it."""

    choices: tuple[str, ...] = ()

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        return str(value)

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        return text.strip()

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        return str(one).strip() == str(other).strip()


TEXT: Final[Kind] = _Text()


@dataclass(frozen=True, slots=True)
class Choice:
    """A code of a closed list, shown with what people call it: ``超过（GT）``."""

    names: Mapping[str, str]

    @property
    def choices(self) -> tuple[str, ...]:
        """What a cell may hold, if that is a closed list."""
        return tuple(self.show(code) for code in self.names)

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        name = self.names.get(str(value), "")
        return f"{name}（{value}）" if name and name != value else str(value)

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        wanted = _SPACES.sub("", narrow(text))
        found = [
            code
            for code, name in self.names.items()
            if wanted in {_SPACES.sub("", narrow(form)) for form in (code, name, self.show(code)) if form}
        ]
        if len(found) != 1:
            raise CellError("CELL-CHOICE", text=text[:40], allowed="、".join(self.choices))
        return found[0]

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        return one == other


FLAG: Final[Kind] = Choice({"true": "是", "false": "否"})


@dataclass(frozen=True, slots=True)
class Words:
    """A code of a vocabulary; ``known`` are those that may be written, empty if any may."""

    known: Collection[str] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """What a cell may hold, if that is a closed list."""
        return tuple(self.known)

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        return str(value)

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        code = text.strip()
        if self.known and code not in self.known:
            raise CellError("CELL-CHOICE", text=code[:40], allowed="、".join(self.known)[:400])
        return code

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        return one == other


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    choices: tuple[str, ...] = ()

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        return str(value)

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        wanted = _SPACES.sub("", narrow(text))
        match = _DAY.fullmatch(wanted) or _DIGITS.fullmatch(wanted)
        if match is None:
            code = "CELL-SERIAL" if _BARE.fullmatch(wanted) else "CELL-DAY"
            raise CellError(code, text=text[:40])
        day = f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
        try:
            parse_date(day)
        except DateSyntaxError:
            raise CellError("CELL-DAY", text=text[:40]) from None
        return day

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        return one == other


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number of a kind of parameter (``money``, ``rate``, …), or any number as tables hold it.

    ``unit`` may stand behind it where the kind itself has none.
    """

    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()

    def show(self, value: Plain) -> str:
        """The text of the cell."""
        text = str(value)
        return f"{text.removesuffix('pp')}个百分点" if self.kind == "points" and text[-2:] == "pp" else text

    def read(self, text: str) -> Plain:
        """The value of a cell."""
        wanted = _SPACES.sub("", narrow(text))
        grouped = _GROUPED.match(wanted)
        if grouped is not None:
            wanted = grouped[0].replace(",", "") + wanted[grouped.end() :]
        if "," in wanted:
            raise CellError("CELL-COMMA", text=text[:40])
        wanted = _with_unit(self.kind, wanted, self.unit)
        try:
            parse_literal(self.kind, wanted)
        except LiteralError:
            if _BARE.fullmatch(wanted) and self.kind in _BARE_FAULTS:
                raise CellError(_BARE_FAULTS[self.kind], text=text[:40]) from None
            raise CellError("CELL-NUMBER", text=text[:40], expected=_EXPECTED[self.kind]) from None
        return wanted

    def same(self, one: Plain, other: Plain) -> bool:
        """Whether two values say the same."""
        try:
            return parse_literal(self.kind, str(one)) == parse_literal(self.kind, str(other))
        except LiteralError:  # what stands in the file is at fault already
            return one == other


_BARE_FAULTS: Final = {"money": "CELL-MONEY", "rate": "CELL-PERCENT", "points": "CELL-POINTS"}
_EXPECTED: Final = {
    "money": "30万元",
    "rate": "75%",
    "points": "10个百分点",
    "quantity": "12.5",
    "score": "60",
    "count": "12",
}
_POINTS: Final = re.compile(r"(?:个百分点|百分点|pp)$", re.IGNORECASE)


def _with_unit(kind: str, text: str, unit: str) -> str:
    """The number as files hold it, its unit put in their form."""
    match kind:
        case "money":
            return f"{text}元" if text.endswith(("万", "亿")) else text
        case "points":
            return _POINTS.sub("pp", text)
        case "rate":
            return text
        case "score":
            return text.removesuffix("分")
        case _:
            return text.removesuffix(unit) if unit else text

"""Field types of ruleset documents: what a scalar, a list or a mapping of an author must look like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf
from pydantic_core import PydanticCustomError

from rules_service.model.diagnostics import Source
from rules_service.model.nodes import MARK, Marks, Scalar, without_mark
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = [
    "NO_MARKS",
    "Bilingual",
    "Code",
    "Day",
    "Document",
    "Entries",
    "Entry",
    "Flag",
    "Identifier",
    "Located",
    "Text",
    "Whole",
    "fault",
]

T = TypeVar("T")

NO_MARKS = Marks(Source("", 1, 1), {}, {})

_IDENTIFIER = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_.\-\u4e00-\u9fff]*")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def fault(code: str, **values: object) -> PydanticCustomError:
    """A validation error that becomes the diagnostic ``code``."""
    return PydanticCustomError(code, code, {key: str(value) for key, value in values.items()})


class Document(BaseModel):
    """A mapping of a ruleset file; ``mark`` says where it and its keys stand."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    mark: InstanceOf[Marks] = Field(default=NO_MARKS, alias="@", repr=False)


def _scalar(value: object) -> Scalar:
    if not isinstance(value, Scalar):
        raise fault("DOC-NOT-TEXT")
    return value


def _located(value: object) -> Scalar:
    scalar = _scalar(value)
    if not scalar.text.strip():
        raise fault("DOC-BLANK")
    return scalar


def _text(value: object) -> str:
    return _located(value).text


def _identifier(value: object) -> str:
    text = _text(value)
    if _IDENTIFIER.fullmatch(text) is None:
        raise fault("DOC-IDENTIFIER", text=text[:60])
    return text


def _flag(value: object) -> bool:
    text = _text(value)
    if text not in {"true", "false"}:
        raise fault("DOC-NOT-BOOLEAN", text=text[:40])
    return text == "true"


def _day(value: object) -> int:
    text = _text(value)
    try:
        day = parse_date(text)
    except DateSyntaxError:
        raise fault("DOC-NOT-DATE", text=text[:40]) from None
    if len(text) != len("2024-01-31"):  # a month alone is no day
        raise fault("DOC-NOT-DATE", text=text[:40])
    return day


def _whole(value: object) -> int:
    text = _text(value)
    if _WHOLE.fullmatch(text) is None:
        raise fault("DOC-NOT-WHOLE", text=text[:40])
    return int(text)


def _entries(value: object) -> object:
    """A mapping with free keys as a list of ``{name, value}``, in the author's order."""
    if not isinstance(value, dict):
        raise fault("DOC-NOT-MAPPING")
    marks = value.get(MARK)
    marks = marks if isinstance(marks, Marks) else NO_MARKS
    return [{"name": Scalar(key, marks.key(key)), "value": item} for key, item in without_mark(value).items()]


# A text with its place: expressions and templates, whose own diagnostics point into them.
Located = Annotated[InstanceOf[Scalar], BeforeValidator(_located)]
Text = Annotated[str, BeforeValidator(_text)]
# The name of a thing in the ruleset; Chinese names are allowed.
Identifier = Annotated[str, BeforeValidator(_identifier)]
# A code of a place's vocabulary, or a word of ours: not blank, otherwise free.
Code = Text
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[int, BeforeValidator(_day)]
Whole = Annotated[int, BeforeValidator(_whole)]


class Entry(NamedTuple, Generic[T]):
    """One entry of a mapping with free keys."""

    name: InstanceOf[Scalar]
    value: T


Entries = Annotated[tuple[Entry[T], ...], BeforeValidator(_entries)]


class Bilingual(Document):
    """A text for people in Chinese and English."""

    zh: Located
    en: Located

    def text(self, language: str) -> str:
        """The text in ``zh`` or ``en``."""
        return self.en.text if language == "en" else self.zh.text


def words(allowed: type[Any], code: str = "DOC-NOT-ONE-OF") -> Callable[[object], Any]:
    """A validator for a word of an enumeration of ours."""
    by_word = {str(item.name): item for item in allowed} | {str(item.value): item for item in allowed}

    def read(value: object) -> Any:
        text = _text(value)
        if text not in by_word:
            raise fault(code, text=text[:40], allowed="、".join(str(item) for item in _names(allowed)))
        return by_word[text]

    return read


def _names(allowed: type[Any]) -> list[str]:
    return [str(item.value) if isinstance(item.value, str) else str(item.name) for item in allowed]

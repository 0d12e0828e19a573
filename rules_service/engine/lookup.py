"""Looks up core indicators: the libraries of a view by class, or by a part of a name, page by page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import chain, islice
from typing import Final

from rules_service import __version__
from rules_service.compile.view import View
from rules_service.facts.library import TOP, Library, lower
from rules_service.facts.structure import Violation
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.library_rows import ClassPath, CoreIndicator
from rules_service.pb.budget.rules.v1 import library_service_pb2 as pb
from rules_service.pb.budget.rules.v1 import result_pb2, review_service_pb2
from rules_service.pb.budget.rules.v1.application_pb2 import IndicatorOperator, Polarity
from rules_service.values.dates import date_text, fiscal_year_start, parse_date

__all__ = ["LookUpError", "look_up", "rule_date_of"]

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 500
COUNTED: Final = 10_000  # of the rows whose names match; that there are more is all that is told of them

_SHOWN = 40
_UNSPECIFIED: Final = "UNSPECIFIED"
_LEVELS: Final = {
    1: pb.LIBRARY_LEVEL_INDUSTRY,
    2: pb.LIBRARY_LEVEL_CATEGORY,
    3: pb.LIBRARY_LEVEL_USE,
}
_CODES: Final = ("industry_code", "category_code", "use_code")
_TOKEN: Final = re.compile(r"([0-9]{1,7})-([0-9a-f]{12})-([0-9a-f]{12})")


class LookUpError(ValueError):
    """A question that cannot be answered; ``violations`` say everything that is wrong, with the fields."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{each.path}: {each.code}" for each in violations))
        self.violations = tuple(violations)


def rule_date_of(request: pb.LookUpRequest) -> int:
    """The rule date of a structurally valid request: its own, or 1 January of its fiscal year."""
    own = request.context.rule_date
    return parse_date(own) if own else fiscal_year_start(request.fiscal_year)


def look_up(view: View, request: pb.LookUpRequest, rule_date: int) -> pb.LookUpResponse:
    """The answer of a view to a structurally valid request; raises ``LookUpError``."""
    in_force = view.fact_context.libraries.all
    faults: list[Violation] = []
    searched = _searched(view, request, faults)
    path = _path(searched, request, faults)
    size = _page_size(request, faults)
    key = _key(view, request, rule_date)
    offset = _offset(request, key, faults)
    if faults or searched is None:
        raise LookUpError(faults)
    english = request.context.language == review_service_pb2.LANGUAGE_EN
    rows, total, is_minimum = _rows(searched, path, request)
    page = list(islice(rows, offset, offset + size + 1))
    more, page = len(page) > size, page[:size]
    return pb.LookUpResponse(
        request_id=request.context.request_id,
        searched=[_version(each.document, in_force=each in in_force, english=english) for each in searched],
        available=[
            _version(each.document, in_force=each in in_force, english=english) for each in view.libraries
        ],
        classes=_classes(searched, path, common=request.common),
        indicators=[_indicator(name, row) for name, row in page],
        total_count=total,
        total_is_minimum=is_minimum,
        next_page_token=f"{offset + size}-{key}" if more else "",
        stamp=result_pb2.Stamp(
            bundle=view.bundle_id,
            version=view.version,
            hash=view.hash,
            region_chain=view.region_chain,
            layer=view.layer,
            engine_version=__version__,
            rule_date=date_text(rule_date),
        ),
    )


def _searched(view: View, request: pb.LookUpRequest, faults: list[Violation]) -> Sequence[Library] | None:
    """The libraries to search, ``None`` if the one that is named is not there."""
    wanted = request.library_id
    if not wanted:
        return view.fact_context.libraries.all
    found = [library for library in view.libraries if library.document.id == wanted]
    if not found:
        known = "、".join(sorted(library.document.id for library in view.libraries)) or "–"
        faults.append(Violation("library_id", "LIBRARY_UNKNOWN", {"value": wanted[:_SHOWN], "known": known}))
        return None
    return found


def _path(
    searched: Sequence[Library] | None, request: pb.LookUpRequest, faults: list[Violation]
) -> ClassPath:
    """The class that is asked for, which one of the libraries must have; the last one that is in order."""
    names = _CODES[1:2] if request.common else _CODES
    faults += [
        Violation(name, "LIBRARY_COMMON_CLASS")
        for name in _CODES
        if name not in names and getattr(request, name)
    ]
    path = TOP
    for place, name in enumerate(names):
        code = getattr(request, name)
        if not code:
            faults += [
                Violation(later, "LIBRARY_CLASS_GAP") for later in names[place:] if getattr(request, later)
            ]
            break
        deeper = lower(path, code, common=request.common)
        if searched is None:
            continue
        if searched and not any(library.has(deeper, common=request.common) for library in searched):
            below = [child for each in searched for child, _ in each.below(path, common=request.common)]
            known = sorted(set(map(_code, below)))
            near = get_close_matches(code, known, 3, 0.3) or known[:3]
            values = {"value": code[:_SHOWN], "near": "、".join(near) or "–"}
            faults.append(Violation(name, "LIBRARY_CLASS_UNKNOWN", values))
            break
        path = deeper
    return path


def _page_size(request: pb.LookUpRequest, faults: list[Violation]) -> int:
    size = request.page_size
    if not 0 <= size <= MAX_PAGE_SIZE:
        faults.append(Violation("page_size", "PAGE_SIZE", {"value": size, "limit": MAX_PAGE_SIZE}))
    return size or PAGE_SIZE


def _key(view: View, request: pb.LookUpRequest, rule_date: int) -> str:
    """What a page belongs to: the bundle, and the question without the page."""
    asked = (request.region_code, rule_date, request.library_id, request.common)
    asked += tuple(getattr(request, name) for name in (*_CODES, "name_contains"))
    return f"{view.hash[:12]}-{hashlib.sha256(repr(asked).encode()).hexdigest()[:12]}"


def _offset(request: pb.LookUpRequest, key: str, faults: list[Violation]) -> int:
    """Where the page begins; a page of another bundle or question is refused, for rows may have moved."""
    if not request.page_token:
        return 0
    match = _TOKEN.fullmatch(request.page_token)
    bundle, question = key.split("-")
    if match is None:
        faults.append(Violation("page_token", "PAGE_TOKEN"))
    elif match[2] != bundle:
        faults.append(Violation("page_token", "PAGE_TOKEN_STALE"))
    elif match[3] != question:
        faults.append(Violation("page_token", "PAGE_TOKEN_OTHER"))
    return int(match[1]) if match is not None else 0


def _rows(
    searched: Sequence[Library], path: ClassPath, request: pb.LookUpRequest
) -> tuple[Iterator[tuple[str, CoreIndicator]], int, bool]:
    """The rows with the ids of their libraries, how many there are, and whether there may be more."""
    text, common = request.name_contains, request.common

    def all_rows() -> Iterator[tuple[str, CoreIndicator]]:
        return chain.from_iterable(
            ((library.document.id, row) for row in library.find(path, text, common=common))
            for library in searched
        )

    if not text.strip():
        return all_rows(), sum(library.size(path, common=common) for library in searched), False
    total = sum(1 for _ in islice(all_rows(), COUNTED + 1))
    return all_rows(), min(total, COUNTED), total > COUNTED


def _classes(searched: Iterable[Library], path: ClassPath, *, common: bool) -> list[pb.LibraryClass]:
    """The classes below one, of all libraries together."""
    found: dict[ClassPath, pb.LibraryClass] = {}
    for library in searched:
        for child, number in library.below(path, common=common):
            code = _code(child)
            level = pb.LIBRARY_LEVEL_COMMON if common else _LEVELS[sum(map(bool, child))]
            one = found.setdefault(child, pb.LibraryClass(level=level, code=code, name=code))
            one.name = library.names.get(child, one.name)
            one.indicator_count += number
    return list(found.values())


def _code(path: ClassPath) -> str:
    """The code of the lowest level of a class."""
    return next(code for code in reversed(path) if code)


def _version(document: LibraryDocument, *, in_force: bool, english: bool) -> pb.LibraryVersion:
    language = "en" if english else "zh"
    return pb.LibraryVersion(
        library_id=document.id,
        version=document.version,
        title=document.title.text(language),
        effective_from=date_text(document.effective_from),
        effective_to="" if document.effective_to is None else date_text(document.effective_to),
        issuer=document.issuer.text(language),
        document=document.document,
        source=document.source or "",
        proof=document.proof.value,
        sample=document.sample,
        in_force=in_force,
        note="" if document.note is None else document.note.text(language),
    )


def _indicator(library: str, row: CoreIndicator) -> pb.CoreIndicator:
    return pb.CoreIndicator(
        library_id=library,
        industry_code=row.industry,
        category_code=row.category,
        use_code=row.use,
        core_indicator_code=row.code,
        lv1_code=row.lv1,
        lv2_code=row.lv2,
        name=row.name,
        aliases=row.aliases,
        unit=row.unit,
        operator=IndicatorOperator.Value(f"INDICATOR_OPERATOR_{row.operator or _UNSPECIFIED}"),
        polarity=Polarity.Value(f"POLARITY_{row.polarity or _UNSPECIFIED}"),
        reference_value=row.reference_value,
        value_source=row.value_source,
        required=row.required,
        source=row.source,
        note=row.note,
    )

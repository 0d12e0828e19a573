"""What differs between two places, two dates, or two versions as one place has them on a date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from rules_service.authoring.book_sheets import ITEM_FIELDS, SHEET_FIELDS, SheetRows
from rules_service.authoring.diff import SUBJECTS
from rules_service.authoring.diff_changes import LANGUAGES, Change, Compared, Comparison
from rules_service.authoring.diff_items import Item, items_of
from rules_service.authoring.diff_sides import speaker
from rules_service.authoring.diff_telling import added, changed, removed
from rules_service.authoring.plain import Plain
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.layering import active_layers
from rules_service.compile.view import InactiveCheck, TextCase, View, ViewCheck, Words
from rules_service.language.template import Template
from rules_service.model.standard_rows import StandardRow
from rules_service.values.numbers import fixed_text

__all__ = ["Place", "diff_places"]

# Things that the view does not hold one by one: those of the layers, the lower ones before the higher.
_LAYERED: Final = frozenset({"vocabulary", "tree", "content_set", "calendar", "message", "word", "word_list"})
_STANDARD_TEXTS: Final = (
    *("unit", "limit_kind", "applies_to", "grade", "season", "spec", "scope", "qty_rule", "binding"),
    *("service_operator", "part_of", "document", "article"),
)
Body = dict[str, Plain]


class Place(NamedTuple):
    """A region of a bundle (code) on a rule date (day number)."""

    bundle: Bundle
    region: str
    date: int


def diff_places(old: Place, new: Place) -> Comparison:
    """What the rules of one place on its date say otherwise than those of the other."""
    before, after = _items(old), _items(new)
    changes: list[Change] = []
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key), after.get(key)
        if was is None and is_ is not None:
            changes.append(added(is_, ""))
        elif was is not None and is_ is None:
            changes.append(removed(was, ""))
        elif was is not None and is_ is not None:
            changes += changed(was, is_, "")
    order = {subject: rank for rank, subject in enumerate(SUBJECTS)}
    changes.sort(key=lambda change: order[change.subject])
    return Comparison(_compared(old), _compared(new), tuple(changes))


def _compared(place: Place) -> Compared:
    bundle = place.bundle
    return Compared(bundle.id, bundle.version, bundle.hash, place.region, place.date)


def _items(place: Place) -> dict[tuple[str, str], Item]:
    view = place.bundle.view(place.region, place.date)
    found = [*_Said(place.bundle, view).items(), *_layered(place)]
    return {(item.kind, item.id): item for item in found}


def _layered(place: Place) -> Iterator[Item]:
    bundle = place.bundle
    layers = active_layers(bundle.resolver.chain(place.region), place.date)
    rank = {layer.region: number for number, layer in enumerate(layers)}
    files = frozenset(path for path in bundle.files if "/tests/" not in path)
    items = [item for item in items_of(bundle.source, files).values() if item.layer in rank]
    items.sort(key=lambda item: rank[item.layer])
    yield from (replace(item, layer="") for item in items if item.kind in _LAYERED)
    yield from (_standard(row) for layer in layers for row in layer.standards if row.in_force(place.date))


def _standard(row: StandardRow) -> Item:
    texts = {
        "value": "" if row.value is None else fixed_text(row.value),
        "value_to": "" if row.value_to is None else fixed_text(row.value_to),
        "place": "、".join(row.places or row.except_places),
        "min_service_years": "" if row.min_service_years is None else str(row.min_service_years),
        **{name: str(getattr(row, name)) for name in _STANDARD_TEXTS},
    }
    body = {name: text for name, text in texts.items() if text}
    return Item("standard", "", row.standard_id, row.source.file, Words(row.item, row.item), body)


class _Said:
    """A view in words of both languages."""

    def __init__(self, bundle: Bundle, view: View) -> None:
        self._view = view
        self._texts = [Texts(language) for language in LANGUAGES]
        self._speakers = [speaker(bundle, view, language) for language in LANGUAGES]

    def items(self) -> Iterator[Item]:
        view = self._view
        for name, value in view.parameters.items():
            said = {
                "value": self._lines(lambda speaker: [speaker.value(value)]),  # noqa: B023 - said at once
                "source": self._lines(lambda speaker: [speaker.source(value)]),  # noqa: B023 - said at once
            }
            yield _item("value", name, value.title, said)
        for check in view.checks:
            yield _item("check", check.id, check.title, self._check(check, None))
        for inactive in view.inactive:
            yield _item(
                "check", inactive.check.id, inactive.check.title, self._check(inactive.check, inactive)
            )
        yield from self._conclusions()
        yield from self._sheets()
        for library in view.libraries:
            document = library.document
            title = Words(document.name_zh, document.name_en)
            yield _item("library", document.id, title, {"version": document.version})
        yield _item("exemptions", "", Words("", ""), {"values": tuple(sorted(view.exemptions))})

    def _check(self, check: ViewCheck, inactive: InactiveCheck | None) -> Body:
        return {
            "state": self._state(inactive),
            "applies_when": self._lines(lambda speaker: speaker.scope(check)),
            "fails_when": self._lines(lambda speaker: speaker.fails(check)),
            "let": self._lines(lambda speaker: speaker.lets(check)),
            "severity": self._lines(lambda speaker: speaker.consequences(check, verdicts=False)),
            "exempt_for": tuple(sorted(check.exempt_for)),
            "message": _texts(check.message),
            "remedy": _texts(check.remedy),
            "basis": self._lines(lambda speaker: [speaker.basis(basis) for basis in check.basis]),
        }

    def _lines(self, say: Callable[[Speaker], Iterable[str]]) -> Plain:
        """What both speakers say, in one line each."""
        pairs = zip(self._texts, self._speakers, strict=True)
        return self._both([texts("diff.and").join(say(speaker)) for texts, speaker in pairs])

    def _state(self, inactive: InactiveCheck | None) -> Plain:
        said = []
        for texts in self._texts:
            if inactive is None:
                said.append(texts("diff_state.ACTIVE"))
            elif inactive.note is not None:
                note = inactive.note.text(texts.language)
                said.append(texts("diff.pair", name=texts(f"diff_state.{inactive.reason}"), value=note))
            else:
                titles = [
                    self._view.parameters[name].title.text(texts.language) for name in inactive.parameters
                ]
                state = texts(f"diff_state.{inactive.reason}")
                said.append(texts("diff.pair", name=state, value=texts.list(titles)) if titles else state)
        return self._both(said)

    def _conclusions(self) -> Iterator[Item]:
        view = self._view
        for decisions in view.decisions.values():
            for decision in decisions:
                words = [
                    texts("diff.then", when=speaker.decision(decision), then=speaker.conclusion(decision))
                    for texts, speaker in zip(self._texts, self._speakers, strict=True)
                ]
                body: Body = {"when": self._both(words), "priority": str(decision.priority)}
                yield _item("decision", decision.id, decision.title, body)
        chosen = view.verdict_maps.get(view.verdict_map or "")
        for name, verdict in chosen.verdicts.items() if chosen is not None else ():
            title = Words(*(texts(f"decision.{name}") for texts in self._texts))
            yield _item("verdict_map", name, title, {"grade": verdict.grade, "label": _pair(verdict.label)})

    def _sheets(self) -> Iterator[Item]:
        rows = [
            SheetRows(view=self._view, speaker=speaker, texts=texts)
            for texts, speaker in zip(self._texts, self._speakers, strict=True)
        ]
        titles = {sheet.id: sheet.title for sheet in self._view.sheets}
        for zh, en in zip(rows[0].sheets(), rows[1].sheets(), strict=True):
            name = zh[0][0]
            body = {
                field: self._both(["；".join(one), "; ".join(other)])
                for field, one, other in zip(SHEET_FIELDS, zh, en, strict=True)
            }
            yield _item("score_sheet", name, titles[name], body)
        for zh, en in zip(rows[0].items(), rows[1].items(), strict=True):
            body = {
                field: self._both(["；".join(one), "; ".join(other)])
                for field, one, other in zip(ITEM_FIELDS, zh, en, strict=True)
            }
            name = " ".join((*zh[0], *zh[1], *zh[2]))
            yield _item("score_sheet", name, Words(name, name), body)

    @staticmethod
    def _both(said: list[str]) -> Plain:
        zh, en = said
        return {"zh": zh, "en": en} if zh or en else None


def _item(kind: str, name: str, title: Words, body: Mapping[str, Plain | None]) -> Item:
    said = {field: value for field, value in body.items() if value is not None}
    return Item(kind, "", name, "", title, said)


def _pair(words: Words) -> Plain:
    return {"zh": words.zh, "en": words.en}


def _texts(cases: tuple[TextCase, ...]) -> Plain:
    """The texts of a message as their author wrote them."""
    return tuple({"zh": _written(case.text.zh), "en": _written(case.text.en)} for case in cases)


def _written(template: Template) -> str:
    return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in template.parts)

"""The table of places: what each overlay sets, what it leaves open and why, and where each sentence went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from rules_service.authoring.labels import code_labels
from rules_service.authoring.pages import Page, Row, Table
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import parse_date

__all__ = ["places_page"]

_FIELDS = ("place", "from", "document", "sets", "empty", "marked")
_PRACTICE_FIELDS = ("says", "marked", "by", "note")


def places_page(bundle: Bundle, language: str) -> Page:
    """One section for each overlay of the bundle, in ``zh`` or ``en``."""
    texts = Texts(language)
    overlays = [layer for layer in bundle.source.layers if layer.overlay is not None]
    places = [_Place(bundle, layer, layer.overlay, texts) for layer in overlays if layer.overlay is not None]
    tables = [
        Table(texts("matrix.sets_title"), _header(texts, _FIELDS), tuple(p.row() for p in places), tall=True)
    ]
    tables += [
        Table(place.name(), _header(texts, _PRACTICE_FIELDS), tuple(place.practices()))
        for place in places
        if place.has_practices
    ]
    head = ((texts("book.version"), f"{bundle.id} {bundle.version}"),)
    return Page(language, texts("matrix.places_title"), head, texts("matrix.places_remark"), tuple(tables))


def _header(texts: Texts, fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(texts(f"field.{field}") for field in fields)


class _Place:
    """What one overlay says, in words."""

    def __init__(self, bundle: Bundle, layer: LayerSource, overlay: OverlayDocument, texts: Texts) -> None:
        self._bundle = bundle
        self._layer = layer
        self._overlay = overlay
        self._texts = texts

    @property
    def has_practices(self) -> bool:
        """Whether the sentences of the place's sources are listed."""
        return bool(self._layer.practices)

    def name(self) -> str:
        """The place with its chain of regions."""
        title = self._overlay.title.text(self._texts.language)
        return self._texts("matrix.place", name=title, region=self._layer.region)

    def row(self) -> Row:
        """The section of the place."""
        overlay, texts = self._overlay, self._texts
        start = overlay.effective_from
        said = tuple(self._sets()) or (texts("matrix.nothing"),)
        documents = tuple(" ".join(filter(None, (one.title, one.number))) for one in overlay.documents)
        return (
            (self.name(),),
            (date.fromordinal(start).isoformat() if start is not None else "",),
            documents,
            said,
            tuple(
                texts("matrix.pair", what=point.what.text(texts.language), why=point.why.text(texts.language))
                for point in overlay.left_open
            ),
            tuple(self._counts()),
        )

    def practices(self) -> Iterator[Row]:
        """Each sentence of the sources, what became of it, and what carries it."""
        for practice in self._layer.practices:
            note = practice.note.text(self._texts.language) if practice.note is not None else ""
            by = self._texts.list([name.text for name in practice.by])
            yield (practice.says,), (self._texts(f"marked.{practice.marked}"),), (by,), (note,)

    def _counts(self) -> Iterator[str]:
        for marked, count in Counter(practice.marked for practice in self._layer.practices).items():
            yield self._texts("say.let", name=self._texts(f"marked.{marked}"), meaning=count)

    def _sets(self) -> Iterator[str]:
        overlay, texts, language = self._overlay, self._texts, self._texts.language
        for entry in overlay.set:
            for dated in entry.value:
                yield self._parameter(entry.name.text, dated.name.text)
        for severity in overlay.severity:
            levels = texts.list([texts(f"level.{step.level.name}") for step in severity.value.levels])
            rule = severity.name.text
            document = self._document(severity.value.document)
            yield texts("matrix.severity", id=rule, title=self._rule(rule), levels=levels, document=document)
        for off in overlay.off:
            yield texts("matrix.off", id=off.rule, reason=off.reason.text(language))
        for check in overlay.add:
            yield texts("matrix.added", id=check.id, title=check.title.text(language))
        if overlay.verdict_map is not None:
            view = self._bundle.view(self._layer.region, self._day(None))
            yield texts("matrix.verdicts", title=view.verdict_maps[overlay.verdict_map].title.text(language))
        if overlay.exemptions is not None:
            yield texts("matrix.exemptions", reasons=texts.list(list(overlay.exemptions)))
        for sheet in self._layer.score_sheets:
            yield texts("matrix.sheet", title=sheet.title.text(language))
        for decision in self._layer.decisions:
            yield texts("matrix.decision", title=decision.title.text(language))

    def _parameter(self, name: str, day: str) -> str:
        view = self._bundle.view(self._layer.region, self._day(day))
        value = view.parameters[name]
        layers = [layer for layer in self._bundle.source.layers if layer.region in view.region_chain]
        speaker = Speaker(view, self._texts, code_labels(layers, self._texts.language))
        proof = view.messages[f"proof.{value.proof.value}"].text(self._texts.language) if value.proof else ""
        return self._texts(
            "matrix.set",
            title=value.title.text(self._texts.language),
            words=speaker.value(value),
            **{"from": day},
            document=value.document,
            proof=proof,
        )

    def _day(self, day: str | None) -> int:
        if day is not None:
            return parse_date(day)
        start = self._overlay.effective_from
        covered = self._bundle.covered[0]
        return start if start is not None else covered if covered is not None else 1

    def _rule(self, rule: str) -> str:
        view = self._bundle.view(self._layer.region, self._day(None))
        titles = {check.id: check.title for check in view.checks}
        titles |= {one.check.id: one.check.title for one in view.inactive}
        found = titles.get(rule)
        return found.text(self._texts.language) if found is not None else ""

    def _document(self, name: str | None) -> str:
        return next((one.title for one in self._overlay.documents if one.id == name), "")

"""The rulebook: the live rules of one place on one day as a readable document."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.authoring.book_sheets import ITEM_FIELDS, SHEET_FIELDS, SheetRows
from rules_service.authoring.labels import code_labels
from rules_service.authoring.pages import Page, Row, Table
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.view import InactiveCheck, View, ViewCheck
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text
from rules_service.values.outcomes import Proof

__all__ = ["rulebook"]

_RULE_FIELDS = (
    *("id", "title", "family", "service", "subject", "state", "scope", "fails", "lets", "consequence"),
    *("exempt", "parameters", "basis"),
)
_PARAMETER_FIELDS = ("id", "title", "value", "layer", "from", "source", "note")


def rulebook(bundle: Bundle, view: View, rule_date: int, language: str) -> Page:
    """Everything that answers for the view's region on a rule date (day number), in ``zh`` or ``en``."""
    texts = Texts(language)
    return _Writer(bundle, view, rule_date, texts).page()


class _Writer:
    def __init__(self, bundle: Bundle, view: View, rule_date: int, texts: Texts) -> None:
        self._bundle = bundle
        self._view = view
        self._day = rule_date
        self._texts = texts
        self._layers = [layer for layer in bundle.source.layers if layer.region in view.region_chain]
        self._speaker = Speaker(view, texts, code_labels(self._layers, texts.language))

    def page(self) -> Page:
        view, texts = self._view, self._texts
        region, day = view.region_chain[-1], date_text(self._day)
        head = (
            (texts("book.place"), region),
            (texts("book.chain"), " → ".join(view.region_chain)),
            (texts("book.date"), day),
            (texts("book.version"), f"{view.bundle_id} {view.version}"),
            (texts("book.hash"), view.hash),
        )
        title = texts("book.title", title=self._bundle.title.text(texts.language), region=region, date=day)
        return Page(texts.language, title, head, texts("book.generated"), tuple(self._tables()))

    def _tables(self) -> Iterator[Table]:
        yield self._table("book.reading", ("proof", "note"), self._proofs())
        documents = list(self._documents())
        if documents:
            yield self._table("book.documents", ("document", "proof", "note"), documents)
        active = sorted(self._view.checks, key=lambda check: (self._family_rank(check), check.id))
        yield self._table("book.rules", _RULE_FIELDS, (self._rule(check) for check in active), tall=True)
        if self._view.inactive:
            inactive = sorted(self._view.inactive, key=lambda one: one.check.id)
            rows = (self._dormant(one) for one in inactive)
            yield self._table("book.dormant", ("id", "title", "state", "fails"), rows)
        sheets = SheetRows(view=self._view, speaker=self._speaker, texts=self._texts)
        if self._view.sheets:
            yield self._table("book.sheets", SHEET_FIELDS, sheets.sheets(), tall=True)
            items = list(sheets.items())
            if items:
                yield self._table("book.sheet_items", ITEM_FIELDS, items)
        yield self._table("book.parameters", _PARAMETER_FIELDS, self._parameters())
        yield self._table(
            "book.decisions", ("id", "title", "service", "when", "then", "basis"), self._decisions()
        )
        chosen = self._view.verdict_maps.get(self._view.verdict_map or "")
        if chosen is not None:
            yield self._table("book.verdicts", ("decision", "grade", "label"), self._verdicts(chosen.id))
        left_open = [*self._left_open(), *sheets.left_open()]
        if left_open:
            yield self._table("book.left_open", ("what", "why"), left_open)
        practices = list(self._practices())
        if practices:
            yield self._table("book.practices", ("says", "marked", "by", "note"), practices)

    def _table(
        self, title: str, fields: tuple[str, ...], rows: Iterator[Row] | list[Row], *, tall: bool = False
    ) -> Table:
        header = tuple(self._texts(f"field.{field}") for field in fields)
        return Table(self._texts(title), header, tuple(rows), tall)

    def _family_rank(self, check: ViewCheck) -> int:
        return [entry.name.text for entry in self._bundle.source.head.families].index(check.family)

    def _family(self, check: ViewCheck) -> str:
        families = {entry.name.text: entry.value for entry in self._bundle.source.head.families}
        return families[check.family].text(self._texts.language)

    def _proofs(self) -> Iterator[Row]:
        for proof in Proof:
            words = self._view.messages[f"proof.{proof.value}"]
            yield (proof.value,), (words.text(self._texts.language),)

    def _documents(self) -> Iterator[Row]:
        for layer in self._overlays():
            assert layer.overlay is not None
            for document in layer.overlay.documents:
                title = " ".join(filter(None, (document.title, document.number)))
                proof = self._view.messages[f"proof.{document.proof.value}"].text(self._texts.language)
                note = document.note.text(self._texts.language) if document.note is not None else ""
                yield (title,), (proof,), (note,)

    def _overlays(self) -> Iterator[LayerSource]:
        return (layer for layer in self._layers if layer.overlay is not None)

    def _rule(self, check: ViewCheck) -> Row:
        speaker, texts = self._speaker, self._texts
        exempt = texts.list(sorted(check.exempt_for))
        return (
            (check.id,),
            (check.title.text(texts.language),),
            (self._family(check),),
            (texts(f"service.{check.service}"),),
            (speaker.subject(check),),
            (texts("say.active"),),
            speaker.scope(check),
            speaker.fails(check),
            speaker.lets(check),
            speaker.consequences(check),
            (exempt,) if exempt else (),
            tuple(speaker.parameter(name) for name in check.parameters),
            tuple(speaker.basis(basis) for basis in check.basis),
        )

    def _dormant(self, inactive: InactiveCheck) -> Row:
        check, language = inactive.check, self._texts.language
        if inactive.note is not None:
            note = inactive.note.text(language)
        elif not inactive.parameters:
            note = self._view.messages[f"unchecked.{inactive.reason}"].text(language)
        else:
            titles = [self._view.parameters[name].title.text(language) for name in inactive.parameters]
            note = self._texts("say.because_empty", names=self._texts.list(titles))
        state = self._texts("say.dormant", note=note)
        return (check.id,), (check.title.text(language),), (state,), self._speaker.fails(check)

    def _parameters(self) -> Iterator[Row]:
        language = self._texts.language
        for name in sorted(self._view.parameters):
            value = self._view.parameters[name]
            yield (
                (name,),
                (value.title.text(language),),
                (self._speaker.value(value),),
                (value.layer,),
                (self._speaker.day(value.effective_from),),
                (self._speaker.source(value),),
                (value.note.text(language),) if value.note is not None else (),
            )

    def _decisions(self) -> Iterator[Row]:
        for service in ("review", "assess"):
            ranked = sorted(self._view.decisions.get(service, ()), key=lambda one: (-one.priority, one.id))
            for decision in ranked:
                yield (
                    (decision.id,),
                    (decision.title.text(self._texts.language),),
                    (self._texts(f"service.{service}"),),
                    (self._speaker.decision(decision),),
                    (self._speaker.conclusion(decision),),
                    tuple(self._speaker.basis(basis) for basis in decision.basis),
                )

    def _verdicts(self, map_id: str) -> Iterator[Row]:
        for name, verdict in self._view.verdict_maps[map_id].verdicts.items():
            label = verdict.label.text(self._texts.language)
            yield (self._texts(f"decision.{name}"),), (verdict.grade,), (label,)

    def _left_open(self) -> Iterator[Row]:
        language = self._texts.language
        for layer in self._overlays():
            assert layer.overlay is not None
            for point in layer.overlay.left_open:
                yield (point.what.text(language),), (point.why.text(language),)

    def _practices(self) -> Iterator[Row]:
        for layer in self._overlays():
            for practice in layer.practices:
                note = practice.note.text(self._texts.language) if practice.note is not None else ""
                by = self._texts.list([name.text for name in practice.by])
                yield (practice.says,), (self._texts(f"marked.{practice.marked}"),), (by,), (note,)

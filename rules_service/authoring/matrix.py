"""The table of rules: what each can say, what is tested, what it rests on and whether that is verified."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.authoring.coverage import Coverage
from rules_service.authoring.pages import Page, Row, Table
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.possible import Possible
from rules_service.model.check_documents import CheckDocument
from rules_service.values.outcomes import Proof

__all__ = ["rules_page"]

_FIELDS = ("id", "title", "family", "service", "layer", "state", "outcomes", "tested", "basis", "verified")
_CERTAIN = frozenset({Proof.VERIFIED, Proof.SEED})


def rules_page(bundle: Bundle, coverage: Coverage, language: str) -> Page:
    """One row for each rule of the bundle, those of overlays included, in ``zh`` or ``en``."""
    texts = Texts(language)
    title = texts("matrix.rules_title")
    header = tuple(texts(f"field.{field}") for field in _FIELDS)
    table = Table(title, header, tuple(_rows(bundle, coverage, texts)))
    head = ((texts("book.version"), f"{bundle.id} {bundle.version}"),)
    return Page(language, title, head, texts("matrix.rules_remark"), (table,))


def _rows(bundle: Bundle, coverage: Coverage, texts: Texts) -> Iterator[Row]:
    families = {entry.name.text: entry.value for entry in bundle.source.head.families}
    rank = list(families)
    checks = [(check, layer.region) for layer in bundle.source.layers for check in layer.checks]
    checks += [
        (check, layer.region)
        for layer in bundle.source.layers
        if layer.overlay is not None
        for check in layer.overlay.add
    ]
    for check, region in sorted(checks, key=lambda one: (rank.index(one[0].family), one[0].id, one[1])):
        possible = coverage.possible.get(check.id, ())
        tested = [one for one in possible if (check.id, one) in coverage.covered]
        yield (
            (check.id,),
            (check.title.text(texts.language),),
            (families[check.family].text(texts.language),),
            (texts(f"service.{check.service}"),),
            (region,),
            (texts("matrix.implemented"),),
            (texts.list([_said(one, texts) for one in possible]),),
            (
                texts.list([_said(one, texts) for one in tested])
                if len(tested) < len(possible)
                else texts("say.everything"),
            ),
            tuple(
                texts("say.cited", document=basis.document, proof=basis.proof.value) for basis in check.basis
            ),
            (texts(_verified(check, region)),),
        )


def _said(one: Possible, texts: Texts) -> str:
    outcome = texts(f"outcome.{one.outcome.value}")
    return outcome if one.severity is None else f"{outcome}·{texts(f'level.{one.severity.name}')}"


def _verified(check: CheckDocument, region: str) -> str:
    """A rule is verified by its best document; that of a place speaks for this place alone."""
    proofs = {basis.proof for basis in check.basis if basis.place in {None, region}}
    if proofs & _CERTAIN:
        return "matrix.certain"
    return "matrix.uncertain" if proofs - {Proof.ENGINEERING} else "matrix.engineering"

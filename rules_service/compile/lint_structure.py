"""Faults of a ruleset's structure: names that clash or are unknown, whatever the region and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from rules_service.compile.calendars import check_calendars
from rules_service.compile.codes import engine_words, vocabularies
from rules_service.compile.context import SETTINGS
from rules_service.compile.lint_sheets import check_band_conditions, check_sheets
from rules_service.compile.lint_standards import lint_rows
from rules_service.compile.lint_tables import check_tables
from rules_service.compile.messages import check_messages
from rules_service.compile.practices import check_practices
from rules_service.compile.reading import own_checks, parameters_read, table_parameters
from rules_service.compile.regions import check_regions
from rules_service.compile.sheets import sheet_reads
from rules_service.compile.texts import collector
from rules_service.facts.wordlists import SCOPES
from rules_service.model.catalogue import Catalogue
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.ruleset import LayerSource, RulesetSource
from rules_service.model.subjects import SUBJECTS
from rules_service.model.vocabulary_documents import RulesetDocument
from rules_service.values.dates import date_text

__all__ = ["lint_structure"]


def lint_structure(source: RulesetSource) -> list[Diagnostic]:
    """Everything that can be said without typing an expression."""
    found = collector()
    found.extend(check_regions(source.regions, source.head.root))
    _layers(source, found)
    _ids(source.layers, found)
    _families(source, found)
    _parameters(source.layers, found)
    _vocabularies(source.layers, found)
    _content_sets(source.layers, found)
    _decisions(source.layers, found)
    _verdict_maps(source, found)
    check_messages(source, found)
    check_calendars(source.layers, found)
    check_practices(source.layers, found)
    check_sheets(source.layers, _twice, found)
    check_band_conditions(source.layers, found)
    check_tables(source.layers, found)
    for layer in source.layers:
        lint_rows(layer, found)
    return found.in_order()


def _layers(source: RulesetSource, found: Diagnostics) -> None:
    known = {region.code for region in source.regions}
    seen: dict[str, LayerSource] = {source.root.region: source.root}
    for layer in source.layers[1:]:
        assert layer.overlay is not None
        place = layer.overlay.mark.value("region")
        if layer.region not in known:
            found.add("LAYER-REGION", place, region=layer.region)
        elif layer.region in seen:
            found.add("LAYER-TWICE", place, region=layer.region, folder=seen[layer.region].folder)
        seen.setdefault(layer.region, layer)
    _folders(source, found)


def _folders(source: RulesetSource, found: Diagnostics) -> None:
    """A folder inside that of another overlay says whose rules it builds on: the parent table must agree."""
    parents = {region.code: region.parent for region in source.regions}
    by_folder = {layer.folder: layer for layer in source.layers[1:]}
    for layer in source.layers[1:]:
        assert layer.overlay is not None
        chain, region = {layer.region}, parents.get(layer.region)
        while region is not None and region not in chain:
            chain.add(region)
            region = parents.get(region)
        for folder in map(str, PurePosixPath(layer.folder).parents):
            outer = by_folder.get(folder)
            if outer is not None and layer.region in parents and outer.region not in chain:
                place = layer.overlay.mark.value("region")
                parent = parents[layer.region] or "–"
                found.add("LAYER-FOLDER", place, region=layer.region, outer=outer.region, parent=parent)


def _twice(items: Iterable[tuple[str, Source]], found: Diagnostics) -> None:
    first: dict[str, Source] = {}
    for name, place in items:
        other = first.setdefault(name, place)
        if other is not place:
            found.add("ID-TWICE", place, id=name, file=other.file, line=other.line)


def _ids(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """Checks are unique in the ruleset; what a lower layer may replace is unique within its layer."""
    _twice(((item.id, item.mark.value("id")) for layer in layers for item in own_checks(layer)), found)
    for layer in layers:
        _twice(((item.id, item.mark.value("id")) for item in layer.decisions), found)
        _twice(((item.id, item.mark.value("id")) for item in layer.verdict_maps), found)
        _twice(((item.tree, item.mark.value("tree")) for item in layer.trees), found)
        _twice(((item.content_set, item.mark.value("content_set")) for item in layer.content_sets), found)
        _twice(((item.vocabulary, item.mark.value("vocabulary")) for item in layer.vocabularies), found)
        texts = (entry.name for document in layer.messages for entry in document.messages)
        _twice(((name.text, name.source) for name in texts), found)
        _twice(((row.standard_id, row.source) for row in layer.standards), found)
        if layer.overlay is not None:
            _twice(((item.id, item.mark.value("id")) for item in layer.overlay.documents), found)


def _families(source: RulesetSource, found: Diagnostics) -> None:
    known = [entry.name.text for entry in source.head.families]
    for layer in source.layers:
        for check in own_checks(layer):
            if check.family not in known:
                place = check.mark.value("family")
                found.add("CHECK-FAMILY", place, family=check.family, known="、".join(known))


def _parameters(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    by_sheets = (sheet_reads(sheet) for layer in layers for sheet in layer.score_sheets)
    by_tables = (table_parameters(table) for layer in layers for table in layer.tables)
    read = frozenset().union(*parameters_read(layers).values(), *by_sheets, *by_tables)
    for layer in layers:
        for parameter in layer.parameters:
            place = parameter.mark.value("id")
            if not parameter.id.isidentifier():
                found.add("PARAMETER-NAME", place, id=parameter.id)
            if parameter.id in SETTINGS:
                if str(parameter.kind) != SETTINGS[parameter.id]:
                    found.add("SETTING-KIND", place, id=parameter.id, kind=SETTINGS[parameter.id])
            elif parameter.id not in read:
                found.add("PARAMETER-UNUSED", place, id=parameter.id)


def _vocabularies(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    catalogue = Catalogue.load()
    for layer in layers:
        for document in layer.vocabularies:
            fact = catalogue.get(document.vocabulary)
            is_code = fact is not None and "code" in {fact.kind, fact.element}
            if not is_code or document.vocabulary in engine_words():
                place = document.mark.value("vocabulary")
                found.add("VOCABULARY-FACT", place, name=document.vocabulary)
            names = ((name, value) for value in document.values for name in (value.code, *value.aliases))
            _twice(((name, value.mark.source) for name, value in names), found)
        for tree in layer.trees:
            _twice(((node.code, node.mark.source) for node in tree.level1), found)
            for node in tree.level1:
                _twice(((child.code, child.mark.source) for child in node.children), found)
            unknown = [scope for scope in tree.scopes if scope not in SCOPES]
            if unknown or (tree.effective_from is None) != (not tree.scopes):
                found.add("TREE-SCOPES", tree.mark.source, tree=tree.tree, known="、".join(sorted(SCOPES)))
        starts = [
            (f"{scope} {date_text(tree.effective_from)}", tree.mark.source)
            for tree in layer.trees
            if tree.effective_from is not None
            for scope in tree.scopes
        ]
        _twice(starts, found)


def _content_sets(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """A content set and its contents are words of their vocabularies, and each word for a set has one."""
    words = vocabularies(document for layer in layers for document in layer.vocabularies)
    sets, contents = (words.get(name) for name in ("project.ex_ante.content_set", "assessed.content_code"))
    described = {document.content_set for layer in layers for document in layer.content_sets}
    for layer in layers:
        for document in layer.content_sets:
            _twice(((content.code, content.mark.source) for content in document.contents), found)
            used = [(document.content_set, document.mark.value("content_set"), sets)]
            used += [(content.code, content.mark.source, contents) for content in document.contents]
            for code, place, known in used:
                if known is not None and code not in known:
                    found.add("CONTENT-WORD", place, code=code)
        for vocabulary in layer.vocabularies:
            if vocabulary.vocabulary == "project.ex_ante.content_set":
                for value in vocabulary.values:
                    if value.code not in described:
                        found.add("CONTENT-SET-MISSING", value.mark.source, code=value.code)


def _decisions(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """The words of decisions' conditions must name something that there is."""
    services = {check.id: str(check.service) for layer in layers for check in own_checks(layer)}
    documents = [document for layer in layers for document in layer.decisions]
    conclusions = {
        (str(item.service), name) for item in documents for name in (item.id, item.then.tag) if name
    }
    for document in documents:
        for condition in document.when:
            for field, test in condition.tests:
                for word in test if isinstance(test, tuple) else ():
                    code = _unknown(document.service, condition.kind, field, str(word), services, conclusions)
                    if code is not None:
                        values = {"name": word, "subject": word, "service": document.service}
                        found.add(code, condition.source, known="、".join(sorted(SUBJECTS)), **values)


def _unknown(  # noqa: PLR0917 - a question with six parts
    service: str,
    kind: str,
    field: str,
    word: str,
    services: Mapping[str, str],
    conclusions: set[tuple[str, str]],
) -> str | None:
    """The code of the fault if a word of a condition names nothing."""
    if kind == "conclusion":
        unknown = field in {"tag", "rule"} and (service, word) not in conclusions
        return "DECISION-UNKNOWN-CONCLUSION" if unknown else None
    if field == "rule" and services.get(word) != service:
        return "DECISION-UNKNOWN-RULE"
    return "CHECK-SUBJECT" if field == "subject" and word not in SUBJECTS else None


def _verdict_maps(source: RulesetSource, found: Diagnostics) -> None:
    known = {document.id for layer in source.layers for document in layer.verdict_maps}
    heads: list[RulesetDocument | OverlayDocument] = [source.head]
    heads += [layer.overlay for layer in source.layers if layer.overlay is not None]
    for document in heads:
        name, place = document.verdict_map, document.mark.value("verdict_map")
        if name is not None and name not in known:
            found.add("VERDICT-MAP-UNKNOWN", place, name=name, known="、".join(sorted(known)))

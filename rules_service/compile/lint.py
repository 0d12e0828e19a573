"""Lint of checks in their views: over all regions with rules, on all days on which something changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from rules_service.compile.checks import BuiltCheck
from rules_service.compile.layering import LayeredCheck, active_layers, layered_checks
from rules_service.compile.lint_dates import check_change_dates, check_gaps
from rules_service.compile.lint_libraries import lint_chosen, lint_library, lint_names
from rules_service.compile.lint_overlays import lint_overlay, not_lowered
from rules_service.compile.lint_sheets import check_bands, check_placeholders
from rules_service.compile.lint_standards import lint_named, lint_offered, lint_units
from rules_service.compile.lint_tables import TableLint
from rules_service.compile.locks import LockSet
from rules_service.compile.parameters import Parameters
from rules_service.compile.reading import own_checks
from rules_service.compile.resolve import (
    EXEMPTIONS,
    Resolver,
    exemptions_of,
    must_choose,
    types_of,
    view_severities,
)
from rules_service.compile.sheets import layered_sheets
from rules_service.compile.standards import choice
from rules_service.compile.strata import cycle
from rules_service.compile.table_layers import layered_tables
from rules_service.compile.texts import collector
from rules_service.compile.view import ViewSeverity
from rules_service.facts.wordlists import WordListError
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text
from rules_service.values.outcomes import ValueSource

__all__ = ["lint_resolver"]

_BEFORE_EVERYTHING = 1  # a day before any date that a ruleset names


def lint_resolver(
    resolver: Resolver,
    parameters: Parameters,
    layers: Sequence[LayerSource],
    covered: tuple[int | None, int | None] = (None, None),
) -> list[Diagnostic]:
    """Type every check for every region and interval; look for cycles, empty parameters and broken locks.

    ``covered`` are the first and last rule date that the ruleset answers for; without a first one no time
    can be told in which a rule lacks a value.
    """
    found = collector()
    empty = frozenset(
        name
        for name, definition in parameters.definitions.items()
        if definition.document.source is ValueSource.EMPTY
    )
    tables = TableLint(empty)
    lint_named(parameters, layers, found)
    lint_names(layers, found)
    for layer in layers:
        above = resolver.chain(layer.region)
        if layer.wordlists:
            _word_lists(resolver, above, found)
        _libraries(resolver, above, parameters, found)
        found.extend(lint_overlay(above, parameters, resolver.reads))
        check_change_dates(above, parameters, found)
        if covered[0] is not None:
            check_gaps(resolver, above, parameters, (covered[0], covered[1]), found)
        days = (_BEFORE_EVERYTHING, *resolver.days(layer.region))
        _standards(resolver, above, days, found)
        for day in days:
            _lint_day(resolver, above, empty, day, tables, found)
    return found.in_order()


def _standards(
    resolver: Resolver, layers: Sequence[LayerSource], days: Sequence[int], found: Diagnostics
) -> None:
    """Units of the last layer's standards, and rows of any layer that its settings bring together."""
    if layers[-1].standards and not found.has_errors():
        lint_units(layers[-1], resolver.word_lists(layers).units, found)
    chosen = {choice(resolver.values(active_layers(layers, day), day)) for day in days}
    for layer in layers:
        for each in sorted(chosen, key=str):
            lint_offered(layer, each, found)


def _word_lists(resolver: Resolver, layers: Sequence[LayerSource], found: Diagnostics) -> None:
    try:
        resolver.word_lists(layers)
    except WordListError as error:
        place = Source(f"{layers[-1].folder}/wordlists/{error.file}", 1, 1)
        found.add("WORDLIST", place, problem=error)


def _libraries(
    resolver: Resolver, chain: Sequence[LayerSource], parameters: Parameters, found: Diagnostics
) -> None:
    layer = chain[-1]
    units = None if found.has_errors() else resolver.word_lists(chain).units
    for library in layer.libraries:
        lint_library(library, chain, units, found)
    lint_chosen(chain, resolver.days(layer.region), parameters, resolver.library, found)


def _lint_day(  # noqa: PLR0917 - one day of one place
    resolver: Resolver,
    above: Sequence[LayerSource],
    empty: frozenset[str],
    day: int,
    tables: TableLint,
    found: Diagnostics,
) -> None:
    layers = active_layers(above, day)
    values = resolver.values(layers, day)
    built = {
        check.document.id: (check, resolver.built(check, values, layers))
        for check in layered_checks(layers, day)
    }
    for _, made in built.values():
        found.extend(made.diagnostics)
    for table in layered_tables(layers, day).values():
        typed = resolver.table(table, values, layers)
        found.extend(typed.diagnostics)
        tables.rows(typed, values, (above[-1].region, day), found)
    _rules_read(built, found)
    _empty_parameters(built, empty, found)
    _sheets(resolver, layers, built, day, found)
    if len(layers) > 1:
        _severity_locks(resolver, layers, built, day, found)
        _exemption_locks(resolver, layers, day, found)


def _rules_read(built: Mapping[str, tuple[LayeredCheck, BuiltCheck]], found: Diagnostics) -> None:
    """Rules that a check reads must exist in its service and come before it."""
    reads: dict[str, frozenset[str]] = {}
    for name, (check, made) in built.items():
        reads[name] = made.rules
        place = check.document.fails_when.source
        for rule in sorted(made.rules):
            other = built.get(rule)
            if other is None or other[0].document.service != check.document.service:
                found.add("RULE-UNKNOWN", place, id=rule)
            elif made.unit is not None and other[1].unit is not None and other[1].unit.stratum:
                found.add("RULE-STRATUM", place, id=name, other=rule)
    circle = cycle(reads)
    if circle:
        check = built[circle[0]][0]
        found.add("RULE-CYCLE", check.document.fails_when.source, rules=" → ".join((*circle, circle[0])))


def _sheets(
    resolver: Resolver,
    layers: Sequence[LayerSource],
    built: Mapping[str, tuple[LayeredCheck, BuiltCheck]],
    day: int,
    found: Diagnostics,
) -> None:
    """Sheets type, look at rules that come before them, have bands in order and texts that say something."""
    values = resolver.values(layers, day)
    types, codes = types_of(values), resolver.codes(layers)
    for layered in layered_sheets(layers, day):
        made, document = resolver.sheet_rules.built(layered, types, codes), layered.document
        found.extend(made.diagnostics)
        for rule in sorted(made.rules):
            check = built.get(rule)
            if check is not None and check[1].unit is not None and check[1].unit.stratum:
                found.add("SHEET-RULE-STRATUM", document.mark.source, id=document.id, rule=rule)
        if made.sheet is not None:
            check_bands(made.sheet, document.mark.value("bands"), values, found)
        with suppress(WordListError):  # reported on its own
            check_placeholders(document, resolver.word_lists(layers).placeholders, found)


def _empty_parameters(
    built: Mapping[str, tuple[LayeredCheck, BuiltCheck]], empty: frozenset[str], found: Diagnostics
) -> None:
    """A check that can block or return must say what holds while a parameter that it reads is empty."""
    for check, made in built.values():
        read = sorted((made.scope.union(made.failing, *made.steps) - made.optional) & empty)
        if read and must_choose(check):
            place = check.document.mark.source
            found.add("WHEN-EMPTY-MISSING", place, id=check.document.id, parameters="、".join(read))


def _severity_locks(
    resolver: Resolver,
    layers: Sequence[LayerSource],
    built: Mapping[str, tuple[LayeredCheck, BuiltCheck]],
    day: int,
    found: Diagnostics,
) -> None:
    """The last layer must not lower, after ceilings, what a layer above it locks."""
    above = layers[:-1]
    locks = LockSet.of(above, resolver.reads)
    own_values, inherited_values = resolver.values(layers, day), resolver.values(above, day)
    inherited = {check.document.id: check for check in layered_checks(above, day)}
    for name, locked_by in locks.severities.items():
        if name not in built or name not in inherited:
            continue
        check, made = built[name]
        before = inherited[name]
        before_made = resolver.built(before, inherited_values, above)
        if made.unit is None or before_made.unit is None:
            continue
        now = _steps(check, view_severities(check, made, own_values, _regions(layers)))
        then = _steps(before, view_severities(before, before_made, inherited_values, _regions(above)))
        if not not_lowered(then, now):
            place = check.levels[0].mark.source
            found.add("LOCK-SEVERITY", place, id=name, layer=locked_by, day=date_text(day))


def _exemption_locks(resolver: Resolver, layers: Sequence[LayerSource], day: int, found: Diagnostics) -> None:
    """The last layer must not exempt for more reasons than are accepted above, where that is locked.

    A reason that exempts from a locked check narrows it.
    """
    above, overlay = layers[:-1], layers[-1].overlay
    if overlay is None or overlay.exemptions is None:
        return
    locks = LockSet.of(above, resolver.reads)
    values = resolver.values(above, day)
    accepted = exemptions_of(above, values)
    if not accepted and EXEMPTIONS in values:
        return  # before its first value nothing is said above that could be loosened
    for reason in overlay.exemptions:
        if reason in accepted:
            continue
        held = {check.id for layer in above for check in own_checks(layer) if reason in check.exempt_for}
        locked = [locks.checks[name] for name in sorted(held & locks.checks.keys())]
        if EXEMPTIONS in locks.parameters:
            locked.append(locks.parameters[EXEMPTIONS])
        if locked:
            place = overlay.mark.value("exemptions")
            found.add(
                "LOCK-EXEMPTION", place, reason=reason, layer=locked[0], rules="、".join(sorted(held)) or "–"
            )


def _regions(layers: Sequence[LayerSource]) -> list[str]:
    return [layer.region for layer in layers]


def _steps(check: LayeredCheck, severities: Sequence[ViewSeverity]) -> list[tuple[str, ViewSeverity]]:
    conditions = [step.when.text if step.when is not None else "" for step in check.levels]
    return list(zip(conditions, severities, strict=True))

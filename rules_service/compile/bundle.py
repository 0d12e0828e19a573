"""A compiled ruleset: its files and hash, and the views of its regions and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules_service.compile.archive import BundleFormatError, content_hash, pack, unpack
from rules_service.compile.lint import lint_resolver
from rules_service.compile.lint_logic import lint_logic
from rules_service.compile.lint_structure import lint_structure
from rules_service.compile.lint_tests import lint_tests
from rules_service.compile.parameters import read_parameters
from rules_service.compile.regions import RegionTable
from rules_service.compile.resolve import Identity, Resolver
from rules_service.compile.sources import RulesetFaultsError
from rules_service.compile.texts import CATALOGUE, collector, words
from rules_service.compile.view import View, Words
from rules_service.model.diagnostics import Diagnostic, Source
from rules_service.model.ruleset import RulesetSource, parse_ruleset

__all__ = ["Bundle", "UnknownRegionError", "compile_bundle", "lint", "load_bundle"]


class UnknownRegionError(LookupError):
    """A region that the bundle's parent table does not have."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.region = region


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A ruleset that compiled without errors; immutable, and safe to share between threads.

    ``hash`` is SHA-256 in hex over its files; ``warnings`` are what lint still had to say.
    """

    id: str
    version: str
    hash: str
    title: Words
    source: RulesetSource
    regions: RegionTable
    warnings: tuple[Diagnostic, ...]
    resolver: Resolver

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files of the ruleset by path."""
        return self.source.files

    def region(self, name: str) -> str:
        """The code of a region given by code, alias or name; empty is the root.

        Raises ``UnknownRegionError``.
        """
        code = self.regions.resolve(name) if name else self.source.head.root
        if code is None:
            raise UnknownRegionError(name)
        return code

    def holds(self, region: str) -> bool:
        """Whether the parent table has a region (code, alias or name; empty is the root)."""
        return not region or region in self.regions

    @property
    def covered(self) -> tuple[int | None, int | None]:
        """The first and last rule date (day numbers) that the ruleset answers for; ``None`` is no limit."""
        return (self.source.head.effective_from, self.source.head.effective_to)

    def covers(self, rule_date: int) -> bool:
        """Whether the ruleset answers for a rule date."""
        start, end = self.covered
        return (start is None or start <= rule_date) and (end is None or rule_date <= end)

    def view(self, region: str, rule_date: int) -> View:
        """The view of a region on a rule date (day number); a region without rules has its ancestor's.

        Raises ``UnknownRegionError``.
        """
        return self.resolver.view(self.region(region), rule_date)

    def days(self, region: str) -> tuple[int, ...]:
        """The days on which the rules of a region change."""
        return self.resolver.days(self.region(region))

    def rule_days(self, region: str) -> tuple[int, ...]:
        """One rule date of each interval over which the rules of a region stay the same."""
        start, end = self.covered
        first = start if start is not None else 1
        later = (day for day in self.days(region) if day > first and (end is None or day <= end))
        return (first, *later)

    def dump(self) -> bytes:
        """The bundle as a file; equal rulesets give equal bytes."""
        return pack(self.id, self.version, self.files)


def lint(source: RulesetSource) -> list[Diagnostic]:
    """Every fault of a ruleset that could be read, over all its regions and dates, its tests included.

    What takes long and keeps nothing from being used is looked for here alone, not when a ruleset is loaded.
    """
    tests = [fault for layer in source.layers for fault in layer.tests.faults()]
    bundle, found = _compiled(source)
    if bundle is not None:
        days = {layer.region: bundle.rule_days(layer.region) for layer in source.layers}
        found = [*found, *lint_logic(bundle.resolver, source.layers, days), *lint_tests(source.layers)]
    return [*found, *tests]


def compile_bundle(source: RulesetSource) -> Bundle:
    """Compile a ruleset; raises ``RulesetFaultsError`` with all of lint's findings if one is an error."""
    bundle, diagnostics = _compiled(source)
    if bundle is None:
        raise RulesetFaultsError(diagnostics)
    return bundle


def load_bundle(data: bytes) -> Bundle:
    """Read a bundle file strictly and compile it.

    Raises ``RulesetFaultsError`` for a file that was altered or is no bundle, and for a ruleset with faults.
    """
    try:
        bundle_id, version, digest, files = unpack(data)
    except BundleFormatError as error:
        found = CATALOGUE.diagnostic(error.code, Source("", 1, 1), **error.values)
        raise RulesetFaultsError([found]) from error
    source, diagnostics = parse_ruleset(files)
    if source is None:
        raise RulesetFaultsError(diagnostics)
    if (source.head.id, source.head.version) != (bundle_id, version):
        place = source.head.mark.source
        raise RulesetFaultsError([CATALOGUE.diagnostic("BUNDLE-HEAD", place, id=bundle_id, version=version)])
    bundle = compile_bundle(source)
    assert bundle.hash == digest  # unpack has compared it
    return bundle


def _compiled(source: RulesetSource) -> tuple[Bundle | None, list[Diagnostic]]:
    found = collector()
    found.extend(source.diagnostics)
    found.extend(lint_structure(source))
    parameters = read_parameters(source.layers, found)
    if found.has_errors():  # expressions of a broken structure would only add noise
        return None, found.in_order()
    digest = content_hash(source.files)
    regions = RegionTable(source.regions)
    head = source.head
    identity = Identity(head.id, head.version, digest)
    resolver = Resolver(identity, source.layers, regions, parameters, head.verdict_map)
    found.extend(lint_resolver(resolver, parameters, source.layers, (head.effective_from, head.effective_to)))
    if found.has_errors():
        return None, found.in_order()
    warnings = tuple(found.in_order())
    bundle = Bundle(head.id, head.version, digest, words(head.title), source, regions, warnings, resolver)
    return bundle, list(warnings)

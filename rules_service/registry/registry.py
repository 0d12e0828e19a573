"""The registry: bundles from folders, swapped in one assignment; a bad one never replaces a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from rules_service.compile.bundle import Bundle, compile_bundle, load_bundle
from rules_service.compile.sources import RulesetFaultsError, read_ruleset
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.nodes import Scalar, without_mark
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE as READING
from rules_service.registry.decisions import decision_faults
from rules_service.registry.errors import CATALOGUE
from rules_service.registry.signing import SIGNATURE_SUFFIX, Signature, TrustedKeys
from rules_service.registry.snapshot import Pin, Selected, Snapshot

__all__ = ["BUNDLE_SUFFIX", "LIVE_FILE", "REGISTRY", "Registry", "Reload", "warm_views"]

BUNDLE_SUFFIX = ".bundle"
LIVE_FILE = "live.yaml"
REGISTRY = "registry:"
"""Begins the names of sources that are versions of a registry."""

# What must differ when a file has changed: path, modification time, size, inode.
_Stamp: TypeAlias = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of one source (a ruleset folder, a bundle file, ``live.yaml``, or the folder of bundles).

    ``bundle`` is the one that was taken over; ``None`` with the ``diagnostics`` of what kept it out.
    """

    source: str
    bundle: Bundle | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether the source could be used."""
        return not any(item.is_error for item in self.diagnostics)


@dataclass(slots=True)
class _Loaded:
    """A source as last seen: its stamp, and the last good bundle that it gave."""

    stamp: _Stamp
    bundle: Bundle | None


class Registry:
    """Keeps the current snapshot of all bundles.

    ``roots`` are ruleset folders, compiled as they stand; ``bundles`` is a folder of bundle files
    (``*.bundle``), where an optional ``live.yaml`` (``live: [hash, …]``) names those that answer without a
    pin; with ``trusted`` keys each needs its signature beside it (``X.bundle.sig``). ``report`` hears of
    every source that was taken over or refused.
    """

    def __init__(
        self,
        roots: Sequence[Path] = (),
        bundles: Path | None = None,
        report: Callable[[Reload], None] = lambda _: None,
        trusted: TrustedKeys | None = None,
    ) -> None:
        self._roots = tuple(roots)
        self._folder = bundles
        self._trusted = trusted
        self._report = report
        self._loaded: dict[str, _Loaded] = {}
        self._live_seen: tuple[_Stamp, bool] | None = None
        self._live: frozenset[str] | None = None
        self._snapshot = Snapshot()
        self._refreshing = Lock()
        self.refresh()

    def current(self) -> Snapshot:
        """The snapshot that new requests hold on to."""
        return self._snapshot

    def select(self, pin: Pin, region: str, rule_date: int) -> Selected:
        """``Snapshot.select`` on the current snapshot."""
        return self._snapshot.select(pin, region, rule_date)

    def refresh(self) -> bool:
        """Look at all sources once and swap the snapshot if something changed; whether it was swapped."""
        with self._refreshing:
            seen = self._sources()
            if seen is None:
                return False
            for name, (stamp, load) in seen.items():
                self._load(name, stamp, load)
            for name in [name for name in self._loaded if name not in seen]:
                del self._loaded[name]
            bundles = [loaded.bundle for loaded in self._loaded.values() if loaded.bundle is not None]
            if not bundles and self._snapshot.bundles:
                self._away("no usable bundle")
                return False
            self._read_live({bundle.hash for bundle in bundles})
            return self._swap(Snapshot(bundles, self._live))

    def _swap(self, snapshot: Snapshot) -> bool:
        if self._snapshot.same_as(snapshot):
            return False
        self._snapshot = snapshot  # one reference assignment: readers see the old one or the new one
        return True

    def _sources(self) -> dict[str, tuple[_Stamp, Callable[[], Bundle]]] | None:
        """Every source with its stamp and how to load it; ``None`` when the folder of bundles is away."""
        found: dict[str, tuple[_Stamp, Callable[[], Bundle]]] = {}
        try:
            for root in self._roots:
                stamp = _stamp(path for path in root.rglob("*") if path.is_file())
                found[str(root)] = (stamp, partial(_from_folder, root))
            if self._folder is not None:
                for path in sorted(self._folder.iterdir()):
                    if path.suffix == BUNDLE_SUFFIX and path.is_file():
                        signature = [path.with_name(path.name + SIGNATURE_SUFFIX)]
                        stamp = _stamp([path, *(beside for beside in signature if beside.is_file())])
                        found[str(path)] = (stamp, partial(_from_file, path, self._trusted))
        except OSError as error:
            self._away(str(error))
            return None
        return found

    def _load(self, name: str, stamp: _Stamp, load: Callable[[], Bundle]) -> None:
        before = self._loaded.get(name)
        if before is not None and before.stamp == stamp:
            return
        kept = before.bundle if before is not None else None
        try:
            bundle = load()
        except RulesetFaultsError as error:
            self._loaded[name] = _Loaded(stamp, kept)
            self._report(Reload(name, None, error.diagnostics))
            return
        except OSError as error:  # e.g. taken away while it was read: the next look finds out
            self._away(str(error))
            return
        warm_views(bundle)
        faults = decision_faults(bundle)
        if faults:
            self._loaded[name] = _Loaded(stamp, kept)
            self._report(Reload(name, None, tuple(faults)))
            return
        self._loaded[name] = _Loaded(stamp, bundle)
        self._report(Reload(name, bundle, bundle.warnings))

    def _read_live(self, known: set[str]) -> None:
        """Read ``live.yaml``; while it is wrong, the last right one holds."""
        path = self._folder / LIVE_FILE if self._folder is not None else None
        if path is None or not path.is_file():
            self._live, self._live_seen = None, None
            return
        stamp = _stamp([path])
        if self._live_seen == (stamp, True) and self._live is not None and self._live <= known:
            return
        found = Diagnostics(READING)
        hashes = _hashes(path.name, path.read_bytes(), found)
        for unknown in sorted(hashes - known):
            found.extend([CATALOGUE.diagnostic("LIVE-UNKNOWN", Source(path.name, 1, 1), hash=unknown)])
        seen = (stamp, not found.has_errors())
        if seen[1]:
            self._live = hashes
        if seen != self._live_seen:
            self._report(Reload(str(path), None, tuple(found.in_order())))
        self._live_seen = seen

    def _away(self, problem: str) -> None:
        found = CATALOGUE.diagnostic("STORE-AWAY", Source(str(self._folder or ""), 1, 1), problem=problem)
        self._report(Reload(str(self._folder or ""), None, (found,)))


def _from_folder(root: Path) -> Bundle:
    return compile_bundle(read_ruleset(root))


def _from_file(path: Path, trusted: TrustedKeys | None) -> Bundle:
    bundle = load_bundle(path.read_bytes())
    if trusted is not None:
        _require_signature(path.with_name(path.name + SIGNATURE_SUFFIX), bundle.hash, trusted)
    return bundle


def _require_signature(path: Path, digest: str, trusted: TrustedKeys) -> None:
    code = "BUNDLE-SIGNATURE"
    try:
        signature = Signature.of_line(path.read_text("ascii"))
    except FileNotFoundError:
        signature, code = None, "BUNDLE-UNSIGNED"
    except UnicodeDecodeError:
        signature = None
    if signature is None or not trusted.signed_bundle(digest, signature):
        place = Source(str(path), 1, 1)
        raise RulesetFaultsError([CATALOGUE.diagnostic(code, place, path=path, hash=digest)])


def _stamp(paths: Iterable[Path]) -> _Stamp:
    stats = ((str(path), path.stat()) for path in sorted(paths))
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)


def _hashes(name: str, content: bytes, found: Diagnostics) -> frozenset[str]:
    """The hashes in ``live: [hash, …]``."""
    node = read_yaml(name, content, found)
    listed = without_mark(node).get("live") if isinstance(node, dict) else None
    items = [item for item in listed if isinstance(item, Scalar)] if isinstance(listed, list) else []
    if not items and not found.found:
        found.add("DOC-MISSING-KEY", Source(name, 1, 1), key="live")
    return frozenset(item.text for item in items)


def warm_views(bundle: Bundle) -> None:
    """Make the latest view of every region with rules, so that no request waits for its program."""
    for layer in bundle.source.layers:
        days = bundle.days(layer.region)
        bundle.view(layer.region, days[-1] if days else 1)

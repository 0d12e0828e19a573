"""Bundles of a small ruleset in several versions, for folders and registries that tests fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.registry.desk import address_of  # isort: skip

from rules_service.compile.archive import pack
from rules_service.compile.sources import collect_files
from rules_service.registry.address import Address
from rules_service.registry.store import Store

BASE = Path(__file__).parents[1] / "testdata" / "compile" / "base"

Maker = Callable[..., bytes]


@pytest.fixture(scope="session")
def make() -> Maker:
    """``make(version, name="tiny", **edits)``: a bundle file; an edit is (path, old, new)."""
    files, _ = collect_files(BASE)

    def made(version: str, *edits: tuple[str, str, str], name: str = "tiny") -> bytes:
        changed = dict(files)
        for path, old, new in [
            ("ruleset.yaml", 'version: "1"', f'version: "{version}"'),
            ("ruleset.yaml", "id: tiny", f"id: {name}"),
            *edits,
        ]:
            text = changed[path].decode()
            assert old in text
            changed[path] = text.replace(old, new).encode()
        return pack(name, version, changed)

    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """An empty registry, of both kinds in turn."""
    with address_of(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def store(address: Address) -> Iterator[Store]:
    """A registry with its tables."""
    with Store(address, create=True) as found:
        yield found

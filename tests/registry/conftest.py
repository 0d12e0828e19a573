"""Bundles of a small ruleset in several versions, for folders and registries that tests fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.registry.contents import content  # isort: skip
from tests.registry.desk import address_of  # isort: skip

from rules_service.compile.archive import pack
from rules_service.registry.address import Address
from rules_service.registry.store import Store

Maker = Callable[..., bytes]


@pytest.fixture(scope="session")
def make() -> Maker:
    """``make(version, name="tiny", **edits)``: a bundle file; an edit is (path, old, new)."""

    def made(version: str, *edits: tuple[str, str, str], name: str = "tiny") -> bytes:
        return pack(name, version, content(version, *edits, name=name))

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

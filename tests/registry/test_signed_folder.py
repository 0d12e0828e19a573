"""A folder of bundles under trusted keys: each bundle needs its own signature by one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.registry.keys import trusting  # isort: skip

from rules_service.compile.archive import unpack
from rules_service.registry.registry import Registry, Reload
from rules_service.registry.signing import SigningKey
from rules_service.server.files import write_at_once

KEY = SigningKey.new()


def put(folder: Path, name: str, archive: bytes, signature: bytes | None) -> None:
    if signature is not None:
        write_at_once(folder / f"{name}.bundle.sig", signature)
    write_at_once(folder / f"{name}.bundle", archive)


def signed(archive: bytes, key: SigningKey = KEY) -> bytes:
    return key.sign_bundle(unpack(archive)[2]).line().encode()


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda _archive, _other: None, "BUNDLE-UNSIGNED"),
        (lambda _archive, other: signed(other), "BUNDLE-SIGNATURE"),
        (lambda archive, _other: signed(archive, SigningKey.new()), "BUNDLE-SIGNATURE"),
        (lambda archive, _other: signed(archive)[:-3], "BUNDLE-SIGNATURE"),
        (lambda _archive, _other: b"", "BUNDLE-SIGNATURE"),
        (lambda _archive, _other: "签名".encode(), "BUNDLE-SIGNATURE"),
    ],
    ids=["none", "another bundle's", "unknown key's", "cut", "empty", "no ASCII"],
)
def test_a_bundle_without_its_signature_is_refused(tmp_path: Path, make: Any, forge: Any, code: str) -> None:
    """The good one goes on; with its signature the new one takes over, also when that comes later."""
    reports: list[Reload] = []
    put(tmp_path, "a", make("1"), signed(make("1")))
    registry = Registry(bundles=tmp_path, report=reports.append, trusted=trusting(KEY))
    put(tmp_path, "b", make("2"), forge(make("2"), make("1")))
    assert not registry.refresh()
    assert [bundle.version for bundle in registry.current().live] == ["1"]
    assert [item.code for item in reports[-1].diagnostics] == [code]
    write_at_once(tmp_path / "b.bundle.sig", signed(make("2")))
    assert registry.refresh()
    assert [bundle.version for bundle in registry.current().live] == ["2", "1"]


def test_without_trusted_keys_signatures_are_not_looked_at(tmp_path: Path, make: Any) -> None:
    put(tmp_path, "a", make("1"), b"anything")
    assert Registry(bundles=tmp_path).current().is_ready

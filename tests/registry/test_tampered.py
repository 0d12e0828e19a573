"""Bundles altered in any place, in the registry or a signed folder, are refused, and the old one goes on."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.registry.contents import content  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service.compile.archive import content_hash, pack
from rules_service.registry.address import Address
from rules_service.registry.faults import ContentError
from rules_service.registry.registry import Registry, Reload
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

KEY = SigningKey.new()
FILES = content("1")
ARCHIVE = pack("tiny", "1", FILES)
DIGEST = content_hash(FILES)
SIGNATURE = KEY.sign_bundle(DIGEST).line()


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Address(str(Path(folder) / "registry.sqlite")), create=True) as store,
    ):
        store.put_content(DIGEST, ARCHIVE)
        yield store


def put(store: Store, archive: bytes) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE contents SET archive = :archive"), {"archive": archive})


@given(st.integers(0, len(ARCHIVE) - 1), st.integers(1, 255))
def test_any_other_byte(filled: Store, position: int, change: int) -> None:
    altered = bytearray(ARCHIVE)
    altered[position] ^= change
    put(filled, bytes(altered))
    with pytest.raises(ContentError):
        filled.content(DIGEST)


@given(st.integers(0, len(ARCHIVE)), st.integers(0, 40), st.binary(max_size=40))
def test_any_piece_cut_out_or_put_in(filled: Store, position: int, cut: int, piece: bytes) -> None:
    altered = ARCHIVE[:position] + piece + ARCHIVE[position + cut :]
    put(filled, altered)
    if altered == ARCHIVE:
        assert filled.content(DIGEST) == ARCHIVE
        return
    with pytest.raises(ContentError):
        filled.content(DIGEST)


def test_the_whole_one_is_given(filled: Store) -> None:
    put(filled, ARCHIVE)
    assert filled.content(DIGEST) == ARCHIVE


def repacked(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive with its own manifest, but other entries: what an editor of zip files would make."""
    with zipfile.ZipFile(io.BytesIO(ARCHIVE)) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    change(entries)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def extra(entries: dict[str, bytes]) -> None:
    entries["national/checks/more.yaml"] = b"[]"


def missing(entries: dict[str, bytes]) -> None:
    del entries["regions.yaml"]


def renamed(entries: dict[str, bytes]) -> None:
    entries["regions.yml"] = entries.pop("regions.yaml")


def outside(entries: dict[str, bytes]) -> None:
    entries["../regions.yaml"] = entries["regions.yaml"]


def absolute(entries: dict[str, bytes]) -> None:
    entries["/etc/cron.d/x"] = b"x"


def without_manifest(entries: dict[str, bytes]) -> None:
    del entries["manifest.json"]


OTHER = pack("tiny", "2", content("2"))
KINDS = {
    "extra file": repacked(extra),
    "missing file": repacked(missing),
    "renamed file": repacked(renamed),
    "path outside": repacked(outside),
    "absolute path": repacked(absolute),
    "no manifest": repacked(without_manifest),
    "repacked": repacked(lambda _: None),
    "another content under this name": OTHER,
    "half": ARCHIVE[: len(ARCHIVE) // 2],
    "something behind": ARCHIVE + b"x",
    "something before": b"x" + ARCHIVE,
    "empty": b"",
    "no archive": b"rules",
}


@pytest.mark.parametrize("kind", KINDS)
def test_archives_that_others_made(filled: Store, tmp_path: Path, kind: str) -> None:
    """In the registry, and in a folder beside the signature of the right one: the old one goes on."""
    put(filled, KINDS[kind])
    with pytest.raises(ContentError) as raised:
        filled.content(DIGEST)
    assert raised.value.code == "CONTENT-ALTERED"

    reports: list[Reload] = []
    (tmp_path / "a.bundle.sig").write_text(SIGNATURE)
    (tmp_path / "a.bundle").write_bytes(ARCHIVE)
    registry = Registry(bundles=tmp_path, report=reports.append, trusted=trusting(KEY))
    before = registry.current()
    (tmp_path / "b.bundle.sig").write_text(SIGNATURE)
    (tmp_path / "b.bundle").write_bytes(KINDS[kind])
    assert not registry.refresh()
    assert registry.current() is before
    (refused,) = reports[1:]
    assert not refused.ok
    assert refused.source.endswith("b.bundle")

"""Bundle files: the same ruleset gives the same bytes, and nothing but those bytes is accepted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.compile.archive import (
    MANIFEST,
    MAX_ARCHIVE_BYTES,
    BundleFormatError,
    content_hash,
    pack,
    unpack,
)
from rules_service.compile.bundle import load_bundle
from rules_service.compile.sources import RulesetFaultsError
from rules_service.values.dates import parse_date

FILES = {"ruleset.yaml": b"id: x\n", "national/a.yaml": "名称: 甲\n".encode(), "overlays/湘潭/b.yaml": b""}

PATHS = st.text("abc名/.", min_size=1, max_size=8).filter(
    lambda path: all(part not in {"", ".", ".."} for part in path.split("/"))
)


@given(st.dictionaries(PATHS, st.binary(max_size=40), max_size=6))
def test_packing_is_deterministic_and_complete(files: dict[str, bytes]) -> None:
    """Order of files does not matter; unpacking gives back every byte."""
    data = pack("id", "1", files)
    assert data == pack("id", "1", dict(reversed(files.items())))
    assert unpack(data) == ("id", "1", content_hash(files), dict(sorted(files.items())))


def test_hash_is_of_sorted_paths_and_contents() -> None:
    """The hash is what anyone can compute: SHA-256 over sorted lines of path, NUL, SHA-256 of the content."""
    assert content_hash({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert content_hash({"a": b""}) == "84a0bc84a8906a8501a34e9aedb06be93452d06bc32b71d61f0b334cd5559d9b"


def rewritten(change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]) -> bytes:
    """A bundle whose entries are written anew, with a change."""
    with zipfile.ZipFile(io.BytesIO(pack("x", "1", FILES))) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        change(archive, entries)
    return stream.getvalue()


def test_flipped_bits_are_refused() -> None:
    """No single changed byte of a bundle goes through."""
    data = pack("x", "1", FILES)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x01
        with pytest.raises(BundleFormatError):
            unpack(bytes(changed))


def test_truncated_and_extended_bundles_are_refused() -> None:
    """A half-copied file, and one with something before or after it."""
    data = pack("x", "1", FILES)
    for changed in [*(data[:size] for size in range(0, len(data), 7)), data + b"\0", b"\0" + data]:
        with pytest.raises(BundleFormatError):
            unpack(changed)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../evil", "BUNDLE-PATH"),
        ("/etc/passwd", "BUNDLE-PATH"),
        ("a/../../b", "BUNDLE-PATH"),
        ("a\\b", "BUNDLE-PATH"),
        ("c:evil", "BUNDLE-PATH"),
        ("a//b", "BUNDLE-PATH"),
        ("folder/", "BUNDLE-PATH"),
        ("a /b", "BUNDLE-PATH"),
        ("more.yaml", "BUNDLE-EXTRA-FILE"),
    ],
)
def test_paths(name: str, code: str) -> None:
    """Extra entries are refused, and names that would leave the folder even before."""

    def change(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        for path, content in entries.items():
            archive.writestr(path, content)
        archive.writestr(zipfile.ZipInfo(name), b"x")

    with pytest.raises(BundleFormatError) as error:
        unpack(rewritten(change))
    assert error.value.code == code


def test_missing_and_altered_files() -> None:
    """The manifest names every file with its digest."""

    def without(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        for path, content in entries.items():
            if path != "national/a.yaml":
                archive.writestr(path, content)

    def altered(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        for path, content in entries.items():
            archive.writestr(path, b"changed" if path == "national/a.yaml" else content)

    for change, code in ((without, "BUNDLE-MISSING-FILE"), (altered, "BUNDLE-ALTERED-FILE")):
        with pytest.raises(BundleFormatError) as error:
            unpack(rewritten(change))
        assert error.value.code == code


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_entries() -> None:
    """Two entries of one name would leave it to the reader which one counts."""

    def change(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        for path, content in [*entries.items(), ("ruleset.yaml", b"id: y\n")]:
            archive.writestr(path, content)

    with pytest.raises(BundleFormatError) as error:
        unpack(rewritten(change))
    assert error.value.code == "BUNDLE-DUPLICATE-FILE"


def test_compressed_entries() -> None:
    """Nothing in a bundle can swell on unpacking."""

    def change(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        for path, content in entries.items():
            archive.writestr(path, content)
        archive.writestr("bomb", b"\0" * 1_000_000, zipfile.ZIP_DEFLATED)

    with pytest.raises(BundleFormatError) as error:
        unpack(rewritten(change))
    assert error.value.code == "BUNDLE-COMPRESSED"


def test_a_forged_manifest() -> None:
    """A manifest that fits its files but claims another hash."""

    def change(archive: zipfile.ZipFile, entries: dict[str, bytes]) -> None:
        manifest = json.loads(entries[MANIFEST]) | {"hash": "0" * 64}
        for path, content in entries.items():
            archive.writestr(path, json.dumps(manifest) if path == MANIFEST else content)

    with pytest.raises(BundleFormatError) as error:
        unpack(rewritten(change))
    assert error.value.code == "BUNDLE-HASH"


def test_too_large() -> None:
    """Size is looked at first."""
    with pytest.raises(BundleFormatError) as error:
        unpack(bytes(MAX_ARCHIVE_BYTES + 1))
    assert error.value.code == "BUNDLE-TOO-LARGE"


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, they are refused with a code."""
    with pytest.raises(BundleFormatError):
        unpack(data)


def test_round_trip(rulesets: Any) -> None:
    """A dumped bundle loads to the same hash and answers the same."""
    bundle = rulesets.bundle({})
    again = load_bundle(bundle.dump())
    assert (again.id, again.version, again.hash) == (bundle.id, bundle.version, bundle.hash)
    assert again.dump() == bundle.dump()
    day = parse_date("2022-06-30")
    assert again.view("市乙", day).P == bundle.view("市乙", day).P


def test_a_faulty_ruleset_is_no_bundle(rulesets: Any) -> None:
    """A well-formed archive of a ruleset with errors is refused with its diagnostics."""
    files = rulesets.files({"drop": ["regions.yaml"]})
    with pytest.raises(RulesetFaultsError) as error:
        load_bundle(pack("tiny", "1", files))
    assert [item.code for item in error.value.diagnostics] == ["FILE-MISSING"]


def test_the_manifest_names_the_ruleset(rulesets: Any) -> None:
    """A bundle cannot pass under another name or version."""
    with pytest.raises(RulesetFaultsError) as error:
        load_bundle(pack("tiny", "2", rulesets.base))
    assert [item.code for item in error.value.diagnostics] == ["BUNDLE-HEAD"]

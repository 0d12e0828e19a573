"""Keys and signatures: whose count, over what, and which key files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.registry.desk import A, B, Log  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service.registry.faults import KeyFileError
from rules_service.registry.signing import Signature, SigningKey, TrustedKeys

FOREIGN = generate_private_key(SECP256R1())


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def code_of(read: object, *arguments: object) -> str:
    with pytest.raises(KeyFileError) as raised:
        read(*arguments)  # type: ignore[operator]
    return raised.value.code


def test_a_pair_from_files(tmp_path: Path) -> None:
    key = SigningKey.new()
    private = write(tmp_path / "a.key", key.private_pem())
    public = write(tmp_path / "a.pem", key.public_pem(), 0o644)
    signature = SigningKey.read(private).sign_bundle(A)
    for path in (public, tmp_path):
        trusted = TrustedKeys.read(path)
        assert trusted.ids == {key.id}
        assert trusted.signed_bundle(A, signature)
    assert Signature.of_line(signature.line()) == signature


def test_a_signature_holds_for_one_content_one_purpose_one_key() -> None:
    key, other = SigningKey.new(), SigningKey.new()
    trusted = trusting(key, other)
    signature = key.sign_bundle(A)
    assert trusted.signed_bundle(A, signature)
    assert not trusted.signed_bundle(B, signature)
    assert not trusted.signed_bundle(A, Signature(other.id, signature.value))
    assert not trusting(other).signed_bundle(A, signature)
    event = Log(key=key).published(A)
    assert trusted.signed_event(event)
    assert not trusted.signed_bundle(event.hash, Signature(event.key_id, event.signature))


@pytest.mark.parametrize("position", range(0, 88, 7))
def test_no_other_signature_will_do(position: int) -> None:
    key = SigningKey.new()
    value = key.sign_bundle(A).value
    other = "A" if value[position] != "A" else "B"
    changed = value[:position] + other + value[position + 1 :]
    assert not trusting(key).signed_bundle(A, Signature(key.id, changed))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o777])
def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "a.key", SigningKey.new().private_pem(), mode)
    assert code_of(SigningKey.read, path) == "KEY-READABLE"


def test_files_that_are_no_private_keys(tmp_path: Path) -> None:
    own = Ed25519PrivateKey.generate()
    encrypted = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    foreign = FOREIGN.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = SigningKey.new().public_pem()
    assert code_of(SigningKey.read, tmp_path / "none") == "KEY-UNREADABLE"
    assert code_of(SigningKey.read, write(tmp_path / "a", encrypted)) == "KEY-ENCRYPTED"
    for content in (foreign, public, b"", b"-----BEGIN PRIVATE KEY-----"):
        assert code_of(SigningKey.read, write(tmp_path / "a", content)) == "KEY-NOT-PRIVATE"


def test_files_that_are_no_public_keys(tmp_path: Path) -> None:
    foreign = FOREIGN.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    broken = SigningKey.new().public_pem().replace(b"M", b"?")
    assert code_of(TrustedKeys.read, tmp_path / "none") == "KEY-UNREADABLE"
    assert code_of(TrustedKeys.read, tmp_path) == "KEY-NONE"
    for content in (foreign, broken, b"", SigningKey.new().private_pem()):
        assert code_of(TrustedKeys.read, write(tmp_path / "a.pem", content)) == "KEY-NOT-PUBLIC"


@pytest.mark.parametrize(
    "line", ["", "ed25519 abc def", "rsa 0123456789abcdef " + "A" * 86 + "==", "x" * 10_000]
)
def test_lines_that_are_no_signature(line: str) -> None:
    assert Signature.of_line(line) is None

"""Ed25519 signatures over bundles and log entries: keys from files or environment, and whom to trust.

What is signed is a statement with its purpose in the first line, so that a signature given for a bundle can
never stand under a log entry, nor the other way round.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from rules_service.registry.event import Event
from rules_service.registry.faults import KeyFileError

__all__ = ["SIGNATURE_SUFFIX", "Signature", "SigningKey", "TrustedKeys", "key_id"]

SIGNATURE_SUFFIX = ".sig"
"""``X.bundle.sig`` beside ``X.bundle``."""

_BUNDLE = "rules-service bundle v1\n"
_EVENT = "rules-service event v1\n"
_MAX_FILE = 64 * 1024
_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_LINE = re.compile(r"ed25519 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n?")


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: 16 hexadecimal digits of the SHA-256 of its public half."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed (the id of the key) and the signature in base64."""

    key_id: str
    value: str

    def line(self) -> str:
        """The content of a signature file."""
        return f"ed25519 {self.key_id} {self.value}\n"

    @classmethod
    def of_line(cls, text: str) -> Signature | None:
        """Read a signature file; ``None`` if it is none."""
        match = _LINE.fullmatch(text)
        return cls(match[1], match[2]) if match is not None else None


class SigningKey:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.id = key_id(key.public_key())

    @classmethod
    def new(cls) -> SigningKey:
        """A fresh key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """A key from a PEM file that only its owner can read.  Raises ``KeyFileError``."""
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
                    raise KeyFileError("KEY-READABLE", str(path), path=path, mode=f"{stat.S_IMODE(mode):04o}")
                content = file.read(_MAX_FILE)
        except OSError as error:
            raise KeyFileError("KEY-UNREADABLE", str(path), path=path, why=error.strerror) from None
        return cls.of_pem(content, str(path))

    @classmethod
    def of_pem(cls, content: bytes, place: str) -> SigningKey:
        """A key from PEM text; ``place`` says where it came from.  Raises ``KeyFileError``."""
        try:
            key = load_pem_private_key(content, password=None)
        except TypeError:
            raise KeyFileError("KEY-ENCRYPTED", place, path=place) from None
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFileError("KEY-NOT-PRIVATE", place, path=place) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError("KEY-NOT-PRIVATE", place, path=place)
        return cls(key)

    def private_pem(self) -> bytes:
        """The private half, for a file that only its owner can read."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public_pem(self) -> bytes:
        """The public half, for all who shall trust this key."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign_bundle(self, digest: str) -> Signature:
        """Sign the content with this hash."""
        return self._sign(_BUNDLE, digest)

    def sign_event(self, event: Event) -> Event:
        """The log entry with its signature."""
        signed = self._sign(_EVENT, event.hash)
        return replace(event, key_id=signed.key_id, signature=signed.value)

    def _sign(self, purpose: str, digest: str) -> Signature:
        value = base64.b64encode(self._key.sign((purpose + digest).encode())).decode()
        return Signature(self.id, value)


class TrustedKeys:
    """The public keys whose signatures count."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = dict(keys)

    @classmethod
    def read(cls, path: Path) -> TrustedKeys:
        """All keys of a PEM file, or of the ``*.pem`` files of a folder.

        Raises ``KeyFileError`` for a file without a usable key, and when there is no key at all.
        """
        keys: dict[str, Ed25519PublicKey] = {}
        try:
            files = sorted(path.glob("*.pem")) if path.is_dir() else [path]
            for file in files:
                keys |= _public_keys(file)
        except OSError as error:
            raise KeyFileError("KEY-UNREADABLE", str(path), path=path, why=error.strerror) from None
        if not keys:
            raise KeyFileError("KEY-NONE", str(path), path=path)
        return cls(keys)

    @property
    def ids(self) -> frozenset[str]:
        """The names of the keys."""
        return frozenset(self._keys)

    def signed_bundle(self, digest: str, signature: Signature) -> bool:
        """Whether a trusted key signed the content with this hash."""
        return self._holds(_BUNDLE, digest, signature)

    def signed_event(self, event: Event) -> bool:
        """Whether a trusted key signed this log entry."""
        return self._holds(_EVENT, event.hash, Signature(event.key_id, event.signature))

    def _holds(self, purpose: str, digest: str, signature: Signature) -> bool:
        key = self._keys.get(signature.key_id)
        if key is None:
            return False
        try:
            key.verify(base64.b64decode(signature.value, validate=True), (purpose + digest).encode())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _public_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    with path.open("rb") as file:
        content = file.read(_MAX_FILE)
    keys: dict[str, Ed25519PublicKey] = {}
    for block in _PUBLIC.findall(content):
        try:
            key = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFileError("KEY-NOT-PUBLIC", str(path), path=path) from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFileError("KEY-NOT-PUBLIC", str(path), path=path)
        keys[key_id(key)] = key
    if not keys:
        raise KeyFileError("KEY-NOT-PUBLIC", str(path), path=path)
    return keys

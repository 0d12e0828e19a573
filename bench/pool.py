"""The requests of a run as bytes, and what each must be answered; a file hands them to the load generator."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.applications import application
from rules_service.api import Rules

__all__ = ["LEAST_FINDINGS", "Entry", "make_pool", "read_requests", "write_requests"]

LEAST_FINDINGS = 10
_TRIED = 4  # applications made for each that is kept, at most
_LENGTH = struct.Struct(">I")


class Entry(NamedTuple):
    """One request, and of its answer in this process: decision, digest, findings and length in bytes."""

    request: bytes
    decision: int
    digest: str
    findings: int
    answer_bytes: int


def make_pool(rules: Rules, size: int) -> list[Entry]:
    """``size`` different applications with at least ``LEAST_FINDINGS`` findings, answered by ``rules``."""
    made: list[Entry] = []
    for number in range(_TRIED * size):
        request = application(number, faulty=True)
        answer = rules.review(request)
        if len(answer.findings) < LEAST_FINDINGS:
            continue
        made.append(
            Entry(
                request.SerializeToString(),
                answer.decision,
                answer.digest,
                len(answer.findings),
                answer.ByteSize(),
            )
        )
        if len(made) == size:
            return made
    raise RuntimeError("too many of the applications have too few findings")


def write_requests(path: Path, requests: Sequence[bytes]) -> None:
    """Write requests one after the other, each after its length."""
    path.write_bytes(b"".join(_LENGTH.pack(len(request)) + request for request in requests))


def read_requests(path: Path) -> list[bytes]:
    """The requests of ``write_requests``."""
    return list(_split(path.read_bytes()))


def _split(data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        (length,) = _LENGTH.unpack_from(data, place)
        place += _LENGTH.size
        yield data[place : place + length]
        place += length

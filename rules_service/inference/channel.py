"""The supervisor's end of the pipes to a worker: frames out and in, each until a point in time."""

from __future__ import annotations

import os
import select
import time
from typing import Any

import orjson

from rules_service.inference.wire import MAX_FRAME, PREFIX, frame

__all__ = ["Channel", "WorkerGoneError"]

_CHUNK = 1 << 16


class WorkerGoneError(RuntimeError):
    """The worker cannot be talked to any more.

    ``reason``: dead (the pipe is closed), silent (no answer in time), garbage (an answer that is none),
    failed (the worker says that it failed), busy or absent (it was not asked at all).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Channel:
    """Two file descriptors of pipes, which it makes non-blocking. Not thread-safe.

    Every method takes ``until``, a time of ``time.monotonic``, and raises ``WorkerGoneError``.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd, self._write_fd = read_fd, write_fd
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(read_fd, select.POLLIN)
        self._writable.register(write_fd, select.POLLOUT)
        self._received = bytearray()

    def exchange(self, message: dict[str, Any], until: float) -> dict[str, Any]:
        """Send ``message`` and return the answer that bears its ``id``."""
        self._send(frame(message), until)
        answer = self.receive(until)
        if answer.get("id") != message["id"]:
            raise WorkerGoneError("garbage", "answer to another question")
        if "failed" in answer:
            raise WorkerGoneError("failed", str(answer["failed"]))
        return answer

    def receive(self, until: float) -> dict[str, Any]:
        """The next message."""
        self._fill(PREFIX, until)
        length = int.from_bytes(self._received[:PREFIX], "big")
        if length > MAX_FRAME:
            raise WorkerGoneError("garbage", "impossible length")
        self._fill(PREFIX + length, until)
        body = bytes(self._received[PREFIX : PREFIX + length])
        del self._received[: PREFIX + length]
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise WorkerGoneError("garbage", "no JSON") from error
        if not isinstance(message, dict):
            raise WorkerGoneError("garbage", "no object")
        return message

    def _fill(self, size: int, until: float) -> None:
        while len(self._received) < size:
            _wait(self._readable, until)
            try:
                chunk = os.read(self._read_fd, _CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                raise WorkerGoneError("dead", str(error)) from error
            if not chunk:
                raise WorkerGoneError("dead", "end of output")
            self._received += chunk

    def _send(self, data: bytes, until: float) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._write_fd, rest) :]
            except BlockingIOError:
                _wait(self._writable, until)
            except OSError as error:
                raise WorkerGoneError("dead", str(error)) from error


def _wait(ready: select.poll, until: float) -> None:
    left = until - time.monotonic()
    # a last look even when time is up: what has arrived counts
    if not ready.poll(max(0.0, left) * 1000):
        raise WorkerGoneError("silent")

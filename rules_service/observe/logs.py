"""How a log line is written: JSON, one object a line, in UTF-8, to a binary stream.

Events go through structlog. The line of a call is rendered by the same functions without it, in half the
time, for it is on the hot path.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

import orjson
import structlog

from rules_service.observe.events import CALL, LIBRARY

__all__ = ["LEVELS", "LineLog", "configure"]

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _stamp(_logger: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return event


def _json(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps(event, default=str)


class _Sink:
    """The stream under the log; one that fails never fails a call.

    Whoever reads the log may go away (a closed pipe, a full disk): lines are then counted as ``lost``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.lost = 0
        self._stream = stream

    def msg(self, line: bytes) -> None:
        """Write a finished line."""
        try:
            self._stream.write(line + b"\n")
            self._stream.flush()
        except (OSError, ValueError):
            self.lost += 1

    # structlog calls the method named after the level.
    debug = info = warning = error = critical = exception = msg


class LineLog:
    """The log of one process; ``write`` may be called from any thread."""

    def __init__(self, stream: BinaryIO, level: str = "info") -> None:
        self._level = LEVELS[level]
        self._sink = _Sink(stream)
        self._logger = structlog.wrap_logger(
            self._sink,
            processors=[_stamp, _json],
            wrapper_class=structlog.make_filtering_bound_logger(self._level),
            context_class=dict,
        ).bind()

    @property
    def lost(self) -> int:
        """Lines that could not be written."""
        return self._sink.lost

    def enabled(self, level: str) -> bool:
        """Whether lines of this level are written."""
        return LEVELS[level] >= self._level

    def write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        """Write the line of an event, if its level is high enough."""
        self._logger.log(LEVELS[level], event, **fields)

    def call(self, level: str, fields: dict[str, Any]) -> None:
        """Write the line of a call; ask ``enabled`` before making its fields."""
        line: MutableMapping[str, Any] = {"event": CALL, **fields}
        self._sink.msg(_json(None, level, _stamp(None, level, line)))


class _Handler(logging.Handler):
    """Hands what libraries log through ``logging`` to the same stream, without the arguments."""

    def __init__(self, log: LineLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        # The template, not the message: arguments may hold parts of a request.
        fields = {"logger": record.name, "template": str(record.msg)[:200], "error": error}
        level = record.levelname.lower()
        self._log.write(level if level in LEVELS else "error", LIBRARY, fields)


def configure(level: str, stream: BinaryIO | None = None) -> LineLog:
    """The log of this process, on standard error by default; what libraries log goes there too."""
    text: TextIO = sys.stderr
    log = LineLog(stream or text.buffer, level)
    root = logging.getLogger()
    root.handlers[:] = [_Handler(log)]
    root.setLevel(logging.WARNING)
    return log

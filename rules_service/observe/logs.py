"""How a log line is written: JSON, one object a line, in UTF-8, to a binary stream.

Events go through structlog (``get_logger``). The line of a call is written by ``write`` alone, with the same
rendering and a third of the time, for it is on the hot path.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

import orjson
import structlog

__all__ = ["LEVELS", "LineLog", "configure"]

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _stamp(_logger: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return event


def _json(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps(event, default=str)


class LineLog:
    """Writes log lines to one stream; a stream that fails never fails a call.

    Whoever reads the log may go away (a closed pipe, a full disk): lines are then counted as ``lost``.
    """

    def __init__(self, stream: BinaryIO, level: str = "info") -> None:
        self.level = LEVELS[level]
        self.lost = 0
        self._stream = stream

    def enabled(self, level: int) -> bool:
        """Whether lines of this level are written."""
        return level >= self.level

    def write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        """Write one line; ``fields`` are kept as they are and not filtered by level."""
        self.msg(_json(None, level, _stamp(None, level, {"event": event, **fields})))

    def msg(self, line: bytes) -> None:
        """Write a finished line."""
        try:
            self._stream.write(line + b"\n")
            self._stream.flush()
        except (OSError, ValueError):
            self.lost += 1

    # structlog calls the method named after the level.
    debug = info = warning = error = critical = exception = msg

    def get_logger(self) -> structlog.typing.FilteringBoundLogger:
        """A structlog logger that writes here."""
        return structlog.wrap_logger(  # type: ignore[no-any-return] # structlog types it as Any
            self,
            processors=[_stamp, _json],
            wrapper_class=structlog.make_filtering_bound_logger(self.level),
            context_class=dict,
        ).bind()


class _Handler(logging.Handler):
    """Hands what libraries log through ``logging`` to the same stream, without the arguments."""

    def __init__(self, log: LineLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        # The template, not the message: arguments may hold parts of a request.
        fields = {"logger": record.name, "template": str(record.msg)[:200], "error": error}
        self._log.write(record.levelname.lower(), "library", fields)


def configure(level: str, stream: BinaryIO | None = None) -> LineLog:
    """The log of this process, on standard error by default; what libraries log goes there too."""
    text: TextIO = sys.stderr
    log = LineLog(stream or text.buffer, level)
    root = logging.getLogger()
    root.handlers[:] = [_Handler(log)]
    root.setLevel(logging.WARNING)
    return log

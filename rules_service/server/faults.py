"""Our own faults: the caller gets a reference, the log gets the place; neither gets the request."""

from __future__ import annotations

import secrets
import traceback
from pathlib import Path

import grpc

from rules_service.observe import events
from rules_service.observe.logs import LineLog
from rules_service.server.refusals import Refusal
from rules_service.server.words import Language

__all__ = ["frames_of", "internal"]

_ROOT = Path(__file__).resolve().parents[2]


def frames_of(error: BaseException) -> list[str]:
    """Where an error happened, without its message."""
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name
        frames.append(f"{shown}:{frame.lineno} {frame.name}")
    return frames


def internal(error: Exception, log: LineLog, language: Language) -> Refusal:
    """Log where ``error`` happened and make the status for it.

    The message of an exception may quote the request, so only its type and the frames are written.
    """
    reference = secrets.token_hex(8)
    fields = {"reference": reference, "error": type(error).__name__, "frames": frames_of(error)}
    log.write("error", events.INTERNAL_ERROR, fields)
    return Refusal(grpc.StatusCode.INTERNAL, "INTERNAL", language, reference=reference)

"""Refusals: what a call is answered with when it gets no answer, as data and as a ``google.rpc.Status``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import (
    error_details_pb2,
    status_pb2,
)

from rules_service.server.words import Language, text

__all__ = ["DOMAIN", "FieldError", "Refusal"]

DOMAIN = "budget.rules.v1"
"""The domain of the reasons in ``google.rpc.ErrorInfo``."""

_MESSAGE_CHARS = 120


class FieldError(NamedTuple):
    """One violation: the path of the field, a stable code and a text in the caller's language."""

    path: str
    code: str
    description: str


class Refusal(Exception):  # noqa: N818 - it is what the caller gets, not a fault of ours
    """Ends a call with a status.

    ``reason`` is the stable word of ``ErrorInfo`` and the key of the text; ``values`` fill the text; a
    text ``told`` elsewhere takes its place. ``details`` are sent beside ``ErrorInfo``.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        language: Language = "zh",
        violations: Sequence[FieldError] = (),
        *,
        details: Sequence[Message] = (),
        told: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.violations = violations
        self.details = details
        self.metadata = {name: str(value) for name, value in values.items()}
        if violations:
            values |= {"count": len(violations), "first": violations[0].path or violations[0].code}
        message = text(reason, language, **values) if told is None else told
        self.message = message[:_MESSAGE_CHARS]

    def status(self, limit: int) -> status_pb2.Status:
        """The status with ``ErrorInfo`` and, for violations, ``BadRequest``.

        All violations are in it as long as it stays below ``limit`` bytes (a larger one would not reach the
        caller at all); ``violations`` in the metadata of ``ErrorInfo`` always tells their number.
        """
        info = error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN, metadata=self.metadata)
        bad = error_details_pb2.BadRequest()
        if self.violations:
            info.metadata["violations"] = str(len(self.violations))
            others = sum(detail.ByteSize() for detail in self.details)
            room = limit - info.ByteSize() - others - len(self.message.encode()) - 200
            for violation in self.violations:
                added = bad.field_violations.add(
                    field=violation.path, description=violation.description, reason=violation.code
                )
                room -= added.ByteSize() + 4
                if room < 0:
                    del bad.field_violations[-1]
                    info.metadata["listed"] = str(len(bad.field_violations))
                    break
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in (info, *self.details, *((bad,) if self.violations else ())):
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        return status

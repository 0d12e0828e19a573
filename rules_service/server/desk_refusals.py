"""How what the registry cannot or will not do becomes a status: one code for each kind of fault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.faults import (
    ConflictError,
    KeyFileError,
    RegistryError,
    StoreAwayError,
    StoreError,
)
from rules_service.registry.roles import RoleFileError
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.words import Language

__all__ = ["busy", "faulty_content", "invalid", "refusal_of_fault"]

_CODES: Final = {
    "VERSION-UNKNOWN": grpc.StatusCode.NOT_FOUND,
    "RULESET-UNKNOWN": grpc.StatusCode.NOT_FOUND,
    "ROLE-LACKING": grpc.StatusCode.PERMISSION_DENIED,
    "VERSION-AMBIGUOUS": grpc.StatusCode.INVALID_ARGUMENT,
    "RULESET-AMBIGUOUS": grpc.StatusCode.INVALID_ARGUMENT,
    "DRAFT-UNNAMED": grpc.StatusCode.INVALID_ARGUMENT,
    "TEXT-UNFIT": grpc.StatusCode.INVALID_ARGUMENT,
}
"""The others that the state of a version refuses are FAILED_PRECONDITION."""

_RETRY_S: Final = 5
_MOST_TOLD: Final = 300


def refusal_of_fault(error: RegistryError, language: Language) -> Refusal:
    """The status of a fault.

    What is wrong with the registry, its keys or roles is told by its code only: the rest names machines and
    files, and is for those who run the service.
    """
    code = error.code
    if isinstance(error, StoreAwayError):
        details = [_retry()]
        return Refusal(grpc.StatusCode.UNAVAILABLE, "REGISTRY_AWAY", language, details=details, fault=code)
    if isinstance(error, StoreError):
        return Refusal(grpc.StatusCode.DATA_LOSS, "REGISTRY_DAMAGED", language, fault=code)
    if isinstance(error, RoleFileError | KeyFileError):
        reason = "ROLES_UNUSABLE" if isinstance(error, RoleFileError) else "KEY_UNUSABLE"
        return Refusal(grpc.StatusCode.FAILED_PRECONDITION, reason, language, fault=code)
    status = _CODES.get(code, grpc.StatusCode.FAILED_PRECONDITION)
    if isinstance(error, ConflictError):
        status = grpc.StatusCode.ABORTED
    told = [
        error_details_pb2.LocalizedMessage(locale=locale, message=error.text(spoken)[:_MOST_TOLD])
        for locale, spoken in (("zh-CN", "zh"), ("en", "en"))
    ]
    reason = code.replace("-", "_")
    return Refusal(status, reason, language, details=told, told=error.text(language), fault=code)


def invalid(violations: Iterable[FieldError], language: Language) -> Refusal:
    """A request with faulty fields."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", language, list(violations))


def faulty_content(field: str, faults: Iterable[Diagnostic], language: Language) -> Refusal:
    """Rules that cannot be used; ``field`` is where the request holds them."""
    violations = [
        FieldError(
            f"{field}/{fault.file}:{fault.line}:{fault.column}" if fault.file else field,
            fault.code,
            f"{fault.en} {fault.cure_en}" if language == "en" else f"{fault.zh}{fault.cure_zh}",
        )
        for fault in faults
    ]
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, "RULESET_INVALID", language, violations)


def busy(reason: str, language: Language) -> Refusal:
    """No room for the work just now; another try may succeed."""
    return Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, reason, language, details=[_retry()])


def _retry() -> error_details_pb2.RetryInfo:
    return error_details_pb2.RetryInfo(retry_delay=Duration(seconds=_RETRY_S))

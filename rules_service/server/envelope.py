"""Batches as envelopes: the same bytes on the wire, read item by item.

In an envelope the items of a batch are bytes. So one damaged item has a status of its own, and neither the
reading nor the writing of a long batch holds up the other calls.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["ReviewBatchEnvelope", "ReviewBatchResults"]

_FIELD = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "budget.rules.envelope"


def _message(name: str, original: Any, items: str) -> descriptor_pb2.DescriptorProto:
    """A message like ``original`` whose message fields are bytes; numbers come from the contract."""
    made = descriptor_pb2.DescriptorProto(name=name)
    for field in original.fields:
        made.field.add(
            name=field.name,
            number=field.number,
            type=_FIELD.TYPE_BYTES,
            label=_FIELD.LABEL_REPEATED if field.name == items else _FIELD.LABEL_OPTIONAL,
        )
    return made


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="budget/rules/envelope.proto", package=_PACKAGE, syntax="proto3"
    )
    file.message_type.append(_message("Request", review_pb.ReviewBatchRequest.DESCRIPTOR, "requests"))
    file.message_type.append(_message("Response", review_pb.ReviewBatchResponse.DESCRIPTOR, "results"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in ("Request", "Response")
    }


_made = _classes()
ReviewBatchEnvelope = _made["Request"]
"""``pin`` and ``requests`` as bytes, wire-compatible with ``ReviewBatchRequest``."""
ReviewBatchResults = _made["Response"]
"""``results`` as bytes, wire-compatible with ``ReviewBatchResponse``."""

"""A server like the service's whose `Review` does nothing: it answers prebuilt bytes.

``python -m bench.empty_server SIZE`` prints its port as a line, and ends when its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import uvloop
from grpc import aio

from rules_service.server import Settings
from rules_service.server.handlers import REVIEW

__all__ = ["main"]


async def _serve(size: int) -> None:
    answer = bytes(size)

    async def review(data: bytes, context: Any) -> bytes:  # noqa: ARG001 - gRPC's signature
        return answer

    setting = Settings.model_fields
    server = aio.server(
        options=[
            ("grpc.max_receive_message_length", setting["max_message_bytes"].default),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),
        ],
        maximum_concurrent_rpcs=setting["max_concurrent_calls"].default,
    )
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(review)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(REVIEW, {"Review": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await server.stop(None)


def main() -> None:
    """Serve until the end of standard input."""
    uvloop.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()

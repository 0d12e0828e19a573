"""Starts the service as a child process and ends it again; leaves nothing behind, whatever happens."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import grpc
from grpc_health.v1 import (
    health_pb2,
    health_pb2_grpc,
)

from rules_service.cli.exits import Exit, Problem

__all__ = ["Service", "served"]

_START_S = 120.0
_STOP_S = 30.0
_SERVING = health_pb2.HealthCheckResponse.SERVING


class Service(NamedTuple):
    """A running service: a channel to it, its port and its process."""

    channel: grpc.Channel
    port: str
    pid: int


@contextlib.contextmanager
def served(options: Sequence[str]) -> Iterator[Service]:
    """A healthy service on a free port; it is ended in order afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        arguments = ["serve", "--host", "127.0.0.1", "--port", "0", "--port-file", str(port_file)]
        command = [sys.executable, "-m", "rules_service.cli", *arguments, "--log-level", "error", *options]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            port = _port(child, port_file)
            unlimited = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=unlimited) as channel:
                _wait_healthy(child, channel)
                yield Service(channel, port, child.pid)
        finally:
            _end(child)


def _port(child: subprocess.Popen[bytes], port_file: Path) -> str:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            return port_file.read_text("utf-8").strip()
        time.sleep(0.02)
    raise Problem(Exit.SERVICE, "demo.failed", code=child.poll())


def _wait_healthy(child: subprocess.Popen[bytes], channel: grpc.Channel) -> None:
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=_START_S)
    try:
        for answer in watch:
            if answer.status == _SERVING:
                watch.cancel()
                return
    except grpc.RpcError:
        pass
    raise Problem(Exit.SERVICE, "demo.failed", code=child.poll())


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

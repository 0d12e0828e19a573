"""What the concluders report while they work: a small callback protocol for metrics and logs."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Hooks", "NoHooks"]


class Hooks(Protocol):
    """Callbacks, called from any thread; they must be quick and must not raise."""

    def on_restart(self, reason: str) -> None:
        """The worker is gone and is being replaced.

        ``reason``: dead, silent, garbage, failed, start (it did not come up), recycled or disagreement.
        """
        ...

    def on_disagreement(self) -> None:
        """The two engines drew different conclusions."""
        ...

    def on_memo(self, hit: bool) -> None:
        """A question was (``hit``) or was not answered from memory."""
        ...

    def on_alone(self) -> None:
        """The chainer answered alone, because the worker was dead, silent, busy or not up yet."""
        ...


class NoHooks:
    """Reports nothing."""

    def on_restart(self, reason: str) -> None:
        """Nothing."""

    def on_disagreement(self) -> None:
        """Nothing."""

    def on_memo(self, hit: bool) -> None:
        """Nothing."""

    def on_alone(self) -> None:
        """Nothing."""

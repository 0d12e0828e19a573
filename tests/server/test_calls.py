"""What surrounds a method, without a network: the deadline that has passed already."""

from __future__ import annotations

import grpc
import pytest

from rules_service.server.calls import Call
from rules_service.server.refusals import Refusal


class Context:
    def __init__(self, left: float | None) -> None:
        self.left = left

    def time_remaining(self) -> float | None:
        return self.left


@pytest.mark.parametrize("left", [None, 0.001, 5.0])
def test_a_call_in_time_goes_on(left):
    Call(Context(left)).check_deadline()


def test_a_call_out_of_time_is_refused():
    with pytest.raises(Refusal) as caught:
        Call(Context(0.0)).check_deadline()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED

"""Makes requests as small as they can be: everything goes that does not matter for what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from rules_service.authoring.request_edits import Path, Spot, edited, plain
from rules_service.facts.source import Request

__all__ = ["shrunk"]

_KEPT: Final = frozenset({("project", "region_code"), ("context", "detail")})


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that is made simpler: another value at a place, or a list without one of its elements."""

    spot: Spot
    value: Any
    without: int | None = None

    def of(self, request: Request) -> Request | None:
        """The request after this step; ``None`` where it has no such place."""
        try:
            if self.without is None:
                return edited(request, self.spot, self.value)
            holder: Any = request
            for name in self.spot.path:
                holder = holder[name] if isinstance(name, int) else getattr(holder, name)
            rest = tuple(plain(one) for number, one in enumerate(holder) if number != self.without)
            return edited(request, self.spot, rest)
        except IndexError:
            return None


def shrunk(
    requests: Sequence[Request], base: Request, shows: Callable[[Sequence[Request]], bool], budget: int
) -> tuple[Request, ...]:
    """Some requests, with the same steps towards ``base`` for all; ``shows`` says if they are still good.

    It is asked at most ``budget`` times.
    """
    now = tuple(requests)
    asked = 0
    going_on = True
    while going_on and asked < budget:
        going_on = False
        for step in list(_steps(now[0], base, ())):
            after = tuple(step.of(request) for request in now)
            made = tuple(request for request in after if request is not None)
            if len(made) < len(now) or made == now:
                continue
            asked += 1
            if shows(made):
                now, going_on = made, True
                if step.without is not None:
                    break  # the numbers of the elements are others now
            if asked >= budget:
                break
    return now


def _steps(message: Message, base: Message | None, path: Path) -> Iterator[_Step]:
    """All single steps towards a base, the largest first; inside of lists there is nothing to go back to."""
    kind: Any = message.DESCRIPTOR
    for field in kind.fields:
        here = (*path, field.name)
        spot = Spot(here, field)
        value = getattr(message, field.name)
        own = tuple(map(plain, value)) if field.is_repeated else _present(message, field.name)
        other = None if base is None else _of_base(base, field.name)
        if (
            here in _KEPT
            or own in (other, None, ())
            or (other is None and not own and not field.has_presence)
        ):
            continue
        yield _Step(spot, other)
        if field.is_repeated:
            for number in reversed(range(len(value))):
                yield _Step(spot, None, number)
            for number, element in enumerate(value if field.message_type is not None else ()):
                yield from _steps(element, None, (*here, number))
        elif field.message_type is not None:
            inner = getattr(base, field.name) if base is not None and base.HasField(field.name) else None
            yield from _steps(value, inner, here)


def _present(message: Message, name: str) -> Any:
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.has_presence and not message.HasField(name):
        return None
    return plain(getattr(message, name))


def _of_base(base: Message, name: str) -> Any:
    field = base.DESCRIPTOR.fields_by_name[name]
    return tuple(map(plain, getattr(base, name))) if field.is_repeated else _present(base, name)

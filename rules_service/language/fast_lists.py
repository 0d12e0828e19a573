"""Generates loops over lists: macros, aggregates and membership, in the fast form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules_service.language.typed import FactRef, Node, cases, walk
from rules_service.values.kinds import Base, Kind

if TYPE_CHECKING:
    from rules_service.language.fast import Fast, Value

__all__ = ["Bound", "loop", "make_ready", "membership", "needs_loop", "prepare_membership", "source"]


_WRITTEN = frozenset({"items", "hits"})  # lists that are made element by element


@dataclass(frozen=True, slots=True)
class Bound:
    """What a macro variable stands for inside its loop: locals of slots, or a plain value."""

    slots: dict[str, str] = field(default_factory=dict)
    value: Value | None = None


def _resolved(fast: Fast, node: Node) -> Node:
    """A list, through the named values that stand for it."""
    while node.op == "let":
        node = fast.lets[str(node.data)].node
    return node


def needs_loop(fast: Fast, node: Node) -> bool:
    """Whether the elements of a list are only known after walking it."""
    return node.kind.is_list and _resolved(fast, node).op in {"filter", "map"}


def make_ready(fast: Fast, node: Node) -> None:
    """Put a list written in brackets into a local."""
    node = _resolved(fast, node)
    if node.op in _WRITTEN:
        _tuple(fast, node)


def source(fast: Fast, node: Node) -> str:
    """A Python expression (an atom) for a list that stands ready: a tuple or ``None``."""
    node = _resolved(fast, node)
    if node.op in _WRITTEN:
        return fast.temps[node].number
    return fast.value(node).number


def loop(fast: Fast, node: Node) -> Value:
    """Write the loop of a macro or aggregate; its result stands in a local."""
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    fast.prepare_lets(node)
    name = fast.module.fresh()
    writers: dict[str, Callable[[Fast, Node, str], None]] = {
        "all": _write_all,
        "exists": _write_exists,
        "exists_one": _write_exists_one,
        "sum": _write_sum,
        "avg": _write_avg,
        "min": _write_extreme,
        "max": _write_extreme,
        "size": _write_size,
    }
    writers[node.op](fast, node, name)
    return Value((f"{name} is not None",), name, f"{name}d" if node.kind.ratio else None)


@contextmanager
def _elements(fast: Fast, node: Node, name: str, start: str) -> Iterator[tuple[Bound, str]]:
    """Open the loop over a list's elements; ``name`` starts as ``start``, or is ``None`` if it has none.

    Where a step before (filter, map) is undecided, the whole is missing: ``name = None`` and out.
    """
    steps: list[Node] = []
    base = _resolved(fast, node)
    while base.op in {"filter", "map"}:
        steps.append(base)
        base = _resolved(fast, base.args[0])
    if base.op in _WRITTEN:
        _tuple(fast, base)
    items = source(fast, base)
    element = fast.module.fresh("e")
    assert base.kind.element is not None
    with fast.out.block(f"if {items} is None:"):
        fast.out.line(f"{name} = None")
    with fast.out.block("else:"):
        fast.out.line(f"{name} = {start}")
        with fast.out.block(f"for {element} in {items}:"):
            bound = _bind(element, base.kind.element)
            for step in reversed(steps):
                bound = _step(fast, step, bound, element, name)
            yield bound, element


def _bind(element: str, kind: Kind) -> Bound:
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    if kind.base is Base.SUBJECT:
        return Bound()
    guards = (f"{element} is not None",)
    if kind.ratio:
        return Bound(value=Value(guards, f"{element}[0]", f"{element}[1]"))
    return Bound(value=Value(guards, element))


@contextmanager
def _variable(fast: Fast, node: Node, bound: Bound, element: str) -> Iterator[None]:
    """Give a macro's variable its element while the macro's body is written."""
    number = int(str(node.data))
    if bound.value is None:
        bound = _load(fast, node.args[1], number, element, bound)
    before = fast.bound.get(number)
    fast.bound[number] = bound
    yield
    if before is None:
        del fast.bound[number]
    else:
        fast.bound[number] = before


def _load(fast: Fast, body: Node, number: int, element: str, bound: Bound) -> Bound:
    """Read the slots that the body needs from the element's tuple, once each."""
    for node in walk(body):
        ref = node.data
        own = isinstance(ref, FactRef) and ref.variable == number
        if own and isinstance(ref, FactRef) and ref.slot not in bound.slots:
            name = fast.module.fresh("s")
            fast.out.line(f"{name} = {element}[{fast.module.slots.index(ref.subject, ref.slot)}]")
            bound.slots[ref.slot] = name
    return bound


def _refuse(fast: Fast, test: str, name: str) -> None:
    with fast.out.block(f"if {test}:"):
        fast.out.line(f"{name} = None")
        fast.out.line("break")


def _known(fast: Fast, bound: Bound, name: str) -> None:
    """A missing element makes the whole missing."""
    if bound.value is not None and bound.value.guards:
        guards = tuple(dict.fromkeys(bound.value.guards))
        test = f"not ({' and '.join(guards)})"
        if len(guards) == 1 and guards[0].endswith(" is not None"):
            test = guards[0].replace(" is not None", " is None")
        _refuse(fast, test, name)


def _step(fast: Fast, node: Node, bound: Bound, element: str, name: str) -> Bound:
    """One filter or map before the end of the chain."""
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    _known(fast, bound, name)
    body = node.args[1]
    with _variable(fast, node, bound, element):
        fast.prepare(body)
        if node.op == "filter":
            with fast.out.block(f"if not ({fast.truth(body, True)}):"):
                with fast.out.block(f"if {fast.truth(body, False)}:"):
                    fast.out.line("continue")
                fast.out.line(f"{name} = None")
                fast.out.line("break")
            return bound
        if body.op == "const":
            return Bound(value=fast.value(body))
        if body.kind.base is Base.BOOLEAN:
            stored = fast.store(body, body.kind)
            _refuse(fast, f"{stored.number} is None", name)
            return Bound(value=Value((), stored.number))
        value = fast.value(body)
        _known(fast, Bound(value=value), name)
        number = value.number
        if value.divisor is None and number.isalnum():
            return Bound(value=Value((), number))
        number = fast.module.fresh()
        fast.out.line(f"{number} = {value.number}")
        if value.divisor is not None:
            fast.out.line(f"{number}d = {value.divisor}")
        return Bound(value=Value((), number, f"{number}d" if value.divisor is not None else None))


def _has_steps(fast: Fast, node: Node) -> bool:
    return _resolved(fast, node).op in {"filter", "map"}


def _write_exists(fast: Fast, node: Node, name: str, *, found: bool = True) -> None:
    """``exists``, and with ``found`` False ``all``: the first element that decides ends it."""
    with _elements(fast, node.args[0], name, repr(not found)) as (bound, element):
        body = node.args[1]
        with _variable(fast, node, bound, element):
            fast.prepare(body)
            with fast.out.block(f"if not ({fast.truth(body, not found)}):"):
                with fast.out.block(f"if {fast.truth(body, found)}:"):
                    fast.out.line(f"{name} = {found!r}")
                    if not _has_steps(fast, node.args[0]):
                        fast.out.line("break")
                with fast.out.block(f"elif {name} is {not found!r}:"):
                    fast.out.line(f"{name} = None")


def _write_all(fast: Fast, node: Node, name: str) -> None:
    _write_exists(fast, node, name, found=False)


def _write_exists_one(fast: Fast, node: Node, name: str) -> None:
    with _elements(fast, node.args[0], name, "0") as (bound, element):
        _known(fast, bound, name)
        body = node.args[1]
        with _variable(fast, node, bound, element):
            fast.prepare(body)
            with fast.out.block(f"if not ({fast.truth(body, False)}):"):
                with fast.out.block(f"if {fast.truth(body, True)}:"):
                    fast.out.line(f"{name} += 1")
                with fast.out.block("else:"):
                    fast.out.line(f"{name} = None")
                    fast.out.line("break")
    with fast.out.block(f"if {name} is not None:"):
        fast.out.line(f"{name} = {name} == 1")


def _write_size(fast: Fast, node: Node, name: str) -> None:
    with _elements(fast, node.args[0], name, "0"):
        fast.out.line(f"{name} += 1")


def _write_sum(fast: Fast, node: Node, name: str) -> None:
    if node.kind.ratio:
        fast.out.line(f"{name}d = 1")
    with _elements(fast, node.args[0], name, "0") as (bound, _):
        _known(fast, bound, name)
        assert bound.value is not None, "the checker admits only lists of numbers"
        _add(fast, name, bound.value)


def _add(fast: Fast, name: str, value: Value) -> None:
    if value.divisor is None:
        fast.out.line(f"{name} += {value.number}")
        return
    fast.out.line(f"{name} = {name} * {value.divisor} + {value.number} * {name}d")
    fast.out.line(f"{name}d *= {value.divisor}")


def _write_avg(fast: Fast, node: Node, name: str) -> None:
    """The sum over the number of elements, as a pair; missing for an empty list."""
    element = node.args[0].kind.element
    assert element is not None
    fast.out.line(f"{name}n = 0")
    fast.out.line(f"{name}d = {10**element.scale!r}")
    with _elements(fast, node.args[0], name, "0") as (bound, _):
        _known(fast, bound, name)
        assert bound.value is not None, "the checker admits only lists of numbers"
        _add(fast, name, bound.value)
        fast.out.line(f"{name}n += 1")
    with fast.out.block(f"if {name}n == 0:"):
        fast.out.line(f"{name} = None")
    with fast.out.block("else:"):
        fast.out.line(f"{name}d *= {name}n")


def _write_extreme(fast: Fast, node: Node, name: str) -> None:
    sign = "<" if node.op == "min" else ">"
    with _elements(fast, node.args[0], name, "None") as (bound, _):
        _known(fast, bound, name)
        value = bound.value
        assert value is not None, "the checker admits only lists of numbers or dates"
        if value.divisor is None:
            with fast.out.block(f"if {name} is None or {value.number} {sign} {name}:"):
                fast.out.line(f"{name} = {value.number}")
            return
        test = f"{value.number} * {name}d {sign} {name} * {value.divisor}"
        with fast.out.block(f"if {name} is None or {test}:"):
            fast.out.line(f"{name} = {value.number}")
            fast.out.line(f"{name}d = {value.divisor}")


def _tuple(fast: Fast, node: Node) -> None:
    """Put a list written in brackets into a local; missing items are ``None``."""
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    if node in fast.temps:
        return
    if node.op == "hits":
        fast.temps[node] = _hits(fast, node)
        return
    stored = [_item(fast, node, item) for item in node.args]
    name = fast.module.fresh()
    fast.out.line(f"{name} = ({', '.join(stored)},)")
    fast.temps[node] = Value((), name)


def _item(fast: Fast, node: Node, item: Node) -> str:
    """An item of a list as its elements are, in a local; ``None`` if missing."""
    assert node.kind.element is not None
    fast.prepare(item)
    value = fast.store(item, node.kind.element)
    if not value.divisor:
        return value.number
    return f"None if {value.number} is None else ({value.number}, {value.divisor})"


def _hits(fast: Fast, node: Node) -> Value:
    """The values whose tests hold, in a local; ``None`` if a test is undecided."""
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    fast.prepare_lets(node)
    for test, _ in cases(node):
        fast.prepare(test)
    name, once = fast.module.fresh(), fast.module.fresh("o")
    fast.out.line(f"{name} = []")
    with fast.out.block(f"for {once} in (0,):"):
        for test, value in cases(node):
            with fast.out.block(f"if {fast.truth(test, True)}:"):
                item = _item(fast, node, value)
                fast.out.line(f"{name}.append({item})")
            with fast.out.block(f"elif not ({fast.truth(test, False)}):"):
                fast.out.line(f"{name} = None")
                fast.out.line("break")
    return Value((f"{name} is not None",), name)


def _words(node: Node) -> frozenset[object] | None:
    """The items of a list that holds nothing but literals of text, code or date."""
    if node.op != "items" or any(item.op != "const" or item.kind.numeric for item in node.args):
        return None
    return frozenset(item.data for item in node.args)


def prepare_membership(fast: Fast, node: Node) -> None:
    """What ``x in list`` needs before it."""
    left, items = node.args[0], _resolved(fast, node.args[1])
    fast.prepare(left)
    if _words(items) is not None:
        return
    if items.op == "items":
        for item in items.args:
            fast.prepare(item)
        return
    if items.op == "hits":
        make_ready(fast, items)
    elif items.op in {"filter", "map"}:
        fast.temps[node] = _collected(fast, node, items)


def _collected(fast: Fast, node: Node, items: Node) -> Value:
    """Membership in a list that is only known after walking it."""
    from rules_service.language.fast import Value  # noqa: PLC0415 - the two modules call each other

    fast.prepare_lets(node)
    name = fast.module.fresh()
    left = node.args[0]
    wanted = fast.store(left, left.kind)
    with _elements(fast, items, name, "False") as (bound, _):
        assert bound.value is not None, "the checker admits no list of subjects here"
        element = items.kind.element
        assert element is not None
        guards, test = fast.compare(wanted, left.kind, bound.value, element, "==")
        with fast.out.block(f"if {' and '.join(dict.fromkeys((*guards, test)))}:"):
            fast.out.line(f"{name} = True")
        unknown = [f"{guard.removesuffix(' is not None')} is None" for guard in bound.value.guards]
        if unknown:
            with fast.out.block(f"elif {name} is False and ({' or '.join(unknown)}):"):
                fast.out.line(f"{name} = None")
    with fast.out.block(f"if {wanted.number} is None:"):
        fast.out.line(f"{name} = None")
    return Value((f"{name} is not None",), name)


def membership(fast: Fast, node: Node, want: bool) -> str:
    """Whether ``x in list`` is certainly ``want``."""
    left, items = node.args[0], _resolved(fast, node.args[1])
    value = fast.value(left)
    words = _words(items)
    if words is not None:
        test = f"{value.number} {'in' if want else 'not in'} {fast.module.constants.name(words)}"
        return " and ".join((*value.guards, test))
    if items.op == "items":
        parts = []
        for item in items.args:
            guards, test = fast.compare(value, left.kind, fast.value(item), item.kind, "==" if want else "!=")
            parts.append(" and ".join(dict.fromkeys((*guards, test))))
        return f"({' or '.join(parts)})" if want else " and ".join(parts)
    name = source(fast, items)
    element = items.kind.element
    assert element is not None
    number = value.number
    if left.kind.numeric and element.scale > left.kind.scale:
        number = f"({number} * {10 ** (element.scale - left.kind.scale)!r})"
    guards = (*value.guards, f"{name} is not None")
    if want:
        return " and ".join((*guards, f"{number} in {name}"))
    complete = () if items.op == "param" else (f"None not in {name}",)  # a parameter has no gaps
    return " and ".join((*guards, f"{number} not in {name}", *complete))

"""Run by test_killed.py as a process of its own: kills publishers at random moments, looks at what is left.

`python -m tests.registry.killed_publisher ADDRESS KEY TIMES STATE`: a forked child with everything loaded
puts in the content of a version and its entries; it is killed with SIGKILL after a random part of the time
that takes. Afterwards the log is whole, and a service over it (in this process) and one that starts from its
last good state answer with the version before or the new one. What the child left undone is then done.
Prints how many children came how far.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.registry.desk import Clock, Log  # isort: skip
from tests.registry.following import Follower, Publisher, nowhere, variant  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service.compile.archive import content_hash
from rules_service.registry.address import Address
from rules_service.registry.event import Kind
from rules_service.registry.log import check_log
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

STEPS = (Kind.DRAFT, Kind.CHECK, Kind.APPROVE, Kind.PUBLISH)
EVERY = 10  # the whole log, and a start from the last good state, are looked at after so many kills


def publish(
    address: Address, key: SigningKey, label: str, begin: Callable[[], object] = lambda: None
) -> None:
    """All steps of a version that are not in the log yet; ``begin`` is called before the first is written."""
    digest = content_hash(variant(label))
    with Store(address) as store:
        last = store.events(after=max(store.head().seq - len(STEPS), 0))
        done = [event for event in last if event.version == digest]
        clock = Clock(last[-1].at) if last else Clock()
        publisher = Publisher(store, Log(key=key, clock=clock, head=store.head()))
        begin()
        publisher.put(label)
        for kind in STEPS[len(done) :]:
            actor = "审" if kind is Kind.APPROVE else "编"
            body = {Kind.DRAFT: {"label": label}, Kind.CHECK: {"ok": True}}.get(kind, {})
            publisher.log.add(kind, digest, actor, **body)
            publisher.send(len(publisher.log.events) - 1)


def killed(address: Address, key: SigningKey, label: str, after: float | None) -> float:
    """Let a child publish, and kill it so many seconds after it began to write, or let it finish (``None``).

    Gives the time from its beginning to its end.
    """
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            publish(address, key, label, lambda: os.write(say, b"x"))
        os._exit(0)
    os.close(say)
    os.read(hear, 1)
    os.close(hear)
    began = time.perf_counter()
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.perf_counter() - began


def main(text: str, key_file: str, times: int, folder: Path) -> Counter[str]:
    address, key = Address(text), SigningKey.read(Path(key_file))
    chance, came = Random(20261122), Counter[str]()  # noqa: S311 - moments, not secrets
    Store(address, create=True).close()
    publish(address, key, "0")
    longest = statistics.median(killed(address, key, label, None) for label in "12345")
    with Store(address) as store:
        follower = Follower(Publisher(store, Log(key=key)), folder, name="甲")
        follower.clock = follower.feed._clock = Clock(store.events()[-1].at)
        follower.turn()
        assert follower.live == "5"
        gc.freeze()
        for number in range(6, 6 + times):
            old, new = str(number - 1), str(number)
            killed(address, key, new, chance.uniform(0, longest))
            follower.turn()
            assert follower.live in {old, new}, follower.live
            assert follower.heard.codes == [], "it verifies each new entry"
            last = store.events(after=store.head().seq - len(STEPS))
            done = sum(event.version == content_hash(variant(new)) for event in last)
            assert follower.live == (new if done == len(STEPS) else old)
            came[STEPS[done - 1].value if done else "nothing"] += 1
            if number % EVERY == 0:
                report = check_log(store, trusting(key))
                assert (report.broken, report.doubtful) == (None, ()), report
                saved = Follower(Publisher(store, Log(key=key)), folder, address=nowhere(folder), name="乙")
                saved.turn()
                assert saved.live == follower.live
                saved.feed.close()
            publish(address, key, new)
            follower.turn()
            assert follower.live == new
        report = check_log(store, trusting(key))
        assert (report.broken, report.doubtful) == (None, ()), report
        follower.feed.close()
    return came


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    print(" ".join(f"{name}:{count}" for name, count in sorted(found.items())))  # noqa: T201

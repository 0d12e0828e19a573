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
import sys
import time
from collections import Counter
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
EVERY = 10  # a start from the last good state, which compiles anew, after so many kills


def publish(address: Address, key: SigningKey, label: str) -> None:
    """All steps of a version that are not in the log yet."""
    digest = content_hash(variant(label))
    with Store(address) as store:
        done = [event for event in store.events() if event.version == digest]
        clock = Clock(store.events()[-1].at) if store.head().seq else Clock()
        publisher = Publisher(store, Log(key=key, clock=clock, head=store.head()))
        publisher.put(label)
        for kind in STEPS[len(done) :]:
            actor = "审" if kind is Kind.APPROVE else "编"
            body = {Kind.DRAFT: {"label": label}, Kind.CHECK: {"ok": True}}.get(kind, {})
            publisher.log.add(kind, digest, actor, **body)
            publisher.send(len(publisher.log.events) - 1)


def killed(address: Address, key: SigningKey, label: str, after: float) -> None:
    """Let a child publish, and kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            publish(address, key, label)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(text: str, key_file: str, times: int, folder: Path) -> Counter[str]:
    address, key = Address(text), SigningKey.read(Path(key_file))
    chance, came = Random(20261122), Counter[str]()  # noqa: S311 - moments, not secrets
    Store(address, create=True).close()
    publish(address, key, "0")
    spans = []
    for label in "1234":
        began = time.perf_counter()
        publish(address, key, label)
        spans.append(time.perf_counter() - began)
    longest = 1.2 * max(spans) + 0.005  # and the fork
    with Store(address) as store:
        follower = Follower(Publisher(store, Log(key=key)), folder, name="甲")
        follower.clock = follower.feed._clock = Clock(store.events()[-1].at)
        follower.turn()
        assert follower.live == "4"
        gc.freeze()
        for number in range(5, 5 + times):
            old, new = str(number - 1), str(number)
            killed(address, key, new, chance.uniform(0, longest))
            report = check_log(store, trusting(key))
            assert (report.broken, report.doubtful) == (None, ()), report
            follower.turn()
            assert follower.live in {old, new}, follower.live
            assert follower.heard.codes == [], follower.heard.codes
            done = sum(event.version == content_hash(variant(new)) for event in store.events())
            assert follower.live == (new if done == len(STEPS) else old)
            came[STEPS[done - 1].value if done else "nothing"] += 1
            if number % EVERY == 0:
                saved = Follower(Publisher(store, Log(key=key)), folder, address=nowhere(folder), name="乙")
                saved.turn()
                assert saved.live == follower.live
                saved.feed.close()
            publish(address, key, new)
            follower.turn()
            assert follower.live == new
        follower.feed.close()
    return came


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    print(" ".join(f"{name}:{count}" for name, count in sorted(found.items())))  # noqa: T201

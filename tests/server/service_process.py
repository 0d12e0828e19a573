"""Run by test_process.py as a process of its own: the real service over rules that a test steers by files.

`python -m tests.server.service_process FOLDER` - it loads once FOLDER/rules exists; a review of the
project `slow` is answered once FOLDER/release exists. FOLDER/began appears when such a review begins.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop

from tests.server.fakes import FakeReviewer  # isort: skip

from rules_service import api
from rules_service.observe.logs import configure
from rules_service.server.run import run
from rules_service.server.settings import Settings

FOLDER = Path(sys.argv[1])


async def until(path: Path) -> None:
    while not path.exists():  # noqa: ASYNC110, ASYNC240 - another process makes the file: nothing else to await
        await asyncio.sleep(0.01)


class SteeredRules(FakeReviewer):
    def __init__(self) -> None:
        super().__init__()
        self.on_call = self.wait

    async def wait(self, name: str) -> None:
        if name == "slow":
            (FOLDER / "began").touch()
            await until(FOLDER / "release")

    def close(self) -> None:
        (FOLDER / "closed").touch()


def load():
    if not (FOLDER / "rules").exists():
        raise api.LoadError([])
    return SteeredRules()


settings = Settings(port=0, port_file=FOLDER / "port", reload_s=0.02)
sys.exit(uvloop.run(run(settings, configure(settings.log_level), load)))

"""Run by test_process.py as a process of its own: the real service over rules that a test steers by files.

`python service_process.py FOLDER` - it loads once FOLDER/rules exists, and a review of the project `slow` is
answered once FOLDER/release exists. FOLDER/began appears when such a review begins.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import conftest
import uvloop

from rules_service import api
from rules_service.observe.logs import configure
from rules_service.server.run import run
from rules_service.server.settings import Settings

FOLDER = Path(sys.argv[1])


async def until(path: Path) -> None:
    while not path.exists():
        await asyncio.sleep(0.01)


class SteeredRules(conftest.FakeReviewer):
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
        raise api.LoadError("no rules yet")
    return SteeredRules()


settings = Settings(port=0, port_file=FOLDER / "port", reload_s=0.02)
sys.exit(uvloop.run(run(settings, configure(settings.log_level), load)))

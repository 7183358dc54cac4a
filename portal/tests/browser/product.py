"""One running product for all browser tests.

All processes of a parallel test run share it: the first that needs it starts it, and stops it once the others have
left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from portal.launcher.home import free_port
from portal.tests.launched import Portal

# How many times faster than AWS: fast enough for a test, slow enough that a page sees some steps in between.
SPEED = "120"


@dataclass(kw_only=True)
class Product:
    """`python -m portal.up`, and what the tests of this process keep from one to the next."""

    folder: Path
    sign_ins: dict[str, str] = field(default_factory=dict)
    started: bool = False

    def enter(self) -> None:
        """Come up, or find that it is up."""
        with self.alone() as users:
            if not users:
                self._start()
            self._users.write_text(str(users + 1))

    def leave(self) -> None:
        """Take all of it down if this process started it, after the others have left."""
        with self.alone() as users:
            self._users.write_text(str(users - 1))
        while self.started:
            with self.alone() as users:
                if users == 0:
                    self.portal.end(signal.SIGTERM)
                    self.started = False
            time.sleep(0.1)

    @contextlib.contextmanager
    def alone(self) -> Iterator[int]:
        """How many use it; nobody comes or goes meanwhile."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield int(self._users.read_text()) if self._users.exists() else 0

    def _start(self) -> None:
        try:
            self.portal.start()
        except AssertionError:
            self.portal.end(signal.SIGTERM)
            raise
        self.started = True

    @cached_property
    def portal(self) -> Portal:
        """The launcher: this process's own, or the one that another has started."""
        state = self.folder / "data" / "up.json"
        port = int(json.loads(state.read_text())["web"].rpartition(":")[2]) if state.exists() else free_port()
        extra = {"WORKERS": "1", "DEMO": "true", "SIMULATOR_SPEED": SPEED}
        return Portal(data=state.parent, port=port, extra=extra, command=("portal.up",))

    @property
    def _users(self) -> Path:
        return self.folder / "users"

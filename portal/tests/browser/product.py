"""The whole product, started as `make up` starts it, on a data folder and a port of its own.

All processes of a parallel test run share one: the first that needs it starts it, and stops it once the others
have left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

# How many times faster than AWS: fast enough for a test, slow enough that a page sees some steps in between.
SPEED = "300"
_PATIENCE_SECONDS = 120.0  # far more than starting or stopping takes; a busy machine is no failure
_NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "ALLOWED_HOSTS"}


@dataclass(kw_only=True)
class Product:
    """`python -m portal.up`, and what the tests of this process keep from one to the next."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    sign_ins: dict[str, str] = field(default_factory=dict)

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
        while self.process is not None:
            with self.alone() as users:
                if users == 0:
                    self.process.send_signal(signal.SIGTERM)
                    self.process.wait(_PATIENCE_SECONDS)
                    self.process = None
            time.sleep(0.1)

    @contextlib.contextmanager
    def alone(self) -> Iterator[int]:
        """How many use it; nobody comes or goes meanwhile."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield int(self._users.read_text()) if self._users.exists() else 0

    def _start(self) -> None:
        environment = {name: text for name, text in os.environ.items() if name not in _NOT_INHERITED}
        chosen = {"DATA_DIR": str(self._data), "PORT": str(free_port()), "WORKERS": "1", "DEMO": "true"}
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.up"],
                env={**environment, **chosen, "SIMULATOR_SPEED": SPEED},
                stdout=said,
                stderr=said,
            )
        try:
            self._wait(self.process)
        except AssertionError:
            self.process.send_signal(signal.SIGTERM)
            raise

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while "Andamio answers at" not in self._said.read_text():
            assert process.poll() is None, self._said.read_text()
            assert time.monotonic() < deadline, self._said.read_text()
            time.sleep(0.1)

    @property
    def address(self) -> str:
        """Where its pages are."""
        return str(self._state["web"])

    def query(self, sql: str, *values: str) -> list[tuple[object, ...]]:
        """Ask its database, for what no page can arrange."""
        connection = psycopg2.connect(self._state["database_url"])
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self._data / "up.json").read_text())
        return state

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _said(self) -> Path:
        return self.folder / "said"

    @property
    def _users(self) -> Path:
        return self.folder / "users"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port

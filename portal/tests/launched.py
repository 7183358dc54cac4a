"""A launcher that tests start, stop and kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg2

_PATIENCE_SECONDS = 120.0  # far more than starting or stopping takes; a busy machine is no failure

# What the tests themselves run with, and a portal must not find.
NOT_INHERITED = {
    "DATABASE_URL",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "DEMO",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
}


@dataclass(kw_only=True)
class Portal:
    """A launcher on one data folder, and what it has said."""

    data: Path
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("portal.tests.standins", "up")
    process: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> Path:
        return self.data / "up.json"

    @property
    def said(self) -> str:
        return (self.data.parent / "said").read_text()

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def query(self, sql: str, *values: str) -> list[tuple[object, ...]]:
        """Ask its database, for what no page can tell or arrange."""
        connection = psycopg2.connect(json.loads(self.state.read_text())["database_url"])
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = json.loads(self.state.read_text())["pids"]
        return pids

    def launch(self) -> subprocess.Popen[bytes]:
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        with (self.data.parent / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                env={
                    **inherited,
                    "PORT": str(self.port),
                    "DATA_DIR": str(self.data),
                    "WORKERS": "2",
                    **self.extra,
                },
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        return self.process

    def start(self) -> float:
        """Seconds until up.json stands there."""
        began = time.monotonic()
        process = self.launch()
        until(lambda: self._is_up(process.pid) or process.poll() is not None, _PATIENCE_SECONDS)
        assert self._is_up(process.pid), self.said
        return time.monotonic() - began

    def _is_up(self, launcher: int) -> bool:
        """A killed launcher leaves its up.json to the next one."""
        return self.state.exists() and self.pids()["launcher"] == launcher

    def family(self) -> list[psutil.Process]:
        assert self.process is not None
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE_SECONDS)


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)

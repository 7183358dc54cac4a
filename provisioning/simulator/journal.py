"""The access journal: one JSON line for every call, for tests that count calls or look who made them."""

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from provisioning.simulator.wire import Who


class Journal:
    """Appends to a file, a line at a time, flushed at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", buffering=1, encoding="utf-8")
        self._lock = threading.Lock()

    def write(
        self, who: Who, *, agent: str, status: int, error: str, took: float, actions: Sequence[str] = ()
    ) -> None:
        """Note a call: `took` is in seconds; `error` is AWS's code, empty for a success; `actions` what an assumed
        role was allowed for it."""
        line = json.dumps(
            {
                "time": round(time.time(), 4),
                "service": who.service,
                "operation": who.operation,
                "region": who.region,
                "access_key": who.access_key,
                "user_agent": agent,
                "status": status,
                "error": error,
                "mutating": who.mutating,
                "actions": [*actions],
                "milliseconds": round(took * 1000, 2),
            }
        )
        with self._lock:
            self._file.write(line + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

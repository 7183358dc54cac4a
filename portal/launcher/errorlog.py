"""Shows, while the portal runs, the errors that a log file receives."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ERROR = re.compile(r"\[(error|critical)\b|\[ERROR\]|\[CRITICAL\]|\"level\": ?\"(error|critical)\"")
# A new entry begins with a time or a JSON object; what follows without one, a traceback, belongs to the last.
_ENTRY = re.compile(r"^(\d{4}-\d{2}-\d{2}|\[\d{4}-\d{2}-\d{2}|\{)")


@dataclass(kw_only=True)
class ErrorLog:
    """Reads on from where it stopped; `position` in bytes."""

    path: Path
    position: int = 0
    _in_error: bool = False

    def skip(self) -> None:
        """Leave out what is there already."""
        with contextlib.suppress(FileNotFoundError):
            self.position = self.path.stat().st_size

    def new_errors(self) -> Iterator[str]:
        """The lines of errors, tracebacks included, written since the last look."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self.position)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break  # half a line; it is read whole next time
                self.position += len(raw)
                line = raw.decode(errors="replace").rstrip()
                if _ENTRY.match(line):
                    self._in_error = bool(_ERROR.search(line))
                if self._in_error:
                    yield line

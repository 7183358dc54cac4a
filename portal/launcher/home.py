"""The data folder: who runs on it, what is kept there, what a killed run left behind."""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.launcher.services import StartFailed

# Every child carries this variable, so that what outlives a killed launcher is known for ours.
MARK = "ANDAMIO_LAUNCHED_ON"


@dataclass(frozen=True, kw_only=True)
class Home:
    """The folder `path`, made where it is absent and readable by its owner alone."""

    path: Path

    @contextlib.contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the folder for this process; StartFailed, with the address, if another one runs on it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "up.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StartFailed(self._taken()) from error
            self.forget()
            yield

    def _taken(self) -> str:
        try:
            state = json.loads(self._state.read_text())
            where = f"at {state['web']} (process {state['pids']['launcher']})"
        except (FileNotFoundError, ValueError, KeyError):
            where = "and is about to start or stop"
        return f"Andamio already runs on {self.path} {where}. Stop it first, or choose another DATA_DIR and PORT."

    @property
    def _state(self) -> Path:
        return self.path / "up.json"

    def announce(self, state: Mapping[str, object]) -> None:
        """Write `up.json` at once or not at all; it holds passwords."""
        unfinished = self._state.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(state, indent=2) + "\n")
        unfinished.replace(self._state)

    def forget(self) -> None:
        """Remove `up.json`."""
        self._state.unlink(missing_ok=True)

    def secret_key(self) -> str:
        """The key that signs sessions, made once."""
        path = self.path / "secret-key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(64))
        return path.read_text().strip()

    def port(self, name: str) -> int:
        """A free port of 127.0.0.1 for a part; the one of the last run if it is still free."""
        path = self.path / "ports.json"
        ports: dict[str, int] = {}
        with contextlib.suppress(FileNotFoundError, ValueError):
            ports = json.loads(path.read_text())
        taken = {port for other, port in ports.items() if other != name}
        last = ports.get(name, 0)
        ports[name] = last if last not in taken and port_is_free("127.0.0.1", last) else free_port(taken)
        path.write_text(json.dumps(ports))
        return ports[name]

    def log(self, name: str) -> Path:
        """The log of a part."""
        return self.path / "logs" / f"{name}.log"

    def clear_leftovers(self) -> int:
        """Kill what a run on this folder left behind; returns how many processes that were."""
        import psutil

        left = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGTERM)
        _gone, alive = psutil.wait_procs(left, timeout=5)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=5)
        return len(left)

    def _is_ours(self, process: object) -> bool:
        import psutil

        if not isinstance(process, psutil.Process) or process.pid == os.getpid():
            return False
        with contextlib.suppress(psutil.Error, OSError):
            return process.environ().get(MARK) == str(self.path)
        return False


def port_is_free(host: str, port: int) -> bool:
    """Whether a server can listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return port != 0


def free_port(taken: Collection[int] = ()) -> int:
    """A port of 127.0.0.1 that nobody listens on, and none of those."""
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port: int = listener.getsockname()[1]
        if port not in taken:
            return port

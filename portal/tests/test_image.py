"""What the Dockerfile copies is whole: it starts without what `.dockerignore` leaves behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from portal.settings import BASE_DIR

pytestmark = pytest.mark.slow
_PRODUCTION = {
    "SECRET_KEY": "".join(chr(97 + number % 26) for number in range(64)),
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def left_behind(path: str, patterns: list[str]) -> bool:
    """As Docker reads the file, as far as its patterns go here: a path, its folders, or a name at any depth."""
    parents = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    return any(
        fnmatch(one, pattern.removeprefix("**/"))
        if "**/" not in pattern
        else fnmatch(Path(one).name, pattern[3:])
        for one in parents
        for pattern in patterns
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image, and nothing else."""
    folder = tmp_path_factory.mktemp("image")
    patterns = [line for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.strip()]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=BASE_DIR, check=True, capture_output=True, text=True
    )
    for path in filter(None, listed.stdout.split("\0")):
        if not left_behind(path, patterns) and (BASE_DIR / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(BASE_DIR / path, folder / path)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        ["manage.py", "collectstatic", "--no-input", "--dry-run"],
        ["manage.py", "worker", "--help"],
        ["manage.py", "scheduler", "--help"],
        ["-c", "import portal.wsgi, portal.celery, environments.jobs"],
    ],
    ids=" ".join,
)
def test_every_command_of_a_deployment_starts(image: Path, command: list[str]) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=image,
        env={**kept, **_PRODUCTION},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_tests_and_the_simulator_stay_behind(image: Path) -> None:
    assert not list(image.rglob("tests"))
    assert not (image / "provisioning" / "simulator").exists()
    assert (image / "templates").is_dir() and (image / "environments" / "migrations").is_dir()

"""Finds programs inside installed wheels without importing them: their own code does more than is wanted."""

from importlib.util import find_spec
from pathlib import Path


def program_in(package: str, *path: str) -> Path | None:
    """The file at `path` inside an installed package, or None where either is absent."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent.joinpath(*path)
    return program if program.exists() else None

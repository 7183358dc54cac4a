"""The house's one arrow, portal to environments to provisioning, kept by import-linter."""

from importlinter.application import use_cases
from importlinter.configuration import configure


def test_nobody_imports_against_the_arrow() -> None:
    configure()

    assert use_cases.lint_imports(config_filename="pyproject.toml", cache_dir=None)

#!/usr/bin/env python
"""Django's command line."""

import os
import sys
from importlib.util import find_spec

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command with the portal's settings, on the portal of `make up` if one runs here."""
    # The image has no launcher, and a database that is named is somebody's choice.
    if not os.environ.get("DATABASE_URL") and find_spec("portal.launcher"):
        from portal.launcher.running import environment_of_running

        os.environ.update(environment_of_running(os.environ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

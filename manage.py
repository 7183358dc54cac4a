#!/usr/bin/env python
"""Django's command line."""

import os
import sys
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

WHAT_NEXT = (
    "No portal of `make up` runs on the DATA_DIR of this command. Start one, or name the same DATA_DIR here as there; "
    "for a database of your own set what .env.example lists."
)


def main() -> None:
    """Run one management command with the portal's settings, on the portal of `make up` if one runs here."""
    # The image has no launcher, and a database that is named is somebody's choice.
    if not os.environ.get("DATABASE_URL") and find_spec("portal.launcher"):
        from portal.launcher.running import environment_of_running

        os.environ.update(environment_of_running(os.environ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # An exception's trace would hide the one thing that is to be done.
        sys.exit(f"{error}. {WHAT_NEXT}")


if __name__ == "__main__":
    main()

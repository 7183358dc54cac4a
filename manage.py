#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from portal.launcher.running import environment_of_running


def main() -> None:
    """Run one management command with the portal's settings, on the portal of `make up` if one runs here."""
    os.environ.update(environment_of_running(os.environ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""What an application shows before anything of it is deployed: a source bundle, always of the same bytes."""

from __future__ import annotations

import io
import zipfile

# For Elastic Beanstalk's Python platform: it looks for `application` in application.py.
_PYTHON = '''\
"""Answers every request until the application is deployed here."""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Nothing is deployed here yet.\\n"]
'''
_THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)  # the oldest that the format knows


def source_bundle() -> bytes:
    """A zip file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        entry = zipfile.ZipInfo("application.py", _THE_SAME_TIME)
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # Unix, wherever it is written
        archive.writestr(entry, _PYTHON)
    return held.getvalue()

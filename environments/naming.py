"""The rule for an environment's name, once: as a check, and in words for whoever fills it in."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

NAME_LEAST, NAME_MOST = 2, 30

_NAME = re.compile(rf"(?=.{{{NAME_LEAST},{NAME_MOST}}}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")


def may_be_called(name: str) -> bool:
    """Whether an environment can have this name."""
    return _NAME.fullmatch(name) is not None


def name_rule() -> str:
    """What `may_be_called` checks, in words."""
    return _(
        "%(least)s to %(most)s lower-case letters, digits and single hyphens; a letter first, no hyphen last."
    ) % {"least": NAME_LEAST, "most": NAME_MOST}

"""Ownership written into descriptions, for things whose lists show a description but no tags.

One shared list then proves whose each thing is; asking for the tags of every one would cost a call each.
The tags themselves are written as well, in the create call.
"""

from __future__ import annotations

import re

from provisioning.kind import TAG_GENERATION, TAG_KEY, TAG_STACK, Handle

_MARK = re.compile(r" ?\(andamio ([a-z0-9]+)/([a-z0-9-]+)(?: g([0-9]+))?\)$")


def marked(handle: Handle, description: str) -> str:
    """The description as AWS gets it. Parentheses and a slash are allowed wherever AWS takes a description."""
    generation = handle.tags.get(TAG_GENERATION, "1")
    later = f" g{generation}" if generation != "1" else ""
    return f"{description} (andamio {handle.stack}/{handle.key}{later})".lstrip()


def unmarked(description: str) -> str:
    """The description as the blueprint wrote it."""
    return _MARK.sub("", description)


def tags_of_mark(description: str) -> dict[str, str]:
    """The tags that say whose a thing is; empty when nothing of ours is written there."""
    match = _MARK.search(description)
    return {TAG_STACK: match[1], TAG_KEY: match[2], TAG_GENERATION: match[3] or "1"} if match else {}

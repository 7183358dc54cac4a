"""Names of AWS things: within AWS's limits and never colliding, whatever the application is called."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

STACK_LENGTH = 8
PROPER_NAMES = frozenset({"Elastic", "Redis"})  # with which titles begin; others show it by a second capital


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What AWS allows in the name of one kind.

    `limit` in characters; every name here is lower case, starts with a letter and has single inner hyphens,
    which is the common part of all AWS alphabets (each kind names its page where it is narrower). `reserved`: how no
    name may begin, because AWS names things of its own so.
    """

    limit: int = 63
    reserved: tuple[str, ...] = ()

    def is_reserved(self, name: str) -> bool:
        """Whether AWS keeps such a name for itself."""
        return name.lower().startswith(self.reserved)


def stack_of(identity: str) -> str:
    """Eight base32 characters, first a letter, that stand for one environment for ever."""
    digest = hashlib.sha256(identity.encode()).digest()
    text = base64.b32encode(digest).decode().lower()
    return "s" + text[: STACK_LENGTH - 1]


def build(naming: Naming, *, slug: str, stack: str, key: str, generation: int = 1) -> str:
    """`<slug>-<stack>-<key>[-g<generation>]`, the slug cut first and then the key, so that `stack` is always whole."""
    tail = f"-g{generation}" if generation > 1 else ""
    room = naming.limit - len(stack) - len(tail) - 1
    role = _cut(key, min(len(key), max(room, 1)))
    slug_room = room - len(role) - 1
    front = f"{_cut(slug, slug_room)}-" if slug_room >= 3 and _cut(slug, slug_room) else ""
    if naming.is_reserved(front):
        front = f"{_cut(f'a-{slug}', slug_room)}-"
    return f"{front}{stack}-{role}{tail}"


def slugify(text: str) -> str:
    """Lower-case letters, digits and single hyphens, a letter first."""
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return slug if slug[:1].isalpha() else f"a-{slug}".strip("-")


def in_sentence(title: str) -> str:
    """A title in the middle of a sentence: small first letter, unless that word is a name ("VPC", "Redis cache")."""
    first = title.partition(" ")[0]
    is_word = first[1:].islower() and first not in PROPER_NAMES
    return title[:1].lower() + title[1:] if is_word else title


def _cut(text: str, length: int) -> str:
    """The first `length` characters; a hash replaces what is lost, so that two long keys stay two names."""
    clean = slugify(text)
    if len(clean) <= length:
        return clean
    mark = hashlib.sha256(clean.encode()).hexdigest()[:4]
    return f"{clean[: length - 5].strip('-')}-{mark}" if length >= 8 else clean[:length].strip("-")

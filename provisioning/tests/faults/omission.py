"""Taking entries out of the list answers of AWS, in XML and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from provisioning.tests.faults.http_messages import Response

Unwanted = Callable[[str, frozenset[str]], bool]
"""Given all text of an entry, and its values one by one: whether the entry is to go."""


def without_entries(response: Response, unwanted: Unwanted) -> Response:
    """The response without the entries of its top-level lists that are `unwanted`; as it was if there are none."""
    if response.body.lstrip().startswith(b"<"):
        body = _without_xml_entries(response.body, unwanted)
    elif response.body.startswith(b"{"):
        body = _without_json_entries(response.body, unwanted)
    else:
        body = None
    return response if body is None else response.with_body(body)


def _without_xml_entries(body: bytes, unwanted: Unwanted) -> bytes | None:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    gone = False
    for container in list(_containers(root)):
        for entry in list(container):
            values = frozenset(text.strip() for text in entry.itertext())
            if unwanted("\n".join(values), values):
                container.remove(entry)
                gone = True
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) if gone else None


def _containers(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The elements that can hold a list: children of the root or, in the query protocol, of its `…Result`."""
    for child in root:
        if child.tag.endswith("Result"):
            yield from child
        else:
            yield child


def _without_json_entries(body: bytes, unwanted: Unwanted) -> bytes | None:
    try:
        members: dict[str, object] = json.loads(body)
    except ValueError:
        return None
    gone = False
    for key, entries in members.items():
        if isinstance(entries, list):
            kept = [entry for entry in entries if not _is_unwanted(entry, unwanted)]
            gone = gone or len(kept) < len(entries)
            members[key] = kept
    return json.dumps(members).encode() if gone else None


def _is_unwanted(entry: object, unwanted: Unwanted) -> bool:
    values = frozenset(_texts(entry))
    return unwanted("\n".join(values), values)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

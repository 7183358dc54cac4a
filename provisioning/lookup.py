"""Finding EC2 things, which have no names: by recorded id, else by the tags written when they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from provisioning.aws import Aws, found
from provisioning.kind import TAG_STACK, Handle


def tags_of(thing: Mapping[str, Any], key: str = "Tags") -> dict[str, str]:
    """AWS's list of tags as a mapping; both spellings of the list are read."""
    pairs: Iterable[Mapping[str, str]] = thing.get(key) or []
    return {pair.get("Key", pair.get("key", "")): pair.get("Value", pair.get("value", "")) for pair in pairs}


def tag_specifications(handle: Handle, resource_type: str) -> Any:
    """`TagSpecifications` of an EC2 create call, with a `Name` that the AWS console shows."""
    tags = [*handle.tag_list, {"Key": "Name", "Value": handle.name}]
    return [{"ResourceType": resource_type, "Tags": tags}]


def find_in_ec2(
    aws: Aws, handle: Handle, call: Callable[..., Any], *, items: str, id_name: str, ids: str
) -> dict[str, Any] | None:
    """The EC2 thing that `handle` means, as AWS describes it, or None.

    One list per environment and type is shared by all its members (`items` "Subnets", `id_name` "SubnetId",
    `ids` "SubnetIds"); what is not on it although its id is known is asked for by that id, since tags can be lost.
    """
    listed = aws.listed(call, items, Filters=[{"Name": f"tag:{TAG_STACK}", "Values": [handle.stack]}])
    mine = [thing for thing in listed if _is_meant(thing, handle, id_name)]
    if mine:
        return _oldest(mine, id_name)
    if handle.id is None:
        return None
    return get_from_ec2(call, handle.id, items, ids)


def get_from_ec2(call: Callable[..., Any], identifier: str, items: str, ids: str) -> dict[str, Any] | None:
    """The EC2 thing of this id, asked for alone, or None."""
    answer = found(call, **{ids: [identifier]})
    things: Sequence[dict[str, Any]] = answer[items] if answer else []
    return things[0] if things else None


def _is_meant(thing: Mapping[str, Any], handle: Handle, id_name: str) -> bool:
    if handle.id is not None:
        return bool(thing[id_name] == handle.id)
    return handle.owns(tags_of(thing))


def _oldest(things: Sequence[dict[str, Any]], id_name: str) -> dict[str, Any]:
    """Always the same one, should a lost answer ever have left two."""
    return min(things, key=lambda thing: str(thing[id_name]))

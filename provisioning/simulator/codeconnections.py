"""CodeConnections: a connection waits until a person has signed in, which here is `/simulator/finish-connection`."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, World

_WITH_A_HOST = ("GitHubEnterpriseServer", "GitLabSelfManaged")


@dataclass(kw_only=True)
class Connections:
    """Of one account and region, by their ARN."""

    by_arn: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


def _there(call: Call, arn: str) -> dict[str, Any]:
    found = call.notes(Connections).by_arn.get(arn)
    if found is None:
        raise Refusal("ResourceNotFoundException", f"Connection {arn} not found")
    return found


@operation("codeconnections", "CreateConnection")
def create_connection(call: Call) -> object:
    """PENDING; what has a host of its own needs one that is set up, which there is none of here."""
    provider = call.text("ProviderType")
    if provider in _WITH_A_HOST or call.text("HostArn"):
        raise Refusal("ResourceNotFoundException", f"Host {call.text('HostArn')} not found")
    if len(call.text("ConnectionName")) > 32:
        raise Refusal("ValidationException", "A connection's name has 32 characters at most.")
    arn = f"arn:aws:codeconnections:{call.region}:{call.account}:connection/{uuid.uuid4()}"
    notes = call.notes(Connections)
    notes.by_arn[arn] = {
        "ConnectionName": call.text("ConnectionName"),
        "ConnectionArn": arn,
        "ProviderType": provider,
        "OwnerAccountId": call.account,
        "ConnectionStatus": "PENDING",
    }
    notes.tags[arn] = {tag["Key"]: tag["Value"] for tag in call.items("Tags")}
    return {"ConnectionArn": arn}


@operation("codeconnections", "GetConnection")
def get_connection(call: Call) -> object:
    """One connection."""
    return {"Connection": _there(call, call.text("ConnectionArn"))}


@operation("codeconnections", "ListConnections")
def list_connections(call: Call) -> object:
    """All, or those of a provider."""
    wanted = call.text("ProviderTypeFilter")
    connections = call.notes(Connections).by_arn.values()
    return {"Connections": [one for one in connections if wanted in ("", one["ProviderType"])]}


@operation("codeconnections", "DeleteConnection")
def delete_connection(call: Call) -> object:
    """Pipelines that use it fail from then on."""
    arn = _there(call, call.text("ConnectionArn"))["ConnectionArn"]
    notes = call.notes(Connections)
    del notes.by_arn[arn], notes.tags[arn]
    return {}


@operation("codeconnections", "ListTagsForResource")
def list_tags(call: Call) -> object:
    """Of a connection."""
    arn = _there(call, call.text("ResourceArn"))["ConnectionArn"]
    tags = call.notes(Connections).tags[arn]
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@tagged
def tagged_connections(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for arn, tags in moment.notes(Connections).tags.items():
        yield TaggedResource(arn, tags, "codeconnections:connection")


def finish(world: World, connection: str) -> list[str]:
    """Do what the person in the console does, for a connection by its ARN or name; gives the ARNs."""
    finished = []
    for notes in [one for one in world.notes.values() if isinstance(one, Connections)]:
        for arn, one in notes.by_arn.items():
            if connection in (arn, one["ConnectionName"]) and one["ConnectionStatus"] == "PENDING":
                one["ConnectionStatus"] = "AVAILABLE"
                finished.append(arn)
    return finished

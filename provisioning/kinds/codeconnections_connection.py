"""A connection to where an application's source is kept, which a person has to finish in AWS's console."""

from __future__ import annotations

from typing import Any, Literal

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, Todo, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place

WAITING = "waiting for a person: the connection has to be finished in the AWS console (Developer Tools, Connections)"
BROKEN = (
    "the connection no longer works: it has to be made anew in the AWS console (Developer Tools, Connections)"
)

_REASONS = {"PENDING": WAITING, "ERROR": BROKEN}


class ConnectionProps(Props):
    """`provider`: who keeps the source."""

    provider: Literal["GitHub", "GitLab", "Bitbucket"] = "GitHub"


@register
class CodeConnection(Kind[ConnectionProps]):
    """https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateConnection.html

    No token: found by its name. It is PENDING until somebody signs in to the provider; nothing here can do that, so it
    counts as ready and says so. A pipeline that uses it fails until then. Attributes: id (the ARN), arn, name.
    """

    name = "codeconnections.connection"
    title = "Source connection"
    naming = Naming(limit=32)
    replace_on = frozenset({"provider"})
    awaits = True
    permissions = (
        "codeconnections:CreateConnection",
        "codeconnections:TagResource",
        "codeconnections:ListConnections",
        "codeconnections:ListTagsForResource",
        "codeconnections:DeleteConnection",
    )
    props = ConnectionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        connection = _find(aws, handle)
        if connection is None:
            return None
        arn, status = connection["ConnectionArn"], connection["ConnectionStatus"]
        tags = handle.tags
        if handle.id is None:
            tags = tags_of(aws.codeconnections.list_tags_for_resource(ResourceArn=arn))
        return Observed(
            id=arn,
            reason=_REASONS.get(status, ""),
            todo=_todo(connection, aws.region) if status in _REASONS else None,
            props={"provider": connection["ProviderType"]},
            attributes={"id": arn, "arn": arn, "name": handle.name},
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: ConnectionProps) -> Observed:
        there = self.read(aws, handle)
        if there is not None and handle.owns(there.tags):
            return there
        answer = aws.codeconnections.create_connection(
            ConnectionName=handle.name, ProviderType=props.provider, Tags=handle.tag_list
        )
        arn = answer["ConnectionArn"]
        return Observed(
            id=arn, reason=WAITING, attributes={"id": arn, "arn": arn, "name": handle.name}, tags=handle.tags
        )

    def update(self, aws: Aws, handle: Handle, props: ConnectionProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        connection = _find(aws, handle)
        if connection is not None:
            found(aws.codeconnections.delete_connection, ConnectionArn=connection["ConnectionArn"])
        return True

    def cloudformation(self, place: Place, props: ConnectionProps) -> Form:
        properties = {
            "ConnectionName": place.name,
            "ProviderType": props.provider,
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::CodeConnections::Connection", properties=properties),),
            attributes={"id": REF, "arn": REF, "name": place.name},
            remark="A person finishes it in the AWS console (Developer Tools, Connections) when the stack is made.",
        )


def _todo(connection: Any, region: str) -> Todo:
    """https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html"""
    provider, name = connection["ProviderType"], connection["ConnectionName"]
    return Todo(
        summary=f"Nobody has let AWS in at {provider} yet: no push is deployed until somebody does.",
        hint=(
            f'Open the connections of the AWS console, choose {name}, then "Update pending connection", and sign in at '
            f"{provider} as somebody who may give access to the repository. Runs that failed before are started again "
            'by "Release change" in the pipeline, or by the next push.'
        ),
        url=f"https://{region}.console.aws.amazon.com/codesuite/settings/connections?region={region}",
    )


def _find(aws: Aws, handle: Handle) -> Any:
    listed = aws.listed(aws.codeconnections.list_connections, "Connections", MaxResults=100)
    if handle.id is not None:
        return next((one for one in listed if one["ConnectionArn"] == handle.id), None)
    return next((one for one in listed if one["ConnectionName"] == handle.name), None)

"""What gateway endpoints and interface endpoints have in common: how they are found, what AWS says of them, how they
go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provisioning.errors import NotFound, translate
from provisioning.kind import Handle, Status
from provisioning.lookup import find_in_ec2, get_from_ec2

if TYPE_CHECKING:
    from provisioning.aws import Aws

# Some answers have these in lower case (type State).
_STATUS = {
    "pending": Status.PENDING,
    "available": Status.READY,
    "deleting": Status.DELETING,
    "failed": Status.FAILED,
    "rejected": Status.FAILED,
    "expired": Status.FAILED,
}


def find_endpoint(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    """What AWS says of the endpoint, by its id or by its tags; None when it is gone."""
    call = aws.ec2.describe_vpc_endpoints
    if handle.id is not None:  # an environment has so few that a shared list would spare nothing
        endpoint = get_from_ec2(call, handle.id, "VpcEndpoints", "VpcEndpointIds")
    else:
        endpoint = find_in_ec2(
            aws, handle, call, items="VpcEndpoints", id_name="VpcEndpointId", ids="VpcEndpointIds"
        )
    return None if endpoint is None or endpoint["State"].lower() == "deleted" else endpoint


def standing_of(endpoint: Mapping[str, Any]) -> tuple[Status, str]:
    """Its status, and why it is none that serves."""
    state = endpoint["State"].lower()
    status = _STATUS.get(state, Status.PENDING)
    return status, endpoint.get("FailureReason", state) if status is Status.FAILED else ""


def delete_endpoint(aws: Aws, handle: Handle) -> bool:
    """Start taking it away; True when it is gone."""
    endpoint = {"VpcEndpointId": handle.id} if handle.id else find_endpoint(aws, handle)
    if endpoint is None:
        return True
    try:
        _delete(aws, endpoint["VpcEndpointId"])
    except NotFound:  # the endpoint, or one of its routes: only the first means that it is gone
        if find_endpoint(aws, handle) is not None:
            raise
        return True
    return False


def _delete(aws: Aws, endpoint_id: str) -> None:
    """A success of this call may hold a refusal: it is raised like any other."""
    answer = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    for refused in answer.get("Unsuccessful", []):
        error = refused["Error"]
        raise translate(
            service="ec2",
            operation="delete_vpc_endpoints",
            aws_code=error["Code"],
            aws_message=error.get("Message", ""),
        )

"""CloudFront: versions of what is changed, and origin access controls, which stay while a distribution names them."""

from typing import Any

from moto.cloudfront import models
from moto.cloudfront.models import CloudFrontBackend, cloudfront_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

_moto_id = models.random_id


def _own_id(uppercase: bool = True, length: int = 13) -> str:
    """AWS's begin with E, its domain names with d; moto's with anything."""
    return f"{'E' if uppercase else 'd'}{_moto_id(uppercase, length)[1:]}"


models.random_id = _own_id  # moto has no switch for it


def backend_of(moment: Moment) -> CloudFrontBackend:
    """CloudFront of the account: it is the same in every region."""
    return cloudfront_backends[moment.account]["aws"]


def new_version() -> str:
    """An ETag that nothing had before."""
    return _own_id(length=14)


def check_version(call: Call, version: str) -> None:
    """Refuses a change of what is not as the caller last saw it."""
    given = call.text("IfMatch")
    if not given:
        raise Refusal(
            "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource."
        )
    if given != version:
        raise Refusal(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more request-header fields.",
        )


def _control_of(call: Call) -> Any:
    return backend_of(call).get_origin_access_control(call.text("Id"))


def _check_name(call: Call, itself: Any = None) -> None:
    name = (call.params.get("OriginAccessControlConfig") or {}).get("Name") or ""
    if not 0 < len(name) <= 64:
        raise Refusal("InvalidArgument", "The parameter Name must have 1 to 64 characters.")
    others = [one for one in backend_of(call).origin_access_controls.values() if one is not itself]
    if any(one.name == name for one in others):
        raise Refusal(
            "OriginAccessControlAlreadyExists", f"An origin access control named {name} already exists."
        )


@operation("cloudfront", "CreateOriginAccessControl")
def create_origin_access_control(call: Call) -> object:
    """Refuses a name that another one has."""
    _check_name(call)
    return call.forward()


@operation("cloudfront", "UpdateOriginAccessControl")
def update_origin_access_control(call: Call) -> object:
    """Each change gives it another ETag."""
    control = _control_of(call)
    check_version(call, control.etag)
    _check_name(call, control)
    control.etag = new_version()
    return call.forward()


@operation("cloudfront", "DeleteOriginAccessControl")
def delete_origin_access_control(call: Call) -> object:
    """Refused while a distribution names it."""
    control = _control_of(call)
    check_version(call, control.etag)
    if control.id in _used(call):
        raise Refusal(
            "OriginAccessControlInUse",
            "Cannot delete the origin access control because it's in use by one or more distributions.",
        )
    return call.forward()


def _used(call: Call) -> set[str]:
    """Ids of the controls that distributions name."""
    distributions: list[Any] = list(backend_of(call).distributions.values())
    return {
        str(origin.get("OriginAccessControlId", ""))
        for distribution in distributions
        for origin in distribution.config["Origins"]["Items"]
    }

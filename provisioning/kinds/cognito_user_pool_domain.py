"""The address at which a Cognito user pool shows its sign-in pages: one of AWS's, or one's own."""

from __future__ import annotations

from typing import Any

from provisioning.aws import Aws, found
from provisioning.errors import InvalidSpec, NameTaken
from provisioning.kind import TAG_STACK, Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.names import Naming
from provisioning.preflight import Finding
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place, Told

_STATES = {"ACTIVE": Status.READY, "DELETING": Status.DELETING, "FAILED": Status.FAILED}
# Amazon Cognito developer guide, "Configuring a user pool domain": words that no prefix may contain.
_RESERVED = ("amazon", "aws", "cognito")


class UserPoolDomainProps(Props):
    """Without `certificate_arn` the name is the first part of an address of AWS's own; with it (a certificate in
    us-east-1, wherever the pool is) the name is a whole domain, whose parent has an address record already."""

    pool_id: str
    certificate_arn: str = ""


@register
class UserPoolDomain(Kind[UserPoolDomainProps]):
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html

    No token: its name is its identity, unique in a region among all customers. It can't be tagged: it is ours if its
    pool is. One's own domain takes up to an hour. Attributes: id (the name), host (the address of the pages), target
    (what a record of one's own domain points to).
    """

    name = "cognito.user_pool_domain"
    title = "User pool domain"
    naming = Naming(limit=63)
    expected = Expected(create=60, update=300, delete=30)
    patience = 5400
    replace_on = frozenset({"pool_id"})
    holds = frozenset({"pool_id", "certificate_arn"})
    permissions = (
        "cognito-idp:CreateUserPoolDomain",
        "cognito-idp:DescribeUserPoolDomain",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:UpdateUserPoolDomain",
        "cognito-idp:DeleteUserPoolDomain",
    )
    checked = True
    props = UserPoolDomainProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        domain = _described(aws, handle)
        if domain is None:
            return None
        told: JsonObject = {
            "pool_id": domain["UserPoolId"],
            "certificate_arn": (domain.get("CustomDomainConfig") or {}).get("CertificateArn", ""),
        }
        status = domain.get("Status", "ACTIVE")
        return Observed(
            id=domain["Domain"],
            status=_STATES.get(status, Status.PENDING),
            reason="" if status == "ACTIVE" else status,
            props=told,
            attributes=_attributes(domain, handle),
            tags=handle.tags if handle.id else _tags_of_pool(aws, handle, domain["UserPoolId"]),
        )

    def preflight(self, aws: Aws, handle: Handle, props: UserPoolDomainProps, count: int) -> Finding:
        domain = _described(aws, handle)
        if domain is None:
            return Finding(note=f"{handle.name} is free")
        raise NameTaken(f"Could not make the address of the user pool: {handle.name} is somebody else's.")

    def create(self, aws: Aws, handle: Handle, props: UserPoolDomainProps) -> Observed:
        name = handle.name if props.certificate_arn else _prefix(handle)
        aws.cognito.create_user_pool_domain(Domain=name, UserPoolId=props.pool_id, **_custom(props))
        return Observed(id=name, status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: UserPoolDomainProps, observed: Observed) -> Observed:
        if props.certificate_arn:
            aws.cognito.update_user_pool_domain(
                Domain=observed.id,
                UserPoolId=props.pool_id,
                CustomDomainConfig={"CertificateArn": props.certificate_arn},
            )
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def check_change(self, before: UserPoolDomainProps, after: UserPoolDomainProps) -> InvalidSpec | None:
        if bool(before.certificate_arn) == bool(after.certificate_arn):
            return None
        return InvalidSpec(
            "An address of AWS's own can't become one's own domain, nor the other way round.",
            code="spec.change_refused",
            hint="Add the other address beside it, then remove this one.",
            field="certificate_arn",
        )

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        domain = _described(aws, handle)
        if domain is None:
            return True
        if domain.get("Status") != "DELETING":
            which = {"Domain": domain["Domain"], "UserPoolId": domain["UserPoolId"]}
            found(aws.cognito.delete_user_pool_domain, **which)
        return False

    def cloudformation(self, place: Place, props: UserPoolDomainProps) -> Form:
        name = place.name if props.certificate_arn else _prefix(place)
        properties = {"Domain": name, "UserPoolId": props.pool_id, **_custom(props)}
        host = name if props.certificate_arn else f"{name}.auth.{place.region}.amazoncognito.com"
        return Form(
            parts=(Part(type="AWS::Cognito::UserPoolDomain", properties=properties),),
            attributes={
                "id": name,
                "name": name,
                "host": host,
                "target": Told("CloudFrontDistribution"),
            },
        )


def _prefix(handle: Handle) -> str:
    name = handle.name
    for word in _RESERVED:
        name = name.replace(word, "x")
    return name


def _described(aws: Aws, handle: Handle) -> Any:
    """Cognito answers with an empty description for a domain that is not there."""
    names = [handle.id] if handle.id else [handle.name] if "." in handle.name else [_prefix(handle)]
    answer = found(aws.cognito.describe_user_pool_domain, Domain=names[0])
    domain = answer["DomainDescription"] if answer else {}
    return domain if domain.get("Domain") else None


def _custom(props: UserPoolDomainProps) -> dict[str, Any]:
    return {"CustomDomainConfig": {"CertificateArn": props.certificate_arn}} if props.certificate_arn else {}


def _tags_of_pool(aws: Aws, handle: Handle, pool_id: str) -> dict[str, str]:
    answer = found(aws.cognito.describe_user_pool, UserPoolId=pool_id)
    tags = answer["UserPool"].get("UserPoolTags", {}) if answer else {}
    return dict(handle.tags) if tags.get(TAG_STACK) == handle.stack else dict(tags)


def _attributes(domain: Any, handle: Handle) -> dict[str, str]:
    name = domain["Domain"]
    host = name if "." in name else f"{name}.auth.{handle.region}.amazoncognito.com"
    return {"id": name, "name": name, "host": host, "target": domain.get("CloudFrontDistribution", "")}

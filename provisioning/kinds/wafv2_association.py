"""A web ACL at a load balancer: from then on it sees every request first."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from provisioning.aws import Aws, found
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.properties import has_reference
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place


class AssociationProps(Props):
    """`resource_arn`: an application load balancer. A distribution names its web ACL itself."""

    web_acl_arn: str
    resource_arn: str

    @field_validator("resource_arn")
    @classmethod
    def _of_a_load_balancer(cls, arn: str) -> str:
        if not has_reference(arn) and ":loadbalancer/app/" not in arn:
            raise ValueError("Web ACLs of a region stand at application load balancers.")
        return arn


@register
class Association(Kind[AssociationProps]):
    """https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html

    A load balancer has one web ACL, and a second association takes the place of the first without a word: it is
    looked at before. No tags; the load balancer is its identity. Attributes: id (the ARN of the load balancer).
    """

    name = "wafv2.association"
    title = "Web ACL association"
    replace_on = frozenset({"resource_arn"})
    holds = frozenset({"web_acl_arn"})
    permissions = (
        "wafv2:AssociateWebACL",
        "wafv2:DisassociateWebACL",
        "wafv2:GetWebACLForResource",
        "wafv2:GetWebACL",
        "elasticloadbalancing:SetWebAcl",
    )
    props = AssociationProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        arn = str(wanted.get("resource_arn", ""))
        return None if has_reference(arn) else arn

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        web_acl_arn = _web_acl_at(aws, handle.id) if handle.id is not None else ""
        if not web_acl_arn or handle.id is None:
            return None
        return Observed(
            id=handle.id,
            props={"web_acl_arn": web_acl_arn, "resource_arn": handle.id},
            attributes={"id": handle.id},
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: AssociationProps) -> Observed:
        there = _web_acl_at(aws, props.resource_arn)
        if there not in ("", props.web_acl_arn):
            raise NameTaken(
                f"Could not put the web ACL at the load balancer: it has another one, {there}.",
                hint="Take that one away in WAF, or leave the web ACL out of the environment.",
            )
        aws.wafv2.associate_web_acl(WebACLArn=props.web_acl_arn, ResourceArn=props.resource_arn)
        return Observed(id=props.resource_arn, attributes={"id": props.resource_arn})

    def update(self, aws: Aws, handle: Handle, props: AssociationProps, observed: Observed) -> Observed:
        aws.wafv2.associate_web_acl(WebACLArn=props.web_acl_arn, ResourceArn=observed.id)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is not None:
            found(aws.wafv2.disassociate_web_acl, ResourceArn=handle.id)
        return True

    def cloudformation(self, place: Place, props: AssociationProps) -> Form:
        properties = {"WebACLArn": props.web_acl_arn, "ResourceArn": props.resource_arn}
        return Form(
            parts=(Part(type="AWS::WAFv2::WebACLAssociation", properties=properties),),
            attributes={"id": props.resource_arn},
        )


def _web_acl_at(aws: Aws, resource_arn: str) -> str:
    """The ARN of the web ACL there, empty without one."""
    answer: Any = found(aws.wafv2.get_web_acl_for_resource, ResourceArn=resource_arn)
    return str(answer["WebACL"]["ARN"]) if answer and answer.get("WebACL") else ""

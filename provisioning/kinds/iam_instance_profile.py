"""An instance profile: what hands an IAM role to EC2 instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import Busy
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import InstanceProfileTypeDef

PATH = "/portal/"


class InstanceProfileProps(Props):
    """`role_name`: the one role in it, which EC2 must be trusted by ("ec2.amazonaws.com")."""

    role_name: str = Field(min_length=1)


@register
class InstanceProfile(Kind[InstanceProfileProps]):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html

    No token: found by its name. The role is put in by a second call, and at most one fits. EC2 may not know a new
    profile for some seconds ("Invalid IAM Instance Profile name"). Attributes: id (the name), name, arn.
    """

    name = "iam.instance_profile"
    title = "Instance profile"
    naming = Naming(limit=128)
    holds = frozenset({"role_name"})
    permissions = (
        "iam:CreateInstanceProfile",
        "iam:TagInstanceProfile",
        "iam:GetInstanceProfile",
        "iam:AddRoleToInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:DeleteInstanceProfile",
    )
    passes_roles_to = ("ec2.amazonaws.com",)
    props = InstanceProfileProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        profile = _find(aws, handle)
        if profile is None:
            return None
        return Observed(
            id=profile["InstanceProfileName"],
            props={"role_name": _role(profile)},
            attributes=_attributes(profile),
            tags=tags_of(profile),
        )

    def create(self, aws: Aws, handle: Handle, props: InstanceProfileProps) -> Observed:
        answer = aws.iam.create_instance_profile(
            Path=PATH, InstanceProfileName=handle.name, Tags=handle.tag_list
        )
        aws.iam.add_role_to_instance_profile(InstanceProfileName=handle.name, RoleName=props.role_name)
        return Observed(id=handle.name, attributes=_attributes(answer["InstanceProfile"]))

    def update(self, aws: Aws, handle: Handle, props: InstanceProfileProps, observed: Observed) -> Observed:
        now = str(observed.props["role_name"])
        if now:
            _take_out(aws, observed.id, now)
        aws.iam.add_role_to_instance_profile(InstanceProfileName=observed.id, RoleName=props.role_name)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        try:
            found(aws.iam.delete_instance_profile, InstanceProfileName=handle.name)
        except Busy:
            # DeleteConflict: a role is in it.
            profile = _find(aws, handle)
            if profile is not None and (role := _role(profile)):
                _take_out(aws, handle.name, role)
            found(aws.iam.delete_instance_profile, InstanceProfileName=handle.name)
        return True

    def cloudformation(self, place: Place, props: InstanceProfileProps) -> Form:
        properties = {"InstanceProfileName": place.name, "Path": PATH, "Roles": [props.role_name]}
        return Form(
            parts=(Part(type="AWS::IAM::InstanceProfile", properties=properties),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn")},
        )


def _find(aws: Aws, handle: Handle) -> InstanceProfileTypeDef | None:
    answer = found(aws.iam.get_instance_profile, InstanceProfileName=handle.name)
    return answer["InstanceProfile"] if answer else None


def _role(profile: InstanceProfileTypeDef) -> str:
    """The name of the role in it; empty when there is none."""
    return next((role["RoleName"] for role in profile["Roles"]), "")


def _take_out(aws: Aws, name: str, role: str) -> None:
    found(aws.iam.remove_role_from_instance_profile, InstanceProfileName=name, RoleName=role)


def _attributes(profile: InstanceProfileTypeDef) -> dict[str, str]:
    name = profile["InstanceProfileName"]
    return {"id": name, "name": name, "arn": profile["Arn"]}

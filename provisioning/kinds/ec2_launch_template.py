"""An EC2 launch template: how servers of the application are made, as numbered versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from provisioning.aws import found
from provisioning.instance_types import InstanceType, architecture, is_burstable, is_offered
from provisioning.kind import TAG_OPERATION, Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.names import Naming
from provisioning.preflight import Finding
from provisioning.pricing import CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.server_start import LIMIT, ServerApplication, application_in, size, start_text, user_data
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ec2.literals import InstanceTypeType
    from mypy_boto3_ec2.type_defs import RequestLaunchTemplateDataTypeDef

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue

_ROOT = "/dev/xvda"  # the root device of Amazon Linux
_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"


class LaunchTemplateProps(Props):
    """`image` "al2023": the newest Amazon Linux 2023 when an instance starts, for the processors of its type.
    `volume_gb`: the root volume. `public_ip`: whether instances get a public address.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    instance_type: InstanceType = "t3.micro"
    application: ServerApplication
    instance_profile: str = Field(min_length=1)
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    public_ip: bool = False
    volume_gb: int = Field(default=16, ge=8, le=16_384)
    image: Literal["al2023"] = "al2023"
    volume_type: Literal["gp3"] = "gp3"
    encrypted: Literal[True] = True
    metadata_tokens: Literal["required"] = "required"  # IMDSv2 only
    cpu_credits: Literal["standard"] = "standard"  # no bill for bursts
    newest_is_default: Literal[True] = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        now = size(self.application, "xx-xxxxxxxxx-x")
        if now > LIMIT:
            raise ValueError(
                f"application: starting it takes {now} bytes, EC2 takes {LIMIT}: move variables into secrets"
            )
        return self


@register
class LaunchTemplate(Kind[LaunchTemplateProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html (client token)

    Versions cannot be changed: an update adds the next one and makes it the default. What is read is the newest.
    Instances stay as they are until whoever uses the template replaces them. Attributes: id, name, version (the number
    of the newest).
    """

    name = "ec2.launch_template"
    title = "Launch template"
    naming = Naming(limit=128)
    revised = True
    holds = frozenset({"instance_profile", "security_group_ids"})  # as its instances do, which go before it
    permissions = (
        "ec2:CreateLaunchTemplate",
        "ec2:CreateTags",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:CreateLaunchTemplateVersion",
        "ec2:ModifyLaunchTemplate",
        "ec2:DeleteLaunchTemplate",
        "ec2:DescribeInstanceTypeOfferings",
    )
    checked = True
    props = LaunchTemplateProps

    def preflight(self, aws: Aws, handle: Handle, props: LaunchTemplateProps, count: int) -> Finding:
        return is_offered(aws, props.instance_type)

    def cost(self, props: LaunchTemplateProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """What the agent on the servers tells; a server itself costs where it is."""
        if props.application.metrics_by:
            why = "memory and disk, of all servers together"
            yield CostLine.fixed("CloudWatch/custom_metric", 2, "Metrics of servers", why)

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        template = _find(aws, handle)
        if template is None:
            return None
        identifier = template["LaunchTemplateId"]
        versions = found(
            aws.ec2.describe_launch_template_versions, LaunchTemplateId=identifier, Versions=["$Latest"]
        )
        if versions is None or not versions["LaunchTemplateVersions"]:
            return None
        newest = versions["LaunchTemplateVersions"][0]
        told = _told(newest["LaunchTemplateData"]) | {"newest_is_default": newest["DefaultVersion"]}
        return Observed(
            id=identifier,
            props=told,
            attributes=_attributes(identifier, template["LaunchTemplateName"], newest["VersionNumber"]),
            tags=tags_of(template),
        )

    def create(self, aws: Aws, handle: Handle, props: LaunchTemplateProps) -> Observed:
        template = aws.ec2.create_launch_template(
            LaunchTemplateName=handle.name,
            LaunchTemplateData=_data(handle, props),
            ClientToken=handle.token,
            TagSpecifications=tag_specifications(handle, "launch-template"),
        )["LaunchTemplate"]
        identifier = template["LaunchTemplateId"]
        return Observed(
            id=identifier,
            attributes=_attributes(identifier, handle.name, template["LatestVersionNumber"]),
        )

    def update(self, aws: Aws, handle: Handle, props: LaunchTemplateProps, observed: Observed) -> Observed:
        newest = int(observed.attributes["version"])
        if self.differences(props.dump(), observed).keys() - {"newest_is_default"}:
            answer = aws.ec2.create_launch_template_version(
                LaunchTemplateId=observed.id,
                LaunchTemplateData=_data(handle, props),
                ClientToken=_next_token(handle, props, newest),
            )
            newest = answer["LaunchTemplateVersion"]["VersionNumber"]
        aws.ec2.modify_launch_template(LaunchTemplateId=observed.id, DefaultVersion=str(newest))
        attributes = _attributes(observed.id, observed.attributes["name"], newest)
        return Observed(id=observed.id, attributes=attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        template = {"LaunchTemplateId": handle.id} if handle.id else _find(aws, handle)
        if template is not None:
            found(aws.ec2.delete_launch_template, LaunchTemplateId=template["LaunchTemplateId"])
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: LaunchTemplateProps) -> Form:
        data: dict[str, Any] = {**_data(place, props)}
        data["UserData"] = {"Fn::Base64": start_text(props.application, place.region)}
        properties = {
            "LaunchTemplateName": place.name,
            "LaunchTemplateData": data,
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": place.named_tags}],
        }
        part = Part(type="AWS::EC2::LaunchTemplate", properties=properties)
        return Form(
            parts=(part,),
            attributes={"id": REF, "name": place.name, "version": Told("LatestVersionNumber")},
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws,
        handle,
        aws.ec2.describe_launch_templates,
        items="LaunchTemplates",
        id_name="LaunchTemplateId",
        ids="LaunchTemplateIds",
    )


def _next_token(handle: Handle, props: LaunchTemplateProps, newest: int) -> str:
    """The same for every attempt of an operation to follow a version by this one."""
    operation = handle.tags.get(TAG_OPERATION, "")
    return str(uuid5(UUID(handle.token), f"{newest}/{operation}/{props.model_dump_json()}"))


def _attributes(identifier: str, name: str, version: int) -> dict[str, str]:
    return {"id": identifier, "name": name, "version": str(version)}


def _data(handle: Handle, props: LaunchTemplateProps) -> RequestLaunchTemplateDataTypeDef:
    data: RequestLaunchTemplateDataTypeDef = {
        "ImageId": _IMAGE + architecture(props.instance_type),
        "InstanceType": cast("InstanceTypeType", props.instance_type),
        "IamInstanceProfile": {"Name": props.instance_profile},
        "UserData": user_data(props.application, handle.region),
        "MetadataOptions": {
            "HttpEndpoint": "enabled",
            "HttpTokens": props.metadata_tokens,
            "HttpPutResponseHopLimit": 2,  # one more for the container
        },
        "BlockDeviceMappings": [
            {
                "DeviceName": _ROOT,
                "Ebs": {
                    "VolumeSize": props.volume_gb,
                    "VolumeType": props.volume_type,
                    "Encrypted": props.encrypted,
                    "DeleteOnTermination": True,
                },
            }
        ],
        "NetworkInterfaces": [
            {
                "DeviceIndex": 0,
                "AssociatePublicIpAddress": props.public_ip,
                "Groups": list(props.security_group_ids),
                "DeleteOnTermination": True,
            }
        ],
        # An Auto Scaling group passes its tags on to instances, but not to their volumes.
        "TagSpecifications": tag_specifications(handle, "volume"),
    }
    if is_burstable(props.instance_type):
        data["CreditSpecification"] = {"CpuCredits": props.cpu_credits}
    return data


def _told(data: Any) -> JsonObject:
    interface: Any = next(iter(data.get("NetworkInterfaces") or []), {})
    device: Any = next(iter(data.get("BlockDeviceMappings") or []), {})
    volume: Any = device.get("Ebs", {})
    instance_type = data.get("InstanceType", "")
    application = application_in(data.get("UserData", ""))
    image = data.get("ImageId", "")
    credits = data.get("CreditSpecification", {}).get("CpuCredits", "")
    return {
        "instance_type": instance_type,
        "application": application.dump() if application else None,
        "instance_profile": data.get("IamInstanceProfile", {}).get("Name", ""),
        "security_group_ids": sorted(interface.get("Groups") or []),
        "public_ip": bool(interface.get("AssociatePublicIpAddress")),
        "volume_gb": volume.get("VolumeSize", 0),
        "image": "al2023" if image == _IMAGE + architecture(instance_type) else image,
        "volume_type": volume.get("VolumeType", ""),
        "encrypted": bool(volume.get("Encrypted")),
        "metadata_tokens": data.get("MetadataOptions", {}).get("HttpTokens", ""),
        "cpu_credits": credits if is_burstable(instance_type) else "standard",
    }

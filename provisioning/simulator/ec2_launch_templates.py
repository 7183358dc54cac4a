"""Launch templates: versions as they were given, names and user data checked, pages of any length."""

import base64
import binascii
import re
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend, ec2_backends

from provisioning.simulator import ec2_tokens
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment

_NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
_MOST_USER_DATA = 16_384  # bytes before they are encoded (EC2 User Guide, "instance user data")
_PAGE = 200


def _backend_of(moment: Moment) -> EC2Backend:
    return ec2_backends[moment.account][moment.region]


def template_of(moment: Moment, identifier: str, name: str = "") -> Any:
    """moto's model of a launch template, by id or by name."""
    backend = _backend_of(moment)
    identifier = identifier or backend.launch_template_name_to_ids.get(name, "")
    found = backend.launch_templates.get(identifier)
    if found is None and name:
        raise Refusal(
            "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template name {name}, does not exist.",
        )
    if found is None:
        raise Refusal(
            "InvalidLaunchTemplateId.NotFound",
            f"The specified launch template, with template ID {identifier}, does not exist.",
        )
    return found


def version_of(template: Any, wanted: str) -> Any:
    """moto's model of a version: a number, "$Latest" or "$Default", which is also meant by nothing."""
    if wanted in {"", "$Default"}:
        return template.default_version()
    if wanted == "$Latest":
        return template.latest_version()
    for version in template.versions:
        if str(version.number) == wanted:
            return version
    raise Refusal(
        "InvalidLaunchTemplateId.VersionNotFound",
        f"Could not find the specified version {wanted} for the launch template with ID {template.id}.",
    )


def _data(call: Call) -> dict[str, Any]:
    data: dict[str, Any] = dict(call.params.get("LaunchTemplateData") or {})
    text = data.get("UserData")
    if text is None:
        return data
    try:
        size = len(base64.b64decode(str(text), validate=True))
    except binascii.Error:
        raise Refusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from None
    if size > _MOST_USER_DATA:
        raise Refusal("InvalidParameterValue", f"User data is limited to {_MOST_USER_DATA} bytes")
    return {**data, "UserData": Base64EncodedString(str(text))}


def _tags(call: Call) -> dict[str, dict[str, str]]:
    return {
        item["ResourceType"]: {tag["Key"]: tag.get("Value", "") for tag in item.get("Tags") or []}
        for item in call.items("TagSpecifications")
    }


def _told(call: Call, template: Any) -> dict[str, Any]:
    return {
        "CreateTime": template.create_time,
        "CreatedBy": f"arn:aws:iam::{call.account}:root",
        "DefaultVersionNumber": template.default_version_number,
        "LatestVersionNumber": template.latest_version_number,
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "Tags": template.get_tags(),
    }


@operation("ec2", "CreateLaunchTemplate")
def create_launch_template(call: Call) -> object:
    """The same token gives the same template; moto puts the template's own tags into its data."""
    ec2_tokens.refuse_dry_run(call)
    earlier = ec2_tokens.repeated(call)
    if earlier is not None:
        return earlier
    name = call.text("LaunchTemplateName")
    if not _NAME.fullmatch(name):
        raise Refusal(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and "
            "the following characters: - ( ) . / _.",
        )
    data = _data(call)
    backend: Any = _backend_of(call)
    made = backend.create_launch_template(name, call.text("VersionDescription"), data, _tags(call))
    answer = {"LaunchTemplate": _told(call, made)}
    ec2_tokens.remember(call, answer)
    return answer


@operation("ec2", "CreateLaunchTemplateVersion")
def create_launch_template_version(call: Call) -> object:
    """The next version, based on another where one is named; the default stays what it was."""
    ec2_tokens.refuse_dry_run(call)
    earlier = ec2_tokens.repeated(call)
    if earlier is not None:
        return earlier
    template = template_of(call, call.text("LaunchTemplateId"), call.text("LaunchTemplateName"))
    source = call.text("SourceVersion")
    data = {**(version_of(template, source).data if source else {}), **_data(call)}
    version = template.create_version(data, call.text("VersionDescription"))
    answer = {
        "LaunchTemplateVersion": {
            "CreateTime": version.create_time,
            "CreatedBy": f"arn:aws:iam::{call.account}:root",
            "DefaultVersion": False,
            "LaunchTemplateData": version.data,
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "VersionDescription": version.description,
            "VersionNumber": version.number,
        }
    }
    ec2_tokens.remember(call, answer)
    return answer


@operation("ec2", "DescribeLaunchTemplates")
def describe_launch_templates(call: Call) -> object:
    """All of them, a page at a time; moto stops after fifteen."""
    size = int(call.params.get("MaxResults") or _PAGE)
    for identifier in call.items("LaunchTemplateIds"):
        template_of(call, identifier)
    call.params["MaxResults"] = 1_000_000
    found = result_of(call.forward())["LaunchTemplates"]
    start = int(call.text("NextToken") or 0)
    page = {"LaunchTemplates": found[start : start + size]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})

"""An Elastic Beanstalk application: what versions and environments belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import Form, Place

if TYPE_CHECKING:
    from mypy_boto3_elasticbeanstalk.type_defs import ApplicationResourceLifecycleConfigTypeDef

    from provisioning.references import JsonObject


class BeanstalkApplicationProps(Props):
    """`service_role_arn`: the role that Elastic Beanstalk works with. `keep_versions`: how many versions are kept; a
    region has room for 1,000 of all applications together."""

    service_role_arn: str
    description: str = Field(default="", max_length=200)
    keep_versions: int = Field(default=100, ge=1, le=1000)


@register
class BeanstalkApplication(Kind[BeanstalkApplicationProps]):
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CreateApplication.html (no token: found by its name)

    Versions that are no longer kept go from Elastic Beanstalk, not from S3. Deleting it deletes its versions.
    Attributes: id (the name), name, arn.
    """

    name = "elasticbeanstalk.application"
    title = "Elastic Beanstalk application"
    naming = Naming(limit=100)
    holds = frozenset({"service_role_arn"})
    permissions = (
        "elasticbeanstalk:CreateApplication",
        "elasticbeanstalk:AddTags",
        "elasticbeanstalk:DescribeApplications",
        "elasticbeanstalk:ListTagsForResource",
        "elasticbeanstalk:UpdateApplication",
        "elasticbeanstalk:UpdateApplicationResourceLifecycle",
        "elasticbeanstalk:DeleteApplication",
    )
    passes_roles_to = ("elasticbeanstalk.amazonaws.com",)
    props = BeanstalkApplicationProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        listed = aws.listed(aws.elasticbeanstalk.describe_applications, "Applications")
        application = next((one for one in listed if one["ApplicationName"] == handle.name), None)
        if application is None:
            return None
        return Observed(
            id=application["ApplicationName"],
            props=_told(application),
            attributes=_attributes(application),
            tags=_tags(aws, handle, application["ApplicationArn"]),
        )

    def create(self, aws: Aws, handle: Handle, props: BeanstalkApplicationProps) -> Observed:
        application: Any = aws.elasticbeanstalk.create_application(
            ApplicationName=handle.name,
            Description=props.description,
            ResourceLifecycleConfig=_lifecycle(props),
            Tags=handle.tag_list,
        )["Application"]
        return Observed(id=handle.name, attributes=_attributes(application))

    def update(
        self, aws: Aws, handle: Handle, props: BeanstalkApplicationProps, observed: Observed
    ) -> Observed:
        changed = self.differences(props.dump(), observed).keys()
        if "description" in changed:
            aws.elasticbeanstalk.update_application(
                ApplicationName=observed.id, Description=props.description
            )
        if changed - {"description"}:
            aws.elasticbeanstalk.update_application_resource_lifecycle(
                ApplicationName=observed.id, ResourceLifecycleConfig=_lifecycle(props)
            )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.elasticbeanstalk.delete_application, ApplicationName=handle.name)
        return True

    def cloudformation(self, place: Place, props: BeanstalkApplicationProps) -> Form:
        """Not told yet: what others need of it is asked for."""
        return Form(first="Make the application, by the portal or by hand: this template does not.")


def _lifecycle(props: BeanstalkApplicationProps) -> ApplicationResourceLifecycleConfigTypeDef:
    rule = {"Enabled": True, "MaxCount": props.keep_versions, "DeleteSourceFromS3": False}
    lifecycle: Any = {
        "ServiceRole": props.service_role_arn,
        "VersionLifecycleConfig": {"MaxCountRule": rule},
    }
    return lifecycle  # type: ignore[no-any-return]  # one of two shapes that boto3's stubs have for it


def _told(application: Any) -> JsonObject:
    lifecycle = application.get("ResourceLifecycleConfig", {})
    rule = lifecycle.get("VersionLifecycleConfig", {}).get("MaxCountRule", {})
    return {
        "service_role_arn": lifecycle.get("ServiceRole", ""),
        "description": application.get("Description", ""),
        "keep_versions": rule.get("MaxCount", 0) if rule.get("Enabled") else 0,
    }


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the application is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    answer = found(aws.elasticbeanstalk.list_tags_for_resource, ResourceArn=arn)
    return tags_of(answer, "ResourceTags") if answer else {}


def _attributes(application: Any) -> dict[str, str]:
    name = application["ApplicationName"]
    return {"id": name, "name": name, "arn": application["ApplicationArn"]}

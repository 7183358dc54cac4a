"""A CloudWatch log group: where the tasks' output goes, kept for a number of days."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import field_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.template_parts import REF, Form, Part, Place

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
# fmt: off
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on


class LogGroupProps(Props):
    """`retention_days`: one of the values that CloudWatch Logs has. `priced`: False for all but one group of an
    environment, because the usage profile knows one volume of logs."""

    retention_days: int = 30
    priced: bool = True

    @field_validator("retention_days")
    @classmethod
    def _exists(cls, days: int) -> int:
        if days not in RETENTION_DAYS:
            raise ValueError(f"CloudWatch Logs keeps logs for {', '.join(map(str, RETENTION_DAYS))} days")
        return days


@register
class LogGroup(Kind[LogGroupProps]):
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html

    Retention is a second call; without it logs are kept, and paid, for ever. Attributes: id (the name), name, arn.
    """

    name = "logs.log_group"
    title = "Log group"
    naming = Naming(limit=512, reserved=("aws/",))
    permissions = (
        "logs:CreateLogGroup",
        "logs:TagResource",
        "logs:DescribeLogGroups",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:DeleteLogGroup",
    )
    billed = True
    stateful = True
    props = LogGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        groups = aws.listed(aws.logs.describe_log_groups, "logGroups", logGroupNamePrefix=handle.name)
        group = next((one for one in groups if one["logGroupName"] == handle.name), None)
        if group is None:
            return None
        arn = group["arn"].removesuffix(":*")  # the form that everything but a policy wants
        return Observed(
            id=handle.name,
            # 0 stands for ever: never wanted, so it is repaired.
            props={"retention_days": group.get("retentionInDays", 0)},
            attributes=_attributes(handle, arn),
            tags=_tags(aws, handle, arn),
        )

    def create(self, aws: Aws, handle: Handle, props: LogGroupProps) -> Observed:
        aws.logs.create_log_group(logGroupName=handle.name, tags=dict(handle.tags))
        aws.logs.put_retention_policy(logGroupName=handle.name, retentionInDays=props.retention_days)
        return Observed(id=handle.name, attributes=_attributes(handle, _arn(aws, handle)))

    def update(self, aws: Aws, handle: Handle, props: LogGroupProps, observed: Observed) -> Observed:
        aws.logs.put_retention_policy(logGroupName=handle.name, retentionInDays=props.retention_days)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.logs.delete_log_group, logGroupName=handle.name)
        return True

    def cost(self, props: LogGroupProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """What is written in a month, once for taking it in and once for keeping it."""
        if props.priced:
            why = f"{usage.log_gb:g} GB of logs a month"
            yield CostLine.usage("CloudWatch/logs_ingestion", usage.log_gb, "Logs taken in", why)
            yield CostLine.usage("CloudWatch/logs_storage", usage.log_gb, "Logs kept", why)

    def cloudformation(self, place: Place, props: LogGroupProps) -> Form:
        properties = {
            "LogGroupName": place.name,
            "RetentionInDays": props.retention_days,
            "Tags": place.tag_list,
        }
        # What Fn::GetAtt tells as its ARN ends with ":*".
        arn = place.arn("logs", f"log-group:{place.own('id')}")
        return Form(
            parts=(Part(type="AWS::Logs::LogGroup", properties=properties, kept="Retain"),),
            attributes={"id": REF, "name": REF, "arn": arn},
        )


def _arn(aws: Aws, handle: Handle) -> str:
    partition = "aws-cn" if aws.region.startswith("cn-") else "aws"
    return f"arn:{partition}:logs:{aws.region}:{handle.account}:log-group:{handle.name}"


def _attributes(handle: Handle, arn: str) -> dict[str, str]:
    return {"id": handle.name, "name": handle.name, "arn": arn}


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the group is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return aws.logs.list_tags_for_resource(resourceArn=arn)["tags"]

"""What a call has to be allowed to do, beyond its own action: AWS checks more than the name of the operation.

From the Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/), columns
"Actions" and "Dependent actions", and from the guides named beside what stands only there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator import iam_rights_behind as behind
from provisioning.simulator import iam_roles
from provisioning.simulator.wire import Who

#: Services whose prefix in policies is not the name in their credential scope.
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}

#: Actions that are not called as their operation.
_ACTIONS = {
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
}

#: Nobody can be denied these.
_FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetAccessKeyInfo"})

#: What tags in the call that makes a thing take, by the service's prefix.
_TAGGING = {
    "acm": "acm:AddTagsToCertificate",
    "application-autoscaling": "application-autoscaling:TagResource",
    "autoscaling": "autoscaling:CreateOrUpdateTags",
    "backup": "backup:TagResource",
    "budgets": "budgets:TagResource",
    "cloudfront": "cloudfront:TagResource",
    "cloudwatch": "cloudwatch:TagResource",
    "codeconnections": "codeconnections:TagResource",
    "codepipeline": "codepipeline:TagResource",
    "cognito-idp": "cognito-idp:TagResource",
    "ec2": "ec2:CreateTags",
    "ecr": "ecr:TagResource",
    "ecs": "ecs:TagResource",
    "elasticache": "elasticache:AddTagsToResource",
    "elasticbeanstalk": "elasticbeanstalk:AddTags",
    "elasticloadbalancing": "elasticloadbalancing:AddTags",
    "lambda": "lambda:TagResource",
    "logs": "logs:TagResource",
    "rds": "rds:AddTagsToResource",
    "secretsmanager": "secretsmanager:TagResource",
    "servicediscovery": "servicediscovery:TagResource",
    "sns": "sns:TagResource",
    "sqs": "sqs:TagQueue",
    "ssm": "ssm:AddTagsToResource",
    "wafv2": "wafv2:TagResource",
    "xray": "xray:TagResource",
}
_TAGS = (
    "Tags",
    "tags",
    "ResourceTags",
    "UserPoolTags",
    "BackupPlanTags",
    "BackupVaultTags",
    "TagSpecifications",
    "DistributionConfigWithTags",
)


@dataclass(frozen=True, kw_only=True)
class Right:
    """One thing that a policy has to allow."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What a journal tells of it: "iam:PassRole for ecs-tasks.amazonaws.com"."""
        return " for ".join((self.action, *self.context.values()))


def rights_of(who: Who, method: str, params: Mapping[str, Any], account: str) -> Iterator[Right]:
    """Everything that AWS checks for this call, its own action first."""
    action = _action_of(who, method)
    if action in _FREE:
        return
    resource = iam_roles.resource_of(who.operation, params, account) if who.service == "iam" else "*"
    yield Right(action=action, resource=resource)
    tagging = _tagging_of(who, action)
    if tagging and any(params.get(name) for name in _TAGS):
        yield Right(action=tagging, resource=resource)
    for further in behind.actions_behind(who.service, who.operation, params, account):
        yield Right(action=further)
    yield from _roles(who, params, account)


def _action_of(who: Who, method: str) -> str:
    if who.signing_name == "apigateway":  # its actions are the methods of HTTP
        return f"apigateway:{method}"
    called = f"{_PREFIXES.get(who.signing_name, who.signing_name)}:{who.operation}"
    return _ACTIONS.get(called, called)


def _tagging_of(who: Who, action: str) -> str:
    """What it takes besides; tagging itself needs nothing more."""
    prefix = action.partition(":")[0]
    if prefix == "iam":
        noun = {"CreateRole": "iam:TagRole", "CreateInstanceProfile": "iam:TagInstanceProfile"}
        return noun.get(who.operation, "")
    tagging = _TAGGING.get(prefix, "")
    return "" if tagging == action or "Tag" in who.operation.removesuffix("WithTags") else tagging


def _roles(who: Who, params: Mapping[str, Any], account: str) -> Iterator[Right]:
    """Roles that are handed on, and those of AWS's own services that the first such call of an account makes."""
    for expression, service in behind.PASSED.get((who.service, who.operation), ()):
        for told in _flat(behind.search(expression, params)):
            for arn in iam_roles.arns_of(told, account):
                yield Right(action="iam:PassRole", resource=arn, context={"iam:PassedToService": service})
    for service in behind.LINKED.get((who.service, who.operation), ()):
        yield Right(
            action="iam:CreateServiceLinkedRole",
            resource=f"arn:aws:iam::{account}:role/aws-service-role/{service}/AWSServiceRole",
            context={"iam:AWSServiceName": service},
        )


def _flat(found: Any) -> Iterator[str]:
    for one in found if isinstance(found, list) else [found]:
        if one:
            yield str(one)

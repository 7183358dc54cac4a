"""A connection that notes which IAM actions its calls need, to compare them with what a kind asks for."""

from __future__ import annotations

from typing import Any

from provisioning.aws import AccountAccess, Connection

# Services whose IAM prefix is not the name they sign with (Service Authorization Reference).
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
# The actions of S3 are older than the names of its operations; tags at a creation are no operation of their own.
_ACTIONS = {
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "s3:HeadBucket": "s3:ListBucket",
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
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    # Budgets has two for everything (Service Authorization Reference, "AWS Budget Service").
    **dict.fromkeys(
        (
            "budgets:DescribeBudget",
            "budgets:DescribeNotificationsForBudget",
            "budgets:DescribeSubscribersForNotification",
        ),
        "budgets:ViewBudget",
    ),
    **dict.fromkeys(
        (
            "budgets:CreateBudget",
            "budgets:UpdateBudget",
            "budgets:DeleteBudget",
            "budgets:CreateNotification",
            "budgets:DeleteNotification",
        ),
        "budgets:ModifyBudget",
    ),
}


class NotedConnection(Connection):
    """As any other, with the `actions` ("ecs:CreateService") of the calls since it was made or they were cleared."""

    def __init__(self, access: AccountAccess, region: str) -> None:
        super().__init__(access, region)
        self.actions: set[str] = set()

    def _make(self, service: str) -> Any:
        client = super()._make(service)
        client.meta.events.register("before-call", self._note)
        return client

    def _note(self, model: Any, **_: object) -> None:
        signing_name = str(model.service_model.signing_name)
        # API Gateway's actions are the methods of HTTP.
        action = model.http["method"] if signing_name == "apigateway" else model.name
        called = f"{_PREFIXES.get(signing_name, signing_name)}:{action}"
        self.actions.add(_ACTIONS.get(called, called))

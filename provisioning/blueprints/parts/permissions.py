"""Permissions: what an application may do with its environment's own things, and with nothing else."""

from __future__ import annotations

from provisioning.kinds.iam_role_policy import Statement
from provisioning.references import ref
from provisioning.spec import Spec


def use_of_data() -> tuple[Statement, ...]:
    """Its files, and the password of its database."""
    bucket = ref("files", "arn")
    return (
        Statement(actions=("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), resources=(f"{bucket}/*",)),
        Statement(actions=("s3:ListBucket",), resources=(bucket,)),
        Statement(actions=("secretsmanager:GetSecretValue",), resources=(ref("database", "secret_arn"),)),
    )


def reading_parameters(spec: Spec) -> Statement:
    """Everything under its path of Parameter Store."""
    path = f"arn:aws:ssm:{spec.region}:{spec.account}:parameter/{spec.application}/{spec.environment}"
    return Statement(
        actions=("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
        resources=(path, f"{path}/*"),
    )


def writing_logs(group: str = "log-group") -> Statement:
    """Into its own log group. `group`: its key."""
    return Statement(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(f"{ref(group, 'arn')}:*",)
    )


def sending_jobs() -> Statement:
    """Into its own queue."""
    return Statement(actions=("sqs:SendMessage",), resources=(ref("jobs", "arn"),))


def pulling_images() -> tuple[Statement, ...]:
    """From its own repository. The word that ECR lets one in by is not of any repository."""
    return (
        Statement(actions=("ecr:GetAuthorizationToken",), resources=("*",)),
        Statement(
            actions=("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"),
            resources=(ref("repository", "arn"),),
        ),
    )

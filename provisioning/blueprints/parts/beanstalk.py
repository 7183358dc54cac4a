"""Beanstalk: an application on servers that Elastic Beanstalk keeps, what they may do, and what watches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provisioning.blueprints.options import ThresholdOptions
from provisioning.blueprints.parts.domain import validation
from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.blueprints.parts.observability import cpu, of_balancer
from provisioning.blueprints.parts.tracing import traced_as
from provisioning.kinds.cloudwatch_alarm import AlarmProps
from provisioning.kinds.elasticbeanstalk_application import BeanstalkApplicationProps
from provisioning.kinds.elasticbeanstalk_application_version import ApplicationVersionProps
from provisioning.kinds.elasticbeanstalk_environment import BeanstalkEnvironmentProps
from provisioning.kinds.iam_instance_profile import InstanceProfileProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

DeploymentPolicy = Literal["AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable"]
_MANAGED = "arn:aws:iam::aws:policy"
_DEGRADED = 20  # of 0 (ok) to 25 (severe): developer guide, "Publishing Amazon CloudWatch custom metrics"


@dataclass(frozen=True, kw_only=True)
class Servers:
    """How large and how many the servers are, and how they are kept new; there is one where they are not `balanced`.
    `deployed_elsewhere`: what runs is no concern of a plan after the first version.
    `certificate`: key of that with which the load balancer answers over HTTPS too, empty for none."""

    instance_type: str
    balanced: bool
    fewest: int
    most: int
    policy: DeploymentPolicy
    deployed_elsewhere: bool
    updates_at: str
    traced: bool
    certificate: str = ""


def beanstalk(spec: Spec, servers: Servers) -> tuple[Resource, ...]:
    """An application whose first version is a placeholder, and the environment "web" that runs it.

    Its servers wait for no data: they read where it is from Parameter Store, and database and servers are made at the
    same time.
    """
    return (
        Resource(key="versions", title="S3 bucket for versions", props=BucketProps()),
        Resource(
            key="log-group",
            title="Application log group",
            name=f"/andamio/{spec.slug}-{spec.stack}",
            props=LogGroupProps(retention_days=30),
        ),
        *_roles(spec),
        Resource(
            key="application",
            props=BeanstalkApplicationProps(
                service_role_arn=ref("service-role", "arn"), description=spec.application
            ),
        ),
        Resource(
            key="version",
            title="First version: a placeholder",
            props=ApplicationVersionProps(
                application_name=ref("application"), bucket=ref("versions", "name")
            ),
        ),
        Resource(
            key="web",
            title="Elastic Beanstalk environment",
            props=_environment(spec, servers),
            # The servers fetch their version and their secrets by it when they start.
            after=(
                "start-policy",
                "public-routes",
                "internet-gateway",
                *((validation(servers.certificate),) if servers.certificate else ()),
            ),
        ),
    )


def beanstalk_alarms(limits: ThresholdOptions, *, balanced: bool) -> tuple[Resource, ...]:
    """Health as Elastic Beanstalk sees it, which counts errors, slow answers, memory and disks of all servers, and CPU.
    CloudWatch has errors and times of its own only from a load balancer."""
    return (
        Resource(
            key="alarm-health",
            title="Alarm: environment degraded",
            props=AlarmProps(
                namespace="AWS/ElasticBeanstalk",
                metric_name="EnvironmentHealth",
                dimensions={"EnvironmentName": ref("web", "name")},
                statistic="Maximum",
                period=60,
                evaluation_periods=5,
                threshold=_DEGRADED,
                comparison="GreaterThanOrEqualToThreshold",
                treat_missing="missing",
                topic_arns=(ref("alarm-topic", "arn"),),
            ),
        ),
        cpu("AWS/EC2", {"AutoScalingGroupName": ref("web", "autoscaling_group")}, limits.alarm_cpu),
        *(of_balancer(limits, ref("web", "load_balancer_full_name")) if balanced else ()),
    )


def _environment(spec: Spec, servers: Servers) -> BeanstalkEnvironmentProps:
    return BeanstalkEnvironmentProps(
        application_name=ref("application"),
        version_label=ref("version"),
        version_kept=servers.deployed_elsewhere,
        vpc_id=ref("vpc"),
        subnet_ids=PUBLIC_SUBNETS,
        service_role_arn=ref("service-role", "arn"),
        instance_profile=ref("server-profile"),
        load_balanced=servers.balanced,
        balancer_subnet_ids=PUBLIC_SUBNETS if servers.balanced else (),
        balancer_security_group_id=ref("load-balancer-group") if servers.balanced else "",
        security_group_ids=(ref("server-group"),),
        instance_type=servers.instance_type,
        minimum=servers.fewest,
        maximum=servers.most,
        environment={
            "AWS_REGION": spec.region,
            "PARAMETERS": f"/{spec.application}/{spec.environment}/",
            "BUCKET": ref("files", "name"),
            # What AWS's X-Ray SDK calls the application.
            **({"AWS_XRAY_TRACING_NAME": traced_as(spec)} if servers.traced else {}),
        },
        secrets={"SECRET_KEY": ref("parameter-secret-key", "arn")},
        health_path=spec.health_path,
        certificate_arn=ref(servers.certificate, "arn") if servers.certificate else "",
        policy=servers.policy,
        managed_updates_at=servers.updates_at,
        tracing=servers.traced,
    )


def _roles(spec: Spec) -> tuple[Resource, ...]:
    """Elastic Beanstalk's own policies, and for the application no more than this environment's things."""
    return (
        Resource(
            key="service-role",
            title="Service role of Elastic Beanstalk",
            props=RoleProps(
                service="elasticbeanstalk.amazonaws.com",
                description="Elastic Beanstalk: health and managed updates",
                managed_policy_arns=(
                    f"{_MANAGED}/AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy",
                    f"{_MANAGED}/service-role/AWSElasticBeanstalkEnhancedHealth",
                ),
            ),
        ),
        Resource(
            key="server-role",
            title="Server role",
            props=RoleProps(
                service="ec2.amazonaws.com",
                description="The servers and the application on them",
                managed_policy_arns=(f"{_MANAGED}/AWSElasticBeanstalkWebTier",),
            ),
        ),
        Resource(
            key="server-profile",
            title="Instance profile of the servers",
            props=InstanceProfileProps(role_name=ref("server-role", "name")),
        ),
        Resource(
            key="start-policy",
            title="Server role policy: what starting the application takes",
            props=RolePolicyProps(role_name=ref("server-role", "name"), statements=_starting_takes(spec)),
        ),
        Resource(
            key="application-policy",
            title="Server role policy: what the application may do",
            props=RolePolicyProps(role_name=ref("server-role", "name"), statements=_application_may()),
        ),
    )


def _starting_takes(spec: Spec) -> tuple[Statement, ...]:
    path = f"arn:aws:ssm:{spec.region}:{spec.account}:parameter/{spec.application}/{spec.environment}"
    return (
        Statement(actions=("s3:GetObject",), resources=(f"{ref('versions', 'arn')}/*",)),
        Statement(
            actions=("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
            resources=(path, f"{path}/*"),
        ),
    )


def _application_may() -> tuple[Statement, ...]:
    bucket = ref("files", "arn")
    return (
        Statement(actions=("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), resources=(f"{bucket}/*",)),
        Statement(actions=("s3:ListBucket",), resources=(bucket,)),
        Statement(actions=("secretsmanager:GetSecretValue",), resources=(ref("database", "secret_arn"),)),
        Statement(
            actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(f"{ref('log-group', 'arn')}:*",)
        ),
    )

"""Servers: the application's container on EC2, one server with a fixed address or a group behind a load balancer."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.blueprints.options import MemoryThresholdOptions
from provisioning.blueprints.parts.data import REDIS_URL
from provisioning.blueprints.parts.image import command_of, image_of
from provisioning.blueprints.parts.network import PRIVATE_SUBNETS, PUBLIC_SUBNETS
from provisioning.blueprints.parts.observability import cpu, of_balancer
from provisioning.blueprints.parts.permissions import (
    pulling_images,
    reading_parameters,
    use_of_data,
    writing_logs,
)
from provisioning.blueprints.parts.tracing import sending_traces, tracing_variables
from provisioning.cloudwatch_agent import DISK, DISK_DIMENSIONS, MEMORY, NAMESPACE
from provisioning.instance_types import is_burstable
from provisioning.kinds.autoscaling_group import AutoScalingGroupProps, ServerCapacity
from provisioning.kinds.autoscaling_policy import AutoScalingPolicyProps
from provisioning.kinds.cloudwatch_alarm import AlarmProps
from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.ec2_elastic_ip_association import ElasticIpAssociationProps
from provisioning.kinds.ec2_instance import InstanceProps
from provisioning.kinds.ec2_launch_template import LaunchTemplateProps
from provisioning.kinds.ecr_repository import RepositoryProps
from provisioning.kinds.iam_instance_profile import InstanceProfileProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.server_start import AGENT_ON_SERVER, ServerApplication
from provisioning.spec import Spec

WEB_PORT = 80
# Session Manager: people get a shell by IAM and not by a key, and no port is open for it.
_SESSIONS = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
_FULL_DISK = 90  # per cent, as its alarm is called
_FEW_CREDITS = 5  # minutes of a whole processor


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """How large and how many the servers are, and where they stand. `listener`: the key of the one that forwards to
    them; empty for a single server that people reach by its own address. `cpu_target`: the load in per cent at which
    a group keeps itself, where it has room to. `traced`: an agent on each takes the traces of the application."""

    instance_type: str
    volume_gb: int
    listener: str
    private: bool
    cached: bool
    fewest: int
    most: int
    cpu_target: int
    traced: bool


def servers(spec: Spec, fleet: Fleet) -> tuple[Resource, ...]:
    """How servers are made, what they may do, and the servers."""
    return (
        Resource(key="repository", title="Image repository", props=RepositoryProps()),
        Resource(
            key="log-group",
            title="Application log group",
            name=f"/andamio/{spec.slug}-{spec.stack}",
            props=LogGroupProps(retention_days=30),
        ),
        *_role(spec, traced=fleet.traced),
        Resource(key="template", props=_template(spec, fleet)),
        *(_group(spec, fleet) if fleet.listener else _single(spec, fleet)),
    )


def server_alarms(fleet: Fleet, limits: MemoryThresholdOptions) -> tuple[Resource, ...]:
    """CPU and its credits, memory and disk; whether a single server is well, or what its load balancer sees of a group.
    CloudWatch knows errors and times of answers only from a load balancer."""
    if fleet.listener:
        whose = {"AutoScalingGroupName": ref("servers", "name")}
        seen = of_balancer(limits, ref("load-balancer", "full_name"), ref("targets", "full_name"))
    else:
        whose = {"InstanceId": ref("server")}
        seen = (_checks(whose),)
    return (
        cpu("AWS/EC2", whose, limits.alarm_cpu),
        *((_credits(whose),) if is_burstable(fleet.instance_type) else ()),
        _fullest(
            "alarm-memory",
            f"Alarm: memory above {limits.alarm_memory} %",
            MEMORY,
            whose,
            limits.alarm_memory,
        ),
        _fullest("alarm-disk", "Alarm: disk above 90 %", DISK, {**whose, **DISK_DIMENSIONS}, _FULL_DISK),
        *seen,
    )


def _role(spec: Spec, *, traced: bool) -> tuple[Resource, ...]:
    """Two policies, for what the application may do is known only when there is a database, and a server can start
    before."""
    agent = (*_sending_metrics(), *((sending_traces(),) if traced else ()))
    starting = (*pulling_images(), reading_parameters(spec), writing_logs(), *agent)
    role = ref("server-role", "name")
    return (
        Resource(
            key="server-role",
            title="Server role",
            props=RoleProps(
                service="ec2.amazonaws.com",
                description="The servers and the application on them",
                managed_policy_arns=(_SESSIONS,),
            ),
        ),
        Resource(
            key="server-profile",
            title="Instance profile of the servers",
            props=InstanceProfileProps(role_name=role),
        ),
        Resource(
            key="start-policy",
            title="Server role policy: what starting the application takes",
            props=RolePolicyProps(role_name=role, statements=starting),
        ),
        Resource(
            key="application-policy",
            title="Server role policy: what the application may do",
            props=RolePolicyProps(role_name=role, statements=use_of_data()),
        ),
    )


def _sending_metrics() -> tuple[Statement, ...]:
    """CloudWatch knows no resources for metrics, but namespaces. The agent learns its group from the server's tags."""
    only = {"StringEquals": {"cloudwatch:namespace": (NAMESPACE,)}}
    return (
        Statement(actions=("cloudwatch:PutMetricData",), resources=("*",), conditions=only),
        Statement(actions=("ec2:DescribeTags",), resources=("*",)),
    )


def _template(spec: Spec, fleet: Fleet) -> LaunchTemplateProps:
    return LaunchTemplateProps(
        instance_type=fleet.instance_type,
        application=_application(spec, fleet),
        instance_profile=ref("server-profile", "name"),
        security_group_ids=(ref("server-group"),),
        public_ip=not fleet.private,
        volume_gb=fleet.volume_gb,
    )


def _application(spec: Spec, fleet: Fleet) -> ServerApplication:
    """The placeholder needs no data, so that servers and database are made at the same time; an application that was
    deployed finds there what tasks of Fargate find."""
    secret_key = {"SECRET_KEY": ref("parameter-secret-key", "arn")}
    data, password = {}, {}
    if spec.image:
        data = {"DATABASE_HOST": ref("database", "address")}
        data |= {"REDIS_URL": REDIS_URL} if fleet.cached else {}
        password = {"DATABASE_PASSWORD": "${database.secret_arn}:password::"}
    return ServerApplication(
        image=image_of(spec),
        port=spec.port,
        public_port=0 if fleet.listener else WEB_PORT,
        command=command_of(spec),
        environment={
            "AWS_REGION": spec.region,
            "PARAMETERS": f"/{spec.application}/{spec.environment}/",
            "BUCKET": ref("files", "name"),
            **data,
            **(tracing_variables(spec, AGENT_ON_SERVER) if fleet.traced else {}),
        },
        secrets={**secret_key, **password},
        log_group=ref("log-group", "name"),
        traces=fleet.traced,
        metrics_by="AutoScalingGroupName" if fleet.listener else "InstanceId",
    )


def _before(spec: Spec, fleet: Fleet) -> tuple[str, ...]:
    """What a server needs while it starts, beyond what its template names."""
    return (
        "start-policy",
        # AWS keeps the gateway while a server has a public address.
        *(("private-routes",) if fleet.private else ("public-routes", "internet-gateway")),
        *(("application-policy", "parameter-database-url") if spec.image else ()),
    )


def _single(spec: Spec, fleet: Fleet) -> tuple[Resource, ...]:
    """One server whose address stays while it is replaced."""
    return (
        Resource(key="address", title="Elastic IP address of the server", props=ElasticIpProps()),
        Resource(
            key="server",
            props=InstanceProps(
                launch_template_id=ref("template"),
                launch_template_version=ref("template", "version"),
                subnet_id=PUBLIC_SUBNETS[0],
                security_group_ids=(ref("server-group"),),
                public_ip=True,
                elastic_ip=True,
                instance_type=fleet.instance_type,
                volume_gb=fleet.volume_gb,
            ),
            after=_before(spec, fleet),
        ),
        Resource(
            key="server-address",
            props=ElasticIpAssociationProps(allocation_id=ref("address"), instance_id=ref("server")),
        ),
    )


def _group(spec: Spec, fleet: Fleet) -> tuple[Resource, ...]:
    """Servers in both zones, replaced when the load balancer finds one unwell; more and fewer of them with the load."""
    group = AutoScalingGroupProps(
        launch_template_id=ref("template"),
        launch_template_version=ref("template", "version"),
        subnet_ids=PRIVATE_SUBNETS if fleet.private else PUBLIC_SUBNETS,
        target_group_arns=(ref("targets", "arn"),),
        minimum=fleet.fewest,
        maximum=fleet.most,
        desired=fleet.fewest,
        grace_period=300,  # it installs Docker first
        capacity=ServerCapacity(
            instance_type=fleet.instance_type, volume_gb=fleet.volume_gb, public_ip=not fleet.private
        ),
    )
    policy = AutoScalingPolicyProps(group_name=ref("servers", "name"), cpu=fleet.cpu_target)
    return (
        # Without a listener nothing asks whether its servers are well.
        Resource(key="servers", props=group, after=(*_before(spec, fleet), fleet.listener)),
        *(
            (Resource(key="scaling-cpu", title=f"Scaling policy: CPU at {fleet.cpu_target} %", props=policy),)
            if fleet.most > fleet.fewest
            else ()
        ),
    )


def _checks(server: dict[str, str]) -> Resource:
    """EC2's own checks of the machine and its network."""
    return Resource(
        key="alarm-server",
        title="Alarm: the server fails AWS's checks",
        props=AlarmProps(
            namespace="AWS/EC2",
            metric_name="StatusCheckFailed",
            dimensions=server,
            statistic="Maximum",
            period=60,
            evaluation_periods=3,
            threshold=0,
            treat_missing="breaching",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )


def _fullest(key: str, title: str, metric: str, whose: dict[str, str], limit: int) -> Resource:
    """Of the server that has the least left. Those of a group tell theirs as one metric."""
    return Resource(
        key=key,
        title=title,
        props=AlarmProps(
            namespace=NAMESPACE,
            metric_name=metric,
            dimensions=whose,
            statistic="Maximum",
            period=60,
            evaluation_periods=5,
            threshold=limit,
            treat_missing="missing",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )


def _credits(whose: dict[str, str]) -> Resource:
    """Without credits a burstable server is slow, and then its CPU never comes near its threshold. New ones start with
    none and earn more than this in their first hour (EC2 User Guide, "Standard mode")."""
    return Resource(
        key="alarm-credits",
        title="Alarm: CPU credits used up",
        props=AlarmProps(
            namespace="AWS/EC2",
            metric_name="CPUCreditBalance",
            dimensions=whose,
            statistic="Average",
            period=300,
            evaluation_periods=12,
            threshold=_FEW_CREDITS,
            comparison="LessThanThreshold",
            treat_missing="missing",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )

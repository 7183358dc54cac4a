"""What an environment consists of: groups, a load balancer, servers, an address, as they stand in the account."""

import base64
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend, ec2_backends
from moto.elbv2.models import elbv2_backends

from provisioning.simulator import ec2_autoscaling_groups, ec2_instances, elbv2, elbv2_listeners
from provisioning.simulator.ec2_autoscaling_groups import Group, Groups, Template
from provisioning.simulator.elasticbeanstalk_options import LAUNCH, listed
from provisioning.simulator.elasticbeanstalk_state import Environment, clock, letters, tell
from provisioning.simulator.operations import Refusal
from provisioning.simulator.world import Moment

_ASG, _VPC, _PROCESS = (
    "aws:autoscaling:asg",
    "aws:ec2:vpc",
    "aws:elasticbeanstalk:environment:process:default",
)
_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
_TYPES = "t3.micro,t3.small"  # what Elastic Beanstalk takes by itself
#: Options that only another instance can have.
OF_INSTANCES = frozenset(
    {
        *((LAUNCH, name) for name in ("IamInstanceProfile", "InstanceType", "SecurityGroups", "EC2KeyName")),
        *((LAUNCH, name) for name in ("RootVolumeType", "RootVolumeSize", "DisableIMDSv1", "ImageId")),
        ("aws:ec2:instances", "InstanceTypes"),
        ("aws:ec2:instances", "SupportedArchitectures"),
        (_VPC, "AssociatePublicIpAddress"),
    }
)


def _backend(moment: Moment) -> EC2Backend:
    return ec2_backends[moment.account][moment.region]


def _tags(environment: Environment) -> dict[str, str]:
    own = {
        "Name": environment.name,
        "elasticbeanstalk:environment-id": environment.id,
        "elasticbeanstalk:environment-name": environment.name,
    }
    return {**environment.tags, **own}


def _listed_tags(environment: Environment) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in _tags(environment).items()]


def _stack_name(environment: Environment, part: str) -> str:
    return f"awseb-{environment.id}-stack-{part}-{letters(12).upper()}"


def subnets_of(moment: Moment, environment: Environment, name: str = "Subnets") -> list[str]:
    """The subnets that an option names; those of the default VPC where it names none."""
    named = listed(environment.option(_VPC, name))
    if named or name == "ELBSubnets":
        return named or subnets_of(moment, environment)
    zones = _backend(moment).subnets.values()
    return [
        key for zone in zones for key, subnet in zone.items() if str(subnet.default_for_az).lower() == "true"
    ]


def _vpc_of(moment: Moment, environment: Environment) -> str:
    subnets = subnets_of(moment, environment)
    if not subnets:
        raise Refusal("InvalidParameterValue", "No default VPC for this user")
    vpc: str = _backend(moment).get_subnet(subnets[0]).vpc_id
    return vpc


def make(moment: Moment, environment: Environment, *, broken: bool) -> None:
    """Make everything; refused, with part of it made, where a part cannot be. `broken`: its version never answers."""
    vpc = _vpc_of(moment, environment)
    if environment.balanced:
        _make_balancer(moment, environment, vpc)
    else:
        address = _backend(moment).allocate_address("vpc", tags=_tags(environment))
        environment.resources.address = str(address.allocation_id)
        tell(moment, environment, f"Created EIP: {address.public_ip}")
    _make_group_of_instances(moment, environment, vpc)
    _make_template(moment, environment)
    _make_servers(moment, environment, broken)


def _make_security_group(moment: Moment, environment: Environment, vpc: str, part: str) -> str:
    backend = _backend(moment)
    made = backend.create_security_group(
        _stack_name(environment, part), "Elastic Beanstalk created security group", vpc, _tags(environment)
    )
    tell(moment, environment, f"Created security group named: {made.id}")
    return str(made.id)


def _open(moment: Moment, group: str, port: str, source: str = "") -> None:
    _backend(moment).authorize_security_group_ingress(
        group,
        "tcp",
        port,
        port,
        [] if source else [{"CidrIp": "0.0.0.0/0"}],
        source_groups=[{"GroupId": source}] if source else None,
    )


def _make_group_of_instances(moment: Moment, environment: Environment, vpc: str) -> None:
    made = _make_security_group(moment, environment, vpc, "AWSEBSecurityGroup")
    environment.resources.security_group = made
    port = environment.option(_PROCESS, "Port") or "80"
    managed = environment.option("aws:elbv2:loadbalancer", "ManagedSecurityGroup")
    _open(moment, made, port, managed or environment.resources.balancer_group)


def _make_balancer(moment: Moment, environment: Environment, vpc: str) -> None:
    resources, backend = environment.resources, elbv2_backends[moment.account][moment.region]
    space = "aws:elbv2:loadbalancer"
    subnets = subnets_of(moment, environment, "ELBSubnets")
    if len({_backend(moment).get_subnet(one).availability_zone for one in subnets}) < 2:
        raise Refusal(
            "ValidationError", "At least two subnets in two different Availability Zones must be specified"
        )
    groups = listed(environment.option(space, "SecurityGroups"))
    managed = environment.option(space, "ManagedSecurityGroup")
    if managed:
        groups = sorted({*groups, managed})
    else:
        made = _make_security_group(moment, environment, vpc, "AWSEBLoadBalancerSecurityGroup")
        resources.balancer_group = made
        _open(moment, made, "80")
        groups = [*groups, made]
    resources.targets = _make_targets(moment, environment, vpc)
    balancer = backend.create_load_balancer(
        f"awseb--AWSEB-{letters(12).upper()}",
        groups,
        subnets,
        scheme="internal" if environment.option(_VPC, "ELBScheme") == "internal" else "internet-facing",
        loadbalancer_type="application",
        tags=_listed_tags(environment),
    )
    elbv2.provision(moment, balancer, {})
    resources.balancer = balancer.arn
    tell(moment, environment, f"Created load balancer named: {balancer.arn}")
    _listen(moment, environment)


def _make_targets(moment: Moment, environment: Environment, vpc: str) -> str:
    made = elbv2_backends[moment.account][moment.region].create_target_group(
        f"awseb-AWSEB-{letters(12).upper()}",
        vpc_id=vpc,
        protocol="HTTP",
        protocol_version="HTTP1",
        port=int(environment.option(_PROCESS, "Port") or 80),
        target_type="instance",
        healthcheck_path=environment.option(_PROCESS, "HealthCheckPath") or "/",
        tags=_listed_tags(environment),
    )
    delay = environment.option(_PROCESS, "DeregistrationDelay") or "20"
    made.attributes["deregistration_delay.timeout_seconds"] = delay
    tell(moment, environment, f"Created target group named: {made.arn}")
    return str(made.arn)


def _listen(moment: Moment, environment: Environment) -> None:
    """The listeners that the options ask for: one on port 80, one for HTTPS where it has a certificate."""
    backend, resources = elbv2_backends[moment.account][moment.region], environment.resources
    forward = [{"Type": "forward", "TargetGroupArn": resources.targets, "Order": 1}]
    taken = {int(one.port) for one in backend.load_balancers[resources.balancer].listeners.values()}
    for port, space in ((80, "aws:elbv2:listener:default"), (443, "aws:elbv2:listener:443")):
        protocol = environment.option(space, "Protocol") or "HTTP"
        certificate = environment.option(space, "SSLCertificateArns") or None
        enabled = environment.option(space, "ListenerEnabled") == "true"
        if not enabled or port in taken or (port == 443 and certificate is None):
            continue
        policy = environment.option(space, "SSLPolicy") or "ELBSecurityPolicy-2016-08"
        number: Any = port
        made = backend.create_listener(resources.balancer, protocol, number, policy, certificate, forward)
        tell(moment, environment, f"Created Load Balancer listener named: {made.arn}")
    elbv2_listeners.relink(moment)


def _types(environment: Environment) -> str:
    of_all = environment.option("aws:ec2:instances", "InstanceTypes")
    return of_all or environment.option(LAUNCH, "InstanceType") or _TYPES


def _launch_data(environment: Environment) -> dict[str, Any]:
    first = listed(_types(environment))[0]
    arm = environment.option("aws:ec2:instances", "SupportedArchitectures") == "arm64"
    groups = [environment.resources.security_group]
    groups += [one for one in listed(environment.option(LAUNCH, "SecurityGroups")) if one.startswith("sg-")]
    disk: dict[str, Any] = {"VolumeType": environment.option(LAUNCH, "RootVolumeType") or "gp3"}
    disk |= {
        "VolumeSize": int(environment.option(LAUNCH, "RootVolumeSize") or 10),
        "DeleteOnTermination": True,
    }
    public = environment.option(_VPC, "AssociatePublicIpAddress") == "true"
    only_tokens = environment.option(LAUNCH, "DisableIMDSv1") == "true"
    text = base64.b64encode(f"#!/bin/bash\n# {environment.name}\n".encode()).decode()
    return {
        "ImageId": environment.option(LAUNCH, "ImageId") or f"{_IMAGE}{'arm64' if arm else 'x86_64'}",
        "InstanceType": first,
        "UserData": Base64EncodedString(text),
        "IamInstanceProfile": {"Name": environment.option(LAUNCH, "IamInstanceProfile")},
        "MetadataOptions": {"HttpTokens": "required" if only_tokens else "optional"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": disk}],
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": public, "Groups": groups}],
    }


def _make_template(moment: Moment, environment: Environment) -> None:
    named = ("DisableIMDSv1", "RootVolumeType", "BlockDeviceMappings", "RootVolumeIOPS")
    if not any(environment.option(LAUNCH, name) for name in named):
        raise Refusal(
            "Unauthorized",
            "The Launch Configuration creation operation is not available in your account. Use launch templates to "
            "create configuration templates for your Auto Scaling groups.",
        )
    backend: Any = _backend(moment)
    name = f"AWSEBEC2LaunchTemplate_{letters(12)}"
    made = backend.create_launch_template(
        name, "", _launch_data(environment), {"launch-template": _tags(environment)}
    )
    environment.resources.template = made.id
    tell(moment, environment, f"Created EC2 launch template named: {made.id}")


def sizes(environment: Environment) -> tuple[int, int]:
    """Between how many instances it scales."""
    if not environment.balanced:
        return 1, 1
    return int(environment.option(_ASG, "MinSize")), int(environment.option(_ASG, "MaxSize"))


def _make_servers(moment: Moment, environment: Environment, broken: bool) -> None:
    resources, name = environment.resources, _stack_name(environment, "AWSEBAutoScalingGroup")
    low, high = sizes(environment)
    tags = [{**tag, "PropagateAtLaunch": True} for tag in _listed_tags(environment)]
    template = _backend(moment).launch_templates[resources.template]
    group = Group(
        name=name,
        arn=f"arn:aws:autoscaling:{moment.region}:{moment.account}:autoScalingGroup:{letters(8)}"
        f":autoScalingGroupName/{name}",
        created=clock(moment),
        template=Template(id=template.id, name=template.name, version="1"),
        minimum=low,
        maximum=high,
        desired=low,
        subnets=tuple(subnets_of(moment, environment)),
        targets=[resources.targets] if resources.targets else [],
        tags=[{"ResourceId": name, "ResourceType": "auto-scaling-group", **tag} for tag in tags],
        broken=broken,
    )
    moment.notes(Groups).by_name[name] = group
    resources.group = name
    tell(moment, environment, f"Created Auto Scaling group named: {name}")
    ec2_autoscaling_groups.settle(moment, group)


def group_of(moment: Moment, environment: Environment) -> Group | None:
    """The Auto Scaling group of an environment, while it is there."""
    return ec2_autoscaling_groups.find(moment, environment.resources.group)


def renew_template(moment: Moment, environment: Environment) -> Template:
    """The next version of the launch template, as the settings want it now."""
    template = _backend(moment).launch_templates[environment.resources.template]
    version = template.create_version(_launch_data(environment), "")
    template.default_version_number = version.number
    return Template(id=template.id, name=template.name, version=str(version.number))


def apply(moment: Moment, environment: Environment) -> None:
    """Bring settings to what need not be made anew: bounds, listeners, health checks."""
    group = group_of(moment, environment)
    if group is not None:
        group.minimum, group.maximum = sizes(environment)
        group.desired = min(max(group.desired, group.minimum), group.maximum)
        ec2_autoscaling_groups.settle(moment, group)
    if environment.resources.balancer:
        _listen(moment, environment)
        targets = elbv2_backends[moment.account][moment.region].target_groups[environment.resources.targets]
        targets.health_check_path = environment.option(_PROCESS, "HealthCheckPath") or "/"


def point(moment: Moment, environment: Environment) -> None:
    """Have the address lead to the one instance, if it leads elsewhere."""
    backend, group = _backend(moment), group_of(moment, environment)
    if not environment.resources.address or group is None:
        return
    serving = [member for member in group.alive if member.state == "InService"]
    for address in backend.addresses:
        if address.allocation_id == environment.resources.address and serving:
            wanted = ec2_instances.find(moment, serving[0].id)
            if address.instance is not wanted:
                backend.associate_address(
                    instance=wanted, allocation_id=address.allocation_id, reassociate=True
                )


def endpoint(moment: Moment, environment: Environment) -> str:
    """The name of the load balancer, or the address of the one instance."""
    resources = environment.resources
    if resources.balancer:
        balancer = elbv2_backends[moment.account][moment.region].load_balancers.get(resources.balancer)
        return str(balancer.dns_name) if balancer else ""
    addresses = _backend(moment).addresses
    return next((one.public_ip for one in addresses if one.allocation_id == resources.address), "")

"""The kinds of AWS resource that can be "not yet there": who creates them, what names them, the error meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of resource.

    `found`: members of the creation's answer that hold its id or ARN; such an id counts wherever it stands.
    `names`: request parameters (or `Operation:Parameter`) that hold its name; a name counts only there, and only
    in its own service. `code` and `status` are what the service answers when there is none.
    """

    service: str
    created_by: str
    code: str
    found: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    status: int = 400


def _ec2(created_by: str, found: str, code: str) -> Kind:
    return Kind(service="ec2", created_by=created_by, found=(found,), code=code)


_EC2 = (
    _ec2("CreateVpc", "vpcId", "InvalidVpcID.NotFound"),
    _ec2("CreateSubnet", "subnetId", "InvalidSubnetID.NotFound"),
    _ec2("CreateSecurityGroup", "groupId", "InvalidGroup.NotFound"),
    _ec2("CreateInternetGateway", "internetGatewayId", "InvalidInternetGatewayID.NotFound"),
    _ec2("CreateRouteTable", "routeTableId", "InvalidRouteTableID.NotFound"),
    _ec2("CreateNatGateway", "natGatewayId", "NatGatewayNotFound"),
    _ec2("AllocateAddress", "allocationId", "InvalidAllocationID.NotFound"),
    _ec2("CreateVpcEndpoint", "vpcEndpointId", "InvalidVpcEndpointId.NotFound"),
    _ec2("CreateLaunchTemplate", "launchTemplateId", "InvalidLaunchTemplateId.NotFound"),
)


def _iam(created_by: str, *names: str, found: tuple[str, ...] = ("Arn",)) -> Kind:
    return Kind(
        service="iam", created_by=created_by, found=found, names=names, code="NoSuchEntity", status=404
    )


_IAM = (
    _iam("CreateRole", "RoleName"),
    _iam("CreatePolicy", "PolicyName"),
    _iam("CreateInstanceProfile", "InstanceProfileName"),
    _iam("CreateUser", "UserName"),
)


def _database(created_by: str, code: str, found: str, *names: str) -> Kind:
    return Kind(service="rds", created_by=created_by, found=(found,), names=names, code=code, status=404)


_RDS = (
    _database(
        "CreateDBInstance",
        "DBInstanceNotFound",
        "DBInstanceArn",
        "DBInstanceIdentifier",
        "SourceDBInstanceIdentifier",
    ),
    _database("CreateDBCluster", "DBClusterNotFoundFault", "DBClusterArn", "DBClusterIdentifier"),
    _database("CreateDBSubnetGroup", "DBSubnetGroupNotFoundFault", "DBSubnetGroupArn", "DBSubnetGroupName"),
    _database(
        "CreateDBParameterGroup", "DBParameterGroupNotFound", "DBParameterGroupArn", "DBParameterGroupName"
    ),
    _database("CreateDBSnapshot", "DBSnapshotNotFound", "DBSnapshotArn", "DBSnapshotIdentifier"),
)


def _balancer(created_by: str, found: str, code: str, *names: str) -> Kind:
    return Kind(service="elbv2", created_by=created_by, found=(found,), names=names, code=code)


_ELBV2 = (
    _balancer("CreateLoadBalancer", "LoadBalancerArn", "LoadBalancerNotFound", "DescribeLoadBalancers:Names"),
    _balancer("CreateTargetGroup", "TargetGroupArn", "TargetGroupNotFound", "DescribeTargetGroups:Names"),
    _balancer("CreateListener", "ListenerArn", "ListenerNotFound"),
    _balancer("CreateRule", "RuleArn", "RuleNotFound"),
)


def _container(created_by: str, found: str, code: str, *names: str) -> Kind:
    return Kind(service="ecs", created_by=created_by, found=(found,), names=names, code=code)


_ECS = (
    _container("CreateCluster", "clusterArn", "ClusterNotFoundException", "cluster"),
    _container(
        "CreateService",
        "serviceArn",
        "ServiceNotFoundException",
        "UpdateService:service",
        "DeleteService:service",
    ),
    _container("RegisterTaskDefinition", "taskDefinitionArn", "ClientException"),
)

_CACHE = (
    Kind(
        service="elasticache",
        created_by="CreateReplicationGroup",
        code="ReplicationGroupNotFoundFault",
        names=("ReplicationGroupId",),
        status=404,
    ),
    Kind(
        service="elasticache",
        created_by="CreateCacheCluster",
        code="CacheClusterNotFound",
        names=("CacheClusterId",),
        status=404,
    ),
    Kind(
        service="elasticache",
        created_by="CreateCacheSubnetGroup",
        code="CacheSubnetGroupNotFoundFault",
        names=("CacheSubnetGroupName",),
    ),
)


def _other(service: str, created_by: str, code: str, *names: str, found: str = "", status: int = 400) -> Kind:
    return Kind(
        service=service,
        created_by=created_by,
        code=code,
        found=(found,) if found else (),
        names=names,
        status=status,
    )


_OTHERS = (
    _other("s3", "CreateBucket", "NoSuchBucket", "Bucket", status=404),
    _other("logs", "CreateLogGroup", "ResourceNotFoundException", "logGroupName"),
    _other("ecr", "CreateRepository", "RepositoryNotFoundException", "repositoryName", "repositoryNames"),
    _other("ssm", "PutParameter", "ParameterNotFound", "GetParameter:Name", "DeleteParameter:Name"),
    _other("secretsmanager", "CreateSecret", "ResourceNotFoundException", "SecretId", found="ARN"),
    _other("sns", "CreateTopic", "NotFound", found="TopicArn", status=404),
    _other("acm", "RequestCertificate", "ResourceNotFoundException", found="CertificateArn"),
    _other("route53", "CreateHostedZone", "NoSuchHostedZone", found="Id", status=404),
    _other(
        "lambda",
        "CreateFunction",
        "ResourceNotFoundException",
        "FunctionName",
        found="FunctionArn",
        status=404,
    ),
)

_BY_CREATION: Final = {
    (kind.service, kind.created_by): kind for kind in (*_EC2, *_IAM, *_RDS, *_ELBV2, *_ECS, *_CACHE, *_OTHERS)
}

_REFUSED_REFERENCES: Final = {
    ("elbv2", "CreateSubnet"): ("SubnetNotFound", 400),
    ("elbv2", "CreateSecurityGroup"): ("InvalidSecurityGroup", 400),
    ("elbv2", "CreateVpc"): ("ValidationError", 400),
    ("rds", "CreateSubnet"): ("InvalidSubnet", 400),
    ("elasticache", "CreateSubnet"): ("InvalidSubnet", 400),
    ("application-autoscaling", "CreateService"): ("ValidationException", 400),
}
"""What a service answers that is given something young of another service: (service, creation) -> code, status."""

_REFUSED_BY_SERVICE: Final = {
    "ecs": ("InvalidParameterException", 400),
    "elasticache": ("InvalidParameterValue", 400),
    "elbv2": ("ValidationError", 400),
    "iam": ("NoSuchEntity", 404),
    "lambda": ("InvalidParameterValueException", 400),
    "logs": ("InvalidParameterException", 400),
    "rds": ("InvalidParameterValue", 400),
    "s3": ("MalformedPolicy", 400),
    "secretsmanager": ("InvalidParameterException", 400),
    "sns": ("InvalidParameter", 400),
    "ssm": ("ValidationException", 400),
}


def kind_created_by(service: str, operation: str) -> Kind | None:
    """The kind that this operation creates, if the table has it."""
    return _BY_CREATION.get((service, operation))


def refusal_code(service: str, kind: Kind) -> tuple[str, int]:
    """Code and HTTP status with which `service` refuses a call that names a resource of this kind too early."""
    if service == kind.service:
        return kind.code, kind.status
    by_service = _REFUSED_BY_SERVICE.get(service, (kind.code, 400))
    return _REFUSED_REFERENCES.get((service, kind.created_by), by_service)

"""A database as RDS describes it, for prepared answers."""

from __future__ import annotations

from provisioning.kinds.tests.scripted_query import answer
from provisioning.kinds.tests.scripted_server import Reply


def instance(status: str, *, ran: bool = True, extra: str = "") -> str:
    """Its fields in XML; one that never `ran` has no address."""
    endpoint = "<Endpoint><Address>db.example</Address><Port>5432</Port></Endpoint>" if ran else ""
    fields = {
        "DBInstanceIdentifier": "shop-sabcdefg-database",
        "DBInstanceStatus": status,
        "DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:shop-sabcdefg-database",
        "DbiResourceId": "db-1",
        "EngineVersion": "17.4",
        "DBInstanceClass": "db.t3.small",
        "AllocatedStorage": "20",
        "StorageType": "gp3",
        "MultiAZ": "false",
        "MasterUsername": "app",
        "BackupRetentionPeriod": "7",
        "DeletionProtection": "true",
        "StorageEncrypted": "true",
        "PubliclyAccessible": "false",
        "CopyTagsToSnapshot": "true",
        "AutoMinorVersionUpgrade": "true",
        "PerformanceInsightsEnabled": "true",
        "DBName": "app",
    }
    group = "<DBParameterGroup><DBParameterGroupName>settings</DBParameterGroupName></DBParameterGroup>"
    member = "<VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId>"
    return (
        "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
        + endpoint
        + "<DBSubnetGroup><DBSubnetGroupName>subnets</DBSubnetGroupName></DBSubnetGroup>"
        + f"<DBParameterGroups>{group}</DBParameterGroups>"
        + f"<VpcSecurityGroups>{member}</VpcSecurityGroupMembership></VpcSecurityGroups>"
        + "<EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports>"
        + "<MasterUserSecret><SecretArn>arn:secret</SecretArn></MasterUserSecret>"
        + extra
    )


def listed(body: str) -> Reply:
    """The answer that lists it."""
    return answer("DescribeDBInstances", f"<DBInstances><DBInstance>{body}</DBInstance></DBInstances>")

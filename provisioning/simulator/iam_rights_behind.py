"""Actions behind a call: what a service does, or has AWS check, with the rights of whoever calls it.

Each table is keyed by boto3's service and operation; conditions and values are JMESPath in the call's parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jmespath  # type: ignore[import-untyped]  # boto3 brings it

_Key = tuple[str, str]

#: Roles that a call hands on, and to whom (dependent action iam:PassRole).
PASSED: dict[_Key, tuple[tuple[str, str], ...]] = {
    ("ecs", "RegisterTaskDefinition"): (("[taskRoleArn, executionRoleArn]", "ecs-tasks.amazonaws.com"),),
    ("lambda", "CreateFunction"): (("Role", "lambda.amazonaws.com"),),
    ("lambda", "UpdateFunctionConfiguration"): (("Role", "lambda.amazonaws.com"),),
    ("ec2", "RunInstances"): (
        ("[IamInstanceProfile.Name, IamInstanceProfile.Arn]", "ec2.amazonaws.com"),
        ("LaunchTemplate.LaunchTemplateId", "ec2.amazonaws.com"),
    ),
    ("iam", "AddRoleToInstanceProfile"): (("RoleName", "ec2.amazonaws.com"),),
    ("autoscaling", "CreateAutoScalingGroup"): (("LaunchTemplate.LaunchTemplateId", "ec2.amazonaws.com"),),
    ("autoscaling", "UpdateAutoScalingGroup"): (("LaunchTemplate.LaunchTemplateId", "ec2.amazonaws.com"),),
    ("rds", "CreateDBInstance"): (("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    ("rds", "ModifyDBInstance"): (("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    ("rds", "CreateDBProxy"): (("RoleArn", "rds.amazonaws.com"),),
    ("rds", "ModifyDBProxy"): (("RoleArn", "rds.amazonaws.com"),),
    ("backup", "CreateBackupSelection"): (("BackupSelection.IamRoleArn", "backup.amazonaws.com"),),
    ("codebuild", "CreateProject"): (("serviceRole", "codebuild.amazonaws.com"),),
    ("codebuild", "UpdateProject"): (("serviceRole", "codebuild.amazonaws.com"),),
    ("codepipeline", "CreatePipeline"): (("pipeline.roleArn", "codepipeline.amazonaws.com"),),
    ("codepipeline", "UpdatePipeline"): (("pipeline.roleArn", "codepipeline.amazonaws.com"),),
    ("s3", "PutBucketReplication"): (("ReplicationConfiguration.Role", "s3.amazonaws.com"),),
    ("elasticbeanstalk", "CreateApplication"): (
        ("ResourceLifecycleConfig.ServiceRole", "elasticbeanstalk.amazonaws.com"),
    ),
    **{
        ("elasticbeanstalk", operation): (
            ("OptionSettings[?OptionName=='ServiceRole'].Value", "elasticbeanstalk.amazonaws.com"),
            ("OptionSettings[?OptionName=='IamInstanceProfile'].Value", "ec2.amazonaws.com"),
        )
        for operation in ("CreateEnvironment", "UpdateEnvironment")
    },
}

#: Roles of AWS's own that the first such call in an account makes (dependent action iam:CreateServiceLinkedRole). The
#: simulated account is one in which none was ever made.
LINKED: dict[_Key, tuple[str, ...]] = {
    ("ecs", "CreateCluster"): ("ecs.amazonaws.com",),
    ("elbv2", "CreateLoadBalancer"): ("elasticloadbalancing.amazonaws.com",),
    ("rds", "CreateDBInstance"): ("rds.amazonaws.com",),
    ("rds", "CreateDBCluster"): ("rds.amazonaws.com",),
    ("rds", "CreateDBInstanceReadReplica"): ("rds.amazonaws.com",),
    ("rds", "CreateDBProxy"): ("rds.amazonaws.com",),
    ("elasticache", "CreateReplicationGroup"): ("elasticache.amazonaws.com",),
    ("autoscaling", "CreateAutoScalingGroup"): ("autoscaling.amazonaws.com",),
    ("application-autoscaling", "RegisterScalableTarget"): ("ecs.application-autoscaling.amazonaws.com",),
    ("backup", "CreateBackupVault"): ("backup.amazonaws.com",),
    ("apigatewayv2", "CreateVpcLink"): ("ops.apigateway.amazonaws.com",),
    ("elasticbeanstalk", "CreateEnvironment"): (
        "autoscaling.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
    ),
}

_ALWAYS = "`true`"
_VPC_READS = "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs"
_ALARMS = "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms"
_RDS_SECRET = "kms:DescribeKey secretsmanager:CreateSecret secretsmanager:TagResource"  # noqa: S105 # actions
_LOG_DELIVERY = (
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups"
)
_TEMPLATE = "contains(to_string(@), 'resolve:ssm:')"

#: What stands behind a call, where its condition is met.
_BEHIND: dict[_Key, tuple[tuple[str, str], ...]] = {
    # EC2 Auto Scaling User Guide, "Launch template support": whoever makes the group could start its servers.
    ("autoscaling", "CreateAutoScalingGroup"): (
        ("LaunchTemplate", "ec2:RunInstances ec2:CreateTags ssm:GetParameters"),
    ),
    ("autoscaling", "UpdateAutoScalingGroup"): (
        ("LaunchTemplate", "ec2:RunInstances ec2:CreateTags ssm:GetParameters"),
    ),
    ("ec2", "RunInstances"): ((_TEMPLATE, "ssm:GetParameters"),),
    # Both Auto Scaling guides: target tracking makes and deletes its alarms for whoever asks.
    ("autoscaling", "PutScalingPolicy"): (("TargetTrackingConfiguration", _ALARMS),),
    ("application-autoscaling", "PutScalingPolicy"): (("TargetTrackingScalingPolicyConfiguration", _ALARMS),),
    ("application-autoscaling", "RegisterScalableTarget"): (
        ("ServiceNamespace == 'ecs'", "ecs:DescribeServices ecs:UpdateService"),
    ),
    # RDS User Guide, "Permissions required for Secrets Manager integration", and "Encrypting Amazon RDS resources".
    **{
        ("rds", operation): (
            ("ManageMasterUserPassword", _RDS_SECRET),
            ("StorageEncrypted", "kms:DescribeKey kms:CreateGrant"),
            ("VpcSecurityGroupIds", _VPC_READS),
        )
        for operation in ("CreateDBInstance", "CreateDBCluster", "ModifyDBInstance", "ModifyDBCluster")
    },
    ("rds", "CreateDBInstanceReadReplica"): ((_ALWAYS, f"kms:DescribeKey kms:CreateGrant {_VPC_READS}"),),
    ("rds", "StartDBInstanceAutomatedBackupsReplication"): (("KmsKeyId", "kms:DescribeKey kms:CreateGrant"),),
    ("rds", "CreateDBSubnetGroup"): (
        (_ALWAYS, "ec2:DescribeAvailabilityZones ec2:DescribeSubnets ec2:DescribeVpcs"),
    ),
    ("s3", "CreateBucket"): (("CreateBucketConfiguration.Tags", "s3:TagResource"),),
    ("rds", "CreateDBProxy"): ((_ALWAYS, _VPC_READS),),
    ("rds", "DeleteDBInstance"): (("FinalDBSnapshotIdentifier", "rds:CreateDBSnapshot"),),
    ("rds", "DeleteDBCluster"): (("FinalDBSnapshotIdentifier", "rds:CreateDBClusterSnapshot"),),
    ("elasticache", "DeleteReplicationGroup"): (("FinalSnapshotIdentifier", "elasticache:CreateSnapshot"),),
    # Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC": required permissions.
    ("lambda", "CreateFunction"): (
        ("VpcConfig.SubnetIds", _VPC_READS),
        ("Code.S3Bucket", "s3:GetObject"),
    ),
    ("lambda", "UpdateFunctionConfiguration"): (("VpcConfig.SubnetIds", _VPC_READS),),
    ("lambda", "UpdateFunctionCode"): (("S3Bucket", "s3:GetObject"),),
    # Cloud Map Developer Guide, "AWS Cloud Map API permissions reference".
    ("servicediscovery", "CreatePrivateDnsNamespace"): (
        (
            _ALWAYS,
            "route53:CreateHostedZone route53:GetHostedZone route53:ListHostedZonesByName ec2:DescribeVpcs",
        ),
    ),
    ("servicediscovery", "DeleteNamespace"): ((_ALWAYS, "route53:DeleteHostedZone"),),
    # API Gateway Developer Guide, "Configure logging for HTTP APIs": permissions to activate logging.
    ("apigatewayv2", "CreateStage"): (("AccessLogSettings", _LOG_DELIVERY),),
    ("apigatewayv2", "UpdateStage"): (("AccessLogSettings", _LOG_DELIVERY),),
    ("apigatewayv2", "DeleteStage"): ((_ALWAYS, "logs:DeleteLogDelivery"),),
    ("wafv2", "AssociateWebACL"): (
        ("contains(ResourceArn, ':loadbalancer/')", "elasticloadbalancing:SetWebAcl"),
    ),
    ("wafv2", "DisassociateWebACL"): (
        ("contains(ResourceArn, ':loadbalancer/')", "elasticloadbalancing:SetWebAcl"),
    ),
    ("wafv2", "GetWebACLForResource"): ((_ALWAYS, "wafv2:GetWebACL"),),
    ("cloudfront", "CreateDistributionWithTags"): (
        ("DistributionConfigWithTags.DistributionConfig.WebACLId", "wafv2:GetWebACL"),
    ),
    ("cloudfront", "UpdateDistribution"): (("DistributionConfig.WebACLId", "wafv2:GetWebACL"),),
    # AWS Backup Developer Guide, "Access control": permissions to create a vault.
    ("backup", "CreateBackupVault"): (
        (
            _ALWAYS,
            "backup-storage:MountCapsule kms:CreateGrant kms:DescribeKey kms:GenerateDataKey kms:Decrypt",
        ),
    ),
    ("ec2", "CreateVpcEndpoint"): (("PrivateDnsEnabled", "route53:AssociateVPCWithHostedZone"),),
    ("codepipeline", "CreatePipeline"): (
        ("contains(to_string(@), 'ConnectionArn')", "codeconnections:PassConnection"),
    ),
    ("codepipeline", "UpdatePipeline"): (
        ("contains(to_string(@), 'ConnectionArn')", "codeconnections:PassConnection"),
    ),
    # Elastic Beanstalk Developer Guide, "Managing Elastic Beanstalk user policies": it acts through CloudFormation with
    # the caller's rights. Here what every environment takes; the managed policy names more.
    ("elasticbeanstalk", "CreateApplicationVersion"): (("SourceBundle.S3Bucket", "s3:GetObject"),),
    ("elasticbeanstalk", "CreateEnvironment"): (
        (
            _ALWAYS,
            "cloudformation:CreateStack cloudformation:DescribeStacks cloudformation:DescribeStackEvents "
            "cloudformation:DescribeStackResource cloudformation:DescribeStackResources s3:GetObject s3:ListBucket "
            "ec2:CreateSecurityGroup ec2:AuthorizeSecurityGroupIngress ec2:CreateLaunchTemplate ec2:CreateTags "
            f"ec2:RunInstances ec2:DescribeImages ec2:DescribeInstances {_VPC_READS} "
            "ec2:DescribeLaunchTemplates ec2:DescribeLaunchTemplateVersions "
            "autoscaling:CreateAutoScalingGroup autoscaling:DescribeAutoScalingGroups "
            "autoscaling:DescribeScalingActivities autoscaling:PutNotificationConfiguration",
        ),
        (
            "OptionSettings[?OptionName=='EnvironmentType' && Value=='LoadBalanced']",
            "autoscaling:PutScalingPolicy cloudwatch:PutMetricAlarm elasticloadbalancing:CreateLoadBalancer "
            "elasticloadbalancing:CreateTargetGroup elasticloadbalancing:CreateListener "
            "elasticloadbalancing:AddTags elasticloadbalancing:DescribeLoadBalancers "
            "elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth "
            "elasticloadbalancing:ModifyLoadBalancerAttributes "
            "elasticloadbalancing:ModifyTargetGroupAttributes",
        ),
        (
            "OptionSettings[?OptionName=='EnvironmentType' && Value=='SingleInstance']",
            "ec2:AllocateAddress ec2:AssociateAddress ec2:DescribeAddresses",
        ),
    ),
    ("elasticbeanstalk", "TerminateEnvironment"): (
        (
            _ALWAYS,
            "cloudformation:DeleteStack cloudformation:DescribeStacks autoscaling:DeleteAutoScalingGroup "
            "autoscaling:UpdateAutoScalingGroup autoscaling:DescribeAutoScalingGroups ec2:DeleteSecurityGroup "
            "ec2:DeleteLaunchTemplate ec2:TerminateInstances",
        ),
    ),
    ("elasticbeanstalk", "UpdateEnvironment"): (
        (
            _ALWAYS,
            "cloudformation:UpdateStack cloudformation:DescribeStacks autoscaling:UpdateAutoScalingGroup "
            "autoscaling:SuspendProcesses autoscaling:ResumeProcesses ec2:CreateLaunchTemplateVersion",
        ),
    ),
}


def actions_behind(service: str, operation: str, params: Mapping[str, Any], account: str) -> Iterator[str]:
    """The further actions of this very call."""
    for condition, actions in _BEHIND.get((service, operation), ()):
        if search(condition, params):
            yield from actions.split()


def search(expression: str, params: Mapping[str, Any]) -> Any:
    """What JMESPath finds in a call's parameters."""
    return _compiled(expression).search(params)


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)

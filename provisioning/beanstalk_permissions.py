"""What Elastic Beanstalk does to an environment with the rights of whoever asks it, beyond its own calls.

From the managed policy AdministratorAccess-AWSElasticBeanstalk, as far as an environment of the web tier with an
application load balancer or a single instance needs it:
https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.iam.managed-policies.html
"""

from __future__ import annotations

_ACTIONS = {
    "autoscaling": """
        AttachLoadBalancerTargetGroups CreateAutoScalingGroup CreateOrUpdateTags DeleteAutoScalingGroup DeletePolicy
        DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeInstanceRefreshes DescribeLoadBalancers
        DescribeLoadBalancerTargetGroups DescribeNotificationConfigurations DescribePolicies DescribeScalingActivities
        DescribeScheduledActions PutNotificationConfiguration PutScalingPolicy ResumeProcesses SetDesiredCapacity
        StartInstanceRefresh SuspendProcesses TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup
    """,
    "cloudformation": """
        CancelUpdateStack CreateStack DeleteStack DescribeStackEvents DescribeStackResource DescribeStackResources
        DescribeStacks GetTemplate ListStackResources TagResource UpdateStack ValidateTemplate
    """,
    "cloudwatch": "DeleteAlarms DescribeAlarms PutMetricAlarm",
    "ec2": """
        AllocateAddress AssociateAddress AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress
        CreateLaunchTemplate CreateLaunchTemplateVersion CreateSecurityGroup CreateTags DeleteLaunchTemplate
        DeleteLaunchTemplateVersions DeleteSecurityGroup DescribeAccountAttributes DescribeAddresses
        DescribeAvailabilityZones DescribeImages DescribeInstances DescribeInstanceStatus DescribeInstanceTypes
        DescribeKeyPairs DescribeLaunchTemplates DescribeLaunchTemplateVersions DescribeSecurityGroups
        DescribeSnapshots DescribeSubnets DescribeVpcs DisassociateAddress ModifyLaunchTemplate ReleaseAddress
        RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances TerminateInstances
    """,
    "elasticloadbalancing": """
        AddTags CreateListener CreateLoadBalancer CreateRule CreateTargetGroup DeleteListener DeleteLoadBalancer
        DeleteRule DeleteTargetGroup DeregisterTargets DescribeListeners DescribeLoadBalancerAttributes
        DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups
        DescribeTargetHealth ModifyListener ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup
        ModifyTargetGroupAttributes RegisterTargets RemoveTags SetSecurityGroups SetSubnets
    """,
    "iam": "GetInstanceProfile GetRole",
    "logs": "CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy",
    "s3": """
        CreateBucket DeleteObject GetBucketLocation GetBucketPolicy GetObject ListBucket PutBucketOwnershipControls
        PutBucketPolicy PutBucketPublicAccessBlock PutObject
    """,
}

ON_BEHALF = tuple(
    f"{service}:{action}" for service, actions in sorted(_ACTIONS.items()) for action in actions.split()
)

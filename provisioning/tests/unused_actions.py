"""What the portal's role is allowed though no environment of the catalogue takes it to be made, read and destroyed.

Each has its reason. The contracts of the kinds (`kinds/tests`) call what changes things, and compare what a kind asks
for with what it calls; here stands for each the moment in which the portal needs it.
"""

from __future__ import annotations

UNUSED: dict[str, str] = {
    "a change of what stands": """
        apigateway:PATCH application-autoscaling:DeleteScalingPolicy autoscaling:AttachLoadBalancerTargetGroups
        autoscaling:DeletePolicy autoscaling:DetachLoadBalancerTargetGroups autoscaling:StartInstanceRefresh
        backup:UpdateBackupPlan cloudfront:UpdateOriginAccessControl codebuild:UpdateProject
        codepipeline:UpdatePipeline cognito-idp:DeleteUserPoolClient cognito-idp:UpdateUserPoolClient
        cognito-idp:UpdateUserPoolDomain ec2:CreateLaunchTemplateVersion ec2:DeleteRoute
        ec2:DisassociateAddress ec2:DisassociateRouteTable ec2:ModifyInstanceAttribute ec2:ModifyLaunchTemplate
        ec2:ModifyVpcEndpoint ec2:ReplaceRoute ec2:ReplaceRouteTableAssociation ec2:RevokeSecurityGroupIngress
        ec2:UpdateSecurityGroupRuleDescriptionsIngress ecr:DeleteLifecyclePolicy ecr:PutImageScanningConfiguration
        ecr:PutImageTagMutability ecs:UpdateCluster elasticache:DecreaseReplicaCount elasticache:IncreaseReplicaCount
        elasticache:ModifyCacheSubnetGroup elasticache:ModifyReplicationGroup elasticbeanstalk:RestartAppServer
        elasticbeanstalk:UpdateApplication elasticbeanstalk:UpdateApplicationResourceLifecycle
        elasticbeanstalk:UpdateApplicationVersion elasticbeanstalk:UpdateEnvironment
        elasticloadbalancing:DeleteListener elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyTargetGroup
        elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets iam:UpdateAssumeRolePolicy
        iam:UpdateRole lambda:DeleteAlias lambda:RemovePermission lambda:UpdateAlias lambda:UpdateEventSourceMapping
        lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration rds:DeregisterDBProxyTargets rds:ModifyDBProxy
        rds:ModifyDBSubnetGroup rds:RemoveTagsFromResource rds:ResetDBClusterParameterGroup rds:ResetDBParameterGroup
        s3:DeleteBucketPolicy s3:PutBucketTagging secretsmanager:UpdateSecret sns:Unsubscribe sqs:SetQueueAttributes
        wafv2:UpdateWebACL xray:UpdateGroup xray:UpdateSamplingRule
    """,
    "a call whose answer was lost: whose is what has the name or the tags": """
        acm:ListTagsForCertificate application-autoscaling:ListTagsForResource backup:ListBackupPlans backup:ListTags
        budgets:ListTagsForResource cloudwatch:ListTagsForResource codeconnections:ListTagsForResource
        codepipeline:ListTagsForResource cognito-idp:ListUserPools ecr:ListTagsForResource
        elasticache:ListTagsForResource elasticbeanstalk:ListTagsForResource elasticloadbalancing:DescribeTags
        iam:ListRoles lambda:ListAliases lambda:ListEventSourceMappings lambda:ListTags logs:ListTagsForResource
        rds:ListTagsForResource servicediscovery:ListNamespaces servicediscovery:ListServices sns:ListTagsForResource
        sns:ListTopics sqs:GetQueueUrl ssm:ListTagsForResource wafv2:ListTagsForResource wafv2:ListWebACLs
        xray:ListTagsForResource
    """,
    "a failure: AWS's own reason is told, what is broken is made anew": """
        ecs:DescribeTasks ecs:ListClusters ecs:ListTasks elasticbeanstalk:DescribeEnvironmentHealth
        elasticbeanstalk:RebuildEnvironment
    """,
    "the end of what holds data: a last snapshot, copies, versions, uploads that were never finished": """
        backup:DeleteRecoveryPoint elasticache:CreateSnapshot rds:CreateDBClusterSnapshot rds:CreateDBSnapshot
        rds:DescribeDBClusterSnapshots rds:DescribeDBSnapshots s3:AbortMultipartUpload s3:DeleteObjectVersion
    """,
    "an option of a kind that no case here chooses": """
        logs:DeleteLogDelivery s3:GetObjectVersion
    """,
    "Elastic Beanstalk calls it with the rights of whoever calls it, when an environment changes or heals itself": """
        autoscaling:DescribeAutoScalingInstances autoscaling:DescribeLoadBalancerTargetGroups
        autoscaling:DescribeLoadBalancers autoscaling:DescribeNotificationConfigurations
        autoscaling:DescribeScheduledActions autoscaling:ResumeProcesses autoscaling:SetDesiredCapacity
        autoscaling:SuspendProcesses autoscaling:TerminateInstanceInAutoScalingGroup
        cloudformation:CancelUpdateStack cloudformation:GetTemplate cloudformation:ListStackResources
        cloudformation:TagResource cloudformation:UpdateStack cloudformation:ValidateTemplate
        ec2:AuthorizeSecurityGroupEgress ec2:DeleteLaunchTemplateVersions ec2:DescribeAccountAttributes
        ec2:DescribeInstanceStatus ec2:DescribeInstanceTypes ec2:DescribeKeyPairs ec2:DescribeSnapshots
        ec2:RevokeSecurityGroupEgress elasticloadbalancing:CreateRule elasticloadbalancing:DeleteRule
        elasticloadbalancing:DeregisterTargets elasticloadbalancing:DescribeRules elasticloadbalancing:ModifyRule
        elasticloadbalancing:RegisterTargets elasticloadbalancing:RemoveTags s3:GetBucketLocation
        s3:PutBucketOwnershipControls
    """,
}


def explained() -> frozenset[str]:
    """Every action that has a reason."""
    return frozenset(" ".join(UNUSED.values()).split())

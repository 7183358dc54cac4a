"""The AWS services that Andamio calls, each with the types of its client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_budgets import BudgetsClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_codeconnections import CodeConnectionsClient
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_pricing import PricingClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_servicediscovery import ServiceDiscoveryClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_wafv2 import WAFV2Client
    from mypy_boto3_xray import XRayClient


class Clients:
    """Typed clients, all made by `service`."""

    def service(self, name: str) -> Any:
        """What stands where boto3's client of this service would."""
        raise NotImplementedError

    @property
    def acm(self) -> ACMClient:
        return cast("ACMClient", self.service("acm"))

    @property
    def apigatewayv2(self) -> ApiGatewayV2Client:
        return cast("ApiGatewayV2Client", self.service("apigatewayv2"))

    @property
    def autoscaling(self) -> ApplicationAutoScalingClient:
        """Application Auto Scaling (of ECS services and other things that are not EC2 groups)."""
        return cast("ApplicationAutoScalingClient", self.service("application-autoscaling"))

    @property
    def backup(self) -> BackupClient:
        return cast("BackupClient", self.service("backup"))

    @property
    def budgets(self) -> BudgetsClient:
        return cast("BudgetsClient", self.service("budgets"))

    @property
    def cloudfront(self) -> CloudFrontClient:
        return cast("CloudFrontClient", self.service("cloudfront"))

    @property
    def cloudwatch(self) -> CloudWatchClient:
        return cast("CloudWatchClient", self.service("cloudwatch"))

    @property
    def codebuild(self) -> CodeBuildClient:
        return cast("CodeBuildClient", self.service("codebuild"))

    @property
    def codeconnections(self) -> CodeConnectionsClient:
        return cast("CodeConnectionsClient", self.service("codeconnections"))

    @property
    def codepipeline(self) -> CodePipelineClient:
        return cast("CodePipelineClient", self.service("codepipeline"))

    @property
    def cognito(self) -> CognitoIdentityProviderClient:
        """User pools."""
        return cast("CognitoIdentityProviderClient", self.service("cognito-idp"))

    @property
    def ec2(self) -> EC2Client:
        return cast("EC2Client", self.service("ec2"))

    @property
    def ec2_autoscaling(self) -> AutoScalingClient:
        """Amazon EC2 Auto Scaling: groups of instances."""
        return cast("AutoScalingClient", self.service("autoscaling"))

    @property
    def ecr(self) -> ECRClient:
        return cast("ECRClient", self.service("ecr"))

    @property
    def ecs(self) -> ECSClient:
        return cast("ECSClient", self.service("ecs"))

    @property
    def elasticache(self) -> ElastiCacheClient:
        return cast("ElastiCacheClient", self.service("elasticache"))

    @property
    def elasticbeanstalk(self) -> ElasticBeanstalkClient:
        return cast("ElasticBeanstalkClient", self.service("elasticbeanstalk"))

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        return cast("ElasticLoadBalancingv2Client", self.service("elbv2"))

    @property
    def functions(self) -> LambdaClient:
        """Lambda, whose own name is a word of Python."""
        return cast("LambdaClient", self.service("lambda"))

    @property
    def iam(self) -> IAMClient:
        return cast("IAMClient", self.service("iam"))

    @property
    def kms(self) -> KMSClient:
        return cast("KMSClient", self.service("kms"))

    @property
    def logs(self) -> CloudWatchLogsClient:
        return cast("CloudWatchLogsClient", self.service("logs"))

    @property
    def pricing(self) -> PricingClient:
        return cast("PricingClient", self.service("pricing"))

    @property
    def rds(self) -> RDSClient:
        return cast("RDSClient", self.service("rds"))

    @property
    def route53(self) -> Route53Client:
        return cast("Route53Client", self.service("route53"))

    @property
    def s3(self) -> S3Client:
        return cast("S3Client", self.service("s3"))

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        return cast("SecretsManagerClient", self.service("secretsmanager"))

    @property
    def service_quotas(self) -> ServiceQuotasClient:
        return cast("ServiceQuotasClient", self.service("service-quotas"))

    @property
    def servicediscovery(self) -> ServiceDiscoveryClient:
        """Cloud Map."""
        return cast("ServiceDiscoveryClient", self.service("servicediscovery"))

    @property
    def sns(self) -> SNSClient:
        return cast("SNSClient", self.service("sns"))

    @property
    def sqs(self) -> SQSClient:
        return cast("SQSClient", self.service("sqs"))

    @property
    def ssm(self) -> SSMClient:
        return cast("SSMClient", self.service("ssm"))

    @property
    def sts(self) -> STSClient:
        return cast("STSClient", self.service("sts"))

    @property
    def tagging(self) -> ResourceGroupsTaggingAPIClient:
        return cast("ResourceGroupsTaggingAPIClient", self.service("resourcegroupstaggingapi"))

    @property
    def wafv2(self) -> WAFV2Client:
        return cast("WAFV2Client", self.service("wafv2"))

    @property
    def xray(self) -> XRayClient:
        return cast("XRayClient", self.service("xray"))

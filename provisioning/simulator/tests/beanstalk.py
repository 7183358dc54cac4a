"""An application of Elastic Beanstalk with versions, and environments of it, for tests."""

from collections.abc import Callable
from typing import Any

from provisioning.simulator.tests.clients import until
from provisioning.simulator.tests.networks import Network
from provisioning.simulator.tests.servers import make_profile

LAUNCH = "aws:autoscaling:launchconfiguration"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
COMMAND = "aws:elasticbeanstalk:command"
VARIABLES = "aws:elasticbeanstalk:application:environment"
VERSIONS = ("v1", "v2", "v3-broken")


def option(namespace: str, name: str, value: object) -> dict[str, str]:
    """An option setting."""
    return {"Namespace": namespace, "OptionName": name, "Value": str(value)}


class Beanstalk:
    """The application "shop" with three versions, in a network with an instance profile."""

    def __init__(self, aws: Callable[[str], Any], network: Network) -> None:
        self.aws, self.network, self.client = aws, network, aws("elasticbeanstalk")
        self.profile = make_profile(aws("iam"))
        self.client.create_application(ApplicationName="shop")
        bundle = {"S3Bucket": "bundles", "S3Key": "shop.zip"}
        place = {"LocationConstraint": "eu-west-1"}
        aws("s3").create_bucket(Bucket=bundle["S3Bucket"], CreateBucketConfiguration=place)
        aws("s3").put_object(Bucket=bundle["S3Bucket"], Key=bundle["S3Key"], Body=b"PK")
        for label in VERSIONS:
            self.client.create_application_version(
                ApplicationName="shop", VersionLabel=label, SourceBundle=bundle
            )
        stacks = self.client.list_available_solution_stacks()["SolutionStacks"]
        self.stack = next(one for one in stacks if "2023" in one and "Python 3.13" in one)

    def settings(self, *changes: dict[str, str]) -> list[dict[str, str]]:
        """Option settings of an environment with a load balancer."""
        subnets = ",".join(self.network.subnets)
        return [
            option(LAUNCH, "IamInstanceProfile", self.profile),
            option(LAUNCH, "DisableIMDSv1", "true"),
            option(ENVIRONMENT, "LoadBalancerType", "application"),
            option("aws:ec2:vpc", "VPCId", self.network.vpc),
            option("aws:ec2:vpc", "Subnets", subnets),
            option("aws:ec2:vpc", "ELBSubnets", subnets),
            option("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced"),
            option("aws:autoscaling:asg", "MinSize", 2),
            *changes,
        ]

    def wanted(self, *changes: dict[str, str], **fields: Any) -> dict[str, Any]:
        """Parameters of the environment "shop-web"."""
        return {
            "ApplicationName": "shop",
            "EnvironmentName": "shop-web",
            "VersionLabel": "v1",
            "SolutionStackName": self.stack,
            "OptionSettings": self.settings(*changes),
            **fields,
        }

    def make(self, *changes: dict[str, str], **fields: Any) -> str:
        """The id of an environment that is ready."""
        made = str(self.client.create_environment(**self.wanted(*changes, **fields))["EnvironmentId"])
        until(lambda: self.look(made)["Status"], "Ready")
        return made

    def look(self, identifier: str) -> dict[str, Any]:
        """What AWS says of an environment."""
        found = self.client.describe_environments(EnvironmentIds=[identifier])["Environments"]
        return dict(found[0]) if found else {"Status": "none"}

    def rest(self, identifier: str) -> dict[str, Any]:
        """What AWS says of an environment, once it is ready."""
        until(lambda: self.look(identifier)["Status"], "Ready")
        return self.look(identifier)

    def told(self, severity: str = "ERROR") -> str:
        """All events from a severity upwards, as one text."""
        return "\n".join(one["Message"] for one in self.client.describe_events(Severity=severity)["Events"])

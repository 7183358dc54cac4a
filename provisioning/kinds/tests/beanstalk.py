"""A network with an Elastic Beanstalk application, a bucket and roles. A version whose name contains "broken" never
answers in the simulator."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kinds.elasticbeanstalk_application import BeanstalkApplicationProps
from provisioning.kinds.elasticbeanstalk_application_version import ApplicationVersionProps
from provisioning.kinds.elasticbeanstalk_environment import BeanstalkEnvironmentProps
from provisioning.kinds.iam_instance_profile import InstanceProfileProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.tests.contract import Build
from provisioning.kinds.tests.network import Network


class Shop(Network):
    """A network, and in it what environments are made with."""

    def __init__(self, aws: Aws, build: Build) -> None:
        super().__init__(aws, build)
        role = build("beanstalk-role", RoleProps(service="elasticbeanstalk.amazonaws.com"))
        servers = build("server-role", RoleProps(service="ec2.amazonaws.com"))
        self.role_arn = role.attributes["arn"]
        self.profile = build("profile", InstanceProfileProps(role_name=servers.id)).id
        application = BeanstalkApplicationProps(service_role_arn=self.role_arn)
        self.application = build("application", application).id
        self.bucket = build("bundles", BucketProps(), name="shop-bundles").id

    def version(self, key: str = "version") -> str:
        """The label of a version."""
        props = ApplicationVersionProps(application_name=self.application, bucket=self.bucket)
        return self.build(key, props).id

    def environment(self, version: str, **changes: object) -> BeanstalkEnvironmentProps:
        """Wanted properties of an environment with a load balancer."""
        wanted = {
            "application_name": self.application,
            "version_label": version,
            "vpc_id": self.vpc_id,
            "subnet_ids": self.subnet_ids,
            "balancer_subnet_ids": self.subnet_ids,
            "service_role_arn": self.role_arn,
            "instance_profile": self.profile,
            **changes,
        }
        return BeanstalkEnvironmentProps.model_validate(wanted)

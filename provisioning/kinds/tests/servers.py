"""A network with what servers need: a profile and launch templates. An image whose tag contains "broken" never answers
in the simulator."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kind import Observed
from provisioning.kinds.autoscaling_group import AutoScalingGroupProps
from provisioning.kinds.ec2_instance import InstanceProps
from provisioning.kinds.ec2_launch_template import LaunchTemplateProps
from provisioning.kinds.iam_instance_profile import InstanceProfileProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import Build
from provisioning.kinds.tests.network import Network


class Servers(Network):
    """A network, and in it what servers are made with."""

    def __init__(self, aws: Aws, build: Build) -> None:
        super().__init__(aws, build)
        role = build("server-role", RoleProps(service="ec2.amazonaws.com"))
        self.profile = build("profile", InstanceProfileProps(role_name=role.id)).id

    def template_props(self, image: str = "nginx:1", **changes: object) -> LaunchTemplateProps:
        """Wanted properties of a launch template here."""
        wanted = {
            "application": {"image": image, "port": 8000},
            "instance_profile": self.profile,
            "security_group_ids": (self.group_id,),
            **changes,
        }
        return LaunchTemplateProps.model_validate(wanted)

    def template(self, key: str = "template", image: str = "nginx:1", **changes: object) -> Observed:
        """A launch template."""
        return self.build(key, self.template_props(image, **changes))

    def instance(self, template: Observed, **changes: object) -> InstanceProps:
        """Wanted properties of a server of this template."""
        wanted = {
            "launch_template_id": template.id,
            "launch_template_version": template.attributes["version"],
            "subnet_id": self.subnet_ids[0],
            "security_group_ids": (self.group_id,),
            **changes,
        }
        return InstanceProps.model_validate(wanted)

    def fleet(self, template: Observed, **changes: object) -> AutoScalingGroupProps:
        """Wanted properties of a group of servers of this template, which are quick to be called full ones."""
        wanted = {
            "launch_template_id": template.id,
            "launch_template_version": template.attributes["version"],
            "subnet_ids": self.subnet_ids,
            "warmup": 10,
            **changes,
        }
        return AutoScalingGroupProps.model_validate(wanted)

"""What instances are started with: an image, a profile, a launch template."""

import base64
import json
from collections.abc import Callable
from typing import Any

from provisioning.simulator.tests.networks import Network

IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def make_profile(iam: Any, name: str = "web") -> str:
    """The name of an instance profile with a role."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def make_group(ec2: Any, network: Network, name: str = "web") -> str:
    """The id of a security group."""
    return str(ec2.create_security_group(GroupName=name, Description=name, VpcId=network.vpc)["GroupId"])


def user_data(image: str) -> str:
    """A script that starts a container of this image."""
    return base64.b64encode(f"#!/bin/sh\ndocker run {image}\n".encode()).decode()


def template_data(group: str, image: str = "nginx:1", **changes: object) -> dict[str, Any]:
    """Data of a launch template for small servers of this security group."""
    return {
        "ImageId": IMAGE,
        "InstanceType": "t3.micro",
        "UserData": user_data(image),
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [group]}],
        **changes,
    }


def make_template(
    aws: Callable[[str], Any], network: Network, image: str = "nginx:1", **changes: object
) -> str:
    """The id of the launch template "web", made with the security group "web"."""
    data = template_data(make_group(aws("ec2"), network), image, **changes)
    made = aws("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    return str(made["LaunchTemplate"]["LaunchTemplateId"])

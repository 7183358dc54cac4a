"""What is peculiar to a launch template: versions that follow each other, and what a server does with one."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.ec2_launch_template import LaunchTemplateProps
from provisioning.kinds.tests.contract import (
    Build,
    Cut,
    MakeHandle,
    check_contract,
    check_cuts,
    cut_after,
    settled,
)
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "ec2.launch_template"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "instance_type": "t3.small",
        "application": {
            "image": "nginx:1",
            "port": 8000,
            "environment": {"STAGE": "live"},
            "secrets": {"KEY": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-a1b2c3"},
            "log_group": "/shop",
        },
        "instance_profile": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "public_ip": True,
    },
    {
        "instance_type": "m6g.large",
        "application": {"image": "nginx:1", "port": 8000},
        "instance_profile": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop:password::"
GROUPS = ("sg-0a1b2c3d4e5f60718", "sg-1a1b2c3d4e5f60718")


def _props(**changes: object) -> LaunchTemplateProps:
    application = {"image": "nginx:1", "port": 8000, **dict(changes.pop("application", {}))}  # type: ignore[call-overload]
    wanted = {"instance_profile": "shop", "security_group_ids": GROUPS[:1], "application": application}
    return LaunchTemplateProps.model_validate({**wanted, **changes})


def test_it_is_made_followed_by_other_versions_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        _props(application={"image": "nginx:2"}),
        _props(application={"environment": {"A": "1"}, "secrets": {"P": SECRET}, "log_group": "/shop"}),
        _props(instance_type="t4g.small", volume_gb=30),
        _props(instance_type="m7i.large", public_ip=True, security_group_ids=GROUPS),
        _props(instance_profile="another"),
    ]

    check_contract(
        aws,
        handle("template", KIND),
        _props(),
        changes=changes,
        attributes=["name", "version"],
        # CreateLaunchTemplate with tags.
        also_permitted=["ec2:CreateTags"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("template", KIND), _props()) == 0


def test_an_update_adds_a_version_and_makes_it_the_default(
    aws: Aws, build: Build, handle: MakeHandle
) -> None:
    made = build("template", _props())
    template = handle("template", KIND, id=made.id)

    after = kind_named(KIND).update(aws, template, _props(volume_gb=20), made)

    assert after.id == made.id
    assert (made.attributes["version"], after.attributes["version"]) == ("1", "2")
    found = aws.ec2.describe_launch_templates(LaunchTemplateIds=[made.id])["LaunchTemplates"][0]
    assert found["DefaultVersionNumber"] == 2
    assert kind_named(KIND).revised


def test_a_version_that_was_not_made_the_default_before_a_cut_is_no_second_time_made(
    aws: Aws, build: Build, handle: MakeHandle
) -> None:
    made = build("template", _props())
    kind, template, wanted = kind_named(KIND), handle("template", KIND, id=made.id), _props(volume_gb=20)
    with pytest.raises(Cut):
        kind.update(cut_after(aws, 1), template, wanted, made)
    now = kind.read(aws, template)
    assert now is not None and kind.differences(wanted.dump(), now) == {"newest_is_default": (False, True)}

    kind.update(aws, template, wanted, now)

    assert settled(aws, template, wanted).attributes["version"] == "2"


def test_the_default_set_back_by_hand_is_seen(aws: Aws, build: Build, handle: MakeHandle) -> None:
    made = build("template", _props())
    template = handle("template", KIND, id=made.id)
    kind_named(KIND).update(aws, template, _props(volume_gb=20), made)
    aws.ec2.modify_launch_template(LaunchTemplateId=made.id, DefaultVersion="1")

    now = kind_named(KIND).read(aws, template)

    assert now is not None
    assert kind_named(KIND).differences(_props(volume_gb=20).dump(), now) == {
        "newest_is_default": (False, True)
    }


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle) -> None:
    made = [kind_named(KIND).create(aws, handle("template", KIND), _props()).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_template_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("template", KIND)
    aws.ec2.create_launch_template(LaunchTemplateName=ours.name, LaunchTemplateData={"ImageId": "ami-1"})

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, _props())

    assert kind_named(KIND).read(aws, ours) is None


def _data(aws: Aws, identifier: str) -> dict[str, Any]:
    answer = aws.ec2.describe_launch_template_versions(LaunchTemplateId=identifier, Versions=["$Latest"])
    return dict(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"])


def test_a_server_of_it_is_safe(aws: Aws, build: Build) -> None:
    data = _data(aws, build("template", _props()).id)

    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
    }
    assert data["BlockDeviceMappings"][0]["Ebs"] == {
        "Encrypted": True,
        "VolumeType": "gp3",
        "VolumeSize": 16,
        "DeleteOnTermination": True,
    }
    assert data["CreditSpecification"] == {"CpuCredits": "standard"}


@pytest.mark.parametrize(
    ("instance_type", "processors"),
    [("t3.micro", "x86_64"), ("t4g.micro", "arm64"), ("m7gd.large", "arm64"), ("g5.xlarge", "x86_64")],
)
def test_the_image_is_the_newest_for_the_processors(
    aws: Aws, build: Build, instance_type: str, processors: str
) -> None:
    data = _data(aws, build("template", _props(instance_type=instance_type)).id)

    parameter = str(data["ImageId"]).removeprefix("resolve:ssm:")
    assert parameter.endswith(f"/al2023-ami-kernel-default-{processors}")
    assert aws.ssm.get_parameter(Name=parameter)["Parameter"]["Value"].startswith("ami-")


def test_a_server_starts_the_container_and_knows_no_secret_before(aws: Aws, build: Build) -> None:
    wanted = _props(application={"secrets": {"P": SECRET}, "environment": {"A": 'it\'s "1"'}})

    data = _data(aws, build("template", wanted).id)

    text = base64.b64decode(str(data["UserData"])).decode()
    assert text.startswith("#cloud-config\n")
    files = {one["path"]: one["content"] for one in json.loads(text.partition("\n")[2])["write_files"]}
    compile(files["/usr/local/bin/start-application"], "start-application", "exec")
    settings = json.loads(files["/etc/application.json"])
    assert settings["environment"] == {"A": 'it\'s "1"'}
    assert settings["secrets"] == {"P": SECRET}
    assert (settings["image"], settings["region"]) == ("nginx:1", "us-east-1")


def test_user_data_written_by_hand_is_seen(aws: Aws, build: Build, handle: MakeHandle) -> None:
    made = build("template", _props())
    text = base64.b64encode(b"#!/bin/sh\necho hello\n").decode()
    aws.ec2.create_launch_template_version(
        LaunchTemplateId=made.id, SourceVersion="1", LaunchTemplateData={"UserData": text}
    )
    template, kind = handle("template", KIND, id=made.id), kind_named(KIND)
    now = kind.read(aws, template)
    assert now is not None
    assert kind.differences(_props().dump(), now).keys() == {"application", "newest_is_default"}

    kind.update(aws, template, _props(), now)

    assert settled(aws, template, _props()).attributes["version"] == "3"


def test_templates_of_others_do_not_push_ours_off_the_list(
    aws: Aws, build: Build, handle: MakeHandle
) -> None:
    for number in range(16):
        build(f"template-{number}", _props())

    found = kind_named(KIND).read(aws, replace(handle("template-15", KIND), id=None))

    assert found is not None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"instance_type": "small"}, "instance_type"),
        ({"volume_gb": 7}, "volume_gb"),
        ({"instance_profile": ""}, "instance_profile"),
        ({"security_group_ids": ()}, "security_group_ids"),
        ({"encrypted": False}, "encrypted"),
        ({"application": {"port": 0}}, "port"),
        ({"application": {"environment": {"LONG": "x" * 16_000}}}, "EC2 takes 16384"),
    ],
)
def test_what_ec2_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**changes)

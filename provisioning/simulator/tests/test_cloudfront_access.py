"""Origin access controls in the simulator."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def wanted(name: str = "files") -> dict[str, str]:
    return {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }


def test_a_name_is_taken_once_and_each_change_has_a_version(aws: Aws) -> None:
    cloudfront = aws("cloudfront")
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=wanted())
    identifier = made["OriginAccessControl"]["Id"]
    assert identifier.startswith("E"), "as every id of CloudFront"
    again = {"OriginAccessControlConfig": wanted()}
    assert refusal(cloudfront.create_origin_access_control, **again) == "OriginAccessControlAlreadyExists"
    long = {"OriginAccessControlConfig": wanted("n" * 65)}
    assert refusal(cloudfront.create_origin_access_control, **long) == "InvalidArgument"
    change = {"Id": identifier, "OriginAccessControlConfig": wanted("other"), "IfMatch": made["ETag"]}
    changed = cloudfront.update_origin_access_control(**change)
    assert changed["ETag"] != made["ETag"]
    assert refusal(cloudfront.update_origin_access_control, **change) == "PreconditionFailed"
    deletion = {"Id": identifier, "IfMatch": made["ETag"]}
    assert refusal(cloudfront.delete_origin_access_control, **deletion) == "PreconditionFailed"
    assert refusal(cloudfront.delete_origin_access_control, Id=identifier) == "InvalidIfMatchVersion"
    cloudfront.delete_origin_access_control(Id=identifier, IfMatch=changed["ETag"])
    gone = {"Id": identifier, "IfMatch": changed["ETag"]}
    assert refusal(cloudfront.delete_origin_access_control, **gone) == "NoSuchOriginAccessControl"

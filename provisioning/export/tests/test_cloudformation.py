"""A spec as a CloudFormation template: references, order, names, and what it says of what it cannot make."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.blueprints.options import DomainOptions
from provisioning.blueprints.parts.domain import certificate
from provisioning.export.cloudformation import FIRST, OURS, template
from provisioning.kind import TAG_KEY, TAG_OPERATION
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.cloudfront_distribution import Behavior, DistributionProps, ServerOrigin
from provisioning.kinds.ec2_internet_gateway import InternetGatewayProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.rds_backup_replication import BackupReplicationProps
from provisioning.kinds.rds_db_instance import DBInstanceProps
from provisioning.kinds.route53_hosted_zone import HostedZoneProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_bucket_policy import BucketPolicyProps, refusing_plain_http
from provisioning.kinds.s3_replication import ReplicationProps
from provisioning.kinds.secretsmanager_secret import SecretProps
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.ssm_parameter import ParameterProps
from provisioning.plan import plan_for
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.tests.cloud import SPEC

FILES = Resource(key="files", props=BucketProps())


def made(*resources: Resource, outputs: dict[str, str] | None = None) -> Any:
    return template(SPEC, resources, outputs or {}, title="Test")


def parameter(value: str, key: str = "parameter") -> Resource:
    return Resource(key=key, name="/shop/one", props=ParameterProps(value=value))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("${files.name}", {"Ref": "Files"}),
        ("${files.regional_domain}", {"Fn::GetAtt": ["Files", "RegionalDomainName"]}),
        ("${files.arn}", {"Fn::Sub": "arn:aws:s3:::${Files}"}),
        (
            "s3://${files.name}/of/${files.regional_domain}",
            {"Fn::Sub": "s3://${Files}/of/${Files.RegionalDomainName}"},
        ),
        ("${HOME} and ${files.name}", {"Fn::Sub": "${!HOME} and ${Files}"}),
        ("${HOME} alone", "${HOME} alone"),
    ],
)
def test_references_become_functions(value: str, written: object) -> None:
    assert made(FILES, parameter(value))["Resources"]["Parameter"]["Properties"]["Value"] == written


def test_one_of_several_is_picked() -> None:
    zone = Resource(key="zone", props=HostedZoneProps(domain="shop.example.com"))
    second = {"Fn::Select": [1, {"Fn::GetAtt": ["Zone", "NameServers"]}]}

    whole = made(zone, parameter("${zone.name_server_2}"), parameter("ns ${zone.name_server_2}", key="text"))[
        "Resources"
    ]

    assert whole["Parameter"]["Properties"]["Value"] == second
    assert whole["Text"]["Properties"]["Value"] == {
        "Fn::Sub": ["ns ${ZoneNameServers1}", {"ZoneNameServers1": second}]
    }


def test_what_stands_before_another_thing_does_so_with_all_its_parts() -> None:
    vpc = Resource(key="vpc", props=VpcProps())
    gateway = Resource(key="internet-gateway", props=InternetGatewayProps(vpc_id=ref("vpc")))
    topic = Resource(key="topic", props=TopicProps(), after=("internet-gateway",))

    whole = made(vpc, gateway, topic)["Resources"]

    assert whole["Topic"]["DependsOn"] == ["InternetGateway", "InternetGatewayAttachment"]
    assert "DependsOn" not in whole["InternetGatewayAttachment"]  # its properties name both


def test_who_refers_to_a_thing_waits_for_what_else_belongs_to_it() -> None:
    assert made(FILES, parameter("${files.name}"))["Resources"]["Parameter"]["DependsOn"] == ["FilesPolicy"]


def test_names_are_those_that_the_portal_gives() -> None:
    logs = Resource(key="one", name="/logs/${files.name}", props=ParameterProps(value="x"))
    resources = (FILES, Resource(key="topic", props=TopicProps()), logs)
    planned = {change.key: change.name for change in plan_for(SPEC, resources).changes}

    whole = made(*resources)["Resources"]

    assert whole["Files"]["Properties"]["BucketName"] == planned["files"]
    assert whole["Topic"]["Properties"]["TopicName"] == planned["topic"]
    assert whole["One"]["Properties"]["Name"] == planned["one"] == f"/logs/{planned['files']}"


def test_things_carry_the_tags_of_the_environment_but_never_look_as_if_the_portal_had_made_them() -> None:
    tags = {one["Key"]: one["Value"] for one in made(FILES)["Resources"]["Files"]["Properties"]["Tags"]}

    assert tags == SPEC.tags()
    assert not tags.keys() & {TAG_KEY, TAG_OPERATION}


def test_a_bucket_has_one_policy_whoever_adds_to_it() -> None:
    more = BucketPolicyProps(bucket=ref("files", "name"), statements=(refusing_plain_http(),))

    whole = made(FILES, Resource(key="files-policy", props=more))["Resources"]

    policies = [one for one in whole.values() if one["Type"] == "AWS::S3::BucketPolicy"]
    assert [
        [said["Sid"] for said in one["Properties"]["PolicyDocument"]["Statement"]] for one in policies
    ] == [["AndamioTlsOnly", "AndamioPlainHttpRefused"]]


def test_the_record_of_a_certificate_is_cloudformations_own() -> None:
    whole = made(*certificate(DomainOptions(domain="shop.example.com", hosted_zone_id="Z1")))

    assert list(whole["Resources"]) == ["Certificate"]
    proof = whole["Resources"]["Certificate"]["Properties"]["DomainValidationOptions"]
    assert proof == [{"DomainName": "shop.example.com", "HostedZoneId": "Z1"}]
    assert set(whole["Metadata"][OURS]["Remarks"]) == {"certificate-record", "certificate-validation"}


def test_what_is_in_another_region_is_asked_for() -> None:
    own = Resource(key="certificate", props=CertificateProps(domain="shop.example.com"), region="us-west-2")
    distribution = DistributionProps(
        servers=(ServerOrigin(id="app", domain="shop.example.org"),),
        default=Behavior(origin="app"),
        aliases=("shop.example.com",),
        certificate_arn=ref("certificate", "arn"),
    )

    whole = made(own, Resource(key="cdn", props=distribution))

    viewer = whole["Resources"]["Cdn"]["Properties"]["DistributionConfig"]["ViewerCertificate"]
    assert viewer["AcmCertificateArn"] == {"Ref": "CertificateArn"}
    assert whole["Parameters"] == {"CertificateArn": {"Type": "String", "Description": "arn of: Certificate"}}
    assert "us-west-2" in whole["Metadata"][OURS][FIRST]["certificate"]


def test_a_secret_parameter_is_made_by_people_before_and_the_description_says_so() -> None:
    secret = Resource(key="key", name="/shop/it's", props=ParameterProps(type="SecureString", generate=True))
    reading = Statement(actions=("ssm:GetParameters",), resources=(ref("key", "arn"),))

    whole = made(
        secret, Resource(key="policy", props=RolePolicyProps(role_name="shop", statements=(reading,)))
    )

    assert list(whole["Resources"]) == ["Policy"]
    statement = whole["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert statement["Resource"] == [f"arn:aws:ssm:us-east-1:{SPEC.account}:parameter/shop/it's"]
    assert """--name '/shop/it'"'"'s'""" in whole["Metadata"][OURS][FIRST]["key"]
    assert FIRST in whole["Description"]


def test_a_database_with_a_password_of_its_own_takes_it_from_a_generated_secret() -> None:
    secret = Resource(key="password", props=SecretProps())
    database = DBInstanceProps(
        subnet_group_name="shop",
        parameter_group_name="shop",
        security_group_ids=("sg-1",),
        master_username="shop",
        managed_password=False,
        password_secret_arn=ref("password", "arn"),
    )

    whole = made(secret, Resource(key="database", props=database))["Resources"]

    assert whole["Database"]["Properties"]["MasterUserPassword"] == {
        "Fn::Sub": "{{resolve:secretsmanager:${Password}:SecretString:password}}"
    }
    generated = whole["Password"]["Properties"]["GenerateSecretString"]
    assert generated["SecretStringTemplate"] == '{"username": "shop"}'


def test_copies_of_backups_in_another_region_are_settings_of_the_database() -> None:
    database = DBInstanceProps(
        subnet_group_name="shop", parameter_group_name="shop", security_group_ids=("sg-1",)
    )
    copies = BackupReplicationProps(source_arn=ref("database", "arn"), retention=14)

    whole = made(
        Resource(key="database", props=database), Resource(key="copies", props=copies, region="us-west-2")
    )

    settings = whole["Resources"]["Database"]["Properties"]
    assert settings["AutomaticBackupReplicationRegion"] == "us-west-2"
    assert settings["AutomaticBackupReplicationRetentionPeriod"] == 14
    assert list(whole["Metadata"][OURS]["Remarks"]) == ["copies"]


def test_copies_of_files_are_a_setting_of_the_bucket() -> None:
    copies = ReplicationProps(
        bucket=ref("files", "name"),
        destination_arn=ref("copies", "arn"),
        destination_region="us-west-2",
        role_arn="arn:aws:iam::123456789012:role/copies",
    )
    there = Resource(key="copies", props=BucketProps(), region="us-west-2")

    whole = made(FILES, there, Resource(key="copying", props=copies))

    (rule,) = whole["Resources"]["Files"]["Properties"]["ReplicationConfiguration"]["Rules"]
    assert rule["Destination"] == {"Bucket": {"Fn::Sub": "arn:aws:s3:::${CopiesName}"}}
    assert whole["Parameters"]["CopiesName"]["Default"] == there.name_in(SPEC)
    assert "copying" in whole["Metadata"][OURS]["Remarks"]


def test_outputs_are_those_of_the_blueprint() -> None:
    whole = made(FILES, outputs={"bucket": ref("files", "name"), "log_group": "/shop"})

    assert whole["Outputs"] == {
        "Bucket": {"Description": "bucket", "Value": {"Ref": "Files"}},
        "LogGroup": {"Description": "log group", "Value": "/shop"},
    }


def test_it_says_where_it_comes_from() -> None:
    whole = made(FILES)

    assert whole["Description"].startswith("shop / test: Test, us-east-1, account 123456789012.")
    assert whole["Metadata"][OURS]["Stack"] == SPEC.stack
    assert whole["Resources"]["Files"]["Metadata"][OURS] == {"Key": "files", "Title": "S3 bucket"}


def test_an_attribute_that_cloudformation_does_not_tell_is_no_template() -> None:
    with pytest.raises(ValueError, match="colour of files"):
        made(FILES, parameter("${files.colour}"))

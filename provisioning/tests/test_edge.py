"""An edge as the engine makes it: a distribution before a bucket, with web ACL and domain, made and taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import MemoryJournal, Result
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.cloudfront_distribution import Behavior, BucketOrigin, DistributionProps
from provisioning.kinds.cloudfront_origin_access_control import OriginAccessControlProps
from provisioning.kinds.route53_hosted_zone import HostedZoneProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_bucket_policy import BucketPolicyProps, readable_by_cloudfront
from provisioning.kinds.wafv2_web_acl import WebAclProps
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.steps import Step
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of

pytestmark = pytest.mark.simulator
HERE, HOME = "eu-west-1", "us-east-1"
DOMAIN = "shop.example.com"
ENVIRONMENT = SPEC.model_copy(update={"region": HERE, "zones": (f"{HERE}a", f"{HERE}b")})
# Looks as often as an account asks for that is five hundred times as quick.
TIMING = replace(QUICK, not_yet=10, longest_poll=0.1)
SHORT = {"cloudfront.deploy": 25, "acm.issue": 20, "acm.record": 5, "wafv2.release": 20}


def _proof() -> RecordProps:
    return RecordProps(
        zone_id=ref("zone"),
        name=ref("certificate", "validation_name"),
        type="CNAME",
        values=(ref("certificate", "validation_value"),),
    )


def _distribution() -> DistributionProps:
    bucket = BucketOrigin(
        id="files", domain=ref("files", "regional_domain"), access_control_id=ref("files-access")
    )
    return DistributionProps(
        buckets=(bucket,),
        default=Behavior(origin="files"),
        aliases=(DOMAIN,),
        certificate_arn=ref("certificate-issued", "arn"),
        web_acl_arn=ref("firewall", "arn"),
    )


def _address() -> RecordProps:
    return RecordProps(
        zone_id=ref("zone"),
        name=DOMAIN,
        type="A",
        alias_dns=ref("cdn", "domain_name"),
        alias_zone_id=ref("cdn", "zone_id"),
    )


EDGE = (
    Resource(key="zone", props=HostedZoneProps(domain=DOMAIN)),
    Resource(key="certificate", region=HOME, props=CertificateProps(domain=DOMAIN)),
    Resource(key="certificate-proof", props=_proof()),
    Resource(
        key="certificate-issued",
        region=HOME,
        props=ValidationProps(certificate_arn=ref("certificate", "arn")),
        after=("certificate-proof",),
    ),
    Resource(key="files", props=BucketProps()),
    Resource(key="files-access", region=HOME, props=OriginAccessControlProps()),
    Resource(key="firewall", region=HOME, props=WebAclProps(scope="CLOUDFRONT")),
    Resource(key="cdn", region=HOME, props=_distribution()),
    Resource(
        key="files-policy",
        props=BucketPolicyProps(bucket=ref("files"), statements=(readable_by_cloudfront(ref("cdn", "arn")),)),
    ),
    Resource(key="address", props=_address()),
)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with start(speed=500, durations=SHORT) as simulator:
        access = AccountAccess(account=SPEC.account, endpoint_url=simulator.endpoint)
        yield Aws(connection=Connection(access, HERE), caller="test")


def _carry_out(steps: tuple[Step, ...], journal: MemoryJournal, aws: Aws) -> None:
    claim = replace(claim_of(steps, journal), aws=aws, spec=ENVIRONMENT)
    engine = Engine(Once(claim), timing=TIMING)
    engine.work()
    engine.close()
    failed = [state.error for state in journal.states.values() if state.error]
    assert journal.result is Result.SUCCEEDED, failed


def test_an_edge_is_made_found_as_wanted_and_taken_away_in_the_order_that_aws_asks_for(aws: Aws) -> None:
    journal = MemoryJournal()

    _carry_out(provision(plan_for(ENVIRONMENT, EDGE)), journal, aws)

    recorded = journal.recorded.values()
    assert plan_for(ENVIRONMENT, EDGE, recorded, observe(recorded, ENVIRONMENT, aws)).is_empty
    assert {one.key for one in sweep(aws, ENVIRONMENT.stack, [HOME])} >= {"cdn", "firewall", "files", "zone"}
    after = MemoryJournal()
    after.recorded.update(journal.recorded)
    _carry_out(destroy(recorded), after, aws)
    assert sweep(aws, ENVIRONMENT.stack, [HOME]) == ()
    controls: Any = aws.cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    assert controls["Quantity"] == 0

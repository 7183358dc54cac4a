"""A domain of one's own: what answers for it in each architecture, and what is refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.blueprints.parts.firewall import HOME
from provisioning.errors import InvalidSpec
from provisioning.references import JsonObject, JsonValue
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC

DOMAIN: Mapping[str, JsonValue] = {"domain": "shop.example.org", "hosted_zone_id": "Z1"}
NEW: Mapping[str, JsonValue] = {"domain": "shop.example.org", "new_zone": True}
FILES = "files.shop.example.org"


def _spec(architecture: str, phase: str, options: Mapping[str, JsonValue]) -> Spec:
    wanted = {"architecture": architecture, "phase": phase, "options": dict(options)}
    return SPEC.model_copy(update=wanted)


def _wanted(architecture: str, phase: str, **options: JsonValue) -> dict[str, Resource]:
    spec = _spec(architecture, phase, options)
    return {one.key: one for one in blueprint_for(architecture, phase).resources(spec)}


def _outputs(architecture: str, phase: str, **options: JsonValue) -> dict[str, str]:
    return blueprint_for(architecture, phase).outputs(_spec(architecture, phase, options))


def _props(resources: Mapping[str, Resource], key: str) -> JsonObject:
    return resources[key].props.dump()


@pytest.mark.parametrize(("architecture", "phase"), [("serverless", "mvp"), ("containers", "mvp")])
def test_before_an_http_api_a_domain_name_of_the_region_answers_and_the_record_leads_there(
    architecture: str, phase: str
) -> None:
    wanted = _wanted(architecture, phase, **DOMAIN)

    assert _props(wanted, "api-domain")["certificate_arn"] == "${certificate.arn}"
    assert "certificate-validation" in wanted["api-domain"].after
    assert wanted["certificate"].region == ""
    assert _props(wanted, "domain-record")["alias_dns"] == "${api-domain.target}"
    assert _outputs(architecture, phase, **DOMAIN)["url"] == "https://shop.example.org"


@pytest.mark.parametrize("phase", ["mvp", "production"])
def test_cloudfront_before_elastic_beanstalk_answers_with_a_certificate_of_its_own_region(phase: str) -> None:
    wanted = _wanted("simple", phase, **DOMAIN)

    assert _props(wanted, "front")["aliases"] == ["shop.example.org"]
    assert {wanted[key].region for key in ("front-certificate", "front-certificate-validation")} == {HOME}
    assert _props(wanted, "domain-record")["alias_dns"] == "${front.domain_name}"
    assert _props(wanted, "web")["certificate_arn"] == ""


def test_without_cloudfront_the_load_balancer_of_elastic_beanstalk_answers_over_https() -> None:
    wanted = _wanted("simple", "production", front=False, **DOMAIN)

    assert _props(wanted, "web")["certificate_arn"] == "${certificate.arn}"
    assert "certificate-validation" in wanted["web"].after
    record = _props(wanted, "domain-record")
    # AWS's own zone for addresses of Elastic Beanstalk in us-east-1; an alias to the balancer would break at a swap.
    assert (record["alias_dns"], record["alias_zone_id"]) == ("${web.cname}", "Z117KPS5GTRQ2G")
    assert _props(wanted, "files-delivery")["aliases"] == [FILES]


@pytest.mark.parametrize("architecture", ["containers", "server", "serverless"])
def test_files_are_at_a_name_below_the_domain(architecture: str) -> None:
    wanted = _wanted(architecture, "scaling", **DOMAIN)

    assert _props(wanted, "files-delivery")["aliases"] == [FILES]
    assert _props(wanted, "files-certificate")["domain"] == FILES
    assert wanted["files-certificate"].region == HOME
    assert _props(wanted, "files-record")["name"] == FILES
    assert _outputs(architecture, "scaling", **DOMAIN)["files_url"] == f"https://{FILES}"


def test_a_new_zone_has_the_records_and_its_name_servers_are_told() -> None:
    wanted = _wanted("containers", "production", **NEW)

    zoned = {key: _props(wanted, key)["zone_id"] for key in wanted if key.endswith("-record")}
    assert set(zoned.values()) == {"${zone.id}"}
    assert set(zoned) == {"certificate-record", "domain-record", "files-certificate-record", "files-record"}
    assert _props(wanted, "certificate-validation")["name_servers"] == "${zone.name_servers}"
    assert _outputs("containers", "production", **NEW)["name_servers"] == "${zone.name_servers}"
    assert "zone" not in _wanted("containers", "production", **DOMAIN)


def test_waf_before_cloudfront_has_its_scope_and_its_region_and_the_distribution_names_it() -> None:
    application = _wanted("simple", "production", firewall=True)
    files = _wanted("serverless", "scaling", firewall=True)

    for wanted, distribution in ((application, "front"), (files, "files-delivery")):
        assert wanted["cloudfront-firewall"].region == HOME
        assert _props(wanted, "cloudfront-firewall")["scope"] == "CLOUDFRONT"
        assert _props(wanted, distribution)["web_acl_arn"] == "${cloudfront-firewall.arn}"


@pytest.mark.parametrize(
    ("architecture", "phase", "options", "field", "reason"),
    [
        ("simple", "mvp", {**DOMAIN, "front": False}, "domain", "certificates"),
        ("server", "mvp", DOMAIN, "domain", "certificates"),
        ("simple", "production", {"front": False, "firewall": True}, "firewall", "CloudFront"),
        ("serverless", "mvp", {"firewall": True}, "firewall", "no WAF before an HTTP API"),
        ("containers", "mvp", {"firewall": True}, "firewall", "no WAF before an HTTP API"),
        ("containers", "mvp", {**DOMAIN, "new_zone": True}, "new_zone", "a zone already"),
        ("containers", "mvp", {"new_zone": True}, "new_zone", "go together"),
        ("containers", "mvp", {"domain": "shop.example.org"}, "hosted_zone_id", "go together"),
        ("simple", "production", {"postgres_version": "13"}, "postgres_version", "extended support"),
        ("serverless", "mvp", {"postgres_version": "18"}, "postgres_version", "Aurora does not have it yet"),
    ],
)
def test_what_aws_does_not_have_is_refused_with_the_reason(
    architecture: str, phase: str, options: dict[str, JsonValue], field: str, reason: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _wanted(architecture, phase, **options)

    assert refused.value.field == field
    assert reason in f"{refused.value.message} {refused.value.hint}"


def test_a_region_whose_zone_for_elastic_beanstalk_is_not_known_needs_cloudfront() -> None:
    spec = _spec("simple", "production", {**DOMAIN, "front": False}).model_copy(
        update={"region": "xx-west-1"}
    )

    with pytest.raises(InvalidSpec, match="xx-west-1") as refused:
        blueprint_for("simple", "production").resources(spec)

    assert refused.value.field == "domain"


def test_a_version_of_postgresql_has_its_settings() -> None:
    rds = _wanted("server", "mvp", postgres_version="18")
    aurora = _wanted("serverless", "mvp", postgres_version="16")

    assert _props(rds, "database-settings")["family"] == "postgres18"
    assert _props(rds, "database")["engine_version"] == "18"
    assert _props(aurora, "database-settings")["family"] == "aurora-postgresql16"
    assert _props(aurora, "database")["engine_version"] == "16"


def test_addresses_are_told_of_what_can_be_reached() -> None:
    replicas = _outputs("containers", "production", read_replicas=2)

    assert [replicas[f"replica_address_{number}"] for number in (1, 2)] == [
        "${database-replica-1.address}",
        "${database-replica-2.address}",
    ]
    assert "reader_address" in _outputs("serverless", "scaling")
    assert "reader_address" not in _outputs("serverless", "scaling", proxy=True)


def test_an_http_api_keeps_an_access_log_unless_it_is_switched_off() -> None:
    logged, silent = _wanted("serverless", "mvp"), _wanted("serverless", "mvp", access_log=False)

    assert _props(logged, "api-stage")["access_log_arn"] == "${api-logs.arn}"
    assert logged["api-logs"].name.startswith("/aws/vendedlogs/")
    assert "api-logs" not in silent and _props(silent, "api-stage")["access_log_arn"] == ""

"""What is peculiar to a mapping: one for everything below a domain, and it keeps the API that it leads to."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_api_mapping import ApiMappingProps
from provisioning.kinds.apigatewayv2_domain_name import DomainNameProps
from provisioning.kinds.apigatewayv2_stage import StageProps
from provisioning.kinds.tests.certificates import issued, zone
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.api_mapping"
DOMAIN = "shop.example.org"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"domain": DOMAIN, "api_id": "abcdef1234"},)


def _api(build: Build, key: str) -> str:
    api = build(key, ApiProps()).id
    build(f"{key}-stage", StageProps(api_id=api), name="$default")
    return api


@pytest.fixture
def props(aws: Aws, build: Build) -> ApiMappingProps:
    certificate = issued(build, "certificate", DOMAIN, zone(aws, "example.org"))
    build("api-domain", DomainNameProps(domain=DOMAIN, certificate_arn=certificate))
    return ApiMappingProps(domain=DOMAIN, api_id=_api(build, "api"))


def test_it_is_made_leads_to_another_api_and_is_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: ApiMappingProps
) -> None:
    other = _api(build, "other")

    check_contract(
        aws,
        handle("api-mapping", KIND),
        props,
        changes=[props.model_copy(update={"api_id": other})],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: ApiMappingProps) -> None:
    assert check_cuts(aws, handle("api-mapping", KIND), props) == 0


def test_it_keeps_its_api(aws: Aws, handle: MakeHandle, build: Build, props: ApiMappingProps) -> None:
    build("api-mapping", props)

    with pytest.raises(AwsError, match="base path mappings"):
        kind_named("apigatewayv2.api").delete(aws, handle("api", "apigatewayv2.api", id=props.api_id))


def test_a_stage_that_is_not_there_is_refused(aws: Aws, handle: MakeHandle, props: ApiMappingProps) -> None:
    nowhere = props.model_copy(update={"stage": "none"})

    with pytest.raises(AwsError, match="stage"):
        kind_named(KIND).create(aws, handle("api-mapping", KIND), nowhere)

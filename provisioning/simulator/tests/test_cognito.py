"""User pools in the simulator: what an update leaves out is reset, and what is protected or has a domain stays."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def test_an_update_resets_what_it_leaves_out(aws: Aws) -> None:
    cognito = aws("cognito-idp")
    settings = {"UsernameAttributes": ["email"], "UserPoolTags": {"stack": "one"}}
    pool = cognito.create_user_pool(PoolName="users", DeletionProtection="ACTIVE", **settings)["UserPool"][
        "Id"
    ]
    assert refusal(cognito.delete_user_pool, UserPoolId=pool) == "InvalidParameterException"
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    cognito.update_user_pool(UserPoolId=pool)
    now = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    told = (
        now["DeletionProtection"],
        now["MfaConfiguration"],
        now.get("UserPoolTags"),
        now["UsernameAttributes"],
    )
    assert told == ("INACTIVE", "OFF", None, ["email"])
    assert refusal(cognito.create_user_pool, PoolName="b", MfaConfiguration="ON") == (
        "InvalidParameterException"
    )


def test_a_domain_is_everybodys_and_takes_its_time(aws: Aws) -> None:
    cognito = aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users")["UserPool"]["Id"]
    other = cognito.create_user_pool(PoolName="users")["UserPool"]["Id"]
    assert cognito.describe_user_pool_domain(Domain="orders")["DomainDescription"] == {}
    cognito.create_user_pool_domain(Domain="orders", UserPoolId=pool)

    def state() -> Any:
        return cognito.describe_user_pool_domain(Domain="orders")["DomainDescription"].get("Status")

    create = cognito.create_user_pool_domain
    assert refusal(create, Domain="orders", UserPoolId=other) == "InvalidParameterException"
    assert refusal(create, Domain="my-cognito", UserPoolId=other) == "InvalidParameterException"
    assert until(state, "ACTIVE")[-1] == "ACTIVE"
    assert refusal(cognito.delete_user_pool, UserPoolId=pool) == "InvalidParameterException"
    cognito.delete_user_pool_domain(Domain="orders", UserPoolId=pool)
    assert until(state, None)[-1] is None
    cognito.delete_user_pool(UserPoolId=pool)


def test_a_client_sends_people_back_over_https_and_forgets_what_an_update_leaves_out(aws: Aws) -> None:
    cognito = aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users")["UserPool"]["Id"]
    oauth = {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": True,
    }
    create = cognito.create_user_pool_client
    which = {"UserPoolId": pool, "ClientName": "web"}
    assert refusal(create, **which, **oauth) == "InvalidParameterException"
    wrong = {"CallbackURLs": ["http://app.example.org/"]}
    assert refusal(create, **which, **oauth, **wrong) == "InvalidParameterException"
    client = create(**which, **oauth, CallbackURLs=["https://app.example.org/"])["UserPoolClient"]["ClientId"]
    cognito.update_user_pool_client(UserPoolId=pool, ClientId=client)
    now = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
    assert (now.get("CallbackURLs"), now["ClientName"]) == (None, "web")

"""Cognito user pools: updates that reset what they leave out, protection, and domains that take their time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.cognitoidp.models import CognitoIdpUserPoolClient, cognitoidp_backends
from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event

#: What can't be changed once a pool is made, and stays whatever an update says.
_FIXED = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")
_RESERVED = ("amazon", "aws", "cognito")


@dataclass(kw_only=True)
class Domains:
    """States of the domains of one region, of all its customers."""

    states: dict[str, str] = field(default_factory=dict)


def _domains(moment: Moment) -> dict[str, str]:
    return moment.world.notes_of(Domains, "", moment.region).states


def _pool(moment: Moment, identity: str) -> Any:
    pool = cognitoidp_backends[moment.account][moment.region].user_pools.get(identity)
    if pool is None:
        raise Refusal("ResourceNotFoundException", f"User pool {identity} does not exist.")
    return pool


def _refuse(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def _check_mfa(call: Call) -> None:
    if call.text("MfaConfiguration") in ("ON", "OPTIONAL") and not call.params.get("SmsConfiguration"):
        text = "SMS configuration and Auto verification for phone_number are required when MFA is on."
        raise _refuse(text)


def _check_password(call: Call) -> None:
    policy = (call.params.get("Policies") or {}).get("PasswordPolicy") or {}
    length = policy.get("MinimumLength")
    if length is not None and not 6 <= length <= 99:
        raise _refuse(f"Password minimum length {length} is not between 6 and 99.")
    days = (call.params.get("AdminCreateUserConfig") or {}).get("UnusedAccountValidityDays")
    if days is not None and policy.get("TemporaryPasswordValidityDays") is not None:
        text = (
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )
        raise _refuse(text)


@operation("cognito-idp", "CreateUserPool")
def create_user_pool(call: Call) -> object:
    """MFA by text message needs what sends them."""
    _check_mfa(call)
    _check_password(call)
    answer = call.forward()
    pool: Any = _pool(call, result_of(answer)["UserPool"]["Id"])
    pool.extended_config.setdefault("DeletionProtection", "INACTIVE")
    pool.extended_config.setdefault("UserPoolTier", "ESSENTIALS")
    return answer


@operation("cognito-idp", "UpdateUserPool")
def update_user_pool(call: Call) -> object:
    """What is left out goes back to its default."""
    pool = _pool(call, call.text("UserPoolId"))
    _check_password(call)
    fixed = {name: pool.extended_config[name] for name in _FIXED if name in pool.extended_config}
    answer = call.forward()
    pool.extended_config.update(fixed)
    for name in ("UserPoolId", "MfaConfiguration"):  # moto keeps the second elsewhere as well
        pool.extended_config.pop(name, None)
    pool.extended_config.setdefault("DeletionProtection", "INACTIVE")
    pool.extended_config.setdefault("UserPoolTier", "ESSENTIALS")
    pool.mfa_config = call.text("MfaConfiguration") or "OFF"
    return {} if answer is None else answer


@operation("cognito-idp", "DeleteUserPool")
def delete_user_pool(call: Call) -> object:
    """Refused while it is protected or has a domain."""
    pool = _pool(call, call.text("UserPoolId"))
    if pool.extended_config.get("DeletionProtection") == "ACTIVE":
        raise _refuse(
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )
    if pool.domain is not None:
        text = "User pool cannot be deleted. It has a domain configured that should be deleted first."
        raise _refuse(text)
    return call.forward()


@operation("cognito-idp", "CreateUserPoolDomain")
def create_domain(call: Call) -> object:
    """A name is taken once among all customers of a region; `CREATING`, then `ACTIVE`."""
    name, custom = call.text("Domain"), bool(call.params.get("CustomDomainConfig"))
    pool = _pool(call, call.text("UserPoolId"))
    if name in _domains(call):
        raise _refuse("Domain already associated with another user pool.")
    if pool.domain is not None and bool(pool.domain.custom_domain_config) == custom:
        raise _refuse("User pool already has a domain configured.")
    if not custom and any(word in name for word in _RESERVED):
        raise _refuse("Domain cannot contain reserved word: cognito, aws or amazon.")
    if custom and ":us-east-1:" not in call.params["CustomDomainConfig"]["CertificateArn"]:
        raise _refuse("Certificate must be in us-east-1.")
    answer = call.forward()
    _domains(call)[name] = "CREATING"
    call.after("cognito.custom-domain" if custom else "cognito.domain", "cognito.domain-active", name)
    return answer


@event("cognito.domain-active")
def domain_active(moment: Moment, name: str) -> None:
    """The pages are there."""
    if _domains(moment).get(name) in ("CREATING", "UPDATING"):
        _domains(moment)[name] = "ACTIVE"


@operation("cognito-idp", "UpdateUserPoolDomain")
def update_domain(call: Call) -> object:
    """`UPDATING`, then `ACTIVE`."""
    name = call.text("Domain")
    answer = call.forward()
    _domains(call)[name] = "UPDATING"
    call.after("cognito.custom-domain", "cognito.domain-active", name)
    return answer


@operation("cognito-idp", "DescribeUserPoolDomain")
def describe_domain(call: Call) -> object:
    """With its state; nothing for one that is not there, or another account's."""
    name = call.text("Domain")
    answer = call.forward()
    told = dict(result_of(answer)["DomainDescription"])
    if not told:
        return {"DomainDescription": {}}
    backend = cognitoidp_backends[call.account][call.region]
    custom = backend.user_pool_domains[name].custom_domain_config
    told |= {"Status": _domains(call).get(name, "ACTIVE"), "AWSAccountId": call.account}
    return {"DomainDescription": {**told, **({"CustomDomainConfig": custom} if custom else {})}}


@operation("cognito-idp", "DeleteUserPoolDomain")
def delete_domain(call: Call) -> object:
    """`DELETING`, then gone."""
    name = call.text("Domain")
    pool = _pool(call, call.text("UserPoolId"))
    there = cognitoidp_backends[call.account][call.region].user_pool_domains.get(name)
    if there is None or there.user_pool_id != pool.id:
        raise _refuse("No such domain or user pool exists.")
    _domains(call)[name] = "DELETING"
    call.after("cognito.domain", "cognito.domain-gone", name)
    return {}


@event("cognito.domain-gone")
def domain_gone(moment: Moment, name: str) -> None:
    """The name is free again."""
    _domains(moment).pop(name, None)
    cognitoidp_backends[moment.account][moment.region].user_pool_domains.pop(name, None)


def _check_client(call: Call) -> None:
    urls = [*call.items("CallbackURLs"), *call.items("LogoutURLs")]
    for url in urls:
        if url.startswith("http://") and not url.startswith("http://localhost"):
            raise _refuse(f"{url} cannot use the HTTP protocol.")
    if call.items("AllowedOAuthFlows") and not call.params.get("AllowedOAuthFlowsUserPoolClient"):
        raise _refuse("AllowedOAuthFlows need AllowedOAuthFlowsUserPoolClient.")
    if "code" in call.items("AllowedOAuthFlows") and not call.items("CallbackURLs"):
        raise _refuse(
            "AllowedOAuthFlows and CallbackURLs are required if user pool client is allowed to use OAuth flows."
        )


@operation("cognito-idp", "CreateUserPoolClient")
def create_client(call: Call) -> object:
    """Sends people back over https only."""
    _check_client(call)
    return call.forward()


@operation("cognito-idp", "UpdateUserPoolClient")
def update_client(call: Call) -> object:
    """What is left out goes back to its default."""
    _check_client(call)
    client = _pool(call, call.text("UserPoolId")).clients.get(call.text("ClientId"))
    if client is not None:
        name = client.extended_config.get("ClientName")
        client.extended_config = CognitoIdpUserPoolClient("", False, {"ClientName": name}).extended_config
    return call.forward()


@tagged
def tagged_pools(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for pool in cognitoidp_backends[moment.account][moment.region].user_pools.values():
        tags = dict(pool.extended_config.get("UserPoolTags") or {})
        yield TaggedResource(pool.arn, tags, "cognito-idp:userpool")

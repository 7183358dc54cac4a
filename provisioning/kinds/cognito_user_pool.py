"""A Cognito user pool: the people who sign in to an application, by their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import AwsError
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told

_MOST = 60  # ListUserPools, "MaxResults"
# What UpdateUserPool sets to its default when it is left out (API reference).
_KEPT = (
    "LambdaConfig",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "UserAttributeUpdateSettings",
    "MfaConfiguration",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolTags",
    "UserPoolAddOns",
)


class UserPoolProps(Props):
    """`self_signup`: whether people may register themselves; `mfa`: whether they may (or must not) use an authenticator
    app besides their password; `tier`: what Cognito offers and charges for.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    min_password_length: int = Field(default=12, ge=8, le=99)
    require_symbols: bool = True
    self_signup: bool = False
    mfa: Literal["OFF", "OPTIONAL"] = "OPTIONAL"
    tier: Literal["LITE", "ESSENTIALS"] = "LITE"
    deletion_protection: bool = True
    sign_in: Literal["email"] = "email"


@register
class UserPool(Kind[UserPoolProps]):
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html

    No token, and names are not unique: tags tell ours apart. MFA by app is set by a second call, because a pool that
    is made with MFA has to send text messages. UpdateUserPool resets what it is not told, so it is told everything.
    A pool stays while it has a domain. Attributes: id, arn, name, issuer (of the tokens).
    """

    name = "cognito.user_pool"
    title = "User pool"
    naming = Naming(limit=128)
    anonymous = True
    billed = True
    stateful = True
    replace_on = frozenset({"sign_in"})
    permissions = (
        "cognito-idp:CreateUserPool",
        "cognito-idp:TagResource",
        "cognito-idp:ListUserPools",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:UpdateUserPool",
        "cognito-idp:SetUserPoolMfaConfig",
        "cognito-idp:DeleteUserPool",
    )
    props = UserPoolProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        pool = _described(aws, handle.id) if handle.id else _found_by_tags(aws, handle)
        if pool is None:
            return None
        return Observed(
            id=pool["Id"],
            props=_told(pool),
            attributes=_attributes(pool, handle),
            tags=pool.get("UserPoolTags", {}),
        )

    def create(self, aws: Aws, handle: Handle, props: UserPoolProps) -> Observed:
        pool = aws.cognito.create_user_pool(
            PoolName=handle.name,
            UsernameAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            UserPoolTags=dict(handle.tags),
            **_settings(props),
        )["UserPool"]
        if props.mfa != "OFF":
            _set_mfa(aws, pool["Id"], props)
        return Observed(id=pool["Id"], attributes=_attributes(pool, handle))

    def update(self, aws: Aws, handle: Handle, props: UserPoolProps, observed: Observed) -> Observed:
        changed = set(self.differences(props.dump(), observed))
        if changed - {"mfa"}:
            pool = aws.cognito.describe_user_pool(UserPoolId=observed.id)["UserPool"]
            aws.cognito.update_user_pool(UserPoolId=observed.id, **_merged(pool, _settings(props)))
        if "mfa" in changed:
            _set_mfa(aws, observed.id, props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        pool = _described(aws, handle.id) if handle.id else _found_by_tags(aws, handle)
        if pool is None:
            return True
        if pool.get("DeletionProtection") == "ACTIVE":
            off = {**_own(pool), "DeletionProtection": "INACTIVE"}
            aws.cognito.update_user_pool(UserPoolId=pool["Id"], **_merged(pool, off))
        found(aws.cognito.delete_user_pool, UserPoolId=pool["Id"])
        return True

    def cost(self, props: UserPoolProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.usage(
            f"Cognito/{props.tier.lower()}_mau",
            usage.active_users,
            "Users",
            f"{usage.active_users:,} sign in at least once a month",
        )

    def cloudformation(self, place: Place, props: UserPoolProps) -> Form:
        apps = {"EnabledMfas": ["SOFTWARE_TOKEN_MFA"]} if props.mfa != "OFF" else {}
        properties = {
            "UserPoolName": place.name,
            "UsernameAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "MfaConfiguration": props.mfa,
            "UserPoolTags": dict(place.tags),
            **_settings(props),
            **apps,
        }
        issuer = f"https://cognito-idp.{place.region}.amazonaws.com/{place.own('id')}"
        return Form(
            parts=(Part(type="AWS::Cognito::UserPool", properties=properties, kept="Retain"),),
            attributes={"id": REF, "arn": Told("Arn"), "name": place.name, "issuer": issuer},
        )


def _described(aws: Aws, identity: str | None) -> Any:
    try:
        answer = found(aws.cognito.describe_user_pool, UserPoolId=identity or "")
    except AwsError as error:
        # One that was deleted may be answered for in these words for a while.
        if error.aws_code == "InvalidParameterException" and "exist" in error.aws_message:
            return None
        raise
    return answer["UserPool"] if answer else None


def _found_by_tags(aws: Aws, handle: Handle) -> Any:
    listed = aws.listed(aws.cognito.list_user_pools, "UserPools", MaxResults=_MOST)
    named = [_described(aws, one["Id"]) for one in listed if one["Name"] == handle.name]
    ours = [pool for pool in named if pool and handle.owns(pool.get("UserPoolTags", {}))]
    return min(ours, key=lambda pool: str(pool["Id"]), default=None)


def _settings(props: UserPoolProps) -> dict[str, Any]:
    """What both CreateUserPool and UpdateUserPool take."""
    password = {
        "MinimumLength": props.min_password_length,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": props.require_symbols,
        "TemporaryPasswordValidityDays": 7,
    }
    return {
        "Policies": {"PasswordPolicy": password},
        "AutoVerifiedAttributes": ["email"],
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not props.self_signup},
        "DeletionProtection": "ACTIVE" if props.deletion_protection else "INACTIVE",
        "UserPoolTier": props.tier,
    }


def _own(pool: Any) -> dict[str, Any]:
    """The settings that `_settings` writes, as they are."""
    names = _settings(UserPoolProps())
    there = {name: pool[name] for name in names if name in pool}
    # Cognito refuses this one beside TemporaryPasswordValidityDays.
    admin = {
        k: v for k, v in there.get("AdminCreateUserConfig", {}).items() if k != "UnusedAccountValidityDays"
    }
    return {**there, "AdminCreateUserConfig": admin}


def _merged(pool: Any, settings: dict[str, Any]) -> dict[str, Any]:
    return {**{name: pool[name] for name in _KEPT if pool.get(name)}, **settings}


def _set_mfa(aws: Aws, identity: str, props: UserPoolProps) -> None:
    app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}} if props.mfa != "OFF" else {}
    wish: Any = {"MfaConfiguration": props.mfa, **app}
    aws.cognito.set_user_pool_mfa_config(UserPoolId=identity, **wish)


def _told(pool: Any) -> JsonObject:
    password = pool.get("Policies", {}).get("PasswordPolicy", {})
    strict = all(password.get(f"Require{what}") for what in ("Uppercase", "Lowercase", "Numbers"))
    told: JsonObject = {
        # Without upper, lower case and numbers no length is as wanted.
        "min_password_length": password.get("MinimumLength", 0) if strict else 0,
        "require_symbols": bool(password.get("RequireSymbols")),
        "self_signup": not pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"),
        "mfa": pool.get("MfaConfiguration", "OFF"),
        "deletion_protection": pool.get("DeletionProtection") == "ACTIVE",
        "sign_in": "email" if pool.get("UsernameAttributes") == ["email"] else "",
    }
    return told | ({"tier": pool["UserPoolTier"]} if "UserPoolTier" in pool else {})


def _attributes(pool: Any, handle: Handle) -> dict[str, str]:
    issuer = f"https://cognito-idp.{handle.region}.amazonaws.com/{pool['Id']}"
    return {"id": pool["Id"], "arn": pool["Arn"], "name": pool["Name"], "issuer": issuer}

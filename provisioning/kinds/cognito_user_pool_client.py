"""A client of a Cognito user pool: what one application is to it, and where it may send people back to."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.properties import Unordered, has_reference, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, given

_MOST = 60  # ListUserPoolClients, "MaxResults"
_SCOPES = ("email", "openid", "profile")
# What DescribeUserPoolClient tells and UpdateUserPoolClient does not take.
_NOT_TAKEN = frozenset({"ClientSecret", "LastModifiedDate", "CreationDate", "ClientType", "ResponseMetadata"})


class UserPoolClientProps(Props):
    """`flow` "code": people sign in on the pool's own pages (OAuth 2.0 authorization code) and are sent back to one of
    the `callback_urls`; "srp": the application asks for the password itself and never sends it (SRP).
    `secret`: for what runs on a server or a load balancer; a browser can't keep one. Minutes and days of the tokens.
    """

    pool_id: str
    flow: Literal["code", "srp"] = "code"
    callback_urls: Unordered = Field(default=(), max_length=100)
    logout_urls: Unordered = Field(default=(), max_length=100)
    secret: bool = True
    access_minutes: int = Field(default=60, ge=5, le=1440)
    refresh_days: int = Field(default=30, ge=1, le=3650)

    @model_validator(mode="after")
    def _people_are_sent_back(self) -> Self:
        if (self.flow == "code") != bool(self.callback_urls):
            raise ValueError("The code flow needs an address to send people back to; SRP has none.")
        for url in (*self.callback_urls, *self.logout_urls):
            if not has_reference(url) and not url.startswith(("https://", "http://localhost")):
                raise ValueError(f"{url!r} is not https (only http://localhost may do without).")
        return self


@register
class UserPoolClient(Kind[UserPoolClientProps]):
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html

    No token, no tags, and names are not unique: `create` looks first, and the id is ours, "<pool>/<name>". Goes with
    its pool. Its secret is nobody's business here. Attributes: id, client_id.
    """

    name = "cognito.user_pool_client"
    title = "User pool client"
    naming = Naming(limit=128)
    replace_on = frozenset({"pool_id", "secret"})
    goes_with = frozenset({"pool_id"})
    permissions = (
        "cognito-idp:CreateUserPoolClient",
        "cognito-idp:ListUserPoolClients",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:UpdateUserPoolClient",
        "cognito-idp:DeleteUserPoolClient",
    )
    props = UserPoolClientProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        pool = str(wanted.get("pool_id", ""))
        return None if has_reference(pool) else f"{pool}/{handle.name}"

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is None:
            return None
        pool_id, name = handle.id.split("/", 1)
        client = _found(aws, pool_id, name)
        return _observed(handle, client, _told(client)) if client is not None else None

    def create(self, aws: Aws, handle: Handle, props: UserPoolClientProps) -> Observed:
        there = _found(aws, props.pool_id, handle.name)
        if there is not None:
            return _observed(handle, there, {})
        answer = aws.cognito.create_user_pool_client(
            UserPoolId=props.pool_id,
            ClientName=handle.name,
            GenerateSecret=props.secret,
            **_settings(props),
        )
        return _observed(handle, answer["UserPoolClient"], {})

    def update(self, aws: Aws, handle: Handle, props: UserPoolClientProps, observed: Observed) -> Observed:
        """UpdateUserPoolClient resets what it is not told, so it is told everything."""
        there = _found(aws, props.pool_id, handle.name)
        kept = {name: value for name, value in there.items() if name not in _NOT_TAKEN}
        aws.cognito.update_user_pool_client(**{**kept, **_settings(props)})
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        observed = self.read(aws, handle)
        if observed is not None:
            pool_id = observed.id.split("/", 1)[0]
            client_id = observed.attributes["client_id"]
            found(aws.cognito.delete_user_pool_client, UserPoolId=pool_id, ClientId=client_id)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: UserPoolClientProps) -> Form:
        properties = {
            "UserPoolId": props.pool_id,
            "ClientName": place.name,
            "GenerateSecret": props.secret,
            **_settings(props),
        }
        return Form(
            parts=(Part(type="AWS::Cognito::UserPoolClient", properties=given(properties)),),
            attributes={"id": f"{props.pool_id}/{place.name}", "client_id": REF},
        )


def _found(aws: Aws, pool_id: str, name: str) -> Any:
    """The client of this name as Cognito describes it, or None."""
    call = aws.cognito.list_user_pool_clients
    listed = found(aws.listed, call, "UserPoolClients", UserPoolId=pool_id, MaxResults=_MOST) or []
    named = sorted(one["ClientId"] for one in listed if one["ClientName"] == name)
    if not named:
        return None
    answer = found(aws.cognito.describe_user_pool_client, UserPoolId=pool_id, ClientId=named[0])
    return answer["UserPoolClient"] if answer else None


def _settings(props: UserPoolClientProps) -> Any:
    """Everything that CreateUserPoolClient and UpdateUserPoolClient take alike."""
    common = {
        "AccessTokenValidity": props.access_minutes,
        "IdTokenValidity": props.access_minutes,
        "RefreshTokenValidity": props.refresh_days,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": list(props.callback_urls),
        "LogoutURLs": list(props.logout_urls),
        "AllowedOAuthFlowsUserPoolClient": props.flow == "code",
    }
    if props.flow == "code":
        flows = {"AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": list(_SCOPES)}
        return {**common, **flows, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]}
    asked = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    return {**common, "AllowedOAuthFlows": [], "AllowedOAuthScopes": [], "ExplicitAuthFlows": asked}


def _flow(client: Any) -> str:
    """The flow that the settings amount to; empty for one that nobody here would have set."""
    code = client.get("AllowedOAuthFlows") or []
    asked = sorted(client.get("ExplicitAuthFlows") or [])
    if code == ["code"] and asked == ["ALLOW_REFRESH_TOKEN_AUTH"]:
        return "code"
    return "srp" if not code and asked == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"] else ""


def _told(client: Any) -> JsonObject:
    units = client.get("TokenValidityUnits", {})
    minutes = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}[units.get("AccessToken", "hours")]
    days = {"seconds": 1 / 86400, "minutes": 1 / 1440, "hours": 1 / 24, "days": 1}
    return {
        "pool_id": client["UserPoolId"],
        "flow": _flow(client),
        "callback_urls": sorted(client.get("CallbackURLs") or []),
        "logout_urls": sorted(client.get("LogoutURLs") or []),
        "secret": "ClientSecret" in client,
        "access_minutes": round(client.get("AccessTokenValidity", 1) * minutes),
        "refresh_days": round(
            client.get("RefreshTokenValidity", 30) * days[units.get("RefreshToken", "days")]
        ),
    }


def _observed(handle: Handle, client: Any, props: JsonObject) -> Observed:
    identity = f"{client['UserPoolId']}/{client['ClientName']}"
    attributes = {"id": identity, "client_id": client["ClientId"]}
    return Observed(id=identity, props=props, attributes=attributes, tags=handle.tags)

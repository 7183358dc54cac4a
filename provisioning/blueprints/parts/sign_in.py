"""Sign-in: the environment's own user pool, and how people of it get through the load balancer or the API."""

from __future__ import annotations

from urllib.parse import quote

from provisioning.blueprints.options import ApiSignInOptions, SignInOptions
from provisioning.kinds.apigatewayv2_authorizer import AuthorizerProps
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.cognito_user_pool_client import UserPoolClientProps
from provisioning.kinds.cognito_user_pool_domain import UserPoolDomainProps
from provisioning.kinds.elbv2_listener import SignIn
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

_PAGES = "https://${users-domain.host}"
_CLIENT = ref("users-client", "client_id")


def people_of_balancer(options: SignInOptions, domain: str) -> tuple[Resource, ...]:
    """Who may come through a load balancer that answers for `domain`. It keeps a secret, and Cognito sends people back
    to a path of its own."""
    if not options.sign_in:
        return ()
    home = f"https://{domain}"
    client = UserPoolClientProps(
        pool_id=ref("users"), callback_urls=(f"{home}/oauth2/idpresponse",), logout_urls=(f"{home}/",)
    )
    return (*_people(options, client), _pages())


def asking(options: SignInOptions) -> SignIn | None:
    """What the listener is told of them."""
    if not options.sign_in:
        return None
    return SignIn(pool_arn=ref("users", "arn"), client_id=_CLIENT, domain=ref("users-domain"))


def people_of_api(options: ApiSignInOptions) -> tuple[Resource, ...]:
    """Whose tokens an HTTP API takes. What gets them runs in a browser or on a phone, which keeps no secret: by
    Cognito's pages, which send people back to it, or by asking for the password itself."""
    if not options.sign_in:
        return ()
    back_to = (options.sign_in_return,) if options.sign_in_return else ()
    client = UserPoolClientProps(
        pool_id=ref("users"),
        flow="code" if back_to else "srp",
        callback_urls=back_to,
        logout_urls=back_to,
        secret=False,
    )
    asks = AuthorizerProps(api_id=ref("api"), issuer=ref("users", "issuer"), audience=(_CLIENT,))
    return (
        *_people(options, client),
        *((_pages(),) if back_to else ()),
        Resource(key="api-authorizer", props=asks),
    )


def open_path(spec: Spec, options: SignInOptions) -> str:
    """The one path of an API that is open to everybody, for what looks after the application has no token; empty where
    nobody has to sign in."""
    return spec.health_path.partition("?")[0] if options.sign_in else ""


def outputs_of_balancer(options: SignInOptions) -> dict[str, str]:
    """What there is to know of those who sign in. The load balancer signs what it tells of them with its own ARN."""
    if not options.sign_in:
        return {}
    return {**_told(), "sign_in_pages": _PAGES, "load_balancer_arn": ref("load-balancer", "arn")}


def outputs_of_api(options: ApiSignInOptions) -> dict[str, str]:
    """What there is to know of those who sign in, and where they do."""
    if not options.sign_in or not options.sign_in_return:
        return _told() if options.sign_in else {}
    asked = f"client_id={_CLIENT}&response_type=code&scope=openid+email+profile"
    back_to = quote(options.sign_in_return, safe="")
    return {
        **_told(),
        "sign_in_pages": _PAGES,
        "sign_in_url": f"{_PAGES}/login?{asked}&redirect_uri={back_to}",
    }


def _told() -> dict[str, str]:
    return {
        "user_pool_id": ref("users"),
        "user_pool_client_id": _CLIENT,
        "token_issuer": ref("users", "issuer"),
    }


def _people(options: SignInOptions, client: UserPoolClientProps) -> tuple[Resource, ...]:
    return (
        Resource(key="users", title="User pool", props=UserPoolProps(self_signup=options.sign_up)),
        Resource(key="users-client", title="User pool client of the application", props=client),
    )


def _pages() -> Resource:
    props = UserPoolDomainProps(pool_id=ref("users"))
    return Resource(key="users-domain", title="Address of the sign-in pages", props=props)

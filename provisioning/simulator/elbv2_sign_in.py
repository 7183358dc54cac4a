"""What a load balancer refuses of a Cognito user pool whose people are to sign in."""

from typing import Any

from moto.cognitoidp.models import cognitoidp_backends

from provisioning.simulator.operations import Call, Refusal

_TYPE = "authenticate-cognito"


def _refuse(message: str) -> Refusal:
    return Refusal("InvalidLoadBalancerAction", message)


def check(call: Call, actions: list[dict[str, Any]], protocol: str) -> None:
    """Over HTTPS only, before what is done with the request, and by a client that can keep a secret."""
    asking = [one for one in actions if one.get("Type") == _TYPE]
    if not asking:
        return
    if protocol != "HTTPS":
        raise _refuse(f"Actions of type '{_TYPE}' are supported only on HTTPS listeners")
    orders = [int(one.get("Order") or 0) for one in actions]
    if len(actions) != 2 or 0 in orders or actions[orders.index(max(orders))] in asking:
        raise _refuse(f"An action of type '{_TYPE}' must be followed by one that ends the request")
    _check_pool(call, asking[0].get("AuthenticateCognitoConfig") or {})


def _check_pool(call: Call, config: dict[str, str]) -> None:
    backend = cognitoidp_backends[call.account][call.region]
    arn = config.get("UserPoolArn", "")
    pool = next((one for one in backend.user_pools.values() if one.arn == arn), None)
    if pool is None:
        raise _refuse(f"'{arn}' is not a valid user pool ARN")
    client = pool.clients.get(config.get("UserPoolClientId", ""))
    if client is None:
        raise _refuse("The user pool client does not exist")
    if not client.generate_secret:
        raise _refuse("The user pool client must have a client secret")
    if not client.extended_config.get("AllowedOAuthFlowsUserPoolClient"):
        raise _refuse("The user pool client must have OAuth flows enabled")
    domain = backend.user_pool_domains.get(config.get("UserPoolDomain", ""))
    if domain is None or domain.user_pool_id != pool.id:
        raise _refuse("The user pool domain does not exist")

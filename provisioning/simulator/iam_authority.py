"""Who may do what: the policies of an assumed role are held against each of its calls, as AWS would.

moto can do so too (`INITIAL_NO_AUTH_ACTION_COUNT`), but it looks at the name of the operation alone (`s3:HeadBucket`
is no action of AWS), knows nothing of roles that are passed on or of actions behind a call, and never sees the services
that are answered here. Whoever calls with keys of no role is the account's root: everything is allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from io import BytesIO
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from provisioning.simulator.iam_rights import Right, rights_of
from provisioning.simulator.operations import Refusal
from provisioning.simulator.wire import Who

#: Keys that an assumed role has; all others are somebody's own.
_OF_A_ROLE = "ASIA"
_CODES = {
    "ec2": "UnauthorizedOperation",
    "query": "AccessDenied",
    "rest-xml": "AccessDenied",
}
#: Services that do not use the code of their protocol.
_OWN_CODES = {"sns": "AuthorizationError"}
_WILD = re.compile(r"[*?]")


def authorise(who: Who, request: Request, body: bytes) -> tuple[str, ...]:
    """The actions that the call was allowed, empty for those who are not asked. Raises Refusal for what is not."""
    role = _assumed(who.access_key)
    if role is None:
        return ()
    statements = tuple(_statements(role))
    rights = tuple(rights_of(who, request.method, _parameters(who, request, body), role.account_id))
    for right in rights:
        if not _allowed(statements, right):
            raise _denial(who, request, role.arn, right)
    return tuple(sorted({right.label for right in rights}))


def _assumed(access_key: str) -> Any:
    """The assumed role of these keys, where there is one and it exists."""
    if not access_key.startswith(_OF_A_ROLE):
        return None
    for backends in sts_backends.values():
        assumed = backends["aws"].get_assumed_role_from_access_key(access_key)
        if assumed is not None:
            return assumed
    return None


def _parameters(who: Who, request: Request, body: bytes) -> Mapping[str, Any]:
    service = get_service_model(who.service)
    operation = service.operation_model(who.operation)
    protocol = determine_request_protocol(service, request.headers.get("Content-Type", ""))
    # Whoever reads a form takes it out of the request: moto shall find it whole.
    form = Request({**request.environ, "wsgi.input": BytesIO(body)})
    in_path = get_service_router(who.service).match(request)[1] if protocol.startswith("rest") else {}
    parsed: Mapping[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": request.method,
            "values": form.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    return parsed


def _statements(assumed: Any) -> Iterator[Mapping[str, Any]]:
    """Those of every policy that the role has now."""
    backend = iam_backends[assumed.account_id]["aws"]
    role = next((one for one in backend.roles.values() if one.arn == assumed.role_arn), None)
    if role is None:  # it is gone, and its rights with it
        return
    for policy in role.managed_policies.values():
        default = next(one for one in policy.versions if one.version_id == policy.default_version_id)
        yield from _parsed(str(default.document))
    for document in role.policies.values():
        yield from _parsed(str(document))


@lru_cache(maxsize=64)
def _parsed(document: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(_listed(json.loads(document)["Statement"]))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(statements: tuple[Mapping[str, Any], ...], right: Right) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""
    effects = {one["Effect"] for one in statements if _speaks_of(one, right)}
    return "Allow" in effects and "Deny" not in effects


def _speaks_of(statement: Mapping[str, Any], right: Right) -> bool:
    return (
        _matches(statement, "Action", right.action.lower(), lower=True)
        and _matches(statement, "Resource", right.resource)
        and all(
            _holds(operator, wanted, right.context)
            for operator, wanted in statement.get("Condition", {}).items()
        )
    )


def _matches(statement: Mapping[str, Any], name: str, value: str, *, lower: bool = False) -> bool:
    """Whether `Action` or `Resource` of a statement, or its opposite, speaks of this."""
    if f"Not{name}" in statement:
        return not _any(statement[f"Not{name}"], value, lower=lower)
    return _any(statement[name], value, lower=lower)


def _any(patterns: Any, value: str, *, lower: bool = False) -> bool:
    texts = [str(one).lower() if lower else str(one) for one in _listed(patterns)]
    return value in texts or any(_WILD.search(text) and fnmatchcase(value, text) for text in texts)


def _holds(operator: str, wanted: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """A condition over what is known of the call; of what is not known none holds, as in AWS."""
    if operator not in {"StringEquals", "StringLike"}:
        raise Refusal(
            "NotImplementedInSimulator", f"The simulator does not know the condition {operator}.", 400
        )
    for key, values in wanted.items():
        told = context.get(key)
        exact = told in _listed(values)
        if told is None or not (exact if operator == "StringEquals" else _any(values, told)):
            return False
    return True


def _denial(who: Who, request: Request, principal: str, right: Right) -> Refusal:
    protocol = determine_request_protocol(
        get_service_model(who.service), request.headers.get("Content-Type", "")
    )
    code = _OWN_CODES.get(who.service) or _CODES.get(protocol, "AccessDeniedException")
    where = "" if right.resource == "*" else f" on resource: {right.resource}"
    text = (
        f"User: {principal} is not authorized to perform: {right.action}{where} "
        f"because no identity-based policy allows the {right.action} action"
    )
    return Refusal(code, text, 400 if protocol.startswith("json") else 403)

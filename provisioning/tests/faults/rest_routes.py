"""Which operation a REST request is: method, path, query and headers against botocore's own service models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

from provisioning.tests.faults.http_messages import Request
from provisioning.tests.faults.service_codes import Protocol

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Route:
    operation: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    static_query: Mapping[str, str]
    required_query: frozenset[str]
    required_headers: frozenset[str]
    literal_length: int

    @property
    def weight(self) -> tuple[int, int]:
        """How specific the route is: the route of greatest weight that fits is the one called."""
        named = len(self.static_query) + len(self.required_query) + len(self.required_headers)
        return named, self.literal_length

    def fits(self, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        stated = all(query.get(key) == value for key, value in self.static_query.items())
        return stated and self.required_query <= query.keys() and self.required_headers <= headers.keys()


@dataclass(frozen=True, kw_only=True, slots=True)
class RestMatch:
    """The operation found, the wire protocol of its service, and the values in path and query by name."""

    operation: str
    protocol: Protocol
    parameters: Mapping[str, str]


def match_rest(service: str, request: Request) -> RestMatch | None:
    """The operation a request of this boto3 service means, or None if the service is not REST or has no such."""
    routes = _routes(service)
    if routes is None:
        return None
    protocol, by_method = routes
    path = unquote(request.path).strip("/")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for route in by_method.get(request.method, ()):
        found = route.pattern.fullmatch(path)
        if found and route.fits(query, request.headers):
            parameters = {**query, **dict(zip(route.labels, found.groups(), strict=True))}
            return RestMatch(operation=route.operation, protocol=protocol, parameters=parameters)
    return None


@cache
def _loader() -> Loader:
    return Loader()


@cache
def _routes(service: str) -> tuple[Protocol, Mapping[str, tuple[_Route, ...]]] | None:
    """The service's protocol and its routes by HTTP method, heaviest first; None when it is not REST."""
    try:
        description = _loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    model = ServiceModel(description, service)
    protocol: str = model.metadata["protocol"]
    if not protocol.startswith("rest-"):
        return None
    by_method: dict[str, list[_Route]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        by_method.setdefault(operation.http["method"], []).append(_route(operation))
    ordered = {
        method: tuple(sorted(routes, key=lambda route: route.weight, reverse=True))
        for method, routes in by_method.items()
    }
    return cast(Protocol, "s3" if service == "s3" else protocol), ordered


def _route(operation: OperationModel) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    path = path.strip("/")
    labels = tuple(label for label, _ in _LABEL.findall(path))
    pieces = _LABEL.split(path)
    # split() gives literal, label, plus sign, literal, …
    pattern = "".join(
        re.escape(piece) if index % 3 == 0 else ("(.+)" if pieces[index + 1] else "([^/]+)")
        for index, piece in enumerate(pieces)
        if index % 3 != 2
    )
    shape = operation.input_shape
    return _Route(
        operation=operation.name,
        pattern=re.compile(pattern, re.DOTALL),
        labels=labels,
        static_query=dict(parse_qsl(query, keep_blank_values=True)),
        required_query=_required(shape, "querystring"),
        required_headers=frozenset(name.lower() for name in _required(shape, "header")),
        literal_length=sum(len(piece) for piece in pieces[::3]),
    )


def _required(shape: StructureShape | None, location: str) -> frozenset[str]:
    """Wire names of the required members that travel in this place."""
    if shape is None:
        return frozenset()
    members = (shape.members[name].serialization for name in shape.required_members)
    return frozenset(place["name"] for place in members if place.get("location") == location)

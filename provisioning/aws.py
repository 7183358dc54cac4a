"""The only door to boto3: sessions per account, clients cached, every answer and error in our own terms.

botocore never retries here (its own retry of a lost `CreateVpc` leaves two VPCs): the engine does, because only it
knows what is safe to repeat.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ParamSpec, Self, TypeVar, cast

import boto3
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.model
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError
from botocore.parsers import ResponseParserError

from provisioning.clients import Clients
from provisioning.errors import AwsError, NotFound, OutcomeUnknown, translate
from provisioning.gathering import Gathering
from provisioning.paging import elements, names_of
from provisioning.shared_reads import SharedReads

Q = ParamSpec("Q")
T = TypeVar("T")

# A variable of the environment (AWS_ENDPOINT_URL) must not turn a real account's calls towards something else.
_AWS_ITSELF = botocore.config.Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg]  # stubs lack it

# An answer that breaks off in the middle cannot be parsed; botocore's error for that is none of its own family.
_FAILURES = (BotoCoreError, ClientError, ResponseParserError)

_calling: ContextVar[Aws | None] = ContextVar("aws_calling", default=None)


@dataclass(frozen=True, kw_only=True)
class AccountAccess:
    """How to reach one AWS account. `role_arn` is assumed with `external_id`; without it the process's own
    credentials are used. `endpoint_url` points at something that speaks AWS's protocol elsewhere."""

    account: str
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""


class Connection:
    """One boto3 session of one account and region with its clients, shared by everybody in the process.

    Clients are thread-safe and cost megabytes, so they are made once (AWS: boto3 guide, "Multithreading with clients").
    """

    def __init__(self, access: AccountAccess, region: str, *, threads: int = 32, seconds: float = 30) -> None:
        """`seconds`: how long an answer is waited for."""
        self.access = access
        self.region = region
        self.calls = 0
        self.shared = SharedReads()
        self.gathering = Gathering()
        self._threads = threads
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._elsewhere: dict[str, Connection] = {}
        self._waits = botocore.config.Config(connect_timeout=min(5, seconds), read_timeout=seconds)
        self._session = _session(access, region, self._waits)

    def in_region(self, region: str) -> Connection:
        """The same account in another region: the same session and credentials, clients and lists of its own."""
        with self._lock:
            if region not in self._elsewhere:
                self._elsewhere[region] = self._copy_in(region)
            return self._elsewhere[region]

    def _copy_in(self, region: str) -> Self:
        other = copy.copy(self)
        other.region, other.calls, other._clients = region, 0, {}
        other.shared, other.gathering = SharedReads(), Gathering()
        return other

    def client(self, service: str) -> Any:  # the callers below give it its type
        """The cached client of a service."""
        client = self._clients.get(service)
        if client is None:
            with self._lock:
                client = self._clients.get(service) or self._make(service)
                self._clients[service] = client
        return client

    def _make(self, service: str) -> Any:
        config = _AWS_ITSELF.merge(
            botocore.config.Config(
                retries={"mode": "standard", "total_max_attempts": 1},
                max_pool_connections=self._threads,
                tcp_keepalive=True,
                user_agent_extra="andamio",
            )
        )
        config = config.merge(self._waits)
        client = self._session.client(
            service,  # type: ignore[call-overload]  # the service is a variable here; the properties below are typed
            region_name=self.region,
            endpoint_url=self.access.endpoint_url or None,
            config=config,
        )
        client.meta.events.register("before-send", _last_word)
        client.meta.events.register("before-parse", _must_be_whole)
        return client


@dataclass(frozen=True)
class _Own:
    """The credentials of the process, looked for at each use: where there are none now, there may be some later."""

    session: botocore.session.Session

    def get_frozen_credentials(self) -> botocore.credentials.ReadOnlyCredentials:
        credentials = self.session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials.get_frozen_credentials()


def _session(access: AccountAccess, region: str, waits: botocore.config.Config) -> boto3.Session:
    base = botocore.session.get_session()
    if access.endpoint_url and not access.role_arn:
        return boto3.Session(
            # Never the process's own keys: what stands elsewhere has no business with them.
            aws_access_key_id="simulated",
            aws_secret_access_key="simulated",  # noqa: S106 # no secret
            region_name=region,
        )
    if not access.role_arn:
        return boto3.Session(region_name=region)
    fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
        client_creator=partial(
            base.create_client,
            endpoint_url=access.endpoint_url or None,
            region_name=region,
            config=_AWS_ITSELF.merge(waits),
        ),
        source_credentials=_Own(base),
        role_arn=access.role_arn,
        extra_args={"ExternalId": access.external_id, "RoleSessionName": "andamio"},
    )
    assumed = botocore.session.get_session()
    # botocore has no public setter for refreshable credentials; a copied dict would expire mid-operation.
    assumed._credentials = botocore.credentials.DeferredRefreshableCredentials(  # type: ignore[attr-defined]
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
    return boto3.Session(botocore_session=assumed, region_name=region)


def _last_word(request: botocore.awsrequest.AWSPreparedRequest, **_: object) -> None:
    """The last moment before a request leaves. This process may have been stopped since the call began, so the
    lease is asked for once more; and the operation's name goes on it (earlier, botocore writes the header anew)."""
    aws = _calling.get()
    if aws is not None:
        aws.guard()
        sent = request.headers.get("User-Agent", b"")
        words = sent.decode() if isinstance(sent, bytes) else sent
        request.headers["User-Agent"] = f"{words} {aws.caller}"


def _must_be_whole(
    response_dict: dict[str, Any], operation_model: botocore.model.OperationModel, **_: object
) -> None:
    """Half an answer in JSON would be read as one in which nothing is: botocore does not compare lengths itself."""
    body, told = response_dict["body"], response_dict["headers"].get("Content-Length")
    if operation_model.http.get("method") == "HEAD" or told is None or not isinstance(body, bytes):
        return
    if len(body) != int(told):
        raise OutcomeUnknown(
            service=operation_model.service_model.service_name,
            operation=operation_model.name,
            aws_code="IncompleteRead",
            aws_message=f"The answer broke off after {len(body)} of {told} bytes.",
        )


@dataclass(frozen=True, kw_only=True)
class Aws(Clients):
    """AWS as one operation sees it: typed clients, our errors, the operation's name on every call.

    `guard` is called before each call and raises when the operation is no longer ours; `not_before`
    (time.monotonic) says how old a shared list may be.
    """

    connection: Connection
    caller: str = ""
    guard: Callable[[], None] = lambda: None
    not_before: float = float("inf")

    def since(self, not_before: float) -> Aws:
        """The same, content with shared answers asked for at `not_before` or later."""
        return replace(self, not_before=not_before)

    def in_region(self, region: str) -> Aws:
        """The same in another region; where none is named, here."""
        if region in {"", self.region}:
            return self
        return replace(self, connection=self.connection.in_region(region))

    @property
    def region(self) -> str:
        """The AWS region of every regional call."""
        return self.connection.region

    @property
    def account(self) -> str:
        """The twelve digits of the account."""
        return self.connection.access.account

    def listed(self, call: Callable[..., Any], items: str, /, **params: Any) -> list[Any]:
        """All pages of a list call, shared with others who ask the same: `listed(aws.rds.describe_db_instances,
        "DBInstances")`; "DistributionList.Items" is a list further in. Elements are AWS's dictionaries (`Any`: each
        service has its own shape)."""
        bound = cast("_Call", call)
        key = (f"{bound.service}.{bound.method}", repr(sorted(params.items())))
        not_before = min(self.not_before, time.monotonic())
        return self.connection.shared.get(key, not_before, lambda: list(bound.pages(items, params)))

    def recent(self, call: Callable[..., T], /, *, seconds: float, **params: Any) -> T:
        """The answer of a read, or one of the last so many seconds that somebody else here got to the same."""
        bound = cast("_Call", call)
        key = (f"{bound.service}.{bound.method}", repr(sorted(params.items())))
        not_before = time.monotonic() - seconds
        answers: list[T] = self.connection.shared.get(key, not_before, lambda: [call(**params)])
        return answers[0]

    def gathered(self, call: Callable[..., Any], items: str, item: str, /, *, most: int) -> None:
        """A call about a list of things, made together with others that want it for theirs at the same moment:
        `gathered(aws.ssm.delete_parameters, "Names", name, most=10)`. It must be safe to repeat."""
        self.guard()
        bound = cast("_Call", call)
        name = f"{bound.service}.{bound.method}"
        self.connection.gathering.carry_out(
            name, item, lambda all_items: call(**{items: all_items}), most=most
        )

    def service(self, name: str) -> Any:
        return _Service(self, name)


@dataclass(frozen=True, slots=True)
class _Service:
    """Stands where a boto3 client would: `aws.rds.create_db_instance(…)`."""

    aws: Aws
    name: str

    def __getattr__(self, method: str) -> _Call:
        return _Call(self.aws, self.name, method)


@dataclass(frozen=True, slots=True)
class _Call:
    """One method of one service: guarded, signed with the caller, its errors translated."""

    aws: Aws
    service: str
    method: str

    def __call__(self, **params: Any) -> Any:
        client = self.aws.connection.client(self.service)
        self.aws.guard()
        self.aws.connection.calls += 1
        token = _calling.set(self.aws)
        try:
            return getattr(client, self.method)(**params)
        except _FAILURES as error:
            raise _translated(self.service, self.method, error) from error
        finally:
            _calling.reset(token)

    def pages(self, items: str, params: Mapping[str, Any]) -> Iterator[Any]:
        """The elements of all pages of a list call."""
        client = self.aws.connection.client(self.service)
        return elements(self, names_of(client, f"{self.service}.{self.method}"), items, params)


def _translated(service: str, method: str, error: Exception) -> AwsError:
    if isinstance(error, ClientError):
        answer = error.response
        return translate(
            service=service,
            operation=method,
            aws_code=str(answer["Error"].get("Code", "")),
            aws_message=str(answer["Error"].get("Message", "")),
            status=int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
        )
    name = type(error).__name__
    if isinstance(error, ParamValidationError):
        # Its text repeats the parameters, which may hold what must not be logged.
        return AwsError(
            service=service, operation=method, aws_code=name, aws_message="A parameter is not valid."
        )
    return OutcomeUnknown(service=service, operation=method, aws_code=name, aws_message=str(error)[:300])


def found(call: Callable[Q, T], *args: Q.args, **params: Q.kwargs) -> T | None:
    """The answer of a read, or None where AWS says that there is no such thing."""
    try:
        return call(*args, **params)
    except NotFound:
        return None

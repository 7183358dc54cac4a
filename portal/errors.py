"""Any error becomes a page, an HTMX fragment or JSON here, always as `{code, message, hint, field}`."""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import singledispatch
from urllib.parse import urlencode, urlsplit

import structlog
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render, resolve_url
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as RequestInvalid
from pydantic import ValidationError as UnreadableError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from environments.wording import worded
from provisioning.errors import ProvisioningError, brief

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5  # what who meets a database that is away is told to wait


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a person reads when something did not happen: what and why, what to do next, at which field."""

    status: int
    code: str
    message: str
    hint: str = ""
    field: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """The one shape, as scripts get it."""
        shape = asdict(self)
        del shape["status"]
        return shape


@singledispatch
def problem_of(error: BaseException) -> Problem:
    """The problem that an exception stands for; anything unforeseen is a 500 that tells no internals.

    How each class of error is told stands at the end of this file.
    """
    return _crash()


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Say it the way the caller listens: JSON for the API and scripts, a fragment for HTMX, else a page."""
    if _wants_json(request):
        response: HttpResponse = JsonResponse(problem.as_dict(), status=problem.status)
    else:
        response = _page(request, problem)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if problem.status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    return not request.accepts("text/html") and request.accepts("application/json")


def _page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The error's template, or a bare page where the template cannot be had: an error must always be told."""
    fragment = request.headers.get("HX-Request") == "true"
    template = "errors/error.html#fragment" if fragment else "errors/error.html"
    if problem.status == 503:  # nobody can be asked who looks at the page, nor what waits for them
        request.user = AnonymousUser()
    try:
        response = render(
            request, template, {"problem": problem, "fragment": fragment}, status=problem.status
        )
    except Exception:
        logger.exception("The page of an error failed itself")
        return _bare(problem)
    if fragment:  # beside the page's other notices, not where the answer would have stood
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "innerHTML"
    return response


def _bare(problem: Problem) -> HttpResponse:
    return HttpResponse(
        format_html(
            "<!doctype html><title>{}</title><h1>{}</h1><p>{}</p>",
            problem.message,
            problem.message,
            problem.hint,
        ),
        status=problem.status,
    )


_FORESEEN = (
    *(ProvisioningError, ValidationError, UnreadableError),
    *(OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError),
)


class ErrorMiddleware:
    """Turns errors that a view foresees (name taken, quota reached) into their answer; others pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers of Django that would leave a person stranded lead back to where that person was."""
        response = self._get_response(request)
        if isinstance(response, HttpResponseRedirect) and response.url.startswith(f"{_sign_in()}?"):
            return _sign_in_again(request, response)
        if isinstance(response, HttpResponseNotAllowed):
            problem = respond(request, _wrong_method())
            problem["Allow"] = response["Allow"]
            return problem
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer for an error of ours, None for Django's own handlers to take it."""
        if not isinstance(exception, _FORESEEN):
            return None
        problem = problem_of(exception)
        if problem.status >= 500:
            logger.error("A page failed", exc_info=exception)
        return respond(request, problem)


def _sign_in_again(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponseBase:
    """A session that ended under an open page: after the sign-in that page comes back, not the address it sent to."""
    htmx = request.headers.get("HX-Request") == "true"
    page = urlsplit(
        request.headers.get("HX-Current-URL", "") if htmx else request.META.get("HTTP_REFERER", "")
    )
    if not htmx and (request.method == "GET" or page.netloc != request.get_host()):
        return response
    target = f"{_sign_in()}?{urlencode({REDIRECT_FIELD_NAME: page.path or '/'})}"
    return HttpResponseClientRedirect(target) if htmx else HttpResponseRedirect(target)


def _sign_in() -> str:
    return resolve_url(settings.LOGIN_URL)


def install(api: NinjaAPI) -> None:
    """Give an API the one error shape for everything that can go wrong in it."""
    for kind in (Exception, Http404, HttpError, PermissionDenied, ProvisioningError, RequestInvalid):
        api.add_exception_handler(kind, _api_error)


def _api_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    problem = problem_of(error) if isinstance(error, Exception) else _crash()
    if problem.status >= 500:
        logger.error("The API failed", exc_info=error if isinstance(error, Exception) else None)
    return respond(request, problem)


# --- Django's handlers


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for what is too long."""
    return respond(
        request, problem_of(exception) if isinstance(exception, SuspiciousOperation) else _bad_request()
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return respond(request, problem_of(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: absent, or not for this person's eyes; which of the two is not told."""
    return respond(request, _not_found())


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or what a middleware met that is told otherwise; the traceback is in the log under the request's id."""
    error = sys.exc_info()[1]
    return respond(request, problem_of(error) if error else _crash())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old, mostly a page left open across a sign-out."""
    logger.warning("A form without a valid token was refused", extra={"reason": reason, "path": request.path})
    return respond(
        request,
        Problem(
            status=403,
            code="form.expired",
            message=_("This form can no longer be sent: the sign-in changed since the page was opened."),
            hint=_("Go back, reload the page and send it again; your browser keeps what you typed."),
        ),
    )


# --- how each class of error is told


def _bad_request() -> Problem:
    return Problem(
        status=400,
        code="request.malformed",
        message=_("The request could not be understood."),
        hint=_("Go back and try again."),
    )


def _wrong_method() -> Problem:
    return Problem(
        status=405,
        code="request.method",
        message=_("This address is only for what a form sends."),
        hint=_("Go back to the page that the form is on."),
    )


def _not_found() -> Problem:
    return Problem(
        status=404,
        code="not_found",
        message=_("There is nothing here, or it is not yours to see."),
        hint=_("Check the address, or ask the owning team for access."),
    )


def _crash() -> Problem:
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return Problem(
        status=500,
        code="server.error",
        message=_("Something went wrong on our side; nothing more was changed."),
        hint=_("Try again. If it stays, give the platform team this request id: %(id)s") % {"id": request_id},
    )


@problem_of.register
def _denied(error: PermissionDenied) -> Problem:
    return Problem(
        status=403,
        code="permission.denied",
        message=str(error) or _("You may not do this."),
        hint=_("Ask an admin of the team for the role that may."),
    )


@problem_of.register
def _ours(error: ProvisioningError) -> Problem:
    """422 (understood, cannot be carried out), or the HTTP status that the error's class names as `status`."""
    return Problem(
        status=getattr(error, "status", 422),
        code=error.code,
        message=worded(error.message),
        hint=worded(error.hint),
        field=error.field and brief(error.field),
    )


@problem_of.register(OperationalError)
@problem_of.register(InterfaceError)
def _away(error: OperationalError | InterfaceError) -> Problem:
    return Problem(
        status=503,
        code="database.unavailable",
        message=_("The portal's database does not answer at the moment."),
        hint=_("Try again in a few seconds; look first whether what you sent was kept."),
    )


@problem_of.register(RedisConnectionError)
@problem_of.register(RedisTimeoutError)
def _redis_away(error: RedisConnectionError | RedisTimeoutError) -> Problem:
    """Only signing in needs it: it counts the attempts there."""
    return Problem(
        status=503,
        code="redis.unavailable",
        message=_("The portal's Redis does not answer at the moment."),
        hint=_("Try again in a few seconds."),
    )


@problem_of.register
def _unreadable(error: UnreadableError) -> Problem:
    """A row that makes no sense: what people send has been through schemas and forms by then."""
    return Problem(
        status=500,
        code="record.unreadable",
        message=_(
            "What is written down of this cannot be read: another version of the portal wrote it, or it was "
            "changed by hand; nothing was changed."
        ),
        hint=_crash().hint,
    )


@problem_of.register
def _invalid(error: ValidationError) -> Problem:
    field = next(iter(error.message_dict)) if hasattr(error, "error_dict") else None
    return Problem(
        status=422,
        code="input.invalid",
        message=" ".join(error.messages),
        hint=_("Correct the value and try again."),
        field=None if field == "__all__" else field,
    )


@problem_of.register
def _request_invalid(error: RequestInvalid) -> Problem:
    """pydantic's first complaint; its place is `(body, name of the parameter, field, …)`."""
    first = error.errors[0] if error.errors else {}
    place: Sequence[str | int] = first.get("loc", ())
    field = brief(".".join(str(part) for part in (place[2:] or place[1:]))) or None
    said = _("It is missing.") if first.get("type") == "missing" else str(first.get("msg", ""))
    return Problem(
        status=422,
        code="input.invalid",
        message=f"{field}: {said}" if field else said,
        hint=_("The description of this call in the API's documentation lists what each field takes."),
        field=field,
    )


@problem_of.register
def _http_error(error: HttpError) -> Problem:
    if isinstance(error.__cause__, ProvisioningError):  # of a body that was read and refused
        return problem_of(error.__cause__)
    hints = {
        401: _("Send a valid token as `Authorization: Bearer …`; tokens expire and can be revoked."),
        403: _("Use a token with the scope that this call needs."),
        429: _("Wait a little and try again."),
    }
    codes = {
        400: "request.malformed",
        401: "token.invalid",
        403: "permission.denied",
        404: "not_found",
        429: "too_many_requests",
    }
    return Problem(
        status=error.status_code,
        code=codes.get(error.status_code, "request.refused"),
        message=error.message,
        hint=hints.get(error.status_code, ""),
    )


@problem_of.register
def _suspicious(error: SuspiciousOperation) -> Problem:
    """What Django refuses to read. The reason stays in the log: it may describe an attack."""
    if not isinstance(error, RequestDataTooBig):
        return _bad_request()
    return Problem(
        status=413,
        code="request.too_long",
        message=_("What was sent is longer than the portal reads: at most %(size)s.")
        % {"size": filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)},
        hint=_("No form and no call needs a hundredth of it: look at what was pasted."),
    )


@problem_of.register
def _absent(error: Http404) -> Problem:
    return _not_found()

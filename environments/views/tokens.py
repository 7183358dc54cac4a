"""A person's tokens for the API."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from environments.forms import TokenForm
from environments.models import Token
from environments.services import tokens
from environments.views.session import actor_of, person_of
from environments.wording import told
from provisioning.errors import ProvisioningError


@login_required
@require_http_methods(["GET", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """All of them, and a form for one more; a new one is shown once, on this answer only."""
    person = person_of(request)
    form, text = TokenForm(request.POST or None), ""
    if form.is_bound and form.is_valid():
        try:
            _token, text = tokens.create_token(
                user=person,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                days=form.cleaned_data["days"],
                by=actor_of(request),
            )
            form = TokenForm()
        except ProvisioningError as error:
            form.add_error(error.field if error.field in form.fields else None, told(error))
    context = {"tokens": Token.objects.of(person).select_related("user"), "form": form, "text": text}
    response = render(request, "environments/tokens.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """It works no more from now on."""
    token = get_object_or_404(Token.objects.of(person_of(request)), pk=pk)
    tokens.revoke_token(token=token, by=actor_of(request))
    messages.success(request, _("The token is revoked."))
    return redirect("tokens")

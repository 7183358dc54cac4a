"""Every address that the frame of a page looks for, so that its navigation can be tested before the pages exist."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from environments.views.gallery import gallery


def blank(request: HttpRequest) -> HttpResponse:
    """Nothing."""
    return HttpResponse()


urlpatterns = [
    path("", blank, name="home"),
    path("catalogue/", blank, name="catalogue"),
    path("environments/", blank, name="environments"),
    path("inbox/", blank, name="inbox"),
    path("operations/", blank, name="operations"),
    path("team/", blank, name="team_switch"),
    path("gallery/", gallery, name="gallery"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

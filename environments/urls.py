"""Where the pages are."""

from django.urls import path

from environments.views import (
    changes,
    documentation,
    environments,
    exports,
    gallery,
    home,
    metrics,
    notifications,
    operations,
    readiness,
    requests,
    session,
    teams,
    tokens,
    upkeep,
    waiting,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("catalogue/", home.catalogue, name="catalogue"),
    path("catalogue/prices/", home.prices, name="catalogue_prices"),
    path("catalogue/<slug:architecture>/<slug:phase>/", requests.request_new, name="request_new"),
    path("catalogue/<slug:architecture>/<slug:phase>/price/", requests.request_price, name="request_price"),
    path("inbox/", home.inbox, name="inbox"),
    path("requests/<int:pk>/", requests.request_detail, name="request"),
    path("requests/<int:pk>/renew/", requests.request_renew, name="request_renew"),
    path("requests/<int:pk>/<slug:verdict>/", requests.request_decide, name="request_decide"),
    path("environments/", environments.environment_list, name="environments"),
    path("environments/<slug:slug>/", environments.environment_detail, name="environment"),
    path("environments/<slug:slug>/change/", changes.environment_change, name="environment_change"),
    path("environments/<slug:slug>/change/price/", changes.change_price, name="change_price"),
    path("environments/<slug:slug>/destroy/", environments.environment_destroy, name="environment_destroy"),
    path(
        "environments/<slug:slug>/cloudformation/",
        exports.environment_cloudformation,
        name="environment_cloudformation",
    ),
    path("environments/<slug:slug>/waiting/", waiting.environment_waiting, name="environment_waiting"),
    path("environments/<slug:slug>/metrics/charts/", metrics.metrics_charts, name="metrics_charts"),
    path("environments/<slug:slug>/metrics/alarms/", metrics.metrics_alarms, name="metrics_alarms"),
    path("environments/<slug:slug>/extend/", upkeep.environment_extend, name="environment_extend"),
    path(
        "environments/<slug:slug>/protection/", upkeep.environment_protection, name="environment_protection"
    ),
    *(
        path(
            f"environments/<slug:slug>/{tab}/",
            environments.environment_detail,
            {"tab": tab},
            name=f"environment_{tab}",
        )
        for tab in environments.TABS[1:]
        if tab != readiness.TAB
    ),
    path(
        "environments/<slug:slug>/readiness/", readiness.environment_readiness, name="environment_readiness"
    ),
    path("environments/<slug:slug>/readiness/check/", readiness.environment_check, name="environment_check"),
    path(
        "environments/<slug:slug>/readiness/<slug:item>/tick/",
        readiness.environment_tick,
        name="environment_tick",
    ),
    path("operations/", operations.operation_list, name="operations"),
    path("operations/<int:pk>/", operations.operation_detail, name="operation"),
    path("operations/<int:pk>/<slug:action>/", operations.operation_act, name="operation_act"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/mail/", notifications.notifications_mail, name="notifications_mail"),
    path("notifications/<int:pk>/", notifications.notification_open, name="notification"),
    path("team/", session.team_switch, name="team_switch"),
    path("teams/", teams.team_list, name="teams"),
    path("teams/<slug:slug>/", teams.team_detail, name="team"),
    path("teams/<slug:slug>/members/<int:pk>/", teams.member_change, name="member"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("documentation/", documentation.documentation, name="documentation"),
    path("gallery/", gallery.gallery, name="gallery"),
]

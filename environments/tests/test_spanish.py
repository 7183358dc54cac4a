"""Every page in Spanish: what reads the same in both languages is a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from environments.choices import Lifecycle, Notice, OperationStatus, RequestStatus, Role
from environments.models import Application, AuditLine, Environment, Operation, Request, Team
from environments.services import environments, requests
from environments.services.mails import choose_mail, send_due
from environments.services.notices import tell
from environments.services.proposals import Wish
from environments.templatetags.deeds import DEEDS
from environments.tests.conftest import acting
from environments.tests.factories import MembershipFactory
from environments.tests.test_api import key
from environments.wording import told, worded
from provisioning.errors import NameTaken

SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-label"}
SILENT = {"code", "pre", "script", "style", "del", "ins"}
# Names, and words that both languages have.
_IDENTIFIER = r"[\w.@/:]*[-/_.@:\d][\w.@/:-]*"  # ours and AWS's: something in it that no word has
SHARED = re.compile(
    rf"{_IDENTIFIER}( [·/] {_IDENTIFIER})*|(.* · )?Andamio( [0-9.]+)?|#\d+ (Create|Provision) shop-staging"
    r"|English|Español|Plan|API|Token|Worker|Pipeline|Flowise|for the fair"
    r"|((simple|containers|serverless|server) [·/] )?(mvp|production|scaling)|simple|containers|serverless|server"
    r"|Elastic Beanstalk|EC2( Auto Scaling)?|Elastic IP"
    r"|CloudFront|CloudWatch|Cognito|(ECS )?Fargate|ElastiCache|PostgreSQL|Redis|Route 53|Secrets Manager"
    r"|\$default|live|RDS Proxy|Aurora|Lambda|GitHub|GitLab|Bitbucket|AWS Backup|CodePipeline"
    r"|Elastic Load Balancing|API Gateway|HTTP API|alice|bob|lea|admin|curl|shop|.*example.org.?"
)


class Reader(HTMLParser):
    """The texts of a page that a person sees or hears, one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def texts_in(page: str) -> set[str]:
    reader = Reader()
    reader.feed(page)
    return set(reader.texts)


def texts_of(client: Client, path: str, language: str) -> set[str]:
    page = client.get(path, headers={"Accept-Language": language}, follow=True).content.decode()
    assert f'<html lang="{language}"' in page
    return texts_in(page)


def english(same: set[str]) -> list[str]:
    """Of what both languages have, that which is no name."""
    return sorted(text for text in same if re.search("[a-z]{3}", text) and not SHARED.fullmatch(text))


def left_in_english(client: Client, path: str) -> list[str]:
    return english(texts_of(client, path, "en") & texts_of(client, path, "es"))


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A request leaves its language behind in the thread; the next test must not inherit it."""
    yield
    translation.deactivate()


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/catalogue/",
            "/catalogue/prices/",
            "/catalogue/containers/production/",
            "/catalogue/simple/scaling/",
            "/catalogue/serverless/scaling/",
            "/catalogue/server/mvp/",
            "/inbox/",
            "/environments/",
        ),
        *(
            "/environments/?all=1",
            "/operations/",
            "/tokens/",
            "/teams/",
            "/teams/flowise/",
            "/notifications/",
            "/documentation/",
        ),
        *(
            f"/environments/shop-staging/{tab}"
            for tab in ("", "resources/", "readiness/", "cost/", "activity/")
        ),
        *(f"/environments/shop-staging/{page}/" for page in ("destroy", "extend", "protection")),
        "/nowhere/",
    ],
)
def test_a_page_has_no_english_sentence(browser: Client, ready: Environment, path: str) -> None:
    assert left_in_english(browser, path) == []


def test_a_request_has_none_in_any_of_its_states(
    client: Client, request_of_alice: Request, alice: User, bob: User
) -> None:
    for person in (alice, bob):
        client.force_login(person)
        for status in RequestStatus.values:
            Request.objects.update(status=status)
            assert left_in_english(client, request_of_alice.get_absolute_url()) == [], status


def test_a_stale_request_has_none(
    browser: Client, request_of_alice: Request, application_image: None
) -> None:
    Request.objects.update(status=RequestStatus.STALE)

    assert left_in_english(browser, f"/requests/{request_of_alice.pk}/renew/") == []
    request_of_alice.environment.account.teams.clear()
    assert left_in_english(browser, f"/requests/{request_of_alice.pk}/renew/") == []


def test_an_operation_has_none_in_any_of_its_states(browser: Client, approved: Request, alice: User) -> None:
    operation = approved.operations.get()
    for status in OperationStatus.values:
        Operation.objects.update(status=status)
        assert left_in_english(browser, operation.get_absolute_url()) == [], status


def test_an_environment_has_none_in_any_of_its_states(browser: Client, ready: Environment) -> None:
    for lifecycle in Lifecycle.values:
        Environment.objects.update(lifecycle=lifecycle, protected=True)
        for page in ("", "destroy/", "protection/", "extend/"):
            assert left_in_english(browser, f"/environments/{ready.slug}/{page}") == [], (lifecycle, page)


def test_who_is_not_signed_in_reads_none(client: Client, db: None, settings: Settings) -> None:
    settings.DEMO = True

    for path in ("/accounts/login/", "/nowhere/"):
        assert left_in_english(client, path) == []


def test_the_pages_of_a_teams_admin_have_none(client: Client, team: Team, alice: User) -> None:
    client.force_login(MembershipFactory.create(team=team, user__username="lea", role=Role.ADMIN).user)

    assert left_in_english(client, "/teams/flowise/") == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/catalogue/containers/production/", {"name": "Not A Name", "option_min_tasks": "500"}),
        ("/catalogue/containers/production/", {"option_min_tasks": "9", "option_max_tasks": "3"}),
        ("/catalogue/containers/production/", {"option_domain": "shop.example.org"}),
        ("/catalogue/containers/production/", {"usage_lcu": "99999"}),
        ("/catalogue/containers/production/price/", {"option_task_memory": "3"}),
        ("/tokens/", {"name": "", "days": "900"}),
        ("/environments/shop-staging/extend/", {"days": "900"}),
        ("/environments/shop-staging/destroy/", {"confirm_name": "another"}),
    ],
)
def test_what_is_wrong_with_a_form_is_told_in_spanish(
    browser: Client, ready: Environment, application: Application, path: str, data: dict[str, str]
) -> None:
    choice = {"application": application.pk, "account": ready.account_id, "region": "us-east-1"}
    sent = {**choice, "name": "fair", **data} if "catalogue" in path else data

    texts = [
        texts_in(browser.post(path, sent, headers={"Accept-Language": language}).content.decode())
        for language in ("en", "es")
    ]

    assert english(texts[0] & texts[1]) == []


def test_every_deed_of_a_life_has_words(
    browser: Client, wish: Wish, ready: Environment, alice: User, bob: User, ada: User
) -> None:
    for days in (3, None):
        environments.extend_environment(environment=ready, days=days, by=acting(alice))
    for on in (True, False):
        environments.protect_environment(environment=ready, protected=on, by=acting(ada))
    asked = [
        requests.create_request(wish=replace(wish, name=name), by=acting(alice))
        for name in ("e0", "e1", "e2")
    ]
    requests.deny(request=asked[0], reason="No.", by=acting(bob))
    requests.cancel(request=asked[1], by=acting(bob))
    requests.comment(request=asked[2], text="Why?", by=acting(bob))

    written = set(AuditLine.objects.exclude(environment=None).values_list("verb", flat=True))
    assert len(written) > 8
    assert written - set(DEEDS) == set()


# Texts of the engine ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("VPC", "VPC"),
        ("Create VPC", "Crear VPC"),
        ("Create PostgreSQL database", "Crear base de datos PostgreSQL"),
        ("Create task role", "Crear rol de la tarea"),
        ("Delete database security group", "Eliminar grupo de seguridad de la base de datos"),
        ("Create public subnet in us-east-1a", "Crear subred pública en us-east-1a"),
        ("Update alarm: CPU above 80 %", "Actualizar alarma: CPU por encima del 80 %"),
        ("Alarm: over 90 database connections", "Alarma: más de 90 conexiones a la base de datos"),
        (
            "AWS refused rds:create_db_instance: No capacity.",
            "AWS rechazó rds:create_db_instance: No capacity.",
        ),
        ("Create what nobody has translated", "Crear what nobody has translated"),
        ("What nobody has translated", "What nobody has translated"),
        ("", ""),
    ],
)
def test_what_the_engine_wrote_is_told_in_spanish(text: str, spanish: str) -> None:
    with translation.override("es"):
        assert worded(text) == spanish
    with translation.override("en"):
        assert worded(text) == text


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("Create What the application may do", "Crear permisos de la aplicación"),
        ("Delete Security group database", "Eliminar grupo de seguridad database"),
        ("Create Alarms by e-mail to ops@example.org", "Crear alarmas por correo a ops@example.org"),
        ("Update Alarm: CPU above 80 %", "Actualizar alarma: CPU por encima del 80 %"),
        ("Subnet public-a", "Subred public-a"),
    ],
)
def test_what_journals_hold_from_before_is_told_too(text: str, spanish: str) -> None:
    with translation.override("es"):
        assert worded(text) == spanish


def test_an_error_of_the_engine_is_told_whole() -> None:
    with translation.override("es"):
        assert told(NameTaken("Could not make VPC: shop exists and is not ours.")) == (
            "No se pudo crear VPC: shop ya existe y no es nuestro. "
            "Cambie el nombre del otro o elimínelo, o elija otro nombre para el entorno."
        )


def test_scripts_get_errors_in_the_language_that_they_ask_for(alice: User) -> None:
    answer = Client().get(
        "/api/v1/environments/none",
        headers={"Authorization": f"Bearer {key(alice)}", "Accept-Language": "es"},
    )

    assert answer.json()["message"] == "No existe, o usted no tiene permiso para verlo."
    assert answer.json()["hint"] == "Revise el nombre; usted ve lo que pertenece a sus equipos."


# The choice ------------------------------------------------------------------------------------------------------


def test_the_language_is_chosen_by_a_plain_form_and_stays(browser: Client, alice: User) -> None:
    page = browser.get("/environments/").content.decode()
    assert 'action="/i18n/setlang/"' in page

    answer = browser.post("/i18n/setlang/", {"language": "es", "next": "/environments/"}, follow=True)

    assert '<html lang="es"' in answer.content.decode()
    assert '<html lang="es"' in browser.get("/").content.decode()
    assert int(browser.cookies["django_language"]["max-age"]) > 24 * 3600


def test_who_is_not_signed_in_can_choose_too(client: Client, db: None) -> None:
    assert 'action="/i18n/setlang/"' in client.get("/accounts/login/").content.decode()


def test_what_is_kept_does_not_depend_on_the_language_of_who_wrote_it(
    wish: Wish, alice: User, bob: User
) -> None:
    with translation.override("es"):
        asked = requests.create_request(wish=wish, by=acting(alice))
        requests.approve(request=asked, seen=asked.hash, by=acting(bob))

    assert {line.subject for line in AuditLine.objects.all()} == {
        f"#{asked.pk} Create shop-staging",
        f"#{asked.operations.get().pk} Provision shop-staging",
    }


def test_a_mail_is_in_the_language_that_its_person_chose(request_of_alice: Request, bob: User) -> None:
    bob.email = "bob@example.org"
    bob.save()
    choose_mail(mail=True, language="es", by=acting(bob))
    tell([bob], Notice.REVIEW_WANTED, request_of_alice)

    send_due()

    assert mail.outbox[0].subject.endswith("Crear shop-staging espera su aprobación")
    assert "Recibe este correo" in mail.outbox[0].body

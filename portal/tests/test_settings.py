"""What the settings make of the environment, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings import BASE_DIR

_PRODUCTION = {
    "SECRET_KEY": "q3nD8vXw2LzR7tYb5KcM9pHf4GjS6aUe1ViWoQxZ0NmBrTyCk8sJd2Fg",
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgres://someone:secret@127.0.0.1:5432/andamio",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def run(program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def values(environment: dict[str, str], *names: str) -> dict[str, object]:
    done = run(
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name, None) for name in {names!r}}}, default=str))",
        environment,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("missing", sorted(_PRODUCTION))
def test_production_refuses_to_start_without_what_has_no_safe_default(missing: str) -> None:
    given = {name: value for name, value in _PRODUCTION.items() if name != missing}

    done = run("from django.conf import settings; settings.DEBUG", given)

    assert done.returncode != 0
    assert f"Set the {missing} environment variable" in done.stderr


def test_production_is_served_over_tls_only() -> None:
    found = values(
        _PRODUCTION, "DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS"
    )

    assert found == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 2592000,
    }


def test_djangos_deployment_check_is_clean_in_production() -> None:
    program = "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings", **_PRODUCTION},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_a_demo_works_over_plain_http_on_this_machine() -> None:
    found = values(
        {**_PRODUCTION, "DEMO": "true"}, "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "STATIC_ROOT"
    )

    assert found == {"SECURE_SSL_REDIRECT": False, "SESSION_COOKIE_SECURE": False, "STATIC_ROOT": None}


def test_a_queue_that_does_not_exist_is_refused_by_name() -> None:
    done = run(
        "from django.conf import settings; settings.DEBUG", {**_PRODUCTION, "QUEUE_BACKEND": "carrier-pigeon"}
    )

    assert "QUEUE_BACKEND is 'carrier-pigeon'; it must be rq or celery." in done.stderr


def test_single_sign_on_may_receive_the_form_that_starts_it() -> None:
    sso = {
        "OIDC_SERVER_URL": "https://login.example.org",
        "OIDC_CLIENT_ID": "andamio",
        "OIDC_CLIENT_SECRET": "s",
    }

    found = values({**_PRODUCTION, **sso}, "CONTENT_SECURITY_POLICY", "SOCIALACCOUNT_PROVIDERS")

    assert "https://login.example.org" in json.dumps(found["CONTENT_SECURITY_POLICY"])
    assert "andamio" in json.dumps(found["SOCIALACCOUNT_PROVIDERS"])


def test_sessions_outlive_a_weekend() -> None:
    found = values(_PRODUCTION, "SESSION_COOKIE_AGE", "ACCOUNT_SESSION_REMEMBER")

    assert found == {"SESSION_COOKIE_AGE": 14 * 24 * 3600, "ACCOUNT_SESSION_REMEMBER": True}


def test_jobs_sent_by_name_go_to_the_chosen_broker() -> None:
    broker = "amqp://someone:secret@127.0.0.1:5672//"
    done = run(
        "import django; django.setup(); from celery import current_app; print(current_app.conf.broker_url)",
        {**_PRODUCTION, "QUEUE_BACKEND": "celery", "CELERY_BROKER_URL": broker},
    )

    assert done.stdout.strip() == broker, done.stderr


def test_a_command_without_a_running_portal_says_how_to_name_one_instead_of_a_trace(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "create_token", "alice"],
        check=False,
        cwd=BASE_DIR,
        env={**kept, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "No portal of `make up` runs on the DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr

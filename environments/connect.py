"""Connect: what an application needs to use its environment, ready to copy and filled with its real names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from environments.models import Environment

FRAMEWORKS: Mapping[str, str] = {"flask": "Flask", "django": "Django", "fastapi": "FastAPI"}


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A file to copy: its name, what it is for, and its text."""

    file: str
    title: str
    text: str


def snippets(environment: Environment, framework: str, portal: str) -> list[Snippet]:
    """What there is for a framework of FRAMEWORKS; empty until the environment has outputs. `portal`: its address."""
    if not environment.outputs:
        return []
    words = _words(environment, portal)
    of_framework = f"connect/{framework}"
    settings = "settings_aws.py" if framework == "django" else "config.py"
    parts = (
        (settings, _("Configuration from Parameter Store"), f"{of_framework}/configuration.txt"),
        ("health.py", _("Health route"), f"{of_framework}/health.txt"),
        ("logs.py", _("Logs to CloudWatch with watchtower"), "connect/logging.txt"),
        (".env", _("Environment variables"), "connect/variables.txt"),
        *_run_by(environment, of_framework),
        *_worker(environment.outputs),
        *_sign_in(environment.outputs),
        *_tracing(environment.outputs, of_framework),
        ("preview.sh", _("A preview environment from CI"), "connect/preview.txt"),
        (".github/workflows/preview.yml", _("The same in GitHub Actions"), "connect/github.txt"),
        (".gitlab-ci.yml", _("The same in GitLab"), "connect/gitlab.txt"),
    )
    return [
        Snippet(file=file, title=title, text=render_to_string(template, words).strip() + "\n")
        for file, title, template in parts
    ]


def _run_by(environment: Environment, of_framework: str) -> tuple[tuple[str, str, str], ...]:
    """What belongs to the way in which the architecture runs an application."""
    if "repository" in environment.outputs:
        return (("docker-compose.aws.yml", _("The image on a laptop"), "connect/compose.txt"),)
    if "beanstalk_environment" in environment.outputs:
        return (("Procfile", _("What Elastic Beanstalk starts"), f"{of_framework}/procfile.txt"),)
    if "function" in environment.outputs:
        return (("app.py", _("What Lambda calls"), f"{of_framework}/handler.txt"),)
    return ()


def _worker(outputs: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """What works through the queue, where it is not beside the function that answers requests."""
    if "worker" not in outputs or "function" in outputs:
        return ()
    return (("app.py", _("What Lambda calls"), "connect/worker.txt"),)


def _sign_in(outputs: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Whose request it is, by what stands before the application, and who may sign in."""
    if "user_pool_id" not in outputs:
        return ()
    before = "balancer" if "load_balancer_arn" in outputs else "function" if "function" in outputs else "api"
    return (
        ("sign_in.py", _("Who has signed in"), f"connect/sign_in_{before}.txt"),
        ("people.sh", _("Adding somebody who may sign in"), "connect/people.txt"),
    )


def _tracing(outputs: Mapping[str, str], of_framework: str) -> tuple[tuple[str, str, str], ...]:
    """How the application hands its traces to what takes them beside it."""
    if "trace_group" not in outputs:
        return ()
    if "repository" in outputs:
        return (("Dockerfile", _("Traces to X-Ray"), f"{of_framework}/tracing_image.txt"),)
    if "function" in outputs:
        return (("tracing.py", _("Traces to X-Ray"), "connect/tracing_function.txt"),)
    file = "settings_tracing.py" if of_framework.endswith("django") else "tracing.py"
    return ((file, _("Traces to X-Ray"), f"{of_framework}/tracing_daemon.txt"),)


def _words(environment: Environment, portal: str) -> dict[str, object]:
    spec = environment.spec
    return {
        **environment.outputs,
        "application": environment.application.slug,
        "slug": environment.slug,
        "architecture": environment.architecture,
        "phase": environment.phase,
        "region": environment.region,
        "account": environment.account.slug,
        "port": spec.port,
        "health_path": spec.health_path,
        "portal": portal.rstrip("/"),
    }

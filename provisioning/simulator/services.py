"""Which file of ours adds to which AWS service; each is loaded at the first call, or by `warm` before it."""

import importlib
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.core.utils import get_service_model

_FILES: dict[str, tuple[str, ...]] = {
    "ec2": ("ec2",),
    "backup": ("backup", "backup_jobs"),
    "budgets": ("budgets",),
    "codebuild": ("codebuild",),
    "codeconnections": ("codeconnections",),
    "codepipeline": ("codepipeline",),
    "cognito-idp": ("cognito",),
    "iam": ("iam",),
    "sts": (),
    "rds": ("rds", "rds_backup_copies", "rds_offers", "rds_clusters", "rds_cluster_groups", "rds_proxies"),
    "elasticache": ("elasticache",),
    "elbv2": ("elbv2",),
    "ecs": ("ecs",),
    "ecr": (),
    "acm": ("acm",),
    "route53": ("route53",),
    "s3": ("s3",),
    "servicediscovery": ("servicediscovery",),
    "service-quotas": ("servicequotas",),
    "sns": ("sns",),
    "xray": ("xray",),
    "ssm": (),
    "secretsmanager": (),
    "logs": ("logs",),
    "cloudfront": ("cloudfront",),
    "cloudwatch": ("cloudwatch", "cloudwatch_dashboards", "cloudwatch_metrics"),
    "lambda": ("lambda_functions", "lambda_versions", "lambda_policies", "lambda_sources"),
    "sqs": ("sqs",),
    "wafv2": ("wafv2",),
    "apigatewayv2": ("apigatewayv2", "apigatewayv2_domains", "apigatewayv2_links", "apigatewayv2_parts"),
    "autoscaling": ("ec2_autoscaling",),
    "elasticbeanstalk": ("elasticbeanstalk",),
    "application-autoscaling": ("autoscaling",),
    "resourcegroupstaggingapi": ("tagging",),
}
#: moto's package names of services that boto3 calls otherwise.
_MOTO_PACKAGES = {
    "application-autoscaling": "applicationautoscaling",
    "lambda": "awslambda",
    "cognito-idp": "cognitoidp",
    "service-quotas": "servicequotas",
}
#: Services of which moto has no package, or routes few of the paths: what is ours is answered without moto's routes.
UNROUTED = frozenset({"backup", "codeconnections", "xray"})
_loaded: set[str] = set()


@cache
def moto_application() -> Callable[..., Any]:
    """moto's own WSGI application, for the services whose paths it must route (S3, Route 53, …)."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


def load(service: str) -> None:
    """Have our operations of this service registered."""
    if service in _loaded:
        return
    for name in _FILES.get(service, ()):
        importlib.import_module(f"provisioning.simulator.{name}")
    _loaded.add(service)


def load_all() -> None:
    """Have every operation and every event registered."""
    for service in _FILES:
        load(service)


def warm(ended: threading.Event) -> None:
    """Load what the first calls would otherwise wait for: moto's packages, AWS's models, and our files."""
    moto_application()
    for service in _FILES:
        if ended.is_set():
            return
        if service not in UNROUTED:
            importlib.import_module(f"moto.{_MOTO_PACKAGES.get(service, service)}.urls")
        get_service_model(service)
        load(service)

"""Applications of Elastic Beanstalk and their versions: what stays while it runs somewhere, and what is taken."""

import re
from typing import Any

from moto.s3.models import s3_backends

from provisioning.simulator.elasticbeanstalk_state import (
    Application,
    Version,
    application_of,
    arn,
    clock,
    invalid,
    of,
    tags_in,
    users_of,
    version_of,
)
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

_NAME = re.compile(r"[^/]{1,100}")


def _check_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise invalid(
            f"Value {name[:120]} at '{what}' failed to satisfy constraint: 1 to 100 characters, no slash."
        )


def _check_lifecycle(lifecycle: dict[str, Any]) -> None:
    rules = lifecycle.get("VersionLifecycleConfig") or {}
    enabled = [rule for rule in rules.values() if isinstance(rule, dict) and rule.get("Enabled")]
    if enabled and not lifecycle.get("ServiceRole"):
        raise invalid("A service role is required for the application resource lifecycle.")
    if len(enabled) > 1:
        raise invalid("Only one of MaxCountRule and MaxAgeRule can be enabled.")


def _told(call: Call, application: Application) -> dict[str, Any]:
    labels = [label for (name, label) in of(call).versions if name == application.name]
    return {
        "ApplicationArn": application.arn,
        "ApplicationName": application.name,
        "Description": application.description,
        "DateCreated": application.created,
        "DateUpdated": application.updated,
        "Versions": list(reversed(labels)),
        "ConfigurationTemplates": [],
        "ResourceLifecycleConfig": application.lifecycle,
    }


@operation("elasticbeanstalk", "CreateApplication")
def create_application(call: Call) -> object:
    """Names are unique in an account and region."""
    name, known = call.text("ApplicationName"), of(call).applications
    _check_name(name, "applicationName")
    if name in known:
        raise invalid(f"Application {name} already exists.")
    lifecycle = dict(call.params.get("ResourceLifecycleConfig") or {})
    _check_lifecycle(lifecycle)
    now = clock(call)
    made = Application(
        name=name,
        arn=arn(call, "application", name),
        description=call.text("Description"),
        lifecycle=lifecycle,
        tags=tags_in(call),
        created=now,
        updated=now,
    )
    known[name] = made
    return {"Application": _told(call, made)}


@operation("elasticbeanstalk", "DescribeApplications")
def describe_applications(call: Call) -> object:
    """Those asked for that are there."""
    asked = call.items("ApplicationNames")
    found = [one for one in of(call).applications.values() if not asked or one.name in asked]
    return {"Applications": [_told(call, one) for one in found]}


@operation("elasticbeanstalk", "UpdateApplication")
def update_application(call: Call) -> object:
    """The description."""
    application = application_of(call)
    application.description = call.text("Description")
    application.updated = clock(call)
    return {"Application": _told(call, application)}


@operation("elasticbeanstalk", "UpdateApplicationResourceLifecycle")
def update_application_resource_lifecycle(call: Call) -> object:
    """The role stays when none is given."""
    application = application_of(call)
    lifecycle = {**application.lifecycle, **(call.params.get("ResourceLifecycleConfig") or {})}
    _check_lifecycle(lifecycle)
    application.lifecycle, application.updated = lifecycle, clock(call)
    return {"ApplicationName": application.name, "ResourceLifecycleConfig": lifecycle}


@operation("elasticbeanstalk", "DeleteApplication")
def delete_application(call: Call) -> object:
    """Refused while one of its environments is there; its versions go with it."""
    name, known = call.text("ApplicationName"), of(call)
    if call.params.get("TerminateEnvByForce"):
        raise NotImplementedError("elasticbeanstalk DeleteApplication by force")
    if any(users_of(call, name)):
        raise invalid(
            f"Unable to delete application {name} because it has a version that is deployed to a running environment."
        )
    known.applications.pop(name, None)
    for key in [key for key in known.versions if key[0] == name]:
        del known.versions[key]
    return {}


def _told_version(version: Version) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ApplicationVersionArn": version.arn,
        "ApplicationName": version.application,
        "Description": version.description,
        "VersionLabel": version.label,
        "DateCreated": version.created,
        "DateUpdated": version.updated,
        "Status": version.state,
    }
    return told | (
        {"SourceBundle": {"S3Bucket": version.bucket, "S3Key": version.key}} if version.bucket else {}
    )


def _check_bundle(call: Call, bundle: dict[str, Any]) -> None:
    bucket, key = str(bundle.get("S3Bucket", "")), str(bundle.get("S3Key", ""))
    found = s3_backends[call.account]["aws"].buckets.get(bucket)
    if found is None or key not in found.keys:
        raise invalid(
            f"Unable to download from S3 location (Bucket: {bucket}  Key: {key}). Reason: Not Found"
        )
    if found.region_name != call.region:
        raise Refusal(
            "S3LocationNotInServiceRegionException",
            f"The bucket {bucket} is not in the region {call.region}.",
        )


@operation("elasticbeanstalk", "CreateApplicationVersion")
def create_application_version(call: Call) -> object:
    """The bundle must be there; a version that is to be looked into is processed some seconds later."""
    name, label = call.text("ApplicationName"), call.text("VersionLabel")
    _check_name(label, "versionLabel")
    if call.params.get("SourceBuildInformation") or call.params.get("BuildConfiguration"):
        raise NotImplementedError("elasticbeanstalk versions that are built")
    application_of(call)
    if (name, label) in of(call).versions:
        raise invalid(f"Application Version {label} already exists.")
    bundle = dict(call.params.get("SourceBundle") or {})
    if bundle:
        _check_bundle(call, bundle)
    now, process = clock(call), bool(call.params.get("Process"))
    made = Version(
        application=name,
        label=label,
        arn=arn(call, "applicationversion", f"{name}/{label}"),
        description=call.text("Description"),
        bucket=str(bundle.get("S3Bucket", "")),
        key=str(bundle.get("S3Key", "")),
        state="PROCESSING" if process else "UNPROCESSED",
        tags=tags_in(call),
        created=now,
        updated=now,
    )
    of(call).versions[name, label] = made
    if process:
        call.after("beanstalk.process", "beanstalk.processed", name, label)
    return {"ApplicationVersion": _told_version(made)}


@event("beanstalk.processed")
def processed(moment: Moment, name: str, label: str) -> None:
    """A version has been looked into."""
    version = of(moment).versions.get((name, label))
    if version is not None:
        version.state = "PROCESSED"


@operation("elasticbeanstalk", "DescribeApplicationVersions")
def describe_application_versions(call: Call) -> object:
    """The newest first, a page at a time."""
    name, asked = call.text("ApplicationName"), call.items("VersionLabels")
    found = [
        _told_version(one)
        for one in reversed(of(call).versions.values())
        if name in {"", one.application} and (not asked or one.label in asked)
    ]
    start, size = int(call.text("NextToken") or 0), int(call.params.get("MaxRecords") or 1000)
    page: dict[str, Any] = {"ApplicationVersions": found[start : start + size]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})


@operation("elasticbeanstalk", "UpdateApplicationVersion")
def update_application_version(call: Call) -> object:
    """The description; the bundle of a version never changes."""
    version = version_of(call, call.text("ApplicationName"), call.text("VersionLabel"))
    if "Description" in call.params:
        version.description = call.text("Description")
    version.updated = clock(call)
    return {"ApplicationVersion": _told_version(version)}


@operation("elasticbeanstalk", "DeleteApplicationVersion")
def delete_application_version(call: Call) -> object:
    """Refused while an environment runs it; its bundle goes with it where that is asked for."""
    name, label = call.text("ApplicationName"), call.text("VersionLabel")
    version = version_of(call, name, label)
    users = sorted(one.name for one in users_of(call, name, label))
    if users:
        raise invalid(
            f"Unable to delete application version {label} because it is being used by the following environments: "
            f"{', '.join(users)}"
        )
    if call.params.get("DeleteSourceBundle") and version.bucket:
        backend = s3_backends[call.account]["aws"]
        if version.bucket not in backend.buckets:
            raise Refusal(
                "SourceBundleDeletionFailure",
                f"Unable to delete the source bundle of {label}: no such bucket.",
            )
        backend.delete_object(version.bucket, version.key)
    del of(call).versions[name, label]
    return {}

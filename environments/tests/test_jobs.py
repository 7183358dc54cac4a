"""What a worker does besides the engine: look for what a destroyed environment left behind."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone

from environments.choices import Lifecycle
from environments.jobs import sweep_destroyed
from environments.models import Environment
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.kind import TAG_KEY, TAG_STACK
from provisioning.kinds.tests.cloud import running_cloud


def test_a_destroyed_environment_is_swept_once_and_what_is_left_is_written_down(
    ready: Environment, alice: User
) -> None:
    with running_cloud() as endpoint:
        account = ready.account
        account.endpoint_url = endpoint
        account.save()
        aws = Aws(
            connection=Connection(AccountAccess(account=account.number, endpoint_url=endpoint), ready.region)
        )
        tags = [{"Key": TAG_STACK, "Value": ready.spec.stack}, {"Key": TAG_KEY, "Value": "alarm-topic"}]
        arn = aws.sns.create_topic(Name="left", Tags=tags)["TopicArn"]  # type: ignore[arg-type]  # a list of tags
        Environment.objects.filter(pk=ready.pk).update(
            lifecycle=Lifecycle.DESTROYED, destroyed_at=timezone.now()
        )

        sweep_destroyed()

    ready.refresh_from_db()
    assert ready.remains == [{"arn": arn, "key": "alarm-topic", "kept": False}]


def test_one_that_cannot_be_read_holds_up_no_other(ready: Environment) -> None:
    gone = {"lifecycle": Lifecycle.DESTROYED, "destroyed_at": timezone.now()}
    Environment.objects.filter(pk=ready.pk).update(**gone, raw_spec={"of": "another version"})

    sweep_destroyed()

    ready.refresh_from_db()
    assert ready.remains is None

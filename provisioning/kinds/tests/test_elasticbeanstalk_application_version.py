"""What is peculiar to a version: its bundle, which is a placeholder where no other is named."""

from __future__ import annotations

import io
import zipfile

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy, NotFound
from provisioning.kind import Status, kind_named
from provisioning.kinds.elasticbeanstalk_application_version import ApplicationVersionProps
from provisioning.kinds.tests.beanstalk import Shop
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.placeholder import source_bundle
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "elasticbeanstalk.application_version"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"application_name": "shop", "bucket": "shop-versions"},)


@pytest.fixture
def shop(aws: Aws, build: Build) -> Shop:
    """An application and a bucket."""
    return Shop(aws, build)


def _props(shop: Shop, **changes: str) -> ApplicationVersionProps:
    wanted = {"application_name": shop.application, "bucket": shop.bucket, **changes}
    return ApplicationVersionProps.model_validate(wanted)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    check_contract(
        aws,
        handle("version", KIND),
        _props(shop),
        changes=[_props(shop, description="The first")],
        attributes=["name", "arn", "application_name", "key"],
        # CreateApplicationVersion with tags, and what it reads.
        also_permitted=["elasticbeanstalk:AddTags", "s3:GetObject"],
    )


def test_a_cut_before_the_placeholder_is_a_version_is_repaired(
    aws: Aws, handle: MakeHandle, shop: Shop
) -> None:
    assert check_cuts(aws, handle("version", KIND), _props(shop)) == 1


def test_a_bundle_that_is_there_is_taken_as_it_is(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    aws.s3.put_object(Bucket=shop.bucket, Key="builds/7.zip", Body=b"PK")

    assert check_cuts(aws, handle("version", KIND), _props(shop, key="builds/7.zip")) == 0


def test_it_is_ready_when_it_was_looked_into(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    made = kind_named(KIND).create(aws, handle("version", KIND), _props(shop))

    assert made.status is Status.PENDING


def test_the_placeholder_is_the_same_bytes_every_time_and_answers(aws: Aws, build: Build, shop: Shop) -> None:
    version = build("version", _props(shop))

    bundle = aws.s3.get_object(Bucket=shop.bucket, Key=version.attributes["key"])["Body"].read()
    assert bundle == source_bundle() == source_bundle()
    held: dict[str, object] = {}
    exec(zipfile.ZipFile(io.BytesIO(bundle)).read("application.py"), held)  # our own file
    said: list[object] = []
    answer = held["application"]({}, lambda *words: said.extend(words))  # type: ignore[operator]
    assert said[0] == "200 OK" and b"Nothing is deployed" in b"".join(answer)


def test_a_bundle_that_is_not_there_is_refused(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    with pytest.raises(Exception, match="Unable to download from S3 location"):
        kind_named(KIND).create(aws, handle("version", KIND), _props(shop, key="none.zip"))


def test_an_application_that_is_not_there_is_not_found(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    with pytest.raises(NotFound):
        kind_named(KIND).create(aws, handle("version", KIND), _props(shop, application_name="other"))


def test_a_foreign_version_of_its_label_is_not_taken(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    ours = handle("version", KIND)
    aws.elasticbeanstalk.create_application_version(ApplicationName=shop.application, VersionLabel=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, _props(shop))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_while_an_environment_runs_it_it_is_busy(
    aws: Aws, handle: MakeHandle, build: Build, shop: Shop
) -> None:
    label = shop.version()
    build("web", shop.environment(label))

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("version", KIND, id=label))

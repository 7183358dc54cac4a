"""An SNS topic: where the alarms of an environment go."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.properties import Unordered
from provisioning.template_parts import REF, Form, Part, Place, Told, given

_STATEMENT = "AndamioPublishers"  # our statement of the policy; others are left alone


class TopicProps(Props):
    """`display_name`: the sender's name of its e-mails; `publishers`: services, as "budgets.amazonaws.com", that may
    publish on behalf of this account besides its own alarms and roles."""

    display_name: str = Field(default="", max_length=100)
    publishers: Unordered = ()


@register
class Topic(Kind[TopicProps]):
    """https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html (of a topic that is there it answers with that
    one, if tags and attributes are the same). Attributes: id (the ARN), arn, name."""

    name = "sns.topic"
    title = "SNS topic"
    naming = Naming(limit=256)
    permissions = (
        "sns:CreateTopic",
        "sns:TagResource",
        "sns:ListTopics",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
        "sns:DeleteTopic",
    )
    props = TopicProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        arn = _arn(aws, handle)
        answer = found(aws.sns.get_topic_attributes, TopicArn=arn) if arn else None
        if answer is None:
            return None
        return Observed(
            id=arn,
            props={
                "display_name": answer["Attributes"].get("DisplayName", ""),
                "publishers": _publishers(answer["Attributes"], handle),
            },
            attributes=_attributes(handle, arn),
            tags=_tags(aws, handle, arn),
        )

    def create(self, aws: Aws, handle: Handle, props: TopicProps) -> Observed:
        answer = aws.sns.create_topic(
            Name=handle.name, Attributes={"DisplayName": props.display_name}, Tags=handle.tag_list
        )
        arn = answer["TopicArn"]
        if props.publishers:
            _let_publish(aws, handle, arn, props)
        return Observed(id=arn, attributes=_attributes(handle, arn))

    def update(self, aws: Aws, handle: Handle, props: TopicProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed)
        if "display_name" in changed:
            aws.sns.set_topic_attributes(
                TopicArn=observed.id, AttributeName="DisplayName", AttributeValue=props.display_name
            )
        if "publishers" in changed:
            _let_publish(aws, handle, observed.id, props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = _arn(aws, handle)
        if arn:
            found(aws.sns.delete_topic, TopicArn=arn)
        return True

    def cloudformation(self, place: Place, props: TopicProps) -> Form:
        """A policy takes the place of the one that AWS gives a new topic, which lets the account's own alarms in."""
        properties = {"TopicName": place.name, "DisplayName": props.display_name, "Tags": place.tag_list}
        parts = [Part(type="AWS::SNS::Topic", properties=given(properties))]
        if props.publishers:
            statements = [_of_the_account(place), _statement(place, place.own("arn"), props.publishers)]
            policy = {
                "Topics": [place.own("arn")],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
            parts.append(Part(role="policy", type="AWS::SNS::TopicPolicy", properties=policy))
        return Form(parts=tuple(parts), attributes={"id": REF, "arn": REF, "name": Told("TopicName")})


def _arn(aws: Aws, handle: Handle) -> str:
    """The recorded ARN, else that of the topic of this name, else nothing."""
    if handle.id is not None:
        return handle.id
    topics = aws.listed(aws.sns.list_topics, "Topics")
    return next((topic["TopicArn"] for topic in topics if topic["TopicArn"].endswith(f":{handle.name}")), "")


def _statements(attributes: Any) -> list[Any]:
    statements = json.loads(attributes.get("Policy") or "{}").get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _statement(handle: Handle, arn: str, services: tuple[str, ...]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html, kept to what this account causes."""
    return {
        "Sid": _STATEMENT,
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": handle.account}},
    }


def _publishers(attributes: Any, handle: Handle) -> list[Any]:
    """The services that our statement lets in; none when somebody made it say anything else."""
    ours = next((one for one in _statements(attributes) if one.get("Sid") == _STATEMENT), None)
    services = ours["Principal"].get("Service", []) if ours else []
    services = sorted([services] if isinstance(services, str) else services)
    plain = ours and {**ours, "Principal": {"Service": services}}
    return services if plain == _statement(handle, attributes["TopicArn"], tuple(services)) else []


def _let_publish(aws: Aws, handle: Handle, arn: str, props: TopicProps) -> None:
    there = _statements(aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"])
    kept = [one for one in there if one.get("Sid") != _STATEMENT]
    ours = [_statement(handle, arn, props.publishers)] if props.publishers else []
    policy = json.dumps({"Version": "2012-10-17", "Statement": [*kept, *ours]})
    aws.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _attributes(handle: Handle, arn: str) -> dict[str, str]:
    return {"id": arn, "arn": arn, "name": handle.name}


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the topic is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.sns.list_tags_for_resource(ResourceArn=arn))


def _of_the_account(place: Place) -> dict[str, Any]:
    """What AWS lets a new topic's account do:
    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-evaluation-logic.html"""
    return {
        "Sid": "AccountItself",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"],
        "Resource": place.own("arn"),
        "Condition": {"StringEquals": {"aws:SourceOwner": place.account}},
    }

"""An SNS topic: where the alarms of an environment go."""

from __future__ import annotations

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming


class TopicProps(Props):
    """`display_name`: the sender's name of its e-mails."""

    display_name: str = Field(default="", max_length=100)


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
            props={"display_name": answer["Attributes"].get("DisplayName", "")},
            attributes=_attributes(handle, arn),
            tags=_tags(aws, handle, arn),
        )

    def create(self, aws: Aws, handle: Handle, props: TopicProps) -> Observed:
        answer = aws.sns.create_topic(
            Name=handle.name, Attributes={"DisplayName": props.display_name}, Tags=handle.tag_list
        )
        arn = answer["TopicArn"]
        return Observed(id=arn, attributes=_attributes(handle, arn))

    def update(self, aws: Aws, handle: Handle, props: TopicProps, observed: Observed) -> Observed:
        aws.sns.set_topic_attributes(
            TopicArn=observed.id, AttributeName="DisplayName", AttributeValue=props.display_name
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = _arn(aws, handle)
        if arn:
            found(aws.sns.delete_topic, TopicArn=arn)
        return True


def _arn(aws: Aws, handle: Handle) -> str:
    """The recorded ARN, else that of the topic of this name, else nothing."""
    if handle.id is not None:
        return handle.id
    topics = aws.listed(aws.sns.list_topics, "Topics")
    return next((topic["TopicArn"] for topic in topics if topic["TopicArn"].endswith(f":{handle.name}")), "")


def _attributes(handle: Handle, arn: str) -> dict[str, str]:
    return {"id": arn, "arn": arn, "name": handle.name}


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the topic is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.sns.list_tags_for_resource(ResourceArn=arn))

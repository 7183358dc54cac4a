"""ECS in the simulator: services roll out, scale, fail, roll back and go."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import (
    Network,
    make_balancer,
    make_target_group,
    register,
    service,
)

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


@pytest.fixture
def group(aws: Aws, network: Network) -> str:
    """A target group behind a listener, and a cluster."""
    arn = make_target_group(aws, network)
    aws("elbv2").create_listener(
        LoadBalancerArn=make_balancer(aws, network),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    aws("ecs").create_cluster(clusterName="main")
    return arn


def look(aws: Aws) -> Any:
    return aws("ecs").describe_services(cluster="main", services=["web"])["services"][0]


def rollout(aws: Aws) -> str:
    found = look(aws)
    one = len(found["deployments"]) == 1
    return str(found["deployments"][0]["rolloutState"]) if one else "ROLLING"


def health(aws: Aws, group: str) -> list[str]:
    found = aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return sorted(one["TargetHealth"]["State"] for one in found)


def test_a_service_starts_its_tasks_and_its_targets_become_healthy(
    aws: Aws, network: Network, group: str
) -> None:
    made = aws("ecs").create_service(
        **service(
            network, register(aws, "1"), group, healthCheckGracePeriodSeconds=30, propagateTags="SERVICE"
        )
    )["service"]
    assert (made["runningCount"], made["pendingCount"]) == (0, 2)
    assert made["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    seen = until(lambda: health(aws, group), ["healthy", "healthy"])
    assert ["initial", "initial"] in seen
    until(lambda: rollout(aws), "COMPLETED")
    found = look(aws)
    assert (found["runningCount"], found["pendingCount"]) == (2, 0)
    assert found["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (found["healthCheckGracePeriodSeconds"], found["propagateTags"]) == (30, "SERVICE")
    assert found["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "ENABLED"
    assert found["events"][0]["message"] == "(service web) has reached a steady state."


def test_a_new_task_definition_rolls_and_the_old_tasks_drain(aws: Aws, network: Network, group: str) -> None:
    ecs = aws("ecs")
    ecs.create_service(**service(network, register(aws, "1"), group))
    until(lambda: rollout(aws), "COMPLETED")
    second = register(aws, "2")
    rolling = ecs.update_service(cluster="main", service="web", taskDefinition=second)["service"]
    assert [one["status"] for one in rolling["deployments"]] == ["PRIMARY", "ACTIVE"]
    until(lambda: look(aws)["runningCount"], 4)
    until(lambda: rollout(aws), "COMPLETED")
    assert look(aws)["taskDefinition"] == second
    assert look(aws)["runningCount"] == 2
    tasks = ecs.list_tasks(cluster="main", serviceName="web")["taskArns"]
    described = ecs.describe_tasks(cluster="main", tasks=tasks)["tasks"]
    assert {task["taskDefinitionArn"] for task in described} == {second}


def test_a_broken_image_fails_and_the_breaker_rolls_back(aws: Aws, network: Network, group: str) -> None:
    ecs = aws("ecs")
    first = register(aws, "1")
    ecs.create_service(**service(network, first, group))
    until(lambda: rollout(aws), "COMPLETED")
    ecs.update_service(cluster="main", service="web", taskDefinition=register(aws, "2-broken"))

    def states() -> Any:
        return [one["rolloutState"] for one in look(aws)["deployments"]]

    until(lambda: "FAILED" in states(), wanted=True)
    until(lambda: rollout(aws), "COMPLETED")
    assert look(aws)["taskDefinition"] == first
    messages = " ".join(event["message"] for event in look(aws)["events"])
    assert "deployment failed: tasks failed to start." in messages
    assert "rolling back to" in messages
    stopped = ecs.list_tasks(cluster="main", desiredStatus="STOPPED")["taskArns"]
    reasons = {task["stoppedReason"] for task in ecs.describe_tasks(cluster="main", tasks=stopped)["tasks"]}
    assert any(reason.startswith("Task failed ELB health checks in") for reason in reasons)


def test_a_first_broken_image_ends_failed_and_without_breaker_never(
    aws: Aws, network: Network, group: str
) -> None:
    ecs = aws("ecs")
    ecs.create_service(**service(network, register(aws, "broken"), group))
    until(lambda: rollout(aws), "FAILED")
    reason = look(aws)["deployments"][0]["rolloutStateReason"]
    assert reason == "ECS deployment circuit breaker: tasks failed to start."
    breakerless = service(network, register(aws, "broken"), group, deploymentConfiguration={})
    ecs.create_service(**{**breakerless, "serviceName": "other"})

    def failures() -> int:
        found = ecs.describe_services(cluster="main", services=["other"])["services"][0]["deployments"][0]
        assert found["rolloutState"] == "IN_PROGRESS"
        return int(found["failedTasks"])

    until(lambda: failures() > 4, wanted=True)


def test_a_task_without_a_way_to_the_registry_stops_and_says_why(
    aws: Aws, network: Network, group: str
) -> None:
    shut = {"awsvpcConfiguration": {"subnets": list(network.subnets), "assignPublicIp": "DISABLED"}}
    aws("ecs").create_service(**service(network, register(aws, "1"), group, networkConfiguration=shut))
    until(lambda: rollout(aws), "FAILED")
    stopped = aws("ecs").list_tasks(cluster="main", desiredStatus="STOPPED")["taskArns"]
    task = aws("ecs").describe_tasks(cluster="main", tasks=stopped)["tasks"][0]
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull")
    assert task["stopCode"] == "TaskFailedToStart"


def test_a_service_scales_drains_and_goes(aws: Aws, network: Network, group: str) -> None:
    ecs = aws("ecs")
    ecs.create_service(**service(network, register(aws, "1"), group))
    until(lambda: rollout(aws), "COMPLETED")
    ecs.update_service(cluster="main", service="web", desiredCount=3)
    until(lambda: look(aws)["runningCount"], 3)
    assert refusal(ecs.delete_service, cluster="main", service="web") == "InvalidParameterException"
    ecs.update_service(cluster="main", service="web", desiredCount=0)
    until(lambda: look(aws)["runningCount"], 0)
    assert refusal(ecs.delete_cluster, cluster="main") == "ClusterContainsServicesException"
    ecs.delete_service(cluster="main", service="web")
    again = service(network, register(aws, "1"), group)
    assert refusal(ecs.create_service, **again) == "InvalidParameterException"
    assert until(lambda: look(aws)["status"], "INACTIVE") == ["DRAINING", "INACTIVE"]
    assert ecs.list_services(cluster="main")["serviceArns"] == []
    ecs.delete_cluster(cluster="main")
    assert ecs.list_clusters()["clusterArns"] == []


def test_the_same_request_gives_the_same_service_and_another_is_refused(
    aws: Aws, network: Network, group: str
) -> None:
    ecs = aws("ecs")
    request = service(network, register(aws, "1"), group, clientToken="once")
    first = ecs.create_service(**request)["service"]["createdAt"]
    assert ecs.create_service(**request)["service"]["createdAt"] == first
    assert refusal(ecs.create_service, **{**request, "desiredCount": 3}) == "InvalidParameterException"


def test_load_balancers_of_a_service_must_fit(aws: Aws, network: Network, group: str) -> None:
    ecs, definition = aws("ecs"), register(aws, "1")
    lonely = make_target_group(aws, network, Name="lonely")
    for wrong in (
        service(network, definition, lonely),
        service(
            network,
            definition,
            loadBalancers=[{"targetGroupArn": group, "containerName": "x", "containerPort": 80}],
        ),
        service(
            network,
            definition,
            loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 81}],
        ),
        {
            name: value
            for name, value in service(network, definition).items()
            if name != "networkConfiguration"
        },
    ):
        assert refusal(ecs.create_service, **wrong) == "InvalidParameterException"


@pytest.mark.parametrize(
    "change",
    [
        {"cpu": "333", "memory": "77"},
        {"cpu": "256", "memory": "4096"},
        {"networkMode": "bridge"},
        {"containerDefinitions": [{"name": "web", "image": "1.dkr.ecr.eu-west-1.amazonaws.com/x:1"}]},
    ],
)
def test_fargate_refuses_what_it_does_not_have(aws: Aws, change: dict[str, object]) -> None:
    assert refusal(register, aws=aws, tag="1", **change) == "ClientException"


def test_a_task_of_its_own_runs_and_exits(aws: Aws, network: Network, group: str) -> None:
    ecs = aws("ecs")
    request = service(network, "")
    run = {name: request[name] for name in ("cluster", "launchType", "networkConfiguration")}
    for tag, code in (("1", 0), ("broken", 1)):
        arn = ecs.run_task(**run, taskDefinition=register(aws, tag), startedBy=tag)["tasks"][0]["taskArn"]
        look = partial(ecs.describe_tasks, cluster="main", tasks=[arn])
        seen = until(lambda look=look: look()["tasks"][0]["lastStatus"], "STOPPED")  # type: ignore[misc]  # bound
        assert "RUNNING" in seen
        assert look()["tasks"][0]["containers"][0]["exitCode"] == code

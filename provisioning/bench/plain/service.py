"""Plain calls that make load balancer, service, roles and scaling."""

from __future__ import annotations

import json
from typing import Any

from provisioning.bench.plain.data import cache_url, parameter_name
from provisioning.bench.plain.script import Script, Task

_PORT = 8000
_IMAGE = "public.ecr.aws/docker/library/python:3.13-alpine"


def _balancer(script: Script) -> Any:
    return script.client("elbv2").create_load_balancer(
        Name=script.name("web"),
        Type="application",
        Scheme="internet-facing",
        Subnets=[script.made["public-a"], script.made["public-b"]],
        SecurityGroups=[script.made["balancer-group"]],
        Tags=script.tags("balancer"),
    )["LoadBalancers"][0]


def _balancer_is_ready(script: Script) -> bool:
    arn = script.made["balancer"]["LoadBalancerArn"]
    answer = script.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])
    return bool(answer["LoadBalancers"][0]["State"]["Code"] == "active")


def _balancer_settings(script: Script) -> None:
    script.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=script.made["balancer"]["LoadBalancerArn"],
        Attributes=[{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}],
    )


def _colour(key: str) -> Task:
    def act(script: Script) -> str:
        elbv2 = script.client("elbv2")
        made = elbv2.create_target_group(
            Name=script.name(key),
            Protocol="HTTP",
            Port=_PORT,
            VpcId=script.made["vpc"],
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=15,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=3,
            Tags=script.tags(key),
        )
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group_attributes(
            TargetGroupArn=arn,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
        )
        return str(arn)

    return Task(key=key, act=act, needs=("vpc",), calls=2)


def _listener(script: Script) -> str:
    groups = [
        {"TargetGroupArn": script.made["blue"], "Weight": 100},
        {"TargetGroupArn": script.made["green"], "Weight": 0},
    ]
    made = script.client("elbv2").create_listener(
        LoadBalancerArn=script.made["balancer"]["LoadBalancerArn"],
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        Tags=script.tags("listener"),
    )
    return str(made["Listeners"][0]["ListenerArn"])


def _repository(script: Script) -> str:
    ecr, name = script.client("ecr"), script.name("images")
    made = ecr.create_repository(
        repositoryName=name,
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=script.tags("repository"),
    )
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [rule]}))
    return str(made["repository"]["repositoryArn"])


def _cluster(script: Script) -> None:
    script.client("ecs").create_cluster(
        clusterName=script.name("main"),
        settings=[{"name": "containerInsights", "value": "enabled"}],
        tags=script.tags("cluster", lower=True),
    )


def _log_group(script: Script) -> None:
    logs, name = script.client("logs"), script.name("logs")
    tags = {tag["Key"]: tag["Value"] for tag in script.tags("log-group")}
    logs.create_log_group(logGroupName=name, tags=tags)
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)


def _role(key: str) -> Task:
    def act(script: Script) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        made = script.client("iam").create_role(
            RoleName=script.name(key),
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            Tags=script.tags(key),
        )
        return str(made["Role"]["Arn"])

    return Task(key=key, act=act)


def _policy(role: str, *needs: str) -> Task:
    def act(script: Script) -> None:
        secret = script.made["database"]["MasterUserSecret"]["SecretArn"]
        statements = [
            {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": secret},
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
        ]
        script.client("iam").put_role_policy(
            RoleName=script.name(role),
            PolicyName=script.name(f"{role}-policy"),
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )

    return Task(key=f"{role}-policy", act=act, needs=(role, "database", "log-group", *needs))


def _task_definition(script: Script) -> str:
    container = {
        "name": "app",
        "image": _IMAGE,
        "essential": True,
        "command": ["python", "-m", "http.server", str(_PORT)],
        "portMappings": [{"containerPort": _PORT, "hostPort": _PORT, "protocol": "tcp"}],
        "environment": [
            {"name": "DATABASE_HOST", "value": script.made["database"]["Endpoint"]["Address"]},
            {"name": "REDIS_URL", "value": cache_url(script)},
            {"name": "BUCKET", "value": script.made["files"]},
        ],
        "secrets": [{"name": "SECRET_KEY", "valueFrom": parameter_name(script, "secret-key")}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": script.name("logs"),
                "awslogs-region": script.spec.region,
                "awslogs-stream-prefix": "app",
            },
        },
    }
    made = script.client("ecs").register_task_definition(
        family=script.name("app"),
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[container],
        taskRoleArn=script.made["task-role"],
        executionRoleArn=script.made["execution-role"],
        tags=script.tags("task", lower=True),
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def _service(script: Script) -> None:
    network = {
        "subnets": [script.made["public-a"], script.made["public-b"]],
        "securityGroups": [script.made["task-group"]],
        "assignPublicIp": "ENABLED",
    }
    balancer = {"targetGroupArn": script.made["blue"], "containerName": "app", "containerPort": _PORT}
    script.client("ecs").create_service(
        cluster=script.name("main"),
        serviceName=script.name("blue"),
        taskDefinition=script.made["task"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
        loadBalancers=[balancer],
        healthCheckGracePeriodSeconds=60,
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        tags=script.tags("service", lower=True),
    )


def _service_is_ready(script: Script) -> bool:
    answer = script.client("ecs").describe_services(
        cluster=script.name("main"), services=[script.name("blue")]
    )
    service: Any = answer["services"][0]
    settled = len(service["deployments"]) == 1 and service["deployments"][0]["rolloutState"] == "COMPLETED"
    return bool(settled and service["runningCount"] == service["desiredCount"])


def service_target(script: Script) -> dict[str, str]:
    """How application auto scaling names the service."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{script.name('main')}/{script.name('blue')}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def _range(script: Script) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in script.tags("scaling")}
    script.client("application-autoscaling").register_scalable_target(
        **service_target(script), MinCapacity=2, MaxCapacity=10, Tags=tags
    )


def _scaling(script: Script) -> None:
    script.client("application-autoscaling").put_scaling_policy(
        **service_target(script),
        PolicyName=script.name("cpu"),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleOutCooldown": 300,
            "ScaleInCooldown": 300,
        },
    )


_SERVICE_NEEDS = (
    *("cluster", "task", "listener", "task-group", "public-a", "public-b", "way-out"),
    *("public-a-route", "public-b-route", "task-role-policy", "execution-role-policy"),
)

SERVICE = (
    Task(
        key="balancer",
        act=_balancer,
        needs=("public-a", "public-b", "balancer-group", "attachment"),
        calls=2,
        wait="elbv2.create",
        ready=_balancer_is_ready,
    ),
    Task(key="balancer-settings", act=_balancer_settings, needs=("balancer",)),
    _colour("blue"),
    _colour("green"),
    Task(key="listener", act=_listener, needs=("balancer", "blue", "green")),
    Task(key="repository", act=_repository, calls=2),
    Task(key="cluster", act=_cluster),
    Task(key="log-group", act=_log_group, calls=2),
    _role("task-role"),
    _role("execution-role"),
    _policy("task-role", "files"),
    _policy("execution-role", "repository", "parameter-secret-key"),
    Task(
        key="task",
        act=_task_definition,
        needs=(
            *("database", "cache", "files", "parameter-secret-key"),
            *("task-role", "execution-role", "log-group"),
        ),
    ),
    Task(
        key="service",
        act=_service,
        needs=_SERVICE_NEEDS,
        calls=2,
        wait="ecs.create",
        ready=_service_is_ready,
    ),
    Task(key="scaling", act=_range, needs=("service",)),
    Task(key="scaling-policy", act=_scaling, needs=("scaling",)),
)

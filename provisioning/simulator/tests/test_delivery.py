"""CodeBuild and CodePipeline in the simulator: what is refused, and that nothing is pretended to have run."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import refusal, until

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
ROOM = {"type": "LINUX_CONTAINER", "image": "standard", "computeType": "BUILD_GENERAL1_SMALL"}


def role(aws: Aws, service: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = aws("iam").create_role(RoleName=service.partition(".")[0], AssumeRolePolicyDocument=document)
    return str(made["Role"]["Arn"])


def action(category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": category, "actions": [{"name": category, "actionTypeId": kind, **more}]}


def pipeline(role_arn: str, *stages: dict[str, Any]) -> dict[str, Any]:
    store = {"type": "S3", "location": "artifacts"}
    return {"name": "web", "roleArn": role_arn, "artifactStore": store, "stages": list(stages)}


def test_a_project_is_refused_where_codebuild_refuses_it_and_never_builds(aws: Aws) -> None:
    builds = aws("codebuild")
    wanted = {
        "name": "build",
        "source": {"type": "CODEPIPELINE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "CODEPIPELINE"},
        "environment": ROOM,
        "serviceRole": role(aws, "codebuild.amazonaws.com"),
    }
    builds.create_project(**wanted)
    assert refusal(builds.create_project, **wanted) == "ResourceAlreadyExistsException"
    other = {**wanted, "name": "other"}
    for wrong in (
        {"serviceRole": "arn:aws:iam::123456789012:role/none"},
        {"source": {"type": "GITHUB"}},
        {"artifacts": {"type": "NO_ARTIFACTS"}},
        {"timeoutInMinutes": 3000},
    ):
        assert refusal(builds.create_project, **{**other, **wrong}) == "InvalidInputException"
    assert refusal(builds.update_project, name="none") == "ResourceNotFoundException"
    assert refusal(builds.start_build, projectName="build") == "NotImplementedInSimulator"
    assert builds.batch_get_projects(names=["build", "none"])["projectsNotFound"] == ["none"]
    builds.delete_project(name="none")


def test_a_run_fails_at_its_source_and_says_why(aws: Aws, simulator: Simulator) -> None:
    pipelines = aws("codepipeline")
    made = aws("codeconnections").create_connection(ConnectionName="source", ProviderType="GitHub")
    configuration = {"ConnectionArn": made["ConnectionArn"]}
    source = action(
        "Source",
        "CodeStarSourceConnection",
        configuration=configuration,
        outputArtifacts=[{"name": "source"}],
    )
    build = action("Build", "CodeBuild", inputArtifacts=[{"name": "source"}])
    arn = role(aws, "codepipeline.amazonaws.com")
    pipelines.create_pipeline(pipeline=pipeline(arn, source, build))

    def run() -> Any:
        state = pipelines.get_pipeline_state(name="web")["stageStates"][0]["latestExecution"]
        return state["status"]

    def error() -> str:
        states = pipelines.get_pipeline_state(name="web")["stageStates"][0]["actionStates"]
        return str(states[0]["latestExecution"]["errorDetails"]["message"])

    until(run, "Failed")
    assert "is not available" in error()
    simulator.finish_connection("source")
    pipelines.start_pipeline_execution(name="web")
    until(run, "Failed")
    assert "does not run here" in error()
    assert len(pipelines.list_pipeline_executions(pipelineName="web")["pipelineExecutionSummaries"]) == 2


def test_a_pipeline_of_wrong_structure_is_refused(aws: Aws) -> None:
    create = aws("codepipeline").create_pipeline
    arn = role(aws, "codepipeline.amazonaws.com")
    source = action("Source", "CodeStarSourceConnection", outputArtifacts=[{"name": "source"}])
    build = action("Build", "CodeBuild", inputArtifacts=[{"name": "source"}])
    lost = action("Build", "CodeBuild", inputArtifacts=[{"name": "nowhere"}])
    assert refusal(create, pipeline=pipeline(arn, source)) == "InvalidStructureException"
    assert refusal(create, pipeline=pipeline(arn, build, source)) == "InvalidStructureException"
    assert refusal(create, pipeline=pipeline(arn, source, lost)) == "InvalidActionDeclarationException"
    nobody = "arn:aws:iam::123456789012:role/none"
    assert refusal(create, pipeline=pipeline(nobody, source, build)) == "InvalidStructureException"
    create(pipeline=pipeline(arn, source, build))
    assert refusal(create, pipeline=pipeline(arn, source, build)) == "PipelineNameInUseException"
    assert refusal(aws("codepipeline").get_pipeline, name="none") == "PipelineNotFoundException"

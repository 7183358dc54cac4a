"""Pipeline: what takes an application's source on every push, has it built, and rolls it out."""

from __future__ import annotations

from provisioning.beanstalk_permissions import ON_BEHALF
from provisioning.blueprints.options import PipelineOptions
from provisioning.blueprints.parts.permissions import pulling_images, writing_logs
from provisioning.kinds.codebuild_project import ProjectProps
from provisioning.kinds.codeconnections_connection import ConnectionProps
from provisioning.kinds.codepipeline_pipeline import PipelineProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

_WHOLE = {"role_arn": ref("pipeline-role", "arn"), "artifact_bucket": ref("artifacts", "name")}

# The first image takes the place of the placeholder, whose command it must not inherit: CodePipeline's action for ECS
# changes nothing but images, of the revision that the service runs.
_IMAGE = """\
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$(echo "$REPOSITORY" | cut -d/ -f1)"
      - IMAGE="$REPOSITORY:$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-12)-$CODEBUILD_BUILD_NUMBER"
  build:
    commands:
      - docker build --tag "$IMAGE" .
      - docker push "$IMAGE"
      - NOW=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --query "services[0].taskDefinition" --output text)
      - aws ecs describe-task-definition --task-definition "$NOW" --query taskDefinition > task.json
      - |
        if jq --exit-status --arg placeholder "$PLACEHOLDER" '.containerDefinitions[0].image == $placeholder' task.json; then
          jq --arg image "$IMAGE" '
            {family, cpu, memory, networkMode, requiresCompatibilities, runtimePlatform, containerDefinitions,
             taskRoleArn, executionRoleArn}
            | .containerDefinitions[0].image = $image | del(.containerDefinitions[0].command)' task.json > first.json
          FIRST=$(aws ecs register-task-definition --cli-input-json file://first.json --query taskDefinition.taskDefinitionArn --output text)
          aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition "$FIRST" > /dev/null
        fi
      - printf '[{"name":"%s","imageUri":"%s"}]' "$CONTAINER" "$IMAGE" > imagedefinitions.json
artifacts:
  files:
    - imagedefinitions.json
"""  # noqa: E501 # commands of a shell

# Functions have ARM processors, for which pip fetches wheels wherever it runs. A version is published and the alias
# moved: what callers reach never changes by halves.
_FUNCTIONS = """\
version: 0.2
phases:
  install:
    runtime-versions:
      python: 3.13
  build:
    commands:
      - mkdir /tmp/package && cp -r . /tmp/package && rm -rf /tmp/package/.git
      - |
        if [ -f requirements.txt ]; then
          pip install --quiet --target /tmp/package --platform manylinux2014_aarch64 --only-binary=:all: --python-version 3.13 -r requirements.txt
        fi
      - (cd /tmp/package && zip -qr /tmp/code.zip .)
      - KEY="code/$CODEBUILD_RESOLVED_SOURCE_VERSION-$CODEBUILD_BUILD_NUMBER.zip"
      - aws s3 cp --only-show-errors /tmp/code.zip "s3://$BUCKET/$KEY"
      - |
        set -e
        for NAME in $FUNCTIONS; do
          aws lambda update-function-code --function-name "$NAME" --s3-bucket "$BUCKET" --s3-key "$KEY" > /dev/null
          aws lambda wait function-updated-v2 --function-name "$NAME"
        done
        VERSION=$(aws lambda publish-version --function-name "$WEB" --query Version --output text)
        aws lambda update-alias --function-name "$WEB" --name "$ALIAS" --function-version "$VERSION" > /dev/null
"""  # noqa: E501 # commands of a shell


def pipeline_to_tasks(spec: Spec, options: PipelineOptions, *, placeholder: str) -> tuple[Resource, ...]:
    """Source → image in the repository → ECS service. `placeholder`: the image that runs until then."""
    if not options.repository:
        return ()
    variables = {
        "REPOSITORY": ref("repository", "uri"),
        "CLUSTER": ref("cluster", "name"),
        "SERVICE": ref("service-blue", "name"),
        "CONTAINER": ref("task", "container_name"),
        "PLACEHOLDER": placeholder,
    }
    deploys = _deploying_to_ecs(spec)
    return (
        *_source(options),
        *_build(spec, _IMAGE, variables, (*_pushing_images(), *deploys)),
        *_pipeline(
            options,
            PipelineProps(
                **_WHOLE,
                **_from(options),
                project_name=ref("build", "name"),
                cluster_name=ref("cluster", "name"),
                service_name=ref("service-blue", "name"),
            ),
            (_starting_builds(), *deploys),
        ),
    )


def pipeline_to_functions(
    spec: Spec, options: PipelineOptions, *, functions: tuple[str, ...]
) -> tuple[Resource, ...]:
    """Source → code of the functions, of which the first has the alias that callers reach."""
    if not options.repository:
        return ()
    arns = tuple(ref(key, "arn") for key in functions)
    variables = {
        "BUCKET": ref("artifacts", "name"),
        "FUNCTIONS": " ".join(ref(key, "name") for key in functions),
        "WEB": ref(functions[0], "name"),
        "ALIAS": ref("live", "name"),
    }
    updating = Statement(
        actions=(
            "lambda:UpdateFunctionCode",
            "lambda:GetFunction",
            "lambda:PublishVersion",
            "lambda:UpdateAlias",
        ),
        resources=(*arns, *(f"{arn}:*" for arn in arns)),
    )
    return (
        *_source(options),
        *_build(spec, _FUNCTIONS, variables, (updating,), privileged=False),
        *_pipeline(
            options,
            PipelineProps(**_WHOLE, **_from(options), project_name=ref("build", "name")),
            (_starting_builds(),),
        ),
    )


def pipeline_to_beanstalk(spec: Spec, options: PipelineOptions) -> tuple[Resource, ...]:
    """Source → Elastic Beanstalk, which builds what it needs on its servers."""
    if not options.repository:
        return ()
    return (
        *_source(options),
        *_pipeline(
            options,
            PipelineProps(
                **_WHOLE,
                **_from(options),
                application_name=ref("application"),
                environment_name=ref("web", "name"),
            ),
            _deploying_to_beanstalk(spec),
        ),
    )


def pipeline_outputs(options: PipelineOptions) -> dict[str, str]:
    """What the pipeline is called."""
    return {"pipeline": "${pipeline.name}"} if options.repository else {}


def _from(options: PipelineOptions) -> dict[str, str]:
    return {
        "connection_arn": ref("source", "arn"),
        "repository": options.repository,
        "branch": options.branch,
    }


def _source(options: PipelineOptions) -> tuple[Resource, ...]:
    """A person finishes the connection; what the stages hand on goes after a month."""
    kept = BucketProps(contents="passing", versioned=False, expire_noncurrent_days=0, expire_days=30)
    return (
        Resource(
            key="source",
            title=f"Connection to {options.repository_host}",
            props=ConnectionProps(provider=options.repository_host),
        ),
        Resource(key="artifacts", title="S3 bucket of the pipeline", props=kept),
    )


def _pipeline(
    options: PipelineOptions, props: PipelineProps, statements: tuple[Statement, ...]
) -> tuple[Resource, ...]:
    uses = Statement(actions=("codeconnections:UseConnection",), resources=(ref("source", "arn"),))
    return (
        Resource(
            key="pipeline-role",
            title="Pipeline role",
            props=RoleProps(service="codepipeline.amazonaws.com", description="The pipeline"),
        ),
        Resource(
            key="pipeline-policy",
            title="Pipeline role policy: source, builds, rollout",
            props=RolePolicyProps(
                role_name=ref("pipeline-role", "name"), statements=(*_passing_on(), uses, *statements)
            ),
        ),
        Resource(
            key="pipeline",
            title=f"Pipeline from {options.branch}",
            props=props,
            # It starts a run as soon as it is made.
            after=("pipeline-policy", *(("build-policy",) if props.project_name else ())),
        ),
    )


def _build(
    spec: Spec,
    buildspec: str,
    variables: dict[str, str],
    statements: tuple[Statement, ...],
    *,
    privileged: bool = True,
) -> tuple[Resource, ...]:
    return (
        Resource(
            key="build-logs",
            title="Build log group",
            name=f"/andamio/{spec.slug}-{spec.stack}/build",
            props=LogGroupProps(retention_days=30, priced=False),
        ),
        Resource(
            key="build-role",
            title="Build role",
            props=RoleProps(service="codebuild.amazonaws.com", description="Builds of the pipeline"),
        ),
        Resource(
            key="build-policy",
            title="Build role policy: what building takes",
            props=RolePolicyProps(
                role_name=ref("build-role", "name"),
                statements=(*_passing_on(), writing_logs("build-logs"), *statements),
            ),
        ),
        Resource(
            key="build",
            title="Build project",
            props=ProjectProps(
                role_arn=ref("build-role", "arn"),
                buildspec=buildspec,
                environment=variables,
                privileged=privileged,
                log_group_name=ref("build-logs", "name"),
            ),
        ),
    )


def _passing_on() -> tuple[Statement, ...]:
    """What one stage leaves and the next one takes."""
    bucket = ref("artifacts", "arn")
    return (
        Statement(
            actions=("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"), resources=(f"{bucket}/*",)
        ),
        Statement(
            actions=("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"), resources=(bucket,)
        ),
    )


def _starting_builds() -> Statement:
    return Statement(
        actions=("codebuild:StartBuild", "codebuild:BatchGetBuilds"), resources=(ref("build", "arn"),)
    )


def _pushing_images() -> tuple[Statement, ...]:
    pushing = (
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
        "ecr:CompleteLayerUpload",
        "ecr:PutImage",
    )
    return (*pulling_images(), Statement(actions=pushing, resources=(ref("repository", "arn"),)))


def _deploying_to_ecs(spec: Spec) -> tuple[Statement, ...]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html; task definitions are
    described and registered without being named by a policy."""
    cluster = f"arn:aws:ecs:{spec.region}:{spec.account}"
    name = ref("cluster", "name")
    return (
        Statement(
            actions=("ecs:DescribeServices", "ecs:UpdateService"), resources=(ref("service-blue", "arn"),)
        ),
        Statement(
            actions=("ecs:DescribeTasks", "ecs:ListTasks"),
            resources=(f"{cluster}:task/{name}/*", f"{cluster}:container-instance/{name}/*"),
        ),
        Statement(actions=("ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"), resources=("*",)),
        _passing(("task-role", "execution-role"), "ecs-tasks.amazonaws.com"),
    )


def _deploying_to_beanstalk(spec: Spec) -> tuple[Statement, ...]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Beanstalk.html: Elastic Beanstalk acts
    with the rights of whoever asks it. Its own things are named; of the others only the region is."""
    place = f"arn:aws:elasticbeanstalk:{spec.region}:{spec.account}"
    application = ref("application")
    buckets = f"arn:aws:s3:::elasticbeanstalk-{spec.region}-{spec.account}"
    roles = [action for action in ON_BEHALF if action.startswith("iam:")]
    files = [action for action in ON_BEHALF if action.startswith("s3:")]
    return (
        Statement(
            actions=(
                "elasticbeanstalk:CreateApplicationVersion",
                "elasticbeanstalk:DescribeApplicationVersions",
                "elasticbeanstalk:DescribeEnvironments",
                "elasticbeanstalk:DescribeEvents",
                "elasticbeanstalk:UpdateEnvironment",
            ),
            resources=(
                f"{place}:application/{application}",
                f"{place}:applicationversion/{application}/*",
                f"{place}:environment/{application}/*",
            ),
        ),
        Statement(actions=tuple(files), resources=(buckets, f"{buckets}/*")),
        Statement(actions=tuple(roles), resources=("*",)),
        Statement(
            actions=tuple(one for one in ON_BEHALF if one not in (*roles, *files)),
            resources=("*",),
            conditions={"StringEquals": {"aws:RequestedRegion": (spec.region,)}},
        ),
        _passing(("server-role", "service-role"), "ec2.amazonaws.com", "elasticbeanstalk.amazonaws.com"),
    )


def _passing(roles: tuple[str, ...], *services: str) -> Statement:
    return Statement(
        actions=("iam:PassRole",),
        resources=tuple(ref(role, "arn") for role in roles),
        conditions={"StringEquals": {"iam:PassedToService": services}},
    )

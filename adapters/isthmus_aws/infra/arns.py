"""The ARNs of an app's resources, computed from account, region and fixed names: nothing has to be made first.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.plan import Plan
from isthmus_aws.infra.location import partition
from isthmus_aws.names import inbox_name

ALIAS = "live"
"""The alias that is invoked, of a function whose instances are kept warm."""

_FORMS = {
    "bucket": ("s3", "{name}"),
    "function": ("lambda", "function:{name}"),
    "inbox": ("sqs", "{name}"),
    "parameter": ("ssm", "parameter/{name}"),
    "queue": ("sqs", "{name}"),
    "schedule": ("scheduler", "schedule/default/{name}"),
    # Secrets Manager adds a hyphen and six characters of its own.
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
    "secret": ("secretsmanager", "secret:{name}-??????"),
    "stream": ("kinesis", "stream/{name}"),
    "table": ("dynamodb", "table/{name}"),
    "topic": ("sns", "{name}"),
    "workflow": ("states", "stateMachine:{name}"),
}


class Arns:
    """The ARNs of the resources of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def of(self, resource: Resource) -> str:
        """Return the ARN of a declared resource."""
        return self.named(resource.kind, self.name(resource.kind, resource.name))

    def declared(self, kind: str, name: str) -> str:
        """Return the ARN of what is declared as `name`."""
        return self.named(kind, self.name(kind, name))

    def inbox(self, source: Resource, function: Function) -> str:
        """Return the ARN of the queue between a source that pushes, or a caller, and a function."""
        return self.named("inbox", inbox_name(self.plan.app, self.plan.target, source, function))

    def named(self, kind: str, physical: str) -> str:
        """Return the ARN of what has the fixed name `physical`."""
        service, form = _FORMS[kind]
        return self.arn(service, form.format(name=physical))

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something of the app's account and region (of neither, for S3)."""
        target = self.plan.target
        place = ":" if service == "s3" else f"{target.region}:{target.account}"
        return f"arn:{partition(target.region)}:{service}:{place}:{rest}"

    def queue_url(self, name: str) -> str:
        """Return the URL of what is declared as the queue `name`: https://docs.aws.amazon.com/general/latest/gr/sqs-service.html."""
        target = self.plan.target
        domain = "amazonaws.com.cn" if target.region.startswith("cn-") else "amazonaws.com"
        return f"https://sqs.{target.region}.{domain}/{target.account}/{self.name('queue', name)}"

    def executions(self, workflow: Resource) -> str:
        """Return the pattern of the ARNs of a workflow's executions."""
        return self.arn("states", f"execution:{self.name('workflow', workflow.name)}:*")

    def name(self, kind: str, name: str) -> str:
        """Return the fixed name of what is declared as `name`."""
        plan = self.plan
        return plan.provider.physical_name(plan.app, plan.target, kind, name)

"""Workflows, a function and a topic in a cloud, and what tests ask of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, projects, pubsub, serviceaccount, storage, workflows

from isthmus.testing.waiting import wait_until
from tests.emulators.gcp.process import Google

CODE = Path(__file__).parent.parent / "sample" / "code.py"
REGION = "europe-west1"

ADD = "main: {params: [x], steps: [{a: {return: {sum: '${x.a + x.b}', colour: '${sys.get_env(\"COLOUR\")}'}}}]}"
WAIT = """
main:
  params: [x]
  steps:
  - a: {call: events.create_callback_endpoint, args: {http_callback_method: POST}, result: c}
  - b: {call: events.await_callback, args: {callback: '${c}', timeout: '${x.seconds}'}, result: r}
  - d: {return: '${r.http_request.body}'}
"""
CALL = """
main:
  params: [x]
  steps:
  - a:
      try: {call: http.post, args: {url: '${x.url}', body: '${x.text}', auth: {type: OIDC, audience: '${x.url}'}}}
      except: {as: e, steps: [{b: {return: '${e.code}'}}]}
  - c: {return: called}
"""
PUBLISH = """
main:
  params: [x]
  steps:
  - a:
      try:
        call: googleapis.pubsub.v1.projects.topics.publish
        args:
          topic: '${x.topic}'
          body: {messages: [{data: '${base64.encode(text.encode(x.text))}', attributes: {k: v}}]}
        result: r
      except: {as: e, steps: [{b: {return: '${e.code}'}}]}
  - c: {return: '${len(r.messageIds)}'}
"""
RUN = """
main:
  params: [x]
  steps:
  - a:
      try:
        call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
        args: {workflow_id: add, argument: '${x}'}
        result: r
      except: {as: e, steps: [{b: {return: '${e.tags[0]}'}}]}
  - c: {return: '${r.sum}'}
"""
SOURCES = {"add": ADD, "wait": WAIT, "call": CALL, "publish": PUBLISH, "run": RUN}


def program() -> None:
    """Deploy all workflows with one account, which may do what they do, and one that may nothing."""
    may = serviceaccount.Account("may", account_id="may")
    serviceaccount.Account("may-not", account_id="may-not")
    topic = pubsub.Topic("topic", name="told")
    pubsub.Subscription("told", name="told", topic=topic.id)
    pubsub.TopicIAMMember("publishes", topic=topic.name, role="roles/pubsub.publisher", member=may.member)
    projects.IAMMember("runs", project="isthmus-test", role="roles/workflows.invoker", member=may.member)
    function = _function()
    cloudrunv2.ServiceIamMember(
        "calls", location=REGION, name=function.name, role="roles/run.invoker", member=may.member
    )
    for name, source in SOURCES.items():
        for account in ("may", "may-not"):
            _workflow(name if account == "may" else f"{name}-{account}", source, account)
    pulumi.export("function", function.url)


def _function() -> cloudfunctionsv2.Function:
    bucket = storage.Bucket("source", location="EU", force_destroy=True)
    files: dict[str, pulumi.Asset | pulumi.Archive] = {
        "main.py": pulumi.FileAsset(str(CODE)),
        "requirements.txt": pulumi.StringAsset("functions-framework\n"),
    }
    code = storage.BucketObject("code", bucket=bucket.name, source=pulumi.AssetArchive(files))
    return cloudfunctionsv2.Function(
        "private",
        name="private",
        location=REGION,
        build_config={
            "runtime": "python311",
            "entry_point": "handle",
            "source": {"storage_source": {"bucket": code.bucket, "object": code.name}},
        },
        service_config={"environment_variables": {"THREADS": "2", "COLOUR": "red"}, "max_instance_count": 1},
    )


def _workflow(name: str, source: str, account: str) -> None:
    workflows.Workflow(
        name,
        name=name,
        region=REGION,
        source_contents=source,
        service_account=f"{account}@isthmus-test.iam.gserviceaccount.com",
        user_env_vars={"COLOUR": "red"},
        deletion_protection=False,
    )


class Executions:
    """The API of executions, as an account asks it."""

    def __init__(self, google: Google, email: str) -> None:
        self.google = google
        self._headers = {"authorization": f"Bearer ya29.{email}", "content-type": "application/json"} if email else {}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the document of an answer."""
        connection = HTTPConnection(self.google.address, timeout=30)
        try:
            text = body if isinstance(body, str) or body is None else json.dumps(body)
            connection.request(method, f"/v1/{path}", text, self._headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def of(self, workflow: str) -> str:
        """Return the path of a workflow's executions."""
        return f"projects/{self.google.project}/locations/{REGION}/workflows/{workflow}/executions"

    def start(self, workflow: str, argument: Any = None, **more: Any) -> str:
        """Start an execution and return its name."""
        status, made = self.ask("POST", self.of(workflow), {"argument": json.dumps(argument), **more})
        assert status == 200, made
        return str(made["name"])

    def ended(self, name: str) -> Mapping[str, Any]:
        """Return an execution when it has ended."""

        def found() -> Any:
            _, execution = self.ask("GET", name)
            return None if execution["state"] == "ACTIVE" else execution

        ended: Mapping[str, Any] = wait_until(found, 30, what=f"the end of {name}")
        return ended

    def value(self, workflow: str, argument: Any = None) -> Any:
        """Run a workflow and return its result."""
        ended = self.ended(self.start(workflow, argument))
        assert ended["state"] == "SUCCEEDED", ended
        return json.loads(ended["result"])

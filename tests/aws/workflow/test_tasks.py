"""Tasks that name neutrally what they call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.workflow.emitting import HANDLERS, arn, emitted, fault, machine, state

BESIDE = {
    "execution.$": "$$.Execution.Id",
    "state.$": "$$.State.Name",
    "attempt.$": "$$.State.RetryCount",
    "envelope.$": "$$.Execution.Input..isthmus",
}
BESIDE_IN_JSONATA = {
    "execution": "{% $states.context.Execution.Id %}",
    "state": "{% $states.context.State.Name %}",
    "attempt": "{% $states.context.State.RetryCount %}",
    "envelope": "{% [$states.context.Execution.Input.isthmus] %}",
}
OURS = {"isthmus": {"DataType": "String", "StringValue.$": "States.JsonToString($$.Execution.Input..isthmus)"}}
JSONATA = {"QueryLanguage": "JSONata"}
PACK = arn("lambda", "function:shop-dev-Pack")


@pytest.mark.parametrize("resource", ["Pack", f"{HANDLERS}.anything"])
def test_a_function_is_called_by_its_own_arn_so_that_its_result_comes_back_alone(resource: str) -> None:
    around = {"InputPath": "$.a", "ResultSelector": {"b.$": "$.c"}, "ResultPath": "$.d", "OutputPath": "$.e"}
    found = state({"Resource": resource, **around, "Assign": {"x.$": "$.y"}})

    assert found.pop("Resource") == PACK
    assert found.pop("Parameters") == {"isthmus-task": {"input.$": "$", **BESIDE}}
    assert found == {"Type": "Task", "End": True, **around, "Assign": {"x.$": "$.y"}}


def test_the_parameters_are_the_payload_of_a_function() -> None:
    found = state({"Resource": "Pack", "Parameters": {"a.$": "$.b", "c": [1]}})

    assert found["Parameters"]["isthmus-task"]["input"] == {"a.$": "$.b", "c": [1]}


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({}, "{% $states.input %}"),
        ({"Arguments": "{% $states.input.a %}"}, "{% $states.input.a %}"),
        ({"Arguments": {"a": "{% 1 %}", "b": [2]}}, {"a": "{% 1 %}", "b": [2]}),
        ({"Arguments": None}, None),
    ],
)
def test_the_arguments_are_the_payload_of_a_function_in_jsonata(arguments: Any, given: Any) -> None:
    found = state({"Resource": "Pack", **arguments, "Output": "{% $states.result %}"}, **JSONATA)

    assert found["Arguments"] == {"isthmus-task": {"input": given, **BESIDE_IN_JSONATA}}
    assert found["Output"] == "{% $states.result %}"


def test_a_function_with_warm_instances_is_called_by_its_alias() -> None:
    assert state({"Resource": "Warm"})["Resource"] == arn("lambda", "function:shop-dev-Warm:live")


def test_a_function_that_hands_a_token_on_is_invoked_and_waited_for() -> None:
    found = state({"Resource": "Pack.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"}})
    payload = {"isthmus-task": {"input": {"token.$": "$$.Task.Token"}, **BESIDE}}

    assert found["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
    assert found["Parameters"] == {"FunctionName": PACK, "Payload": payload}
    assert "ResultSelector" not in found


def test_a_message_is_json_with_our_attribute_and_its_id_is_all_that_comes_back() -> None:
    found = state({"Resource": "Work", "Parameters": {"a.$": "$.b"}, "ResultPath": "$.sent"})

    assert found == {
        "Type": "Task",
        "End": True,
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {
            "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-dev-Work",
            "MessageBody": {"a.$": "$.b"},
            "MessageAttributes": OURS,
        },
        "ResultSelector": {"MessageId.$": "$.MessageId"},
        "ResultPath": "$.sent",
    }


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, {"Message.$": "States.JsonToString($)"}),
        ({"InputPath": "$.a"}, {"Message.$": "States.JsonToString($)"}),
        ({"Parameters": "text"}, {"Message": '"text"'}),
        ({"Parameters": [1, None]}, {"Message": "[1, null]"}),
    ],
)
def test_any_json_is_a_message(fields: Any, body: Any) -> None:
    found = state({"Resource": "News", **fields})

    assert found["Resource"] == "arn:aws:states:::sns:publish"
    assert found["Parameters"] == {"TopicArn": arn("sns", "shop-dev-News"), **body, "MessageAttributes": OURS}


def test_a_message_that_waits_for_its_token_returns_what_completes_it() -> None:
    for resource, integration in (("Work", "sqs:sendMessage"), ("News", "sns:publish")):
        found = state({"Resource": f"{resource}.waitForTaskToken", "Parameters": {"t.$": "$$.Task.Token"}})

        assert found["Resource"] == f"arn:aws:states:::{integration}.waitForTaskToken"
        assert "ResultSelector" not in found


def test_a_message_in_jsonata() -> None:
    found = state({"Resource": "Work", "Output": {"id": "{% $states.result.MessageId %}"}}, **JSONATA)

    assert "$states.input" in found["Arguments"]["MessageBody"]  # see test_agreement for what comes of it
    assert found["Arguments"]["MessageAttributes"]["isthmus"]["StringValue"] == (
        "{% $string([$states.context.Execution.Input.isthmus]) %}"
    )
    assert found["Output"] == {"id": '{% $states.result.{"MessageId": MessageId}.MessageId %}'}
    assert state({"Resource": "Work"}, **JSONATA)["Output"] == {"MessageId": "{% $states.result.MessageId %}"}


@pytest.mark.parametrize("selector", [{"a.$": "States.JsonToString($)"}, {"a.$": "$.*"}, {"b": {"a.$": "$..x"}}])
def test_what_reads_more_of_a_message_than_its_id_is_refused(selector: Any) -> None:
    assert "$.MessageId" in fault({"Resource": "Work", "ResultSelector": selector})
    assert "$.MessageId" in fault({"Resource": "Work", "Assign": selector})


def test_a_workflow_is_started_with_the_envelope_in_its_input() -> None:
    found = state({"Resource": "Child", "Parameters": {"a": 1}})

    assert found["Resource"] == "arn:aws:states:::states:startExecution"
    assert found["Parameters"] == {
        "StateMachineArn": arn("states", "stateMachine:shop-dev-Child"),
        "Input": {"a": 1, "isthmus.$": "$$.Execution.Input..isthmus"},
    }
    assert found["ResultSelector"] == {"ExecutionArn.$": "$.ExecutionArn"}


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({}, {"Input.$": "$"}),
        ({"Parameters": [1]}, {"Input": [1]}),
        ({"Parameters": {"isthmus": {}}}, {"Input": {"isthmus": {}}}),
    ],
)
def test_an_input_that_has_the_envelope_or_has_no_room_for_it_goes_as_it_is(fields: Any, given: Any) -> None:
    found = state({"Resource": "Child", **fields})["Parameters"]

    assert {name: found[name] for name in found if name != "StateMachineArn"} == given


def test_an_express_workflow_can_be_started_and_not_waited_for() -> None:
    assert state({"Resource": "Quick"})["Resource"] == "arn:aws:states:::states:startExecution"
    assert "run()" in fault({"Resource": "Quick.sync"})


def test_an_http_task_gets_a_connection_where_it_brings_none() -> None:
    asked = {"ApiEndpoint": "https://partner.test/", "Method": "GET"}
    found = state({"Resource": "http", "Parameters": asked})
    own = {**asked, "Authentication": {"ConnectionArn": "arn:own"}}

    assert found["Resource"] == "arn:aws:states:::http:invoke"
    assert found["Parameters"] == {**asked, "Authentication": {"ConnectionArn": "${isthmus-connection}"}}
    assert state({"Resource": "http", "Parameters": own})["Parameters"] == own
    assert emitted(machine({"Resource": "http", "Parameters": asked})).connects
    assert not emitted(machine({"Resource": "http", "Parameters": own})).connects


def test_an_http_task_that_step_functions_cannot_make_is_refused_with_another_way() -> None:
    assert "call a function" in fault({"Resource": "http.waitForTaskToken", "Parameters": {"ApiEndpoint": "https://a"}})
    assert "ApiEndpoint" in fault({"Resource": "http"})
    assert "ApiEndpoint" in fault({"Resource": "http", "Arguments": "{% $states.input %}"}, **JSONATA)


def test_the_partition_of_china_has_resources_of_its_own() -> None:
    made = emitted(machine({"Resource": "Work"}), region="cn-north-1").content["States"]["Do"]

    assert made["Resource"] == "arn:aws-cn:states:::sqs:sendMessage"
    assert made["Parameters"]["QueueUrl"].startswith("https://sqs.cn-north-1.amazonaws.com.cn/")


@pytest.mark.parametrize(
    ("suffix", "resource"),
    [
        ("", arn("lambda", "function:shop-dev-Pack")),
        (".sync", arn("lambda", "function:shop-dev-Pack")),
        (".sync:2", arn("lambda", "function:shop-dev-Pack")),
        (".waitForTaskToken", "arn:aws:states:::lambda:invoke.waitForTaskToken"),
    ],
)
def test_a_whole_resource_that_is_bound_is_the_function_that_is_called_instead(suffix: str, resource: str) -> None:
    job = "arn:aws:states:::batch:submitJob"
    definition = machine({"Resource": f"{job}{suffix}", "Parameters": {"JobName": "pack"}, "ResultPath": "$.job"})
    made = emitted(definition, bind={job: "Pack"})
    found = made.content["States"]["Do"]
    payload = found["Parameters"].get("Payload", found["Parameters"])

    assert made.faults == []
    assert found["Resource"] == resource
    assert payload["isthmus-task"]["input"] == {"JobName": "pack"}
    assert found["ResultPath"] == "$.job"


def test_an_integration_that_is_bound_as_a_whole_is_one_no_more() -> None:
    get = "arn:aws:states:::dynamodb:getItem"
    made = emitted(machine({"Resource": get, "Parameters": {"TableName": "other"}}), bind={get: "Pack"})

    assert made.faults == []
    assert made.content["States"]["Do"]["Resource"] == arn("lambda", "function:shop-dev-Pack")


@pytest.mark.parametrize("fields", [{"Parameters": [{"a.$": "$.b"}]}, {"Arguments": [1, {"a": "{% 1 %}"}]}], ids=str)
def test_a_list_that_would_go_as_text_with_its_expressions_in_it_is_refused(fields: Any) -> None:
    language = JSONATA if "Arguments" in fields else {}

    assert "list with computed entries" in fault({"Resource": "Work", **fields}, **language)
    assert "list with computed entries" in fault({"Resource": "News", **fields}, **language)


@pytest.mark.parametrize(
    "own", [{"Authentication": {"ConnectionArn.$": "$.arn"}}, {"Authentication.$": "$.own"}, {"InvocationConfig": {}}]
)
def test_a_connection_that_no_right_can_be_given_for_is_refused(own: Any) -> None:
    fields = {"Resource": "http", "Parameters": {"ApiEndpoint": "https://partner.test/", "Method": "GET", **own}}

    assert "its connection" in fault(fields)


@pytest.mark.parametrize("field", ["ItemReader", "ResultWriter"])
def test_a_bucket_of_a_map_that_no_right_can_be_given_for_is_refused(field: str) -> None:
    place = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "$.bucket", "Key": "a"}}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **machine({"Type": "Pass"})}

    assert f"{field}: its bucket" in fault({"Type": "Map", "ItemProcessor": processor, field: place})


def test_what_reads_the_id_of_a_message_within_a_function_is_taken() -> None:
    selector = {"a.$": "States.Format('{} of {}', $.MessageId, $$.State.Name)"}

    assert state({"Resource": "Work", "ResultSelector": selector})["ResultSelector"] == selector
    assert "$.MessageId" in fault({"Resource": "Work", "ResultSelector": {"a.$": "States.Array($.MessageId, $.Other)"}})

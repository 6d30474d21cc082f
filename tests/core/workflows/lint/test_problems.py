from __future__ import annotations

from typing import Any

import pytest

from isthmus.workflows.lint.problems import problems
from tests.core.workflows.lint.machines import jsonata, mapping, of_state, of_states, rule, task, told

LONG = "x" * 81


def test_a_definition_with_five_mistakes_gets_five_messages() -> None:
    document = of_states(
        {
            "Validate": {"Type": "Task", "Resource": "functions.orders.validate", "Nxet": "Pay"},
            "Pay": {
                "Type": "Task",
                "Resource": "functions.orders.pay",
                "InputPath": "$.order[",
                "Retry": [{"ErrorEquals": ["PaymentRetryable"], "MaxAttempts": -1}],
                "Next": "Don",
            },
            "Done": {"Type": "Suceed"},
        }
    )

    assert [pointer for pointer, _ in told(document)] == [
        "/States/Done/Type",
        "/States/Pay/InputPath",
        "/States/Pay/Next",
        "/States/Pay/Retry/0/MaxAttempts",
        "/States/Validate/Nxet",
    ]


ONE_MISTAKE: list[tuple[dict[str, Any], str, str]] = [
    # machines
    ({"States": {"A": {"Type": "Succeed"}}}, "", "needs 'StartAt'"),
    ({"StartAt": "A"}, "", "needs 'States'"),
    (of_states({"A": {"Type": "Succeed"}}, StartAt=5), "/StartAt", "must be the name of a state, not 5"),
    (of_states({"Start": {"Type": "Succeed"}}, StartAt="Strat"), "/StartAt", "did you mean 'Start'?"),
    ({"StartAt": "A", "States": []}, "/States", "must be an object of one or more states"),
    (of_states({"A": {"Type": "Succeed"}}, Comment=["no"]), "/Comment", "must be text"),
    (of_states({"A": {"Type": "Succeed"}}, Version=1), "/Version", "must be text"),
    (of_states({"A": {"Type": "Succeed"}}, TimeoutSeconds=0), "/TimeoutSeconds", "whole number from 1"),
    (of_states({"A": {"Type": "Succeed"}}, TimeoutSecs=9), "/TimeoutSecs", "did you mean 'TimeoutSeconds'?"),
    (of_states({"A": {"Type": "Succeed"}}, QueryLanguage="jsonata"), "/QueryLanguage", "'JSONPath' or 'JSONata'"),
    (of_states({LONG: {"Type": "Succeed"}}), f"/States/{LONG}", "1 to 80 characters, not 81"),
    (of_states({"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}), "/States/B", "no transition leads"),
    (of_states({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}), "", "cannot end"),
    # states
    (of_states({"A": "Pass"}), "/States/A", "must be an object"),
    (of_states({"A": {"End": True}}), "/States/A", "needs 'Type'"),
    (of_state(Type="Pas"), "/States/A/Type", "did you mean 'Pass'?"),
    (of_state(Type="Work"), "/States/A/Type", "known: Pass, Task, "),
    (of_state(Type="Pass", Resutl=1), "/States/A/Resutl", "did you mean 'Result'?"),
    (of_state(Type="Pass", Zzz=1), "/States/A/Zzz", "a Pass has no field 'Zzz'"),
    (of_state(Type="Pass", Retry=[]), "/States/A/Retry", "a Pass has no field 'Retry'"),
    (of_state(Type="Pass", End="yes"), "/States/A/End", "must be true or false"),
    (of_states({"A": {"Type": "Pass"}}), "/States/A", "needs 'Next' or 'End'"),
    (of_states({"A": {"Type": "Pass", "End": False}}), "/States/A/End", "give it a 'Next'"),
    (of_states({"A": {"Type": "Pass", "Next": "A", "End": True}}), "/States/A", "'Next' and 'End' exclude"),
    (of_states({"A": {"Type": "Pass"}, "B": {"Type": "Succeed"}}), "/States/A", "needs 'Next' or 'End'"),
    (
        of_states({"A": {"Type": "Pass", "Next": "C"}}),
        "/States/A/Next",
        "no state 'C' in this machine: its states are 'A'",
    ),
    (of_state(Type="Succeed", Next="A"), "/States/A/Next", "a Succeed has no field 'Next'"),
    (of_state(Type="Fail", Error="E", ErrorPath="$.e"), "/States/A", "'Error' and 'ErrorPath' exclude"),
    (of_state(Type="Fail", Cause={}), "/States/A/Cause", "must be text, not an object"),
    (of_state(Type="Wait"), "/States/A", "needs 'Seconds' or 'SecondsPath' or 'Timestamp' or 'TimestampPath'"),
    (of_state(Type="Wait", Seconds=1, SecondsPath="$.s"), "/States/A", "exclude"),
    (of_state(Type="Wait", Seconds=-1), "/States/A/Seconds", "whole number from 0"),
    (of_state(Type="Wait", Seconds=True), "/States/A/Seconds", "whole number"),
    (of_state(Type="Wait", Timestamp="2026-02-30T00:00:00Z"), "/States/A/Timestamp", "must be a time"),
    (of_state(Type="Wait", Timestamp="2026-01-01t00:00:00z"), "/States/A/Timestamp", "must be a time"),
    (of_state(Type="Task"), "/States/A", "needs 'Resource'"),
    (of_state(Type="Task", Resource="${queue"), "/States/A/Resource", "placeholder"),
    (of_state(Type="Task", Resource=["x"]), "/States/A/Resource", "must be text"),
    (task(TimeoutSeconds=1.5), "/States/A/TimeoutSeconds", "whole number"),
    (task(TimeoutSeconds=5, TimeoutSecondsPath="$.t"), "/States/A", "exclude"),
    (task(TimeoutSeconds=5, HeartbeatSeconds=5), "/States/A/HeartbeatSeconds", "must be shorter"),
    # paths
    (of_state(Type="Pass", InputPath="order"), "/States/A/InputPath", "'order'"),
    (of_state(Type="Pass", InputPath=5), "/States/A/InputPath", "must be a path, not 5"),
    (of_state(Type="Pass", InputPath="States.UUID()"), "/States/A/InputPath", "'States.UUID()'"),
    (of_state(Type="Pass", ResultPath="$.a[*]"), "/States/A/ResultPath", "reference path"),
    (of_state(Type="Pass", ResultPath="$$.a"), "/States/A/ResultPath", "goes into the state's input"),
    (of_state(Type="Pass", ResultPath="$variable"), "/States/A/ResultPath", "goes into the state's input"),
    (of_state(Type="Pass", Parameters={"a.$": 5}), "/States/A/Parameters/a.$", "a path or an intrinsic function"),
    (of_state(Type="Pass", Parameters={"b": [{"a.$": "x"}]}), "/States/A/Parameters/b/0/a.$", "a path or an intrinsic"),
    (of_state(Type="Pass", Parameters={"a.$": "States.Nope()"}), "/States/A/Parameters/a.$", "States.Nope"),
    (of_state(Type="Pass", Parameters={"a": 1, "a.$": "$"}), "/States/A/Parameters/a.$", "become the same field"),
    (task(ResultSelector={"a.$": "$.["}), "/States/A/ResultSelector/a.$", "'$.['"),
    # variables
    (of_state(Type="Pass", Assign=["x"]), "/States/A/Assign", "must be an object of variables"),
    (of_state(Type="Pass", Assign={"states": 1}), "/States/A/Assign/states", "the language's own"),
    (of_state(Type="Pass", Assign={"a-b": 1}), "/States/A/Assign/a-b", "cannot name a variable"),
    (of_state(Type="Pass", Assign={LONG: 1}), f"/States/A/Assign/{LONG}", "at most 80"),
    (of_state(Type="Pass", Assign={"a.$": "b"}), "/States/A/Assign/a.$", "a path or an intrinsic"),
    (of_state(Type="Succeed", Assign={"a": 1}), "/States/A/Assign", "a Succeed has no field 'Assign'"),
    # choices
    (of_state(Type="Choice", Choices=[], Default="B"), "/States/A/Choices", "one or more rules, not an empty one"),
    (rule(Variable="$.a"), "/States/A/Choices/0", "needs an operator"),
    (rule(StringEquals="a"), "/States/A/Choices/0", "needs 'Variable' to say what 'StringEquals'"),
    (rule(Variable="$.a", StringEquals="a", NumericEquals=1), "/States/A/Choices/0", "exclude one another: use 'And'"),
    (rule(Variable="$.a", StringEqual="a"), "/States/A/Choices/0/StringEqual", "did you mean 'StringEquals'?"),
    (rule(Variable="$.a", StringEquals=1), "/States/A/Choices/0/StringEquals", "must be text"),
    (rule(Variable="$.a", NumericEquals="1"), "/States/A/Choices/0/NumericEquals", "must be a number"),
    (rule(Variable="$.a", BooleanEquals="true"), "/States/A/Choices/0/BooleanEquals", "must be true or false"),
    (rule(Variable="$.a", TimestampEquals="today"), "/States/A/Choices/0/TimestampEquals", "must be a time"),
    (rule(Variable="$.a", StringEqualsPath="b"), "/States/A/Choices/0/StringEqualsPath", "'b'"),
    (rule(Variable="$.a", IsPresent=1), "/States/A/Choices/0/IsPresent", "must be true or false"),
    (rule(And=[]), "/States/A/Choices/0/And", "one or more rules"),
    (rule(Not=[]), "/States/A/Choices/0/Not", "must be an object"),
    (rule(And=[{"Variable": "$.a", "IsNull": True}], Variable="$.a"), "/States/A/Choices/0/Variable", "its own"),
    (
        rule(Or=[{"Not": {"Variable": "$.a", "IsNull": True, "Next": "B"}}]),
        "/States/A/Choices/0/Or/0/Not/Next",
        "a rule within a rule has no field 'Next'",
    ),
    (
        of_states(
            {
                "A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True}], "Default": "B"},
                "B": {"Type": "Fail"},
            }
        ),
        "/States/A/Choices/0",
        "needs 'Next'",
    ),
    # retry and catch
    (task(Retry={}), "/States/A/Retry", "must be an array"),
    (task(Retry=[{}]), "/States/A/Retry/0", "needs 'ErrorEquals'"),
    (task(Retry=[{"ErrorEquals": []}]), "/States/A/Retry/0/ErrorEquals", "one or more texts, not an empty one"),
    (task(Retry=[{"ErrorEquals": ["E", 5]}]), "/States/A/Retry/0/ErrorEquals/1", "must be text"),
    (task(Retry=[{"ErrorEquals": ["E", "E"]}]), "/States/A/Retry/0/ErrorEquals/1", "named here already"),
    (
        task(Retry=[{"ErrorEquals": ["E"]}, {"ErrorEquals": ["F", "E"]}]),
        "/States/A/Retry/1/ErrorEquals/1",
        "by entry 0, which goes first",
    ),
    (task(Retry=[{"ErrorEquals": ["States.Timout"]}]), "/States/A/Retry/0/ErrorEquals/0", "'States.Timeout'"),
    (task(Retry=[{"ErrorEquals": ["E", "States.ALL"]}]), "/States/A/Retry/0/ErrorEquals", "stands alone"),
    (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]), "/States/A/Retry/0/ErrorEquals", "last"),
    (task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 0}]), "/States/A/Retry/0/IntervalSeconds", "from 1"),
    (task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": -1}]), "/States/A/Retry/0/MaxAttempts", "from 0"),
    (task(Retry=[{"ErrorEquals": ["E"], "BackoffRate": 0.9}]), "/States/A/Retry/0/BackoffRate", "at least 1"),
    (task(Retry=[{"ErrorEquals": ["E"], "MaxDelaySeconds": 0}]), "/States/A/Retry/0/MaxDelaySeconds", "from 1"),
    (task(Retry=[{"ErrorEquals": ["E"], "JitterStrategy": "full"}]), "/States/A/Retry/0/JitterStrategy", "'FULL'?"),
    (task(Retry=[{"ErrorEquals": ["E"], "Next": "B"}]), "/States/A/Retry/0/Next", "a retrier has no field 'Next'"),
    (task(Catch=[{"ErrorEquals": ["E"]}]), "/States/A/Catch/0", "needs 'Next'"),
    (task(Catch=[{"ErrorEquals": ["E"], "Next": "Z"}]), "/States/A/Catch/0/Next", "there is no state 'Z'"),
    (
        task(Catch=[{"Error Equals": ["E"], "Next": "B"}]),
        "/States/A/Catch/0/Error Equals",
        "did you mean 'ErrorEquals'?",
    ),
    # parallel and map
    (of_state(Type="Parallel", Branches=[]), "/States/A/Branches", "one or more branches"),
    (of_state(Type="Parallel", Branches=[[]]), "/States/A/Branches/0", "must be an object with 'StartAt'"),
    (
        of_state(Type="Parallel", Branches=[of_states({"A": {"Type": "Succeed"}})]),
        "/States/A/Branches/0/States/A",
        "cannot both be named 'A'",
    ),
    (
        of_state(Type="Parallel", Branches=[of_states({"I": {"Type": "Succeed"}}, TimeoutSeconds=5)]),
        "/States/A/Branches/0/TimeoutSeconds",
        "a branch has no field",
    ),
    (
        of_state(Type="Parallel", Branches=[of_states({"I": {"Type": "Pass", "Next": "A"}})]),
        "/States/A/Branches/0/States/I/Next",
        "is of another machine, /States/A",
    ),
    (of_state(Type="Map"), "/States/A", "needs 'ItemProcessor' or 'Iterator'"),
    (mapping(Iterator=of_states({"J": {"Type": "Succeed"}})), "/States/A", "exclude one another"),
    (mapping(ItemSelector={}, Parameters={}), "/States/A", "exclude one another"),
    (mapping(MaxConcurrency=-1), "/States/A/MaxConcurrency", "from 0"),
    (mapping(MaxConcurrency=1, MaxConcurrencyPath="$.m"), "/States/A", "exclude"),
    (mapping(ToleratedFailurePercentage=101), "/States/A/ToleratedFailurePercentage", "from 0 to 100"),
    (mapping(ToleratedFailureCount=1.5), "/States/A/ToleratedFailureCount", "whole number"),
    (mapping(ItemsPath="$.a[*]"), "/States/A/ItemsPath", "reference path"),
    (mapping(Label="a b"), "/States/A/Label", "1 to 40 characters"),
    (mapping(ItemReader={}), "/States/A/ItemReader", "needs 'Resource'"),
    (
        mapping(ItemReader={"Resource": "r", "ReaderConfig": {"InputType": "XML"}}),
        "/States/A/ItemReader/ReaderConfig/InputType",
        "must be 'CSV' or 'JSON'",
    ),
    (
        mapping(ItemReader={"Resource": "r", "ReaderConfig": {"CSVHeaderLocation": "GIVEN"}}),
        "/States/A/ItemReader/ReaderConfig",
        "needs 'CSVHeaders'",
    ),
    (mapping(ItemBatcher={}), "/States/A/ItemBatcher", "needs 'MaxItemsPerBatch'"),
    (mapping(ItemBatcher={"MaxItemsPerBatch": 0}), "/States/A/ItemBatcher/MaxItemsPerBatch", "from 1"),
    (
        mapping(ResultWriter={"Resource": "r", "WriterConfig": {"OutputType": "CSV"}}),
        "/States/A/ResultWriter/WriterConfig/OutputType",
        "must be 'JSON' or 'JSONL'",
    ),
    (
        mapping(
            ItemProcessor=of_states({"I": {"Type": "Succeed"}}, ProcessorConfig={"Mode": "DISTRIBUTED"}),
        ),
        "/States/A/ItemProcessor/ProcessorConfig",
        "needs 'ExecutionType'",
    ),
    # JSONata
    (jsonata(Type="Pass", Parameters={}), "/States/A/Parameters", "a field of JSONPath, and the query language here"),
    (jsonata(Type="Pass", QueryLanguage="JSONPath"), "/States/A/QueryLanguage", "cannot be in JSONPath"),
    (jsonata(Type="Wait", SecondsPath="$.s"), "/States/A/SecondsPath", "use Seconds with an expression"),
    (jsonata(Type="Pass", Output="{% 1 + %}"), "/States/A/Output", "no expression of JSONata"),
    (jsonata(Type="Pass", Output={"a": ["{% 1"]}), "/States/A/Output/a/0", "starts with {% and ends with %}"),
    (jsonata(Type="Pass", Output="{% $states.result %}"), "/States/A/Output", "'$states.result' is not there"),
    (jsonata(Type="Wait", Seconds="{% ) %}"), "/States/A/Seconds", "no expression of JSONata"),
    (jsonata(Type="Wait", Seconds="5"), "/States/A/Seconds", "whole number"),
    (jsonata(Type="Choice", Choices=[{"Next": "B"}]), "/States/A/Choices/0", "needs 'Condition'"),
    (jsonata(Type="Choice", Choices=[{"Next": "B", "Condition": "$x"}]), "/States/A/Choices/0/Condition", "{% … %}"),
    (
        jsonata(Type="Choice", Choices=[{"Next": "B", "Variable": "$.x"}]),
        "/States/A/Choices/0/Variable",
        "use Condition",
    ),
    (
        jsonata(
            Type="Task", Resource="r", Catch=[{"ErrorEquals": ["E"], "Next": "B", "Output": "{% $states.result %}"}]
        ),
        "/States/A/Catch/0/Output",
        "$states has input, errorOutput, context here",
    ),
    (
        of_state(Type="Pass", Output={}),
        "/States/A/Output",
        "a field of JSONata, and the query language here is JSONPath",
    ),
    (
        jsonata(
            Type="Map", ItemProcessor=of_states({"I": {"Type": "Succeed"}}), ItemBatcher={"MaxItemsPerBatchPath": "$.m"}
        ),
        "/States/A/ItemBatcher/MaxItemsPerBatchPath",
        "use MaxItemsPerBatch with an expression",
    ),
    (rule(Condition="{% true %}"), "/States/A/Choices/0/Condition", "use Variable and an operator"),
]


@pytest.mark.parametrize(("document", "pointer", "message"), ONE_MISTAKE)
def test_one_mistake_gets_one_message_where_it_stands(document: dict[str, Any], pointer: str, message: str) -> None:
    faults = told(document)

    assert [where for where, _ in faults] == [pointer], faults
    assert message in faults[0][1]


SOUND: list[dict[str, Any]] = [
    of_state(Type="Pass", InputPath=None, OutputPath="$$.Execution", ResultPath=None, Result={"a.$": 5}),
    of_state(Type="Pass", Parameters={"a.$": "States.Format('{}', $.b)", "c": {"d.$": "$$.State.Name"}}),
    of_state(Type="Pass", Assign={"über_1": 1, "b.$": "$.b"}),
    of_state(Type="Fail", ErrorPath="$.e", CausePath="States.JsonToString($.c)"),
    of_state(Type="Wait", Timestamp="2016-12-31T23:59:60.5+01:00"),
    of_state(Type="Task", Resource="${Function}"),
    of_state(Type="Task", Resource={"Ref": "Function"}),
    task(HeartbeatSeconds=4, TimeoutSeconds=5, Credentials={"RoleArn.$": "$.role"}, Comment="c"),
    task(
        Retry=[
            {"ErrorEquals": ["States.Http.StatusCode.404", "MyError", "States.QuorumMet"]},
            {"ErrorEquals": ["States.ALL"]},
        ]
    ),
    rule(Not={"Or": [{"Variable": "$.a", "IsPresent": False}, {"Variable": "$$.b", "StringMatches": "a*"}]}),
    rule(Variable="$.a", NumericLessThanEqualsPath="$limit", Assign={"x.$": "$.a"}, Comment="c"),
    mapping(ItemSelector={"v.$": "$$.Map.Item.Value"}, ItemsPath="$.items", ToleratedFailurePercentagePath="$.p"),
    jsonata(Type="Pass", Output={"a": "{% $states.input.a %}", "b.$": "$", "c": " {% no %} "}),
    jsonata(Type="Task", Resource="r", Output="{% $states.result %}", Assign={"x": "{% $states.result %}"}),
    jsonata(Type="Task", Resource="r", Arguments="{% '$states.result' & /* $states.result */ 'a' %}"),
    jsonata(Type="Choice", Choices=[{"Condition": True, "Next": "B"}, {"Condition": "{% 1 = 1 %}", "Next": "B"}]),
    jsonata(Type="Map", Items=[1], ItemProcessor=of_states({"I": {"Type": "Pass", "End": True}})),
    of_state(Type="Pass", QueryLanguage="JSONata", Output="{% 1 %}"),
]


@pytest.mark.parametrize("document", SOUND)
def test_what_the_language_allows_has_no_problem(document: dict[str, Any]) -> None:
    assert told(document) == []


def test_no_mistake_hides_another_at_the_same_place() -> None:
    faults = told(jsonata(Type="Pass", Output="{% $states.result + ( %}"))

    assert [pointer for pointer, _ in faults] == ["/States/A/Output", "/States/A/Output"]


def test_the_fields_of_a_state_of_unknown_type_are_looked_at_all_the_same() -> None:
    faults = told(of_states({"A": {"Type": "Zzzzz", "Next": "C", "Retry": 5, "Foo": 1}}))

    assert [pointer for pointer, _ in faults] == [
        *("/States/A/Foo", "/States/A/Next", "/States/A/Retry", "/States/A/Type"),
    ]


def test_a_variable_of_an_outer_machine_cannot_be_assigned_within_wherever_it_is_assigned() -> None:
    inner = of_states({"I": {"Type": "Pass", "Assign": {"total.$": "$.a", "own": 1}, "End": True}})
    document = of_states(
        {
            "P": {"Type": "Parallel", "Branches": [inner], "Next": "Q"},
            "Q": {"Type": "Pass", "Assign": {"total": 1}, "End": True},
        }
    )

    assert [pointer for pointer, _ in told(document)] == ["/States/P/Branches/0/States/I/Assign/total.$"]


def test_branches_side_by_side_may_assign_variables_of_the_same_name() -> None:
    branches = [of_states({f"I{n}": {"Type": "Pass", "Assign": {"x": n}, "End": True}}) for n in range(2)]

    assert told(of_state(Type="Parallel", Branches=branches)) == []


def test_names_are_escaped_in_pointers_as_json_pointers_are() -> None:
    assert [fault.pointer for fault in problems(of_states({"a/b~c": {"Type": "Fail", "Zzz": 1}}))] == [
        "/States/a~1b~0c/Zzz"
    ]


def test_a_fault_is_shown_with_its_pointer_and_one_of_the_whole_as_such() -> None:
    assert str(problems({"StartAt": "A"})[0]) == "the definition: a definition needs 'States'"
    assert str(problems(of_states({"A": 5}))[0]) == "/States/A: must be an object with a 'Type', not 5"

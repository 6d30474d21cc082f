"""Tasks that are tried again, and how often."""

from __future__ import annotations

from tests.workflows.machines.machine import END, Machine, catch, fails, retry, task

AGAIN = {
    "A": task(Retry=[retry("X", MaxAttempts=1)], ResultPath="$.n", Next="More"),
    "More": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "A"}], "Default": "Last"},
    "Last": {"Type": "Succeed"},
}
TWO = [retry("X", MaxAttempts=2), retry("Y", MaxAttempts=1)]

RETRIES = [
    Machine("three attempts more by default", {"A": task(Retry=[retry("States.ALL")])}, 1, {"A": fails(*"XXXXXXX")}),
    *(
        Machine(
            f"at most {most} attempts more, failing {times} times",
            {"A": task(Retry=[retry("X", MaxAttempts=most)])},
            1,
            {"A": fails(*"X" * times)},
        )
        for most, times in ((0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (5, 5))
    ),
    Machine("each retrier counts for itself", {"A": task(Retry=TWO)}, 1, {"A": fails("X", "Y", "X")}),
    Machine("one of two counters is used up", {"A": task(Retry=TWO)}, 1, {"A": fails("X", "Y", "Y", "X")}),
    Machine(
        "the first retrier that fits is the only one",
        {"A": task(Retry=[retry("X", MaxAttempts=1), retry("States.ALL", MaxAttempts=5)])},
        1,
        {"A": fails("X", "X", "X")},
    ),
    Machine("no retrier fits", {"A": task(Retry=[retry("Y")])}, 1, {"A": fails("X")}),
    Machine("counters begin anew", AGAIN, {}, {"A": [*fails("X", then=1), *fails("X", then=2)]}),
    Machine("counters begin anew, and are used up", AGAIN, {}, {"A": [*fails("X", then=1), *fails("X", "X", then=2)]}),
    *(
        Machine(
            f"{listed} tries {error} again", {"A": task(Retry=[retry(listed, MaxAttempts=1)])}, 1, {"A": fails(error)}
        )
        for listed in ("States.ALL", "States.TaskFailed", "States.Timeout", "States.Runtime")
        for error in ("X", "States.Timeout", "States.Runtime", "States.TaskFailed", "States.HeartbeatTimeout")
    ),
    Machine(
        "each attempt has the same arguments",
        {"A": task(Parameters={"i.$": "$.id"}, Retry=[retry("X")])},
        answers={"A": fails("X", "X")},
    ),
    Machine(
        "the count of retries is told",
        {"A": task(Parameters={"n.$": "$$.State.RetryCount"}, Retry=[retry("X")])},
        answers={"A": fails("X", "X")},
    ),
    Machine(
        "what is caught was tried again first",
        {"A": task(Retry=[retry("X", MaxAttempts=2)], Catch=[catch("X")]), "Caught": END},
        answers={"A": fails(*"XXX")},
    ),
]

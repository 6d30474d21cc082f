"""What fails in a workflow: an error's name and its cause, which Retry and Catch go by."""

from __future__ import annotations

from isthmus.errors import IsthmusError

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
NO_CHOICE = "States.NoChoiceMatched"
PARAMETER_PATH = "States.ParameterPathFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
INTRINSIC = "States.IntrinsicFailure"
BRANCH_FAILED = "States.BranchFailed"
QUERY = "States.QueryEvaluationError"
TOLERATED = "States.ExceedToleratedFailureThreshold"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"


class StatesError(IsthmusError, RuntimeError):
    """A state failed: `error` is the name of it, `cause` says why, in words or as JSON text.

    https://states-language.net/spec.html#errors
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause

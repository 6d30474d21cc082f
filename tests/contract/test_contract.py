"""The contract, class by class; a provider is named nowhere."""

from __future__ import annotations

from isthmus.testing.contract.suite import (
    CONTRACTS,
    BodyContract,
    BucketContract,
    ChangeContract,
    CorsContract,
    ErrorContract,
    FifoContract,
    FunctionContract,
    HttpContract,
    LinkContract,
    ObjectEventContract,
    PresignContract,
    QueryContract,
    QueueContract,
    ScheduleContract,
    SecretContract,
    StreamContract,
    TableContract,
    TopicContract,
    TraceContract,
    TransactionContract,
    WorkflowContract,
)


class TestBody(BodyContract):
    pass


class TestBucket(BucketContract):
    pass


class TestPresign(PresignContract):
    pass


class TestObjectEvent(ObjectEventContract):
    pass


class TestChange(ChangeContract):
    pass


class TestCors(CorsContract):
    pass


class TestError(ErrorContract):
    pass


class TestFifo(FifoContract):
    pass


class TestFunction(FunctionContract):
    pass


class TestHttp(HttpContract):
    pass


class TestLink(LinkContract):
    pass


class TestQuery(QueryContract):
    pass


class TestQueue(QueueContract):
    pass


class TestSchedule(ScheduleContract):
    pass


class TestSecret(SecretContract):
    pass


class TestStream(StreamContract):
    pass


class TestTable(TableContract):
    pass


class TestTransaction(TransactionContract):
    pass


class TestTopic(TopicContract):
    pass


class TestTrace(TraceContract):
    pass


def test_every_class_of_the_contract_is_run() -> None:
    run = {base for test in globals().values() if isinstance(test, type) for base in test.__bases__}

    assert set(CONTRACTS) <= run


class TestWorkflow(WorkflowContract):
    pass

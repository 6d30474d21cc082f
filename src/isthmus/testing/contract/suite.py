"""The whole contract: run each of these classes over your provider, and it is one.

```python
@pytest.fixture(scope="session")
def provider() -> Provider: return my_provider

@pytest.fixture(scope="session")
def testbed(provider: Provider) -> Iterator[Testbed]:  # contract_app is in the module of that name
    testbed = provider.testbed(contract_app)
    yield testbed
    testbed.close()

class TestTables(TableContract): ...
```
"""

from __future__ import annotations

from isthmus.testing.contract.bodies import BodyContract
from isthmus.testing.contract.buckets import BucketContract, ObjectEventContract, PresignContract
from isthmus.testing.contract.changes import ChangeContract
from isthmus.testing.contract.contract import Contract
from isthmus.testing.contract.errors import ErrorContract
from isthmus.testing.contract.functions import FunctionContract
from isthmus.testing.contract.http import CorsContract, HttpContract
from isthmus.testing.contract.links import LinkContract
from isthmus.testing.contract.queries import QueryContract
from isthmus.testing.contract.queues import FifoContract, QueueContract
from isthmus.testing.contract.schedules import ScheduleContract
from isthmus.testing.contract.secrets import SecretContract
from isthmus.testing.contract.streams import StreamContract
from isthmus.testing.contract.tables import TableContract
from isthmus.testing.contract.topics import TopicContract
from isthmus.testing.contract.trace import TraceContract
from isthmus.testing.contract.transactions import TransactionContract
from isthmus.testing.contract.workflows import WorkflowContract

CONTRACTS: tuple[type[Contract], ...] = (
    TableContract,
    TransactionContract,
    QueryContract,
    ChangeContract,
    QueueContract,
    FifoContract,
    TopicContract,
    StreamContract,
    BucketContract,
    PresignContract,
    ObjectEventContract,
    ScheduleContract,
    SecretContract,
    HttpContract,
    BodyContract,
    CorsContract,
    LinkContract,
    FunctionContract,
    ErrorContract,
    TraceContract,
    WorkflowContract,
)
"""Every class of the contract: a provider's tests fail when they run over fewer."""

__all__ = [
    "CONTRACTS",
    "BodyContract",
    "BucketContract",
    "ChangeContract",
    "CorsContract",
    "ErrorContract",
    "FifoContract",
    "FunctionContract",
    "HttpContract",
    "LinkContract",
    "ObjectEventContract",
    "PresignContract",
    "QueryContract",
    "QueueContract",
    "ScheduleContract",
    "SecretContract",
    "StreamContract",
    "TableContract",
    "TopicContract",
    "TraceContract",
    "TransactionContract",
    "WorkflowContract",
]

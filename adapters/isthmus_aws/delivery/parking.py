"""Parks what is given up: whole, with the reason, in the dead-letter queue of its source."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.dead_letters import dead_letter_attributes
from isthmus.sources import Source
from isthmus_aws import wire
from isthmus_aws.services import Services

FIFO = ".fifo"


class Parking:
    """Sends to dead-letter queues in the name of the function `function`."""

    __slots__ = ("_function", "_services")

    def __init__(self, services: Services, function: str) -> None:
        self._services = services
        self._function = function

    def prepare(self, source: Source, *, has_failures: bool) -> None:
        """Make the client while there is time: at the end, after a handler that took too long, there is little.

        It may be needed where something of this instance has failed before, or where the first attempt is the last.
        """
        if not has_failures and (source.attempts > 1 or not source.dead_letters):
            return
        try:
            self._services.client("sqs")
        except Exception:  # it will be told where it is needed
            return

    def park(
        self,
        source: Source,
        data: bytes,
        attributes: Mapping[str, Any],
        *,
        identifier: str,
        attempts: int,
        reason: str,
        group: str | None = None,
    ) -> bool:
        """Send one message to the dead-letter queue of `source`; False where that could not be done (it is logged)."""
        told = dead_letter_attributes(source.label(self._function), identifier, attempts, reason)
        options: dict[str, Any] = {}
        if source.dead_letters.endswith(FIFO):
            options = {"MessageGroupId": group or identifier, "MessageDeduplicationId": identifier}
        try:
            text, native = wire.outgoing(data, {**attributes, **told})
            self._services.client("sqs").send_message(
                QueueUrl=self._services.queue_url(source.dead_letters),
                MessageBody=text,
                MessageAttributes=native,
                **options,
            )
        except Exception as error:  # whatever the reason is: the message is kept where it was, and comes again
            self._tell(source, identifier, error)
            return False
        return True

    def _tell(self, source: Source, identifier: str, error: Exception) -> None:
        import logging

        logging.getLogger("isthmus").error(
            "message %s of %s could not be parked in %s: %s",
            identifier,
            source.label(self._function),
            source.dead_letters,
            error,
            exc_info=error,
        )

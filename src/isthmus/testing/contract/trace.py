"""What rides with every hop: the correlation id and the trace context."""

from __future__ import annotations

from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract


class TraceContract(Contract):
    """One id from the request to the last event that it caused."""

    def test_the_correlation_id_reaches_every_hop(self, testbed: Testbed, case: str) -> None:
        headers = {"x-correlation-id": f"id-{case}"}
        testbed.request("POST", "/trace", api="Api", query={"case": case}, headers=headers)
        hops = self._hops(testbed, case)

        assert {hop: row["correlation"] for hop, row in hops.items()} == dict.fromkeys(hops, f"id-{case}")

    def test_the_trace_goes_on_with_a_new_span_for_each_hop(self, testbed: Testbed, case: str) -> None:
        trace = f"00-{case}-00f067aa0ba902b7-01"
        testbed.request("POST", "/trace", api="Api", query={"case": case}, headers={"traceparent": trace})
        hops = self._hops(testbed, case)

        assert {row["traceparent"][:36] for row in hops.values()} == {trace[:36]}
        assert hops["http"]["traceparent"] != hops["queue"]["traceparent"]

    def _hops(self, testbed: Testbed, case: str) -> dict[str, dict[str, str]]:
        """Return a row of each hop, once there is one of each."""

        def hops() -> dict[str, dict[str, str]]:
            found = {row.get("hop", "object"): row for row in self.rows(testbed, case)}
            changes = self.rows(testbed, "change " + case)
            return {**found, "change": changes[0]} if changes and len(found) == 3 else {}

        return self.eventually(hops, "a row of each hop: http, queue, object and change")

"""The account after the kills: what became of everything that was accepted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.local import kill_app
from tests.local.killing import Clients, Server


class Account:
    """What became of everything that was accepted. Each `check_` fails with what is missing or wrong."""

    def __init__(self, server: Server, clients: Clients) -> None:
        self._server = server
        self._accepted = clients.accepted
        self._files = clients.files
        self._sent = clients.sent
        self._witness = server.lines()
        self._handled = {row["what"]: row for row in server.rows("Handled")}
        self._dead = [
            (queue, json.loads(body), json.loads(attributes))
            for queue, body, attributes in server.query(
                "SELECT queue, body, attributes FROM messages WHERE queue LIKE '%DeadLetters'"
            )
        ]

    @property
    def duplicates(self) -> int:
        """How many events were handled more than once."""
        return len(self._witness) - len({(kind, what) for kind, what, _ in self._witness})

    def check(self) -> None:
        """Check everything."""
        self.check_rows()
        self.check_messages()
        self.check_dead_letters()
        self.check_changes()
        self.check_objects()
        self.check_order()
        assert self._server.query("PRAGMA integrity_check") == [("ok",)]
        assert self._server.orphans == 0

    def check_rows(self) -> None:
        """Every accepted order is there, as it was sent; what is there was sent."""
        rows = {row["id"]: row for row in self._server.rows("Orders")}
        lost = sorted(self._accepted.keys() - rows.keys())
        assert not lost, f"{len(lost)} rows lost: {lost[:5]}"
        for id, row in rows.items():
            row.pop("worked", None)
            assert row == self._sent[id], row

    def check_messages(self) -> None:
        """Every accepted message was handled, unless it was poison."""
        expected: list[str] = []
        for id, order in self._accepted.items():
            expected += [f"{kind} {id}" for kind in _kinds(order) if not _poison(order, kind)]
        lost = sorted(what for what in expected if what not in self._handled)
        assert not lost, f"{len(lost)} messages lost: {lost[:5]}"
        odd = [what for what in self._handled if what.startswith("even ") and int(what[-7:]) % 2]
        assert not odd, f"the filter let pass: {odd[:5]}"

    def check_dead_letters(self) -> None:
        """Every poison message is there whole and with the reason, once, and no innocent is."""
        found = Counter((queue, order["id"]) for queue, order, _ in self._dead)
        assert not [letter for letter, count in found.items() if count > 1]
        for queue, order, attributes in self._dead:
            kind = _KIND_OF[queue]
            assert _poison(order, kind), f"an innocent in {queue}: {order['id']} {attributes}"
            assert order == self._sent[order["id"]]
            assert attributes["dead-letter-attempts"] == str(kill_app.ATTEMPTS[kind]), attributes
            assert attributes["dead-letter-reason"].startswith(_REASONS[order["n"] % 2]), attributes
        poison = [(f"{_QUEUES[kind]}DeadLetters", id) for id, kind in self._poison()]
        missing = [letter for letter in poison if letter not in found]
        assert not missing, f"{len(missing)} poison messages in no dead-letter queue: {missing[:5]}"

    def check_changes(self) -> None:
        """The change stream brought the insertion of each row, and what the worker did to it."""
        for id, order in self._accepted.items():
            assert self._handled[f"INSERT {id}"]["new"] == order
            if not _poison(order, "work"):
                assert self._handled[f"MODIFY {id}"]["new"] == {**order, "worked": True}

    def check_objects(self) -> None:
        """Each file has its bytes and was announced, and no file is left that no row names."""
        for id, order in self._files.items():
            if order["size"]:
                assert self._server.get(f"/files/orders/{id}") == kill_app.content(order)
                assert self._handled[f"file orders/{id}"]["size"] == len(kill_app.content(order))
        files = sum(path.is_file() for path in (self._server.state / "objects").rglob("*"))
        assert self._server.query("SELECT count(*) FROM objects") == [(files,)]

    def check_order(self) -> None:
        """What has an order was handled in it, repeats aside: nothing for the first time after something later."""
        seen: defaultdict[str, list[str]] = defaultdict(list)
        known: set[tuple[str, str]] = set()
        for kind, what, _ in self._witness:
            if kind.split()[0] in ("line", "journal", "change") and (kind, what) not in known:
                known.add((kind, what))
                seen[kind].append(what)
        for kind, whats in seen.items():
            key = int if kind.startswith("change") else str
            assert whats == sorted(whats, key=key), f"{kind} was handled out of order"

    def _poison(self) -> Iterator[tuple[str, str]]:
        for id, order in self._accepted.items():
            yield from ((id, kind) for kind in _kinds(order) if _poison(order, kind))

    def __str__(self) -> str:
        unaccepted = len(self._handled.keys() & {f"work {id}" for id in self._sent.keys() - self._accepted.keys()})
        return (
            f"{len(self._sent):,} sent, {len(self._accepted):,} accepted, 0 lost, "
            f"{sum(order['size'] > 0 for order in self._files.values()):,} files, {len(self._witness):,} handlings "
            f"of which {self.duplicates:,} repeats, {unaccepted:,} handled though not accepted, "
            f"{len(self._dead):,} poison in dead letters, 0 innocents, {self._server.orphans} orphans"
        )


_QUEUES = {"work": "Work", "even": "Even", "line": "Lines", "journal": "Journal"}
_KIND_OF = {f"{queue}DeadLetters": kind for kind, queue in _QUEUES.items()}
_KILLED = "CrashedError: worker died, killed by SIGKILL"  # whatever it would have come to by itself
_REASONS = (("ValueError: poison for", _KILLED), ("CrashedError: worker died, exit 7", _KILLED))


def _kinds(order: dict[str, Any]) -> Sequence[str]:
    return ("work", "line", "journal") if order["n"] % 2 else ("work", "line", "journal", "even")


def _poison(order: dict[str, Any], kind: str) -> bool:
    return bool(order["mood"] == kind)

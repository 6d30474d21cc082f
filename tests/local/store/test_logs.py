from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import InvalidValueError, PartialSendError
from isthmus_local.store import logs
from isthmus_local.store.logs import Position, Record
from tests.local.store.shop import Shop, opened

SHARDS = 3


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


def append(shop: Shop, key: str, body: str = "", log: str = "Clicks") -> int:
    return shop.do(logs.append, log, key.encode(), body.encode(), SHARDS)


def shard_of(key: str) -> int:
    return logs.shard_of(key.encode(), SHARDS)


def read(shop: Shop, shard: int, after: int = 0, limit: int = 1000, log: str = "Clicks") -> list[Record]:
    return shop.do(logs.read, log, shard, after, limit)


def everything(shop: Shop, shards: int = SHARDS) -> list[Record]:
    return sorted(record for shard in range(shards) for record in read(shop, shard))


def advance(shop: Shop, consumer: str, shard: int, sequence: int, after: int) -> bool:
    return shop.do(partial(logs.advance, after=after), "Clicks", consumer, shard, sequence)


def seek(shop: Shop, consumer: str, **to: Any) -> None:
    shop.do(partial(logs.seek, **to), "Clicks", consumer)


def position(shop: Shop, consumer: str, shard: int) -> Position:
    return shop.do(logs.position, "Clicks", consumer, shard)


def backlog(shop: Shop, consumer: str) -> int:
    """Return how many records `consumer` has not done with, in any of the shards that a test may make."""
    unread = (shop.do(logs.read, "Clicks", n, position(shop, consumer, n).sequence, 10_000) for n in range(8))
    return sum(map(len, unread))


def test_records_of_a_key_are_in_one_shard_in_the_order_they_came(shop: Shop) -> None:
    for n in range(60):
        append(shop, f"k{n % 6}", str(n))
    by_key: dict[bytes, list[tuple[int, int]]] = {}
    for shard in range(SHARDS):
        for record in read(shop, shard):
            by_key.setdefault(record.key, []).append((shard, int(record.body)))

    assert {len({shard for shard, _ in records}) for records in by_key.values()} == {1}
    assert by_key == {key: sorted(records) for key, records in by_key.items()}
    assert sum(map(len, by_key.values())) == 60


def test_a_shard_is_read_on_from_any_sequence(shop: Shop) -> None:
    sequences = [append(shop, "a", str(n)) for n in range(5)]
    shop.now += 5
    append(shop, "a", "last")

    assert [record.sequence for record in read(shop, shard_of("a"), sequences[1], 2)] == sequences[2:4]
    assert [record.at for record in read(shop, shard_of("a"), sequences[3])] == [shop.now - 5, shop.now]
    assert read(shop, shard_of("a"), log="Other") == []
    assert ("log", ("Clicks", shard_of("a"))) in shop.notices


def test_a_key_has_the_same_shard_in_every_process() -> None:
    code = "from isthmus_local.store.logs import shard_of; print([shard_of(str(n).encode(), 7) for n in range(50)])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert said.strip() == str([logs.shard_of(str(n).encode(), 7) for n in range(50)])


def test_each_consumer_has_its_own_position_which_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as shop:
        sequences = [append(shop, "a") for _ in range(4)]
        shard = shard_of("a")
        assert position(shop, "one", shard) == Position(0, 0)
        assert advance(shop, "one", shard, sequences[1], after=0)
        assert advance(shop, "two", shard, sequences[3], after=0)
    with opened(tmp_path / "state.db") as shop:
        assert position(shop, "one", shard) == Position(sequences[1], 0)
        assert (backlog(shop, "one"), backlog(shop, "two"), backlog(shop, "new")) == (2, 0, 4)


def test_attempts_of_the_head_are_durable_and_end_with_it(tmp_path: Path) -> None:
    shard = shard_of("a")
    with opened(tmp_path / "state.db") as shop:
        first, second = append(shop, "a"), append(shop, "a")
        assert [shop.do(logs.fail, "Clicks", "one", shard) for _ in range(2)] == [1, 2]
    with opened(tmp_path / "state.db") as shop:
        assert position(shop, "one", shard) == Position(0, 2)
        assert advance(shop, "one", shard, first, after=0)
        assert position(shop, "one", shard) == Position(first, 0)
        assert shop.do(logs.fail, "Clicks", "one", shard) == 1
        assert position(shop, "two", shard) == Position(0, 0)
        assert [record.sequence for record in read(shop, shard, first)] == [second]


def test_a_replay_from_a_time_wins_over_a_batch_that_was_under_way(shop: Shop) -> None:
    shard = shard_of("a")
    old = append(shop, "a", "old")
    shop.now += 10
    new = append(shop, "a", "new")
    assert advance(shop, "one", shard, old, after=0)
    assert advance(shop, "one", shard, new, after=old)
    shop.notices.clear()
    seek(shop, "one", since=shop.now - 5)

    assert position(shop, "one", shard) == Position(old, 0)
    assert ("log", ("Clicks", shard)) in shop.notices
    seek(shop, "one", since=0)
    assert not advance(shop, "one", shard, new, after=old)
    assert position(shop, "one", shard) == Position(0, 0)


@pytest.mark.parametrize(
    ("to", "left"), [({"since": 0}, 4), ({"since": 1e12}, 0), ({}, 4), ({"after": 2}, 2), ({"since": 1_000_002}, 2)]
)
def test_a_replay_covers_all_shards(shop: Shop, to: dict[str, Any], left: int) -> None:
    for key in "abcd":
        append(shop, key)
        shop.now += 1
    seek(shop, "one", after=4)
    assert backlog(shop, "one") == 0
    seek(shop, "one", **to)

    assert backlog(shop, "one") == left


def test_a_replay_of_an_empty_log_changes_nothing(shop: Shop) -> None:
    seek(shop, "one", since=5)
    append(shop, "a")

    assert backlog(shop, "one") == 1


def prune(shop: Shop, *consumers: str, limit: int = 1000) -> int:
    return shop.do(logs.prune, "Clicks", shop.now - 50, consumers, limit)


def test_only_what_is_old_and_read_by_everybody_is_dropped(shop: Shop) -> None:
    shard = shard_of("a")
    sequences = [append(shop, "a") for _ in range(4)]
    other = next(key for key in "bcdefgh" if shard_of(key) != shard)
    append(shop, other)
    append(shop, "a", log="Other")
    shop.now += 100
    young = append(shop, "a")
    assert advance(shop, "one", shard, young, after=0)
    assert prune(shop, "one", "two") == 0
    assert advance(shop, "two", shard, sequences[1], after=0)

    assert prune(shop, "one", "two") == 2
    assert [record.sequence for record in read(shop, shard)] == [*sequences[2:], young]
    assert prune(shop, "one") == 2
    assert len(everything(shop)) == 2
    assert prune(shop) == 1
    assert [record.sequence for record in everything(shop)] == [young]
    assert len(read(shop, shard, log="Other")) == 1


def test_pruning_stops_at_its_limit(shop: Shop) -> None:
    for _ in range(5):
        append(shop, "a")
    shop.now += 100

    assert [prune(shop, limit=3) for _ in range(3)] == [3, 2, 0]


def test_sequences_are_never_used_again(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as shop:
        last = [append(shop, "a") for _ in range(3)][-1]
        shop.now += 100
        assert prune(shop) == 3
    with opened(tmp_path / "state.db") as shop:
        assert append(shop, "a") > last


def prepare(shop: Shop, shards: int, *consumers: str) -> None:
    shop.do(logs.prepare, "Clicks", shards, consumers)


def test_a_consumer_that_is_gone_is_forgotten(shop: Shop) -> None:
    sequence = append(shop, "a")
    for consumer in ("one", "two"):
        assert advance(shop, consumer, shard_of("a"), sequence, after=0)
    prepare(shop, SHARDS, "two")

    assert (backlog(shop, "one"), backlog(shop, "two")) == (1, 0)


@pytest.mark.parametrize("shards", [1, 2, 5])
def test_another_number_of_shards_skips_nothing_that_is_unread_and_keeps_the_order(shop: Shop, shards: int) -> None:
    for n in range(40):
        append(shop, f"k{n % 8}", str(n))
    done = {0: 3, 1: 1}  # records that "one" has read in each shard
    unread = set[int]()
    for shard in range(SHARDS):
        records = read(shop, shard)
        read_here = done.get(shard, 0)
        if read_here:
            assert advance(shop, "one", shard, records[read_here - 1].sequence, after=0)
        unread |= {record.sequence for record in records[read_here:]}
    prepare(shop, shards, "one", "fresh")
    left = [
        record
        for shard in range(shards)
        for record in shop.do(logs.read, "Clicks", shard, position(shop, "one", shard).sequence, 1000)
    ]

    assert unread <= {record.sequence for record in left}
    assert backlog(shop, "fresh") == 40
    for shard in range(shards):
        records = read(shop, shard)
        assert {logs.shard_of(record.key, shards) for record in records} <= {shard}
        assert records == sorted(records)


def test_another_number_of_shards_repeats_nothing_where_all_was_read(shop: Shop) -> None:
    for key in "abcdefgh":
        append(shop, key)
    seek(shop, "one", after=8)
    prepare(shop, 5, "one")
    assert backlog(shop, "one") == 0
    shop.do(logs.append, "Clicks", b"z", b"", 5)

    assert backlog(shop, "one") == 1


def test_a_client_puts_records_that_carry_their_envelope(shop: Shop) -> None:
    clicks = shop.stream("Clicks")
    positions = [clicks.put({"n": 1}, key="a"), clicks.put("é", key="é"), clicks.put(b"\0", key="x" * 256)]

    records = everything(shop)
    assert [str(record.sequence) for record in records] == positions
    assert [record.body for record in records] == [b'{"n":1}', "é".encode(), b"\0"]
    assert [record.key.decode() for record in records] == ["a", "é", "x" * 256]
    assert [record.attributes["isthmus-content-type"] for record in records] == [
        "application/json",
        "text/plain; charset=utf-8",
        "application/octet-stream",
    ]
    assert all(record.attributes["isthmus-correlation-id"] for record in records)
    assert (clicks.name, repr(clicks)) == ("shop-Clicks", "<Stream Clicks>")


def test_a_client_puts_many_records_in_order_and_names_those_it_could_not(shop: Shop) -> None:
    clicks = shop.stream("Clicks")
    assert clicks.put_many(("a", n) for n in range(250)) == [str(n + 1) for n in range(250)]
    assert [record.body for record in everything(shop)] == [str(n).encode() for n in range(250)]

    with pytest.raises(PartialSendError) as caught:
        clicks.put_many([("a", "ok"), ("", 1), ("b", {1}), ("c", "fine")])
    assert [number for number, _ in caught.value.failed] == [1, 2]
    assert [record.body for record in everything(shop)[250:]] == [b"ok", b"fine"]


@pytest.mark.parametrize("key", ["", "x" * 257, 5, None, b"a", "\ud800"])
def test_a_key_that_cannot_be_is_refused_by_client_and_store(shop: Shop, key: Any) -> None:
    with pytest.raises(InvalidValueError, match="a record's key"):
        shop.stream("Clicks").put(1, key=key)
    if isinstance(key, str):
        with pytest.raises(InvalidValueError, match="stream 'Clicks'"):
            shop.do(logs.put, shop.resources["Clicks"], b"", key, {})

    assert everything(shop) == []

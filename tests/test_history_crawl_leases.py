"""Leases of a crawl that several machines share: lease, heartbeat, expiry, fencing, give back; on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from backlinkbot.history import History, crawl_leases
from backlinkbot.history.buckets import BUCKETS, bucket_of
from backlinkbot.history.crawl_commit import CrawlCommit, crawl_key
from backlinkbot.history.crawl_leases import Closing, LeaseLostError
from tests.postgres import PostgresServer

KEY = crawl_key({"spider": "discover"})


class Shared:
    """A crawl in a history, and its workers."""

    def __init__(self, url: str) -> None:
        self.history = History.open(url)
        self.run = self.history.begin_run("discover", ["target.example"])
        crawl = self.history.begin_crawl(self.run, KEY, {})
        assert crawl is not None
        self.crawl = crawl

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.history._engine.connect() as connection, connection.begin():
            yield connection

    def enter(self, seconds: float = 1_000) -> int:
        with self.transaction() as connection:
            return crawl_leases.enter(connection, self.crawl.id, self.run, seconds)

    def acquire(self, worker: int, most: int = BUCKETS) -> set[int]:
        with self.transaction() as connection:
            return crawl_leases.acquire(connection, self.crawl.id, worker, most)

    def let_expire(self, worker: int) -> None:
        with self.transaction() as connection:
            connection.execute(text("UPDATE _crawl_workers SET expires_at = 1 WHERE id = :id"), {"id": worker})

    def expire(self) -> list[int]:
        with self.transaction() as connection:
            return crawl_leases.expire(connection, self.crawl.id)

    def wait_in(self, row: int, bucket: int, *, is_new: bool = False) -> None:
        self.history.save_crawl(self.crawl, [CrawlCommit(rows={row: b"{}"})])
        with self.transaction() as connection:
            values = {"row": row, "bucket": bucket, "is_new": is_new}
            connection.execute(text("UPDATE _frontier SET bucket = :bucket, is_new = :is_new WHERE row = :row"), values)

    def is_exhausted(self) -> bool:
        with self.transaction() as connection:
            return crawl_leases.is_exhausted(connection, self.crawl.id)

    def beat(self, worker: int, *, pause: float = 0, is_idle: bool = False) -> None:
        with self.transaction() as connection:
            crawl_leases.renew(connection, worker, seconds=1_000, pause=pause, is_idle=is_idle)


@pytest.fixture
def shared(postgres: PostgresServer) -> Iterator[Shared]:
    shared = Shared(postgres.emptied_history())
    yield shared
    shared.history.close()


@given(st.text(max_size=50))
def test_a_domain_has_one_bucket(domain: str) -> None:
    assert 0 <= bucket_of(domain) < BUCKETS
    assert bucket_of(domain) == bucket_of(domain)


def test_the_bucket_of_a_domain_is_the_same_in_every_version() -> None:
    assert [bucket_of(domain) for domain in ("a.example", "b.example", "xn--bcher-kva.example")] == [204, 983, 756]


def test_buckets_are_divided_and_no_two_workers_hold_the_same(shared: Shared) -> None:
    first, second = shared.enter(), shared.enter()
    assert first < second
    some = shared.acquire(first, 1_000)
    rest = shared.acquire(second)
    assert (len(some), len(rest)) == (1_000, BUCKETS - 1_000)
    assert some.isdisjoint(rest)
    assert shared.acquire(first) == set()
    with shared.transaction() as connection:
        assert crawl_leases.live_workers(connection, shared.crawl.id) == [first, second]
        assert crawl_leases.held(connection, second) == rest


def test_buckets_that_another_transaction_is_taking_are_passed_over(shared: Shared) -> None:
    first, second = shared.enter(), shared.enter()
    with shared.transaction() as connection:
        some = crawl_leases.acquire(connection, shared.crawl.id, first, 1_000)
        rest = shared.acquire(second)  # it would wait for ever
        assert some.isdisjoint(rest)
        assert len(rest) == BUCKETS - 1_000


def test_buckets_given_back_are_free_after_the_pause(shared: Shared) -> None:
    first, second = shared.enter(), shared.enter()
    shared.acquire(first)
    with shared.transaction() as connection:
        crawl_leases.give_back(connection, first, {1, 2})
        crawl_leases.give_back(connection, first, {3}, pause=1_000)
        crawl_leases.give_back(connection, second, {4})  # not its own
    assert shared.acquire(second) == {1, 2}


def test_a_heartbeat_keeps_the_leases_and_one_that_is_late_does_not(shared: Shared) -> None:
    second, first = shared.enter(), shared.enter(seconds=0)
    with pytest.raises(LeaseLostError):
        shared.beat(first)
    assert shared.expire() == [first]
    shared.beat(second)
    assert shared.expire() == []


def test_the_buckets_of_a_worker_that_is_gone_are_free_after_its_pause_and_its_pages_new(shared: Shared) -> None:
    first, second, third = shared.enter(), shared.enter(), shared.enter()
    shared.wait_in(1, bucket=5)
    shared.wait_in(2, bucket=900)
    assert len(shared.acquire(first, 10)) == 10
    assert len(shared.acquire(second, 10)) == 10
    shared.beat(second, pause=1_000)
    shared.let_expire(first)
    shared.let_expire(second)
    assert shared.expire() == [first, second]
    assert shared.acquire(third) == {*range(10), *range(20, BUCKETS)}
    with shared.transaction() as connection:
        assert connection.execute(text("SELECT is_new FROM _frontier ORDER BY row")).all() == [(True,), (True,)]


def test_what_a_worker_whose_leases_expired_writes_is_rolled_back(shared: Shared) -> None:
    worker = shared.enter()
    shared.let_expire(worker)  # also where nobody has taken its buckets yet

    def write() -> None:
        with shared.transaction() as connection:
            connection.execute(text("UPDATE _runs SET outcome = 'written'"))
            crawl_leases.check(connection, worker)

    with pytest.raises(LeaseLostError, match="have expired"):
        write()
    with shared.transaction() as connection:
        assert connection.execute(text("SELECT outcome FROM _runs")).all() == [("",)]
    with pytest.raises(LeaseLostError):
        shared.acquire(worker)


def test_leases_are_not_taken_while_their_worker_commits(shared: Shared) -> None:
    worker = shared.enter()
    unlocked = text("SELECT id FROM _crawl_workers FOR UPDATE SKIP LOCKED")
    with shared.transaction() as connection:
        crawl_leases.check(connection, worker)
        with shared.transaction() as other:
            assert other.execute(unlocked).all() == []
    shared.let_expire(worker)
    with shared.transaction() as connection:
        connection.execute(text("SELECT id FROM _crawl_workers FOR SHARE"))  # its transaction has outlived its leases
        assert shared.expire() == []
    assert shared.expire() == [worker]


def test_a_crawl_is_exhausted_when_all_are_idle_and_nothing_is_unread(shared: Shared) -> None:
    first, second = shared.enter(), shared.enter()
    shared.acquire(first, 10)
    shared.acquire(second)
    shared.beat(first, is_idle=True)
    assert not shared.is_exhausted()
    shared.beat(second, is_idle=True)
    assert shared.is_exhausted()
    shared.wait_in(1, bucket=5)  # beyond a bound
    assert shared.is_exhausted()
    shared.wait_in(2, bucket=5, is_new=True)
    assert not shared.is_exhausted()
    with shared.transaction() as connection:
        connection.execute(text("UPDATE _frontier SET is_new = false"))
    shared.let_expire(first)
    assert not shared.is_exhausted(), "nobody has read what waits in the bucket of the worker that is gone"


def test_one_worker_closes_the_crawl_and_another_where_that_is_gone(shared: Shared) -> None:
    first, second = shared.enter(), shared.enter()
    with shared.transaction() as connection:
        assert crawl_leases.closing(connection, shared.crawl.id) is None
        closing = crawl_leases.close(connection, shared.crawl.id, first, "finished")
        assert closing == Closing(worker=first, reason="finished")
        assert crawl_leases.close(connection, shared.crawl.id, second, "page_bound") == closing
    shared.let_expire(first)
    shared.expire()
    with shared.transaction() as connection:
        closing = crawl_leases.close(connection, shared.crawl.id, second, "page_bound")
        assert closing == Closing(worker=second, reason="page_bound")
        crawl_leases.leave(connection, second)
        assert crawl_leases.live_workers(connection, shared.crawl.id) == []
    assert shared.history.forget_crawl(shared.run) == 0

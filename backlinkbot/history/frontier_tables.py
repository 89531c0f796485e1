"""The tables of unfinished crawls: the crawl, its waiting pages, and what its commits have added."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from backlinkbot.history.schema import Moment, metadata

crawls: Final = Table(
    "_crawls",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("key", LargeBinary, nullable=False),  # see crawl_state.CrawlKey
    Column("runs", Text, nullable=False, server_default="[]"),  # JSON: the numbers of its runs, in order
    Column("bounds", Text, nullable=False, server_default=""),  # JSON; empty unless only bounds keep pages waiting
    Column("listed", BigInteger, nullable=False, server_default="0"),  # candidates of its lists; 0: not counted yet
    Column("begun_at", Moment, nullable=False),
    # since 0011, of a crawl that several machines share; see crawl_leases.py
    Column("is_shared", Boolean, nullable=False, server_default=false()),
    Column("is_listed", Boolean, nullable=False, server_default=false()),  # the user's lists wait in buckets
    Column("session_at", Float, nullable=False, server_default="0"),  # seconds since 1970: the first worker's start
    Column("closed_by", BigInteger),  # the worker that writes the outputs
    Column("closed_for", Text, nullable=False, server_default=""),  # the reason
    UniqueConstraint("key", name="uq_crawls_key"),
)

frontier: Final = Table(
    "_frontier",
    metadata,
    Column("crawl_id", BigInteger, ForeignKey("_crawls.id"), nullable=False),
    Column("row", BigInteger, nullable=False),  # counted by the crawl, in the order in which pages were found
    Column("record", LargeBinary, nullable=False),  # JSON, of the spider's making
    # since 0011, of a crawl that several machines share
    Column("bucket", SmallInteger),  # of the page's registrable domain
    Column("is_new", Boolean, nullable=False, server_default=false()),  # the bucket's worker has not read it yet
    PrimaryKeyConstraint("crawl_id", "row", name="pk_frontier"),
    Index("ix_frontier_new", "crawl_id", "bucket", sqlite_where=text("is_new"), postgresql_where=text("is_new")),
    sqlite_with_rowid=False,
)

crawl_commits: Final = Table(
    "_crawl_commits",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("crawl_id", BigInteger, ForeignKey("_crawls.id"), nullable=False),
    Column("run_id", BigInteger, ForeignKey("_runs.id"), nullable=False),
    # 64-bit hashes, little-endian, one after the other; see crawl_state.HASHES
    *(Column(name, LargeBinary) for name in ("known", "twins", "failed", "hurried", "visited", "answered", "pairs")),
    # compressed JSON
    *(Column(name, LargeBinary) for name in ("lessons", "counts", "reported")),
    Index("ix_crawl_commits_crawl_id", "crawl_id"),
)

crawl_workers: Final = Table(  # since 0011
    "_crawl_workers",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),  # also the token of its leases
    Column("crawl_id", BigInteger, ForeignKey("_crawls.id"), nullable=False),
    Column("run_id", BigInteger, ForeignKey("_runs.id"), nullable=False),
    Column("expires_at", Float, nullable=False),  # seconds since 1970, by the database's clock
    Column("pause", Float, nullable=False, server_default="0"),  # the longest delay that it keeps, in seconds
    Column("is_idle", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,  # a token is never given twice
)

crawl_buckets: Final = Table(  # since 0011
    "_crawl_buckets",
    metadata,
    Column("crawl_id", BigInteger, ForeignKey("_crawls.id"), nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("worker_id", BigInteger, ForeignKey("_crawl_workers.id")),  # NULL: free from free_at on
    Column("free_at", Float, nullable=False, server_default="0"),
    PrimaryKeyConstraint("crawl_id", "bucket", name="pk_crawl_buckets"),
    sqlite_with_rowid=False,
)

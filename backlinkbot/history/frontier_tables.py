"""The tables of unfinished crawls: the crawl, its waiting pages, and what its commits have added."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
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
    UniqueConstraint("key", name="uq_crawls_key"),
)

frontier: Final = Table(
    "_frontier",
    metadata,
    Column("crawl_id", BigInteger, ForeignKey("_crawls.id"), nullable=False),
    Column("row", BigInteger, nullable=False),  # counted by the crawl, in the order in which pages were found
    Column("record", LargeBinary, nullable=False),  # JSON, of the spider's making
    PrimaryKeyConstraint("crawl_id", "row", name="pk_frontier"),
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
